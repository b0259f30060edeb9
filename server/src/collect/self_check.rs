//! Whether it is our own network that is down, and not all targets at once.
//!
//! When a target cannot be connected to, canaries are: hosts that have nothing to do with it, declared or derived from
//! the other probes. If not one of them can be reached either, the attempt says nothing about the target, and its
//! result is unknown.
//!
//! Invariants: an attempt that got as far as talking to its target is never questioned, nor is one on this machine;
//! without canaries a failure stands; the outage is logged once, and its end once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::sync::Mutex;
use tokio::time::{self, Instant};
use url::Host;

use super::probe::{Attempt, FailureReason, Network, Outcome, Phase, Reached, reach};
use crate::source::{Address, ProbeRequest, ProbeSource};

/// How long a canary may take to accept a connection.
const CANARY_MAX: Duration = Duration::from_secs(1);
/// An answer holds for so long: many targets fail in the same second.
const FRESH: Duration = Duration::from_secs(1);
/// Canaries that are derived from probes.
const DERIVED_MAX: usize = 8;
/// Derived canaries that it takes to tell, apart from the target in question: one other host may be down by itself.
const DERIVED_MIN: usize = 2;

/// Why a result is unknown.
const OFFLINE: &str = "our own network is down: no canary can be reached";

/// The canaries, and what they last said.
#[derive(Debug)]
pub(super) struct SelfCheck {
    declared: Vec<Address>,
    /// One for each host that is probed elsewhere.
    derived: Vec<Address>,
    last: Mutex<Option<(Instant, bool)>>,
    offline: AtomicBool,
}

impl SelfCheck {
    /// With the declared canaries; where there are none, with targets of these sources.
    pub(super) fn new(declared: Vec<Address>, sources: &[ProbeSource]) -> Self {
        let hosts: BTreeMap<String, Address> = sources
            .iter()
            .filter_map(|source| target(&source.request))
            .filter(|address| !is_own(&address.host))
            .map(|address| (address.host.to_string(), address))
            .collect();
        let derived = hosts.into_values().collect();
        Self { declared, derived, last: Mutex::default(), offline: AtomicBool::new(false) }
    }

    /// The attempt, or in its place one that was not made, if it failed for want of a network.
    pub(super) async fn judged(
        &self,
        request: &ProbeRequest,
        attempt: Attempt,
        network: &Network,
    ) -> Attempt {
        let Some(target) = target(request).filter(|target| !is_own(&target.host)) else { return attempt };
        if !self.is_suspect(&attempt.outcome) {
            if !matches!(attempt.outcome, Outcome::NotMade(_)) {
                self.note(false);
            }
            return attempt;
        }
        if self.is_offline(&target, network).await {
            return Attempt { outcome: Outcome::NotMade(OFFLINE.to_owned()), ..attempt };
        }
        attempt
    }

    async fn is_offline(&self, target: &Address, network: &Network) -> bool {
        let canaries = self.canaries(target);
        if canaries.is_empty() {
            return false;
        }
        // Held over the question, so that of many attempts one asks and the others take its answer.
        let mut last = self.last.lock().await;
        if let Some((at, offline)) = *last
            && at.elapsed() < FRESH
        {
            return offline;
        }
        let mut asked: FuturesUnordered<_> =
            canaries.into_iter().map(|canary| time::timeout(CANARY_MAX, reach(canary, network))).collect();
        let mut offline = true;
        while let Some(reached) = asked.next().await {
            // A declared canary is known to accept; of a probed host even a refusal shows that it is there.
            let is_there = reached.is_ok_and(|reached| {
                reached == Reached::Accepted || (self.declared.is_empty() && reached == Reached::Refused)
            });
            if is_there {
                offline = false;
                break;
            }
        }
        *last = Some((Instant::now(), offline));
        self.note(offline);
        offline
    }

    /// Failures that a network which is down causes as well as a target; a refusal may be a gateway's, which only a
    /// declared canary can tell.
    fn is_suspect(&self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Failed(FailureReason::Refused) => !self.declared.is_empty(),
            Outcome::Failed(
                FailureReason::Unreachable
                | FailureReason::NameNotFound(_)
                | FailureReason::TimedOut { phase: Phase::Connecting, .. },
            ) => true,
            _ => false,
        }
    }

    fn canaries(&self, target: &Address) -> Vec<&Address> {
        let others: Vec<&Address> = self.derived.iter().filter(|other| other.host != target.host).collect();
        if !self.declared.is_empty() {
            return self.declared.iter().collect();
        }
        if others.len() < DERIVED_MIN { Vec::new() } else { others.into_iter().take(DERIVED_MAX).collect() }
    }

    fn note(&self, offline: bool) {
        match (self.offline.swap(offline, Ordering::Relaxed), offline) {
            (false, true) => tracing::error!(
                "our own network is down, no canary can be reached: results of probes elsewhere are unknown"
            ),
            (true, false) => tracing::info!("our own network is back"),
            _ => {}
        }
    }
}

