//! The way in for samples: gather a request's, offer them, wait for the COMMIT.
//!
//! Invariant: whoever is told `Ok` may forget its samples.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use domain::Instant;
use tokio::sync::{mpsc, oneshot};

use super::gather::{Batch, Gather, Told};
use super::head::Head;
use super::registry::Registry;
use super::selectors::Selectors;
use super::unneeded::{Unneeded, UnneededSeries};
use super::writer::{Totals, Writer};
use crate::source::MetricSource;

/// Requests that wait for the writer, which takes all that wait at once.
const WAITING_MAX: usize = 256;
/// Samples that wait for it, some 32 bytes each.
const SAMPLES_WAITING_MAX: usize = 6_000_000;

/// Why samples were not taken. The sender is to send all of them again; what was stored already counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// More is waiting than is taken.
    #[error("too many samples wait to be stored")]
    Busy,
    /// The database is away, or it is not known whether it stored them, or we are starting.
    #[error("samples cannot be stored at the moment")]
    Unavailable,
}

/// What decoders, the writer and the fold share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) selectors: Selectors,
    registry: RwLock<Registry>,
    head: Mutex<Head>,
    totals: Mutex<Totals>,
    pub(super) unneeded: Unneeded,
    /// The row of the log up to which slices were made.
    pub(super) folded_id: AtomicI64,
    samples_waiting: AtomicUsize,
    /// Seconds since 1970 of the writer's last turn; 0 before the log is read.
    pub(super) last_turn: AtomicI64,
}

impl Shared {
    pub(super) fn registry(&self) -> RwLockReadGuard<'_, Registry> {
        self.registry.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn registry_mut(&self) -> RwLockWriteGuard<'_, Registry> {
        self.registry.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// A panic under the lock was between two samples, each of which is put in whole.
    pub(super) fn head(&self) -> MutexGuard<'_, Head> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn totals(&self) -> MutexGuard<'_, Totals> {
        self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one request asks the writer for.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) batch: Batch,
    pub(super) told: Told,
    pub(super) reply: oneshot::Sender<Result<Told, Refusal>>,
}

/// Takes samples in.
#[derive(Debug)]
pub struct Intake {
    shared: Arc<Shared>,
    jobs: mpsc::Sender<Job>,
}

impl Intake {
    /// An intake for the SLIs that samples feed, and the writer that has to run for it.
    pub fn new(sources: Vec<MetricSource>) -> (Self, Writer) {
        let shared = Arc::new(Shared {
            registry: RwLock::default(),
            head: Mutex::new(Head::new(&sources)),
            totals: Mutex::default(),
            selectors: Selectors::new(sources),
            unneeded: Unneeded::default(),
            folded_id: AtomicI64::new(0),
            samples_waiting: AtomicUsize::new(0),
            last_turn: AtomicI64::new(0),
        });
        let (jobs, waiting) = mpsc::channel(WAITING_MAX);
        (Self { shared: Arc::clone(&shared), jobs }, Writer::new(shared, waiting))
    }

    /// Takes in the samples of one request; `now_millis` is when it came, in milliseconds since 1970.
    pub fn gather(&self, now_millis: i64) -> Gather {
        Gather::new(Arc::clone(&self.shared), now_millis)
    }

    /// Stores what was gathered. `Ok` means durable, and says what was refused by itself; with [`Refusal`] everything
    /// is to be sent again.
    pub async fn offer(&self, gathered: Gather) -> Result<Told, Refusal> {
        let (told, batch) = gathered.finish();
        self.shared.totals().note(&told);
        if batch.parts.is_empty() {
            return Ok(told);
        }
        let samples = batch.samples.len();
        let waiting = self.shared.samples_waiting.fetch_add(samples, Ordering::Relaxed);
        // Given back however this ends, the caller giving up included.
        let _room = Room { shared: &self.shared, samples };
        if waiting > 0 && waiting.saturating_add(samples) > SAMPLES_WAITING_MAX {
            return Err(Refusal::Busy);
        }
        let (reply, answer) = oneshot::channel();
        self.jobs.try_send(Job { batch, told, reply }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Refusal::Busy,
            mpsc::error::TrySendError::Closed(_) => Refusal::Unavailable,
        })?;
        answer.await.unwrap_or(Err(Refusal::Unavailable))
    }

    /// Whether the log was read and the writer had a turn in the last `within` seconds before `now`.
    pub fn makes_progress(&self, now: Instant, within: i64) -> bool {
        now.unix() - self.shared.last_turn.load(Ordering::Relaxed) <= within
    }

    /// Series that arrive and feed nothing, since the start.
    pub fn unneeded(&self) -> UnneededSeries {
        self.shared.unneeded.snapshot()
    }

    /// What was taken and refused, since the start.
    pub fn totals(&self) -> Totals {
        self.shared.totals().clone()
    }

    /// Series that are kept, by the SLI that they feed; one that feeds several counts for each.
    pub fn kept(&self) -> HashMap<String, usize> {
        let head = self.shared.head();
        let sources = self.shared.selectors.sources().iter();
        let sides = |sides: &[Vec<usize>; 2]| sides.iter().map(Vec::len).sum();
        sources.zip(head.slis()).map(|(source, state)| (source.sli.clone(), sides(&state.sides))).collect()
    }
}

/// Samples that count as waiting.
struct Room<'a> {
    shared: &'a Shared,
    samples: usize,
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.shared.samples_waiting.fetch_sub(self.samples, Ordering::Relaxed);
    }
}
