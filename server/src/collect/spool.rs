//! The spool: results that wait for the store wait on the disk, too, so that neither its absence nor our own end costs
//! any.
//!
//! While the store takes results every second, nothing is written here. From the moment when it does not, every result
//! is on the disk a few hundredths of a second after it came, until the store has taken them all. What a process left
//! is taken up by the next one and reconciled with what the store holds ([`super::slices::SliceBuilder::resume`]).
//!
//! Invariant: before anything is committed that is in the spool, the spool says that the store was asked about it; so
//! what is committed and still in the spool after a kill is recognised.

mod file;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use domain::Instant;
use domain::estate::SLICE_SECONDS;
use tokio::sync::Notify;
use tokio::{task, time};
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::slices::Waiting;
pub(super) use file::Record;
use file::{File, encoded};

/// Results that come within this time go to the disk together.
const GATHER: Duration = Duration::from_millis(30);
/// Pause after a write that failed: a full disk does not get less full by trying.
const FAILED_PAUSE: Duration = Duration::from_secs(5);
/// Of a spool that overflows so much stays, so that it does not overflow with each result.
const KEPT_BYTES: usize = 48 << 20;

/// The spool of one collector.
pub(super) struct Spool {
    dir: Option<PathBuf>,
    file: Arc<Mutex<Option<File>>>,
    /// Whether results have to go to the disk: the store is away, or we do not know yet.
    away: AtomicBool,
    news: Notify,
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spool").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl Spool {
    /// The spool in this directory, and what an earlier process left there. Without a directory, or where it cannot be
    /// used, results wait in memory alone.
    pub(super) async fn open(dir: Option<PathBuf>) -> (Self, Vec<Record>) {
        let spool = Self { dir, file: Arc::default(), away: AtomicBool::new(true), news: Notify::new() };
        // One is made only when there is something to keep.
        let Some(dir) = spool.dir.clone().filter(|dir| File::is_there(dir)) else {
            return (spool, Vec::new());
        };
        let file = Arc::clone(&spool.file);
        let opened = task::spawn_blocking(move || open(&dir, &file)).await;
        let records = opened.unwrap_or_else(|error| Err(io::Error::other(error)));
        let records = records.unwrap_or_else(|error| {
            tracing::warn!(error = %error, "what an earlier run has spooled cannot be read");
            Vec::new()
        });
        (spool, records)
    }

    /// A result came.
    pub(super) fn result(&self) {
        if self.away.load(Ordering::Relaxed) {
            self.news.notify_one();
        }
    }

    /// The store does not take results, or not in time.
    pub(super) fn store_is_away(&self) {
        self.away.store(true, Ordering::Relaxed);
        self.news.notify_one();
    }

    /// The store holds everything that this process knew when it was asked.
    pub(super) async fn store_has_all(&self) {
        self.away.store(false, Ordering::Relaxed);
        let file = Arc::clone(&self.file);
        let cleared = task::spawn_blocking(move || match &mut *lock(&file) {
            Some(file) if !file.is_empty() => file.clear(),
            _ => Ok(()),
        });
        if let Ok(Err(error)) = cleared.await {
            // Harmless: the next start asks the store, and finds that it has them.
            tracing::warn!(error = %error, "the spool cannot be emptied");
        }
    }

    /// Whether something is in it.
    pub(super) fn holds_anything(&self) -> bool {
        lock(&self.file).as_ref().is_some_and(|file| !file.is_empty())
    }

