//! The minutes of one of our own indicators: the one that runs, and those that the store does not have yet.

use std::collections::BTreeMap;

use domain::estate::SLICE_SECONDS;
use domain::{Instant, Measured, Measurement, Slice};

/// A call that comes so late says that the process did not run meanwhile, or that the clock was set: that is a gap.
const LATE_SECONDS_MAX: i64 = 30;
/// Minutes that wait for the store at most; the oldest are dropped and stay a gap.
const WAITING_MAX: usize = 1_440;

#[derive(Debug)]
pub(super) struct Minutes {
    /// Up to where time was measured.
    until: Instant,
    /// By start.
    waiting: BTreeMap<Instant, Measured>,
    /// The minute in which this process began, until its part before that was asked back from the store.
    resuming: Option<Instant>,
}

impl Minutes {
    pub(super) fn new(now: Instant) -> Self {
        Self { until: now, waiting: BTreeMap::new(), resuming: Some(start_of(now)) }
    }

    /// Adds what was counted since the last call up to `now`. Counts belong to the minute in which they are taken, time
    /// to the one that it passed in. A clock that was set back adds none until it is where it was.
    pub(super) fn add(&mut self, now: Instant, good: u64, total: u64) {
        if now.seconds_since(self.until) > LATE_SECONDS_MAX {
            self.until = now;
        }
        if start_of(self.until) < start_of(now) {
            self.measure(start_of(now), 0, 0);
        }
        self.measure(now.max(self.until), good, total);
        while self.waiting.len() > WAITING_MAX {
            self.waiting.pop_first();
        }
    }

    fn measure(&mut self, to: Instant, good: u64, total: u64) {
        let from = self.until;
        if to == from && total == 0 {
            return;
        }
        // An end that is the begin of a minute belongs to the minute before it.
        let minute = if to > from { start_of(to - 1) } else { start_of(to) };
        let slice = self.waiting.entry(minute).or_insert(Measured {
            good: 0,
            total: 0,
            measured_seconds: 0,
            from,
            to,
        });
        slice.good = slice.good.saturating_add(good.min(total));
        slice.total = slice.total.saturating_add(total);
        let seconds = u32::try_from(to.seconds_since(from)).unwrap_or(0);
        slice.measured_seconds = slice.measured_seconds.saturating_add(seconds).min(SLICE_SECONDS);
        slice.to = to;
        self.until = to;
    }

    /// The minute that the store may have a part of; none once that was asked.
    pub(super) fn to_resume(&self) -> Option<Instant> {
        self.resuming
    }

    /// Goes on with what the store has of it.
    pub(super) fn resume(&mut self, stored: Option<Measured>) {
        let Some(minute) = self.resuming.take() else { return };
        if let (Some(slice), Some(stored)) = (self.waiting.get_mut(&minute), stored) {
            slice.good = slice.good.saturating_add(stored.good);
            slice.total = slice.total.saturating_add(stored.total);
            let seconds = slice.measured_seconds.saturating_add(stored.measured_seconds);
            slice.measured_seconds = seconds.min(SLICE_SECONDS);
            slice.from = slice.from.min(stored.from);
        }
    }

    /// What the store does not have as it is.
    pub(super) fn changed(&self) -> Vec<Slice> {
        let slice = |(start, measured): (&Instant, &Measured)| Slice {
            start: *start,
            seconds: SLICE_SECONDS,
            measurement: Measurement::Measured(*measured),
        };
        self.waiting.iter().map(slice).collect()
    }

    /// The store has all of it: only the minute that runs is still needed.
    pub(super) fn committed(&mut self) {
        let running = start_of(self.until);
        self.waiting.retain(|start, _| *start >= running);
    }
}

fn start_of(at: Instant) -> Instant {
    at.floor_to(i64::from(SLICE_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(unix: i64) -> Instant {
        Instant::from_unix(unix)
    }

    fn shown(minutes: &Minutes) -> Vec<(i64, u64, u64, u32, i64, i64)> {
        let tuple = |(start, m): (&Instant, &Measured)| {
            (start.unix(), m.good, m.total, m.measured_seconds, m.from.unix(), m.to.unix())
        };
        minutes.waiting.iter().map(tuple).collect()
    }

    #[test]
    fn time_is_measured_without_holes_across_a_minute() {
        let mut minutes = Minutes::new(at(50));
        minutes.add(at(58), 1, 2);
        minutes.add(at(62), 3, 3);
        assert_eq!(shown(&minutes), [(0, 1, 2, 10, 50, 60), (60, 3, 3, 2, 60, 62)]);
        minutes.committed();
        assert_eq!(shown(&minutes), [(60, 3, 3, 2, 60, 62)]);
        minutes.add(at(91), 0, 0);
        minutes.add(at(120), 0, 0);
        assert_eq!(shown(&minutes), [(60, 3, 3, 60, 60, 120)]);
        minutes.committed();
        minutes.add(at(121), 1, 1);
        assert_eq!(shown(&minutes), [(120, 1, 1, 1, 120, 121)]);
    }

    #[test]
    fn a_suspension_is_a_gap_and_a_clock_set_back_adds_no_time() {
        let mut minutes = Minutes::new(at(0));
        minutes.add(at(4), 1, 1);
        minutes.add(at(1_000), 1, 1);
        assert_eq!(shown(&minutes), [(0, 1, 1, 4, 0, 4), (960, 1, 1, 0, 1_000, 1_000)]);
        minutes.add(at(990), 1, 1);
        assert_eq!(shown(&minutes)[1], (960, 2, 2, 0, 1_000, 1_000));
    }

    #[test]
    fn a_restart_goes_on_with_the_minute_that_it_finds() {
        let mut minutes = Minutes::new(at(30));
        minutes.add(at(32), 1, 1);
        assert_eq!(minutes.to_resume(), Some(at(0)));
        let stored = Measured { good: 5, total: 6, measured_seconds: 20, from: at(0), to: at(20) };
        minutes.resume(Some(stored));
        assert_eq!(shown(&minutes), [(0, 6, 7, 22, 0, 32)]);
        assert_eq!(minutes.to_resume(), None);
    }
}
