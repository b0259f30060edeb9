//! The one writer: commits what waits, puts it into the head, answers; has slices made of it; trims the log.
//!
//! Invariants: nothing is in the head that is not committed; after a commit whose outcome is unknown the log is read
//! before anything else is written, so that head and log hold the same; an answer is given after COMMIT or not at all.

mod apply;
mod load;
#[cfg(test)]
mod tests;
mod trim;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::{Measurement, Observation, Slice};
use tokio::sync::mpsc;
use tokio::time::{self, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::fold;
use super::gather::Told;
use super::intake::{Job, Refusal, Shared};
use crate::clock;
use crate::collect::{Sink, SinkError};
use crate::engine::Catalog;
use crate::store::Store;

/// Requests that are committed together.
const GROUP_REQUESTS: usize = 64;
/// Samples after which a group takes no further request: a row of the log is some megabytes at most.
const GROUP_SAMPLES: usize = 250_000;
/// Pause between two looks for slices to make.
const FOLD_EVERY: Duration = Duration::from_secs(1);
/// Slices in one commit.
const SLICES_MAX: usize = 10_000;
/// A commit of slices that takes longer is made again.
const COMMIT_MAX: Duration = Duration::from_secs(30);
/// Pause between two tries to read the log at a start.
const RETRY_PAUSE: Duration = Duration::from_millis(250);
/// How long the last slices are tried to be stored at a stop. The log has what is not.
const LAST_MAX: Duration = Duration::from_secs(5);
/// The longest that the writer sleeps: its turns say that it lives.
const TURN_MAX: Duration = Duration::from_secs(5);

/// What was taken and refused since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Samples in order: kept, or fine and not needed.
    pub taken: u64,
    /// Samples that were kept.
    pub kept: u64,
    /// Samples that were there before.
    pub duplicates: u64,
    /// Samples that said otherwise than the one before them at the same instant.
    pub conflicts: u64,
    /// Samples that were refused.
    pub refused: u64,
    /// Series with faulty labels.
    pub refused_series: u64,
    /// The latest reasons why something was refused.
    pub reasons: Vec<String>,
}

impl Totals {
    pub(super) fn note(&mut self, told: &Told) {
        self.taken = self.taken.saturating_add(told.taken);
        self.refused = self.refused.saturating_add(told.refused);
        self.refused_series = self.refused_series.saturating_add(told.refused_series);
        if !told.faults.is_empty() {
            self.reasons.clone_from(&told.faults);
        }
    }
}

/// Writes what the intake hands it.
#[derive(Debug)]
pub struct Writer {
    shared: Arc<Shared>,
    waiting: mpsc::Receiver<Job>,
    /// A commit's outcome is not known: the log is to be read first.
    in_doubt: bool,
    /// The newest series of the store that is known.
    series_id: i64,
    /// Rows of series that nobody needs any more.
    strangers: Vec<i64>,
    trimmed: time::Instant,
}

/// Where the writer writes to.
struct Outside {
    store: Store,
    catalog: Arc<Catalog>,
    sink: Arc<dyn Sink>,
}

impl Writer {
    pub(super) fn new(shared: Arc<Shared>, waiting: mpsc::Receiver<Job>) -> Self {
        let trimmed = time::Instant::now();
        Self { shared, waiting, in_doubt: false, series_id: 0, strangers: Vec::new(), trimmed }
    }

    /// Reads the log once the store is there, then writes until cancelled; what waits then is still written.
    pub async fn run(
        mut self,
        store: Store,
        catalog: Arc<Catalog>,
        sink: Arc<dyn Sink>,
        cancel: CancellationToken,
    ) {
        let outside = Arc::new(Outside { store, catalog, sink });
        while let Err(error) = self.begin(&outside).await {
            if let Some(error) = error {
                tracing::debug!(error = ?error, "the sample log cannot be read yet");
            }
            self.refuse_waiting();
            tokio::select! {
                () = cancel.cancelled() => return,
                () = time::sleep(RETRY_PAUSE) => {}
            }
        }
        let folding_ends = CancellationToken::new();
        let folding =
            tokio::spawn(fold_until(Arc::clone(&self.shared), Arc::clone(&outside), folding_ends.clone()));
        while !cancel.is_cancelled() {
            self.turn(&outside, &cancel).await;
        }
        self.waiting.close();
        while let Ok(job) = self.waiting.try_recv() {
            self.write(&outside, vec![job]).await;
        }
        folding_ends.cancel();
        drop(folding.await);
        let last = time::timeout(LAST_MAX, fold_once(&self.shared, &outside)).await;
        if !matches!(last, Ok(Ok(()))) {
            tracing::warn!("the last slices of samples were not stored; the next start makes them");
        }
    }

