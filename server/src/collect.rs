//! The collector: asks every probe at its instants, turns results into slices and commits them every second.
//!
//! Invariants: collecting never waits for the store; a result stays in memory, and on the disk while the store is away,
//! until it is committed, within a bound;
//! what was not measured, for whatever reason of our own, is unknown and never bad; a panic ends one attempt, not the
//! collector.

mod commit;
mod judge;
mod lanes;
mod latest;
mod ledger;
pub mod probe;
mod runner;
pub mod schedule;
mod self_check;
pub mod slices;
mod spool;

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::{Instant, Measured, Observation, Slice};
use futures::FutureExt;
use tokio::task::{self, JoinHandle, JoinSet};
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::source::{Address, ProbeSource};
use lanes::Lanes;
pub use latest::{Latest, Millis};
use ledger::Ledger;
use probe::{Egress, Network, Tls};
pub use schedule::Clock;
use self_check::SelfCheck;
use spool::{Record, Spool};

/// Attempts under way at a stop may take this long to end; what does not is unknown.
const STOP_MAX: Duration = Duration::from_secs(5);
/// Pause before a loop of ours that panicked starts again.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// Where results go: the store and whoever judges health.
#[async_trait]
pub trait Sink: Send + Sync {
    /// What the store holds of the SLI's slice at `start` if it is measured: asked once at the start, to go on with it.
    async fn running(&self, sli: &str, start: Instant) -> Result<Option<Measured>, SinkError>;

    /// Stores measured slices of 60 s, several of one SLI included; each replaces what is at its place. `Ok` means
    /// durable. An error means that all of them are offered again with the next commit, so a slice that can never be
    /// stored is the sink's to leave out. May be dropped before it ends, and then counts as failed.
    async fn commit(&self, slices: Vec<(String, Slice)>) -> Result<(), SinkError>;

    /// A known result of one SLI, as soon as it is there and before it is committed. Must not block.
    fn observe(&self, sli: &str, observation: Observation);

    /// What came of an attempt, known or not. Must not block.
    fn attempted(&self, sli: &str, latest: &Latest);

    /// The commit loop has ended a pass, with or without success: the collector is alive.
    fn progress(&self);
}

/// The sink could not do it now; it is tried again.
#[derive(Debug, thiserror::Error)]
#[error("the sink refused")]
pub struct SinkError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Runs probes.
#[derive(Debug, Clone, Copy)]
pub struct Collector;

/// What all loops of one collector use.
struct Shared {
    sink: Arc<dyn Sink>,
    clock: Arc<dyn Clock>,
    cancel: CancellationToken,
    network: Network,
    ledger: Ledger,
    spool: Spool,
    lanes: Lanes,
    self_check: SelfCheck,
}

/// How a collector works.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Where probes may connect to.
    pub egress: Egress,
    /// The directory where results wait while the store is away; none: they wait in memory alone.
    pub spool_dir: Option<PathBuf>,
    /// Hosts that tell whether our own network works; none: targets of the probes tell.
    pub canaries: Vec<Address>,
}

impl Collector {
    /// Starts to collect `sources`, each SLI of which belongs to one source. After `cancel` no attempt starts; the
    /// handle is ready once those under way have ended, 5 s at most, and the last commit was tried. Call it inside a
    /// tokio runtime.
    pub fn start(
        sources: Vec<ProbeSource>,
        setup: Setup,
        sink: Arc<dyn Sink>,
        clock: Arc<dyn Clock>,
        cancel: CancellationToken,
    ) -> JoinHandle<()> {
        tokio::spawn(run(sources, setup, sink, clock, cancel))
    }
}

async fn run(
    sources: Vec<ProbeSource>,
    setup: Setup,
    sink: Arc<dyn Sink>,
    clock: Arc<dyn Clock>,
    cancel: CancellationToken,
) {
    let Ok(tls) = task::spawn_blocking(Tls::from_machine).await else {
        tracing::error!("the collector could not start: reading certificate roots panicked");
        return;
    };
    let ledger = Ledger::new(&sources);
    let self_check = SelfCheck::new(setup.canaries, &sources);
    let started = clock.now();
    let network = Network { tls, egress: setup.egress };
    let (spool, left) = Spool::open(setup.spool_dir).await;
    take_up(&ledger, left);
    let shared =
        Arc::new(Shared { sink, clock, cancel, network, ledger, spool, lanes: Lanes::default(), self_check });
    let committing_ends = CancellationToken::new();
    let committing = {
        let (shared, ends) = (Arc::clone(&shared), committing_ends.clone());
        tokio::spawn(async move { restarted("commit", || commit::run(&shared, started, &ends)).await })
    };
    let spooling = {
        let (shared, ends, started) =
            (Arc::clone(&shared), committing_ends.clone(), commit::start_of(started));
        tokio::spawn(async move { restarted("spool", || spool::run(&shared, started, &ends)).await })
    };
    let mut running = JoinSet::new();
    for source in sources {
        let (shared, source) = (Arc::clone(&shared), Arc::new(source));
        running.spawn(async move { restarted(&source.name, || runner::run(&shared, &source)).await });
    }
    shared.cancel.cancelled().await;
    let ended = time::timeout(STOP_MAX, async { while running.join_next().await.is_some() {} }).await;
    if ended.is_err() {
        tracing::warn!(sources.waiting = running.len(), "attempts under way were given up at the stop");
    }
    running.shutdown().await;
    committing_ends.cancel();
    drop((committing.await, spooling.await));
    commit::last(&shared, started).await;
}

/// Hands what an earlier process has spooled to the SLIs that it is of; of a slice that was written several times the
/// last one stands.
fn take_up(ledger: &Ledger, left: Vec<Record>) {
    let slices = left.len();
    let strangers =
        left.into_iter().filter(|Record { sli, slice }| !ledger.carry(sli, slice.clone())).count();
    if slices > 0 {
        tracing::info!(slices, strangers, "results of an earlier run are taken up from the spool");
    }
}

/// Runs a loop until it ends by itself; after a panic it starts again.
async fn restarted<F: Future<Output = ()>>(name: &str, work: impl Fn() -> F) {
    while AssertUnwindSafe(work()).catch_unwind().await.is_err() {
        tracing::error!(name, "a loop of the collector panicked and starts again");
        time::sleep(RESTART_PAUSE).await;
    }
}

#[cfg(test)]
mod tests;
