//! Results become slices of a minute: pure, in any order of results.
//!
//! Invariants: a slice's `total` is the number of known results scheduled in it; `measured_seconds` counts seconds that
//! a known result covers, each once, none at or after `now`; what was not measured stays unknown. A slice that was
//! dropped from memory is never built again, because the fragment would replace what is stored.

use std::collections::BTreeMap;

use domain::estate::SLICE_SECONDS;
use domain::{Instant, Measured, Measurement, Slice};

/// Committed slices stay in memory this long after their end, plus twice the interval, for results that end late.
const KEEP_COMMITTED_SECONDS: i64 = 600;
/// Uncommitted slices per SLI: 6 hours of them; beyond it the oldest are dropped and become unknown.
pub(crate) const UNCOMMITTED_SLICES_MAX: usize = 360;
/// The longest time that one result may cover, whatever the interval: a day.
const REACH_SECONDS_MAX: i64 = 86_400;

/// Builds the slices of one SLI from the results of its probe.
#[derive(Debug)]
pub struct SliceBuilder {
    /// Seconds that one known result covers: the probe's interval.
    reach_seconds: i64,
    minutes: BTreeMap<Instant, Minute>,
    /// Slices that start before this are gone from memory.
    dropped_before: Option<Instant>,
}

#[derive(Debug, Default)]
struct Minute {
    good: u64,
    total: u64,
    /// Bit `n` is set when second `n` of the slice is covered by a known result.
    covered: u64,
    /// What an earlier run of ours left in the store.
    resumed: Option<Measured>,
    /// What the store holds.
    committed: Option<Measured>,
}

impl SliceBuilder {
    /// A builder without slices, for a probe every `interval_seconds` (at least 1).
    pub fn new(interval_seconds: i64) -> Self {
        let reach_seconds = interval_seconds.clamp(1, REACH_SECONDS_MAX);
        Self { reach_seconds, minutes: BTreeMap::new(), dropped_before: None }
    }

    /// Adds a known result of the attempt scheduled at `scheduled`: it counts in the slice that contains that instant,
    /// and covers the time until the next attempt. False: the slice was already dropped, the result is lost.
    pub fn result(&mut self, scheduled: Instant, good: bool) -> bool {
        let Some(minute) = self.minute(start_of(scheduled)) else { return false };
        minute.total = minute.total.saturating_add(1);
        minute.good = minute.good.saturating_add(u64::from(good));
        let end = scheduled + self.reach_seconds;
        let mut from = scheduled;
        while from < end {
            let start = start_of(from);
            let to = end.min(start + i64::from(SLICE_SECONDS));
            if let Some(minute) = self.minute(start) {
                minute.covered |= bits(from.seconds_since(start), to.seconds_since(start));
            }
            from = to;
        }
        true
    }

    /// Takes up the slice at `start` that an earlier run left in the store; results from now on add to it.
    ///
    /// Of its seconds only the bounds and the number are known. So seconds inside its bounds count no further, whatever
    /// new results cover there: the sum may be too small by a gap inside them, never too large. The time from its end
    /// to the first result of this run stays unknown.
    pub fn resume(&mut self, start: Instant, stored: Measured) {
        if let Some(minute) = self.minute(start) {
            minute.resumed = Some(stored);
            minute.committed = Some(stored);
        }
    }

    /// The slices that differ from what is committed, oldest first; of the running one what was measured before `now`.
    pub fn changed(&self, now: Instant) -> Vec<Slice> {
        let until_now = self.minutes.range(..now);
        until_now
            .filter_map(|(start, minute)| minute.changed(*start, now).map(|found| slice(*start, found)))
            .collect()
    }

    /// Notes that the store holds these slices, and forgets those that no late result can change any more.
    pub fn committed(&mut self, slices: &[Slice]) {
        let mut newest = None;
        for slice in slices {
            if let (Measurement::Measured(measured), Some(minute)) =
                (&slice.measurement, self.minutes.get_mut(&slice.start))
            {
                minute.committed = Some(*measured);
                newest = newest.max(Some(slice.end()));
            }
        }
        let Some(newest) = newest else { return };
        let forget = newest - KEEP_COMMITTED_SECONDS - 2 * self.reach_seconds;
        while let Some(oldest) = self.minutes.first_entry() {
            let (start, end) = (*oldest.key(), end_of(*oldest.key()));
            if end > forget || oldest.get().changed(start, newest).is_some() {
                break;
            }
            oldest.remove();
            self.dropped_before = self.dropped_before.max(Some(end));
        }
    }

    /// Drops the oldest slices when more than six hours of them wait for a commit; how many were lost.
    pub fn trim(&mut self, now: Instant) -> usize {
        let waiting = |(start, minute): (&Instant, &Minute)| minute.changed(*start, now).is_some();
        let mut excess = self.minutes.range(..now).filter(|entry| waiting(*entry)).count();
        let mut lost = 0;
        while excess > UNCOMMITTED_SLICES_MAX {
            let Some((start, minute)) = self.minutes.pop_first() else { break };
            self.dropped_before = self.dropped_before.max(Some(end_of(start)));
            if waiting((&start, &minute)) {
                excess -= 1;
                lost += 1;
            }
        }
        lost
    }

    fn minute(&mut self, start: Instant) -> Option<&mut Minute> {
        if self.dropped_before.is_some_and(|dropped| start < dropped) {
            return None;
        }
        Some(self.minutes.entry(start).or_default())
    }
}

impl Minute {
    /// What was measured before `now`, if the store holds something else.
    fn changed(&self, start: Instant, now: Instant) -> Option<Measured> {
        self.measured(start, now).filter(|measured| self.committed != Some(*measured))
    }

    /// What was measured before `now`; none if no second was.
    fn measured(&self, start: Instant, now: Instant) -> Option<Measured> {
        let mut covered = self.covered & bits(0, now.seconds_since(start));
        if let Some(resumed) = &self.resumed {
            covered &= !bits(resumed.from.seconds_since(start), resumed.to.seconds_since(start));
        }
        let first = start + i64::from(covered.trailing_zeros());
        let last = start + i64::from(u64::BITS - covered.leading_zeros());
        let fresh = (covered != 0).then_some((first, last));
        let (from, to) = match (fresh, &self.resumed) {
            (None, None) => return None,
            (Some(bounds), None) => bounds,
            (None, Some(resumed)) => (resumed.from, resumed.to),
            (Some((from, to)), Some(resumed)) => (from.min(resumed.from), to.max(resumed.to)),
        };
        let resumed = self.resumed.as_ref();
        let before =
            resumed.map_or((0, 0, 0), |resumed| (resumed.good, resumed.total, resumed.measured_seconds));
        Some(Measured {
            good: before.0.saturating_add(self.good),
            total: before.1.saturating_add(self.total),
            measured_seconds: before.2.saturating_add(covered.count_ones()).min(SLICE_SECONDS),
            from,
            to,
        })
    }
}

fn slice(start: Instant, measured: Measured) -> Slice {
    Slice { start, seconds: SLICE_SECONDS, measurement: Measurement::Measured(measured) }
}

fn start_of(at: Instant) -> Instant {
    at.floor_to(i64::from(SLICE_SECONDS))
}

fn end_of(start: Instant) -> Instant {
    start + i64::from(SLICE_SECONDS)
}

/// A mask of the seconds `[from, to)` of a slice, both clamped to it.
fn bits(from: i64, to: i64) -> u64 {
    let below = |second: i64| (1_u64 << second.clamp(0, i64::from(SLICE_SECONDS))) - 1;
    below(to) & !below(from)
}

#[cfg(test)]
mod tests;