    /// Waits for requests and writes a group of them; does without after a while.
    async fn turn(&mut self, outside: &Outside, cancel: &CancellationToken) {
        let first = tokio::select! {
            () = cancel.cancelled() => None,
            job = time::timeout(TURN_MAX, self.waiting.recv()) => job.ok().flatten(),
        };
        if let Some(first) = first {
            let mut samples = first.batch.samples.len();
            let mut group = vec![first];
            while group.len() < GROUP_REQUESTS && samples < GROUP_SAMPLES {
                let Ok(job) = self.waiting.try_recv() else { break };
                samples += job.batch.samples.len();
                group.push(job);
            }
            self.write(outside, group).await;
        }
        self.trim_if_due(outside).await;
        self.shared.last_turn.store(clock::now().unix(), Ordering::Relaxed);
    }

    /// Commits a group and answers it.
    async fn write(&mut self, outside: &Outside, group: Vec<Job>) {
        let result = match self.resolve_doubt(outside).await {
            Ok(()) => self.commit(outside, &group).await,
            Err(error) => Err(error),
        };
        match result {
            Ok(answers) => {
                for (job, told) in group.into_iter().zip(answers) {
                    // Who gave up does not hear it, and sends the same again.
                    drop(job.reply.send(Ok(told)));
                }
            }
            Err(error) => {
                tracing::warn!(error = ?error, requests = group.len(), "samples could not be stored");
                self.in_doubt = true;
                for job in group {
                    drop(job.reply.send(Err(Refusal::Unavailable)));
                }
            }
        }
    }

    fn refuse_waiting(&mut self) {
        while let Ok(job) = self.waiting.try_recv() {
            drop(job.reply.send(Err(Refusal::Unavailable)));
        }
    }
}

/// Has slices made every second.
async fn fold_until(shared: Arc<Shared>, outside: Arc<Outside>, ends: CancellationToken) {
    let mut ticks = time::interval(FOLD_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        tokio::select! {
            () = ends.cancelled() => return,
            _ = ticks.tick() => {}
        }
        match fold_once(&shared, &outside).await {
            Err(error) if !failing => {
                failing = true;
                tracing::warn!(error = ?error, "slices of samples cannot be stored; they are made again later");
            }
            Ok(()) if failing => {
                failing = false;
                tracing::info!("slices of samples are stored again");
            }
            _ => {}
        }
    }
}

/// Makes all slices that samples touched since the last time, and stores them.
async fn fold_once(shared: &Arc<Shared>, outside: &Outside) -> Result<(), SinkError> {
    let making = Arc::clone(shared);
    let Ok((log_id, due)) = tokio::task::spawn_blocking(move || make(&making)).await else {
        return Err(SinkError("making slices panicked".into()));
    };
    let named: Vec<(String, Slice)> = due.iter().flat_map(Due::named).collect();
    let mut result = Ok(());
    for part in named.chunks(SLICES_MAX) {
        let commit = time::timeout(COMMIT_MAX, outside.sink.commit(part.to_vec()));
        result = commit.await.unwrap_or_else(|_| Err(SinkError("no answer in time".into())));
        if result.is_err() {
            break;
        }
    }
    if result.is_err() {
        let mut head = shared.head();
        for one in &due {
            head.due_again(one.sli, one.touched);
        }
        return result;
    }
    shared.folded_id.store(log_id, Ordering::Relaxed);
    for (sli, slice) in &named {
        if let Measurement::Measured(measured) = &slice.measurement {
            let at = (measured.to - 1).max(slice.start);
            let (good, total) = (measured.good.min(measured.total), measured.total);
            outside.sink.observe(sli, Observation { at, good, total, reason: None });
        }
    }
    Ok(())
}

/// The slices of one SLI that were made anew.
struct Due {
    sli: usize,
    name: String,
    touched: (i64, i64),
    slices: Vec<Slice>,
}

impl Due {
    fn named(&self) -> impl Iterator<Item = (String, Slice)> + '_ {
        self.slices.iter().map(|slice| (self.name.clone(), slice.clone()))
    }
}

/// What is due, and the row of the log up to which it is made.
fn make(shared: &Shared) -> (i64, Vec<Due>) {
    let mut head = shared.head();
    let mut due = Vec::new();
    for (sli, source) in shared.selectors.sources().iter().enumerate() {
        let Some(touched) = head.take_touched(sli) else { continue };
        let slices = fold::make(&mut head, &shared.selectors, sli, touched);
        due.push(Due { sli, name: source.sli.clone(), touched, slices });
    }
    (head.log_id, due)
}