/// Where a probe connects to.
fn target(request: &ProbeRequest) -> Option<Address> {
    match request {
        ProbeRequest::Http(http) => {
            Some(Address { host: http.url.host()?.to_owned(), port: http.url.port_or_known_default()? })
        }
        ProbeRequest::Tcp(tcp) => Some(tcp.address.clone()),
        ProbeRequest::Tls(tls) => Some(tls.address.clone()),
        ProbeRequest::Grpc(grpc) => Some(grpc.address.clone()),
        // A name server may not speak TCP, and so is no canary; the machine's own is no target.
        ProbeRequest::Dns(_) => None,
    }
}

/// Whether it is this machine.
fn is_own(host: &Host) -> bool {
    match host {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(v4) => v4.is_loopback() || v4.is_unspecified(),
        Host::Ipv6(v6) => v6.is_loopback() || v6.is_unspecified(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::collect::probe::{Egress, Timings, Tls};
    use crate::source::TcpRequest;

    fn address(text: &str) -> Address {
        let (host, port) = text.rsplit_once(':').unwrap();
        Address { host: Host::parse(host).unwrap(), port: port.parse().unwrap() }
    }

    fn failed(reason: FailureReason) -> Attempt {
        let outcome = Outcome::Failed(reason);
        Attempt { finished_after: Duration::ZERO, outcome, timings: Timings::default(), stalled: false }
    }

    fn check(canaries: &[&str]) -> SelfCheck {
        SelfCheck::new(canaries.iter().map(|text| address(text)).collect(), &[])
    }

    async fn judged(check: &SelfCheck, target: &str, attempt: Attempt) -> Outcome {
        let network = Network { tls: Tls::from_machine(), egress: Egress::Any };
        let request = ProbeRequest::Tcp(TcpRequest { address: address(target) });
        check.judged(&request, attempt, &network).await.outcome
    }

    #[tokio::test]
    async fn a_failure_stands_while_any_canary_can_be_reached() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let up = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
        let refused = || failed(FailureReason::Refused);
        let stands = refused().outcome;
        let unknown = Outcome::NotMade(OFFLINE.to_owned());
        // Nobody listens on port 1.
        let (online, offline) = (check(&["127.0.0.1:1", &up]), check(&["127.0.0.1:1"]));
        assert_eq!(judged(&online, "192.0.2.1:80", refused()).await, stands);
        assert_eq!(judged(&offline, "192.0.2.1:80", refused()).await, unknown);
        assert!(offline.offline.load(Ordering::Relaxed));
        assert_eq!(
            judged(&offline, "127.0.0.1:80", refused()).await,
            stands,
            "this machine needs no network"
        );
        let lost = || failed(FailureReason::Unreachable);
        assert_eq!(judged(&check(&[]), "192.0.2.1:80", lost()).await, lost().outcome, "nobody to ask");
        assert_eq!(judged(&offline, "192.0.2.1:80", lost()).await, unknown);
        // Who has talked to its target is not in doubt, and says that the network is back.
        let talked = failed(FailureReason::Truncated);
        assert_eq!(judged(&offline, "192.0.2.1:80", talked.clone()).await, talked.outcome);
        assert!(!offline.offline.load(Ordering::Relaxed));
    }

    #[test]
    fn canaries_are_derived_from_unrelated_hosts() {
        let source = |host: &str| ProbeSource {
            name: host.to_owned(),
            request: ProbeRequest::Tcp(TcpRequest { address: address(host) }),
            interval: Duration::from_secs(15),
            timeout: Duration::from_secs(5),
            slis: Vec::new(),
        };
        let hosts = ["192.0.2.1:80", "192.0.2.1:443", "192.0.2.2:80", "127.0.0.1:80", "192.0.2.3:80"];
        let sources: Vec<ProbeSource> = hosts.iter().map(|host| source(host)).collect();
        let shown = |check: &SelfCheck| -> Vec<String> {
            check.canaries(&address("192.0.2.2:80")).iter().map(ToString::to_string).collect()
        };
        assert_eq!(shown(&SelfCheck::new(Vec::new(), &sources)), ["192.0.2.1:443", "192.0.2.3:80"]);
        assert_eq!(
            shown(&SelfCheck::new(Vec::new(), &sources[..3])),
            [""; 0],
            "one other host tells nothing"
        );
        let declared = vec![address("198.51.100.1:53")];
        assert_eq!(shown(&SelfCheck::new(declared, &sources)), ["198.51.100.1:53"]);
    }
}
