//! Results become slices of a minute: pure, in any order of results.
//!
//! Invariants: a slice's `total` is the number of known results scheduled in it; `measured_seconds` counts seconds that
//! a known result covers, each once, none at or after `now`; what was not measured stays unknown. A slice that was
//! dropped from memory is never built again, because the fragment would replace what is stored. A slice that was carried
//! over from an earlier process is handed out only after the store was asked what it holds of it.

mod waiting;

use std::collections::BTreeMap;

use domain::estate::SLICE_SECONDS;
use domain::{Instant, Measured, Measurement, Slice};

use waiting::Stored;
pub use waiting::Waiting;
use waiting::{FAR, holds};

/// Committed slices stay in memory this long after their end, plus twice the interval, for results that end late.
const KEEP_COMMITTED_SECONDS: i64 = 600;
/// Uncommitted slices per SLI: 6 hours of them; beyond it the oldest are dropped and become unknown.
pub(crate) const UNCOMMITTED_SLICES_MAX: usize = 360;
/// Unknown slices that wait to be stored: a day of them.
const UNKNOWN_SLICES_MAX: usize = 1_440;
/// Why dropped slices are unknown.
const LOST_REASON: &str = "spool full";
/// Characters of a reason that the store takes.
const REASON_CHARS_MAX: usize = 100;
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
    /// Slices that are unknown, with the reason: none of their attempts could be made, or they were dropped before the
    /// store had anything of them.
    unknown: BTreeMap<Instant, String>,
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
    /// What an earlier process knew and the store was not asked about yet.
    carried: Option<Waiting>,
    /// Changed since it was last written to the spool.
    dirty: bool,
}

impl SliceBuilder {
    /// A builder without slices, for a probe every `interval_seconds` (at least 1).
    pub fn new(interval_seconds: i64) -> Self {
        let reach_seconds = interval_seconds.clamp(1, REACH_SECONDS_MAX);
        Self { reach_seconds, minutes: BTreeMap::new(), dropped_before: None, unknown: BTreeMap::new() }
    }

    /// Adds a known result of the attempt scheduled at `scheduled`: it counts in the slice that contains that instant,
    /// and covers the time until the next attempt. False: the slice was already dropped, the result is lost.
    pub fn result(&mut self, scheduled: Instant, good: bool) -> bool {
        let Some(minute) = self.minute(start_of(scheduled)) else { return false };
        minute.total = minute.total.saturating_add(1);
        minute.good = minute.good.saturating_add(u64::from(good));
        minute.dirty = true;
        let end = scheduled + self.reach_seconds;
        let mut from = scheduled;
        while from < end {
            let start = start_of(from);
            let to = end.min(start + i64::from(SLICE_SECONDS));
            if let Some(minute) = self.minute(start) {
                minute.covered |= bits(from.seconds_since(start), to.seconds_since(start));
                minute.dirty = true;
            }
            from = to;
        }
        true
    }

    /// Notes why the attempt scheduled at `scheduled` has no result: if nothing is known of its slice in the end, the
    /// slice is unknown for this reason.
    pub fn unmeasured(&mut self, scheduled: Instant, reason: &str) {
        let start = start_of(scheduled);
        let dropped = self.dropped_before.is_some_and(|dropped| start < dropped);
        if !dropped && self.unknown.len() < UNKNOWN_SLICES_MAX {
            let reason = || reason.chars().take(REASON_CHARS_MAX).collect();
            self.unknown.entry(start).or_insert_with(reason);
        }
    }

    /// Takes up the slice at `start` that an earlier run left in the store; results from now on add to it.
    ///
    /// Of its seconds only the bounds and the number are known. So seconds inside its bounds count no further, whatever
    /// new results cover there: the sum may be too small by a gap inside them, never too large. The time from its end
    /// to the first result of this run stays unknown.
    ///
    /// Of a slice that was carried over the one with more results stands, for the other is a part of it; unless the
    /// store had not been asked when it was written down, for then it comes on top.
    pub fn resume(&mut self, start: Instant, stored: Option<Measured>) {
        if stored.is_none() && !self.minutes.contains_key(&start) {
            return;
        }
        let Some(minute) = self.minute(start) else { return };
        minute.committed = stored;
        minute.resumed = stored;
        minute.dirty = true;
        let Some(carried) = minute.carried.take() else { return };
        if !carried.settled {
            let Waiting { good, total, covered, .. } = carried.with(minute);
            (minute.good, minute.total, minute.covered) = (good, total, covered);
            return;
        }
        let known = carried.measured();
        if !stored.as_ref().is_some_and(|stored| holds(stored, known.as_ref())) {
            minute.resumed = known;
        }
    }

    /// Takes up a slice from an earlier process, which waits until [`SliceBuilder::resume`] says what the store holds.
    pub fn carry(&mut self, waiting: Waiting) {
        if let Some(minute) = self.minute(waiting.start) {
            minute.carried = Some(waiting);
        }
    }

    /// The slices that were carried over and not resumed yet.
    pub fn carried(&self) -> impl Iterator<Item = Instant> {
        self.minutes.iter().filter(|(_, minute)| minute.carried.is_some()).map(|(start, _)| *start)
    }

