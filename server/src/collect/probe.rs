//! One attempt of a probe: resolve, connect, ask, read the answer, under one deadline.
//!
//! Invariants: a new connection for each attempt, so that all of the path is measured; every address that is connected
//! to has passed [`Egress`]; what goes wrong on our side is [`Outcome::NotMade`], so that our own trouble never counts
//! against a target.

mod answer;
mod certificate;
mod connect;
mod dns;
mod egress;
mod failure;
mod grpc;
pub mod http;
mod progress;
mod resolve;
mod tcp;
mod tls;
pub(super) mod watch;

use std::time::Duration;

use domain::Instant;
use tokio::time;

use crate::source::{Address, ProbeRequest};
pub use answer::{Answer, Certificates};
pub use egress::{Egress, Refused};
pub use failure::{FailureReason, Phase};
use progress::Progress;
pub use progress::Timings;
pub use tls::Tls;

/// What came of one attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// From the start of the connection to the end of the answer, or to the failure.
    pub finished_after: Duration,
    /// The result.
    pub outcome: Outcome,
    /// How long each phase took, as far as the attempt came.
    pub timings: Timings,
    /// This process stood still meanwhile: an answer is still the target's own word, but its time is not.
    pub stalled: bool,
}

/// The result of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// An answer came, whole or up to the bound on bodies.
    Answered(Answer),
    /// The target failed.
    Failed(FailureReason),
    /// We could not ask, or cannot tell: the result is unknown. The text says why.
    NotMade(String),
}

impl Outcome {
    /// Its word in our own metrics.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Answered(_) => "answered",
            Self::Failed(_) => "failed",
            Self::NotMade(_) => "not_made",
        }
    }
}

/// What all attempts use.
#[derive(Debug, Clone)]
pub struct Network {
    /// The TLS client.
    pub tls: Tls,
    /// Where attempts may connect to.
    pub egress: Egress,
}

/// Why an attempt ended without an answer.
#[derive(Debug)]
enum Interruption {
    /// The target's doing.
    Target(FailureReason),
    /// The declared address is one that nobody may connect to.
    Forbidden(Refused),
    /// Ours.
    Own(String),
}

impl Attempt {
    /// An attempt that was not made.
    pub fn not_made(reason: &str) -> Self {
        Self {
            finished_after: Duration::ZERO,
            outcome: Outcome::NotMade(reason.to_owned()),
            timings: Timings::default(),
            stalled: false,
        }
    }
}

/// Asks once. `scheduled` goes along with HTTP requests in the header `Nines-Scheduled`, so that a target can tell
/// attempts apart; `deadline` runs from the call. Errors and panics are outcomes, none leaves this function except by a
/// bug.
pub async fn attempt(
    request: &ProbeRequest,
    scheduled: Instant,
    deadline: Duration,
    network: &Network,
) -> Attempt {
    let mut progress = Progress::start();
    let work =
        time::timeout_at(progress.started() + deadline, ask(request, scheduled, network, &mut progress));
    let (result, stalled) = watch::watched(work).await;
    let (finished_after, timings, phase) = progress.end();
    let outcome = match result {
        Ok(Ok(answer)) => Outcome::Answered(answer),
        _ if stalled => Outcome::NotMade("the collector stood still during the attempt".to_owned()),
        Ok(Err(Interruption::Target(reason))) => Outcome::Failed(reason),
        Ok(Err(Interruption::Forbidden(refused))) => Outcome::NotMade(refused.to_string()),
        Ok(Err(Interruption::Own(reason))) => Outcome::NotMade(reason),
        // The resolver is this machine's; a target whose name servers are down is reported by it as an error.
        Err(_) if phase == Phase::Resolving => {
            Outcome::NotMade("this machine's resolver did not answer in time".to_owned())
        }
        Err(_) => Outcome::Failed(FailureReason::TimedOut { after: deadline, phase }),
    };
    Attempt { finished_after, outcome, timings, stalled }
}

/// How a host took an attempt to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// It accepted.
    Accepted,
    /// Somebody said no, so the network between us works.
    Refused,
    /// Nobody said anything.
    Nobody,
}

/// Connects, and closes.
pub(super) async fn reach(address: &Address, network: &Network) -> Reached {
    match connect::dial(address, network, &mut Progress::start()).await {
        Ok(_) => Reached::Accepted,
        Err(Interruption::Target(FailureReason::Refused)) => Reached::Refused,
        Err(_) => Reached::Nobody,
    }
}

/// The attempt without its deadline.
async fn ask(
    request: &ProbeRequest,
    scheduled: Instant,
    network: &Network,
    progress: &mut Progress,
) -> Result<Answer, Interruption> {
    match request {
        ProbeRequest::Http(http) => {
            http::ask(http, scheduled, network, progress).await.map(|answer| Answer::Http(Box::new(answer)))
        }
        ProbeRequest::Tcp(tcp) => tcp::ask(tcp, network, progress).await,
        ProbeRequest::Dns(dns) => dns::ask(dns, network, progress).await,
        ProbeRequest::Tls(tls) => certificate::ask(tls, network, progress).await,
        ProbeRequest::Grpc(grpc) => grpc::ask(grpc, network, progress).await,
    }
}

#[cfg(test)]
mod tests;