    async fn write(&self, shared: &Shared, started: Instant) -> io::Result<()> {
        let Some(dir) = self.dir.clone() else { return Ok(()) };
        let fresh = shared.ledger.waiting(started, false);
        if fresh.is_empty() {
            return Ok(());
        }
        if write(&dir, &self.file, fresh).await? {
            return Ok(());
        }
        // Full of what was written many times over, or full indeed.
        let mut all: Vec<Record> = shared.ledger.waiting(started, true).into_iter().map(record).collect();
        if let Some(bound) = overflow(&mut all) {
            let lost = shared.ledger.shed(bound, shared.clock.now());
            tracing::error!(
                slices.lost = lost,
                "the spool is full: the oldest slices are dropped and become unknown"
            );
        }
        let file = Arc::clone(&self.file);
        task::spawn_blocking(move || lock(&file).as_mut().map_or(Ok(()), |file| file.replace(&all)))
            .await
            .map_err(io::Error::other)?
    }
}

/// Writes results as they come, while the store is away, until `ends`.
pub(super) async fn run(shared: &Shared, started: Instant, ends: &CancellationToken) {
    let mut failing = false;
    loop {
        tokio::select! {
            () = ends.cancelled() => return,
            () = shared.spool.news.notified() => {}
        }
        time::sleep(GATHER).await;
        if !shared.spool.away.load(Ordering::Relaxed) {
            continue;
        }
        match shared.spool.write(shared, started).await {
            Ok(()) => failing = false,
            Err(error) => {
                if !failing {
                    tracing::error!(error = %error, "results cannot be spooled and wait in memory alone");
                }
                failing = true;
                time::sleep(FAILED_PAUSE).await;
                // What could not be written is written with what came meanwhile.
                shared.ledger.spool_again();
                shared.spool.news.notify_one();
            }
        }
    }
}

/// Writes what is not in the spool yet; at the stop, and before a commit of what is in it. Whether that succeeded.
pub(super) async fn flush(shared: &Shared, started: Instant) -> bool {
    let written = shared.spool.write(shared, started).await;
    if let Err(error) = &written {
        tracing::error!(error = %error, "results cannot be spooled");
    }
    written.is_ok() && shared.spool.dir.is_some()
}

fn open(dir: &Path, slot: &Mutex<Option<File>>) -> io::Result<Vec<Record>> {
    let (file, records, damaged) = File::open(dir)?;
    if damaged {
        tracing::warn!(records = records.len(), "the end of the spool is damaged and left out");
    }
    *lock(slot) = Some(file);
    Ok(records)
}

/// False: it does not fit.
async fn write(
    dir: &Path,
    slot: &Arc<Mutex<Option<File>>>,
    fresh: Vec<(String, Waiting)>,
) -> io::Result<bool> {
    let (dir, slot) = (dir.to_owned(), Arc::clone(slot));
    let records: Vec<Record> = fresh.into_iter().map(record).collect();
    let writing = task::spawn_blocking(move || {
        let mut slot = lock(&slot);
        if slot.is_none() {
            *slot = Some(File::open(&dir)?.0);
        }
        slot.as_mut().map_or(Ok(true), |file| file.append(&records))
    });
    writing.await.map_err(io::Error::other)?
}

fn record((sli, slice): (String, Waiting)) -> Record {
    Record { sli, slice }
}

/// Of records that do not fit drops the oldest; the start of the first slice that stays.
fn overflow(all: &mut Vec<Record>) -> Option<Instant> {
    let size = |record: &Record| encoded(std::slice::from_ref(record)).len();
    let whole: usize = all.iter().map(size).sum();
    if whole <= KEPT_BYTES {
        return None;
    }
    all.sort_by_key(|record| record.slice.start);
    let mut excess = whole.saturating_sub(KEPT_BYTES);
    let mut bound = all.first()?.slice.start;
    for record in all.iter() {
        if excess == 0 {
            break;
        }
        excess = excess.saturating_sub(size(record));
        bound = record.slice.start + i64::from(SLICE_SECONDS);
    }
    all.retain(|record| record.slice.start >= bound);
    Some(bound)
}

/// A panic while the lock was held leaves a file whose end is checked at the next start.
fn lock(file: &Mutex<Option<File>>) -> std::sync::MutexGuard<'_, Option<File>> {
    file.lock().unwrap_or_else(PoisonError::into_inner)
}