    /// What is to be written to the spool: the slices that changed since they last were, or all that wait. Of the one at
    /// `unasked` the store was not asked yet.
    pub fn waiting(&mut self, unasked: Option<Instant>, all: bool) -> Vec<Waiting> {
        let mut waiting = Vec::new();
        for (start, minute) in &mut self.minutes {
            let waits = minute.carried.is_some() || minute.changed(*start, FAR).is_some();
            if waits && (all || minute.dirty) {
                waiting.push(minute.waiting(*start, unasked));
            }
            minute.dirty = false;
        }
        waiting
    }

    /// The slices that differ from what is committed, oldest first; of the running one what was measured before `now`.
    pub fn changed(&self, now: Instant) -> Vec<Slice> {
        let until_now = self.minutes.range(..now);
        let measured = until_now
            .filter_map(|(start, minute)| minute.changed(*start, now).map(|found| slice(*start, found)));
        // A slice that is not over yet may still be measured.
        let nothing_known = |(start, _): &(&Instant, &String)| {
            end_of(**start) <= now && !self.minutes.get(*start).is_some_and(Minute::is_known)
        };
        let unknown = self.unknown.iter().filter(nothing_known);
        unknown.map(|(start, reason)| self::unknown(*start, reason)).chain(measured).collect()
    }

    /// Notes that the store holds these slices, and forgets those that no late result can change any more.
    pub fn committed(&mut self, slices: &[Slice]) {
        let mut newest = None;
        for slice in slices {
            if matches!(slice.measurement, Measurement::Unknown(_)) {
                self.unknown.remove(&slice.start);
            }
            if let (Measurement::Measured(measured), Some(minute)) =
                (&slice.measurement, self.minutes.get_mut(&slice.start))
            {
                minute.committed = Some(*measured);
                newest = newest.max(Some(slice.end()));
            }
        }
        // Of what was measured after all nothing is unknown.
        let minutes = &self.minutes;
        self.unknown.retain(|start, _| !minutes.get(start).is_some_and(Minute::is_known));
        let Some(newest) = newest else { return };
        let forget = newest - KEEP_COMMITTED_SECONDS - 2 * self.reach_seconds;
        while let Some(oldest) = self.minutes.first_entry() {
            let (start, end) = (*oldest.key(), end_of(*oldest.key()));
            if end > forget || oldest.get().waits(start, newest) {
                break;
            }
            oldest.remove();
            self.dropped_before = self.dropped_before.max(Some(end));
        }
    }

    /// Drops the oldest slices when more than six hours of them wait for a commit; how many were lost.
    pub fn trim(&mut self, now: Instant) -> usize {
        let excess = self.minutes.range(..now).filter(|(start, minute)| minute.waits(**start, now)).count();
        let mut excess = excess.saturating_sub(UNCOMMITTED_SLICES_MAX);
        let mut lost = 0;
        while excess > 0 {
            let Some(dropped) = self.drop_oldest(now) else { break };
            excess -= usize::from(dropped);
            lost += usize::from(dropped);
        }
        lost
    }

    /// Everything that waits is to be written to the spool once more.
    pub fn spool_again(&mut self) {
        self.minutes.values_mut().for_each(|minute| minute.dirty = true);
    }

    /// Drops the slices that start before `bound`; how many of them were not stored.
    pub fn shed(&mut self, bound: Instant, now: Instant) -> usize {
        let mut lost = 0;
        while self.minutes.first_key_value().is_some_and(|(start, _)| *start < bound) {
            lost += usize::from(self.drop_oldest(now) == Some(true));
        }
        lost
    }

    /// Whether the oldest slice was not stored.
    fn drop_oldest(&mut self, now: Instant) -> Option<bool> {
        let (start, minute) = self.minutes.pop_first()?;
        self.dropped_before = self.dropped_before.max(Some(end_of(start)));
        let waited = minute.waits(start, now);
        // What the store has of it stays; what it may have and was not asked about does, too.
        let nothing_stored = minute.committed.is_none() && minute.carried.is_none();
        if waited && nothing_stored && self.unknown.len() < UNKNOWN_SLICES_MAX {
            self.unknown.insert(start, LOST_REASON.to_owned());
        }
        Some(waited)
    }

    fn minute(&mut self, start: Instant) -> Option<&mut Minute> {
        if self.dropped_before.is_some_and(|dropped| start < dropped) {
            return None;
        }
        Some(self.minutes.entry(start).or_default())
    }
}

impl Minute {
    /// Whether anybody measured anything of it.
    fn is_known(&self) -> bool {
        self.covered != 0 || self.resumed.is_some() || self.committed.is_some() || self.carried.is_some()
    }

    /// Whether the store may lack something of it.
    fn waits(&self, start: Instant, now: Instant) -> bool {
        self.carried.is_some() || self.changed(start, now).is_some()
    }

    fn waiting(&self, start: Instant, unasked: Option<Instant>) -> Waiting {
        let Self { good, total, covered, resumed, .. } = *self;
        let (resumed, settled) = (resumed.map(Stored::from), unasked != Some(start));
        let own = Waiting { start, good, total, covered, resumed, settled };
        self.carried.as_ref().map_or(own, |carried| carried.with(self))
    }

    /// What was measured before `now`, if the store holds something else.
    fn changed(&self, start: Instant, now: Instant) -> Option<Measured> {
        if self.carried.is_some() {
            return None;
        }
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

fn unknown(start: Instant, reason: &str) -> Slice {
    let measurement = Measurement::Unknown(reason.to_owned());
    Slice { start, seconds: SLICE_SECONDS, measurement }
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
