//! One attempt of an HTTP probe: resolve, connect, TLS, request, answer, body, under one deadline.
//!
//! Invariants: a new connection for each attempt, so that all of the path is measured; no redirect is followed; what
//! goes wrong on our side is [`Outcome::NotMade`], so that our own trouble never counts against a target.

mod address;
mod connect;
mod exchange;
mod failure;
mod resolve;
mod tls;
mod watch;

use std::time::Duration;

use domain::Instant;
use tokio::time;

use crate::source::HttpRequest;
pub use failure::{FailureReason, Phase};
pub use tls::Tls;

/// What came of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// From the start of the connection to the end of the answer's body, or to the failure.
    pub finished_after: Duration,
    /// The result.
    pub outcome: Outcome,
    /// This process stood still meanwhile: an answer is still the target's own word, but its time is not.
    pub stalled: bool,
}

/// The result of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// An answer came, whole or up to the bound on bodies.
    Answered {
        /// Its status code.
        status: u16,
    },
    /// The target failed.
    Failed(FailureReason),
    /// We could not ask, or cannot tell: the result is unknown. The text says why.
    NotMade(String),
}

impl Outcome {
    /// Its word in our own metrics.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Answered { .. } => "answered",
            Self::Failed(_) => "failed",
            Self::NotMade(_) => "not_made",
        }
    }
}

/// How far an attempt has come; read when it is cut short.
#[derive(Debug)]
struct Progress {
    phase: Phase,
    connecting_since: time::Instant,
}

/// Why an attempt ended without an answer.
#[derive(Debug)]
enum Interruption {
    /// The target's doing.
    Target(FailureReason),
    /// Ours.
    Own(String),
}

/// Asks once. `scheduled` goes along in the header `Nines-Scheduled`, so that a target can tell attempts apart;
/// `deadline` runs from the call. Errors and panics are outcomes, none leaves this function except by a bug.
pub async fn attempt(request: &HttpRequest, scheduled: Instant, deadline: Duration, tls: &Tls) -> Attempt {
    let started = time::Instant::now();
    let mut progress = Progress { phase: Phase::Resolving, connecting_since: started };
    let work = time::timeout_at(started + deadline, ask(request, scheduled, tls, &mut progress));
    let (result, stalled) = watch::watched(work).await;
    let finished_after = progress.connecting_since.elapsed();
    let outcome = match result {
        Ok(Ok(status)) => Outcome::Answered { status },
        _ if stalled => Outcome::NotMade("the collector stood still during the attempt".to_owned()),
        Ok(Err(Interruption::Target(reason))) => Outcome::Failed(reason),
        Ok(Err(Interruption::Own(reason))) => Outcome::NotMade(reason),
        // The resolver is this machine's; a target whose name servers are down is reported by it as an error.
        Err(_) if progress.phase == Phase::Resolving => {
            Outcome::NotMade("this machine's resolver did not answer in time".to_owned())
        }
        Err(_) => Outcome::Failed(FailureReason::TimedOut { after: deadline, phase: progress.phase }),
    };
    Attempt { finished_after, outcome, stalled }
}

/// The attempt without its deadline; the answer's status code.
async fn ask(
    request: &HttpRequest,
    scheduled: Instant,
    tls: &Tls,
    progress: &mut Progress,
) -> Result<u16, Interruption> {
    let message = exchange::message(request, scheduled)?;
    let addresses = resolve::addresses(&request.url).await?;
    progress.phase = Phase::Connecting;
    progress.connecting_since = time::Instant::now();
    let stream = connect::connect(&addresses).await?;
    if request.url.scheme() == "https" {
        progress.phase = Phase::Handshaking;
        let stream = tls.handshake(&request.url, stream).await?;
        exchange::exchange(stream, message, progress).await
    } else {
        exchange::exchange(stream, message, progress).await
    }
}

#[cfg(test)]
mod tests;
