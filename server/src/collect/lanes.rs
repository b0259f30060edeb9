//! Room for attempts: bounded over all probes, and so divided that those which wait for silent targets never take it
//! from the others.
//!
//! Invariant: probes whose last attempt was slow hold at most [`SLOW_MAX`] places; the rest is for probes whose targets
//! answer, each of which needs its place for a moment only.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time;

/// Attempts under way at once, over all sources: each holds a socket and its buffers.
const ATTEMPTS_MAX: usize = 512;
/// Of them those of probes whose last attempt was slow.
const SLOW_MAX: usize = ATTEMPTS_MAX / 2;
/// An attempt that takes longer is slow.
const SLOW_AFTER: Duration = Duration::from_secs(1);

/// Why there was no place.
pub(super) const OVERLOAD: &str = "overload: too many attempts were under way";

/// All places.
#[derive(Debug)]
pub(super) struct Lanes {
    all: Arc<Semaphore>,
    slow: Arc<Semaphore>,
}

/// A place, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _slow: Option<OwnedSemaphorePermit>,
    _permit: OwnedSemaphorePermit,
}

/// Whether the last attempt of a probe was slow.
#[derive(Debug, Default)]
pub(super) struct Pace {
    is_slow: AtomicBool,
}

impl Pace {
    /// Notes how long an attempt took.
    pub(super) fn took(&self, duration: Duration) {
        self.is_slow.store(duration > SLOW_AFTER, Ordering::Relaxed);
    }
}

impl Default for Lanes {
    fn default() -> Self {
        Self::with_room_for(ATTEMPTS_MAX, SLOW_MAX)
    }
}

impl Lanes {
    /// Lanes of these widths.
    pub(super) fn with_room_for(all: usize, slow: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), slow: Arc::new(Semaphore::new(slow)) }
    }

    /// A place for an attempt of a probe of that pace; none if there is none for so long.
    pub(super) async fn place(&self, pace: &Pace, patience: Duration) -> Option<Place> {
        let granted = async {
            let is_slow = pace.is_slow.load(Ordering::Relaxed);
            let slow = if is_slow { Some(Arc::clone(&self.slow).acquire_owned().await.ok()?) } else { None };
            Some(Place { _slow: slow, _permit: Arc::clone(&self.all).acquire_owned().await.ok()? })
        };
        time::timeout(patience, granted).await.ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn slow_probes_leave_room_for_others() {
        let lanes = Lanes::with_room_for(3, 2);
        let (slow, quick) = (Pace::default(), Pace::default());
        slow.took(SLOW_AFTER * 2);
        let soon = Duration::from_millis(20);
        let held = [lanes.place(&slow, soon).await, lanes.place(&slow, soon).await];
        assert!(held.iter().all(Option::is_some));
        assert!(lanes.place(&slow, soon).await.is_none());
        let third = lanes.place(&quick, soon).await;
        assert!(third.is_some() && lanes.place(&quick, soon).await.is_none());
        drop(third);
        slow.took(SLOW_AFTER);
        assert!(lanes.place(&slow, soon).await.is_some(), "it has recovered");
    }
}
