//! What the slices of one SLI's side hold: events, measured time, flags.
//!
//! Invariants: adding is commutative and associative, and an instant is measured once however many series measure it.

use std::collections::BTreeMap;

use super::amount::Amount;
use super::spans::{Spans, Timestamp};
use crate::slice::Measured;
use crate::time::Instant;

/// Something that is counted per slice.
pub trait Events: Clone + Default + PartialEq {
    /// Adds another count, saturating.
    fn add(&mut self, other: &Self);
}

impl Events for Amount {
    fn add(&mut self, other: &Self) {
        *self = self.plus(*other);
    }
}

/// Events that were judged one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Judged {
    /// Good events.
    pub good: u64,
    /// All events.
    pub total: u64,
}

impl Judged {
    /// One event.
    pub fn one(good: bool) -> Self {
        Self { good: u64::from(good), total: 1 }
    }
}

impl Events for Judged {
    fn add(&mut self, other: &Self) {
        self.good = self.good.saturating_add(other.good);
        self.total = self.total.saturating_add(other.total);
    }
}

/// How often something was met that a reader of the counts should know of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags {
    /// The series began again at zero.
    pub resets: u32,
    /// Samples too far apart: what happened between them is not counted.
    pub gaps: u32,
    /// Instants for which different values arrived.
    pub conflicts: u32,
    /// Samples that cannot be values of their kind.
    pub invalid: u32,
    /// Series that appeared above zero while their source was collected, and do not say since when they count: what
    /// they had counted before is not in any slice.
    pub unseen_starts: u32,
    /// Histograms whose buckets changed: what happened in between is not counted.
    pub layout_changes: u32,
}

impl Flags {
    /// Adds other flags, saturating.
    pub fn add(&mut self, other: &Self) {
        self.resets = self.resets.saturating_add(other.resets);
        self.gaps = self.gaps.saturating_add(other.gaps);
        self.conflicts = self.conflicts.saturating_add(other.conflicts);
        self.invalid = self.invalid.saturating_add(other.invalid);
        self.unseen_starts = self.unseen_starts.saturating_add(other.unseen_starts);
        self.layout_changes = self.layout_changes.saturating_add(other.layout_changes);
    }

    /// Whether there is nothing to tell.
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }
}

/// What one slice holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted<T> {
    /// The events.
    pub events: T,
    /// The time of the slice that was measured.
    pub measured: Spans,
    /// What to know of them.
    pub flags: Flags,
}

impl<T> Counted<T> {
    /// Whole seconds that were measured, rounded down.
    pub fn measured_seconds(&self) -> u32 {
        u32::try_from(self.measured.millis() / 1_000).unwrap_or(u32::MAX)
    }

    /// The first measured second; none if no time was measured.
    pub fn from(&self) -> Option<Instant> {
        self.measured.first().map(Timestamp::instant)
    }

    /// One past the last whole second that was measured; at least [`Self::measured_seconds`] after [`Self::from`].
    pub fn to(&self) -> Option<Instant> {
        self.measured.last().map(Timestamp::instant)
    }

    /// As a slice that starts at `start` stores it, with these counts. Without measured time its bounds are its start.
    pub fn to_measured(&self, start: Instant, good: u64, total: u64) -> Measured {
        let (from, to) = (self.from().unwrap_or(start), self.to().unwrap_or(start));
        Measured { good, total, measured_seconds: self.measured_seconds(), from, to }
    }
}

/// What the slices of one length hold, by their start; what is not there is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts<T> {
    slice_seconds: u32,
    slices: BTreeMap<Instant, Counted<T>>,
    gaps: Spans,
}

impl<T: Events> Counts<T> {
    /// Nothing yet, in slices of this length (0 is taken as 1).
    pub fn new(slice_seconds: u32) -> Self {
        Self { slice_seconds: slice_seconds.max(1), slices: BTreeMap::new(), gaps: Spans::default() }
    }

    /// Length of the slices.
    pub fn slice_seconds(&self) -> u32 {
        self.slice_seconds
    }

    /// The slices that hold anything, in order of their start. One that holds no events and no measured time, but
    /// flags, is unknown.
    pub fn slices(&self) -> impl Iterator<Item = (Instant, &Counted<T>)> {
        self.slices.iter().map(|(start, counted)| (*start, counted))
    }

    /// The slice that starts at `start`; none if it holds nothing.
    pub fn get(&self, start: Instant) -> Option<&Counted<T>> {
        self.slices.get(&start)
    }

    /// The time that series left unknown between two of their samples, of all series together.
    pub fn gaps(&self) -> &Spans {
        &self.gaps
    }

    /// Events of all slices.
    pub fn total(&self) -> T {
        let mut total = T::default();
        for counted in self.slices.values() {
            total.add(&counted.events);
        }
        total
    }

    /// Flags of all slices.
    pub fn flags(&self) -> Flags {
        let mut flags = Flags::default();
        for counted in self.slices.values() {
            flags.add(&counted.flags);
        }
        flags
    }

    /// Adds another series' counts. Slices of another length are put where they start.
    pub fn add(&mut self, other: &Self) {
        for (start, counted) in &other.slices {
            let own = self.slice(Timestamp::from(*start));
            own.events.add(&counted.events);
            own.flags.add(&counted.flags);
            own.measured.union(&counted.measured);
        }
        self.gaps.union(&other.gaps);
    }

    /// Adds events that happened at `at`.
    pub fn add_events(&mut self, at: Timestamp, events: &T) {
        self.slice(at).events.add(events);
    }

    /// Adds flags to the slice of `at`; clean ones leave no trace.
    pub fn add_flags(&mut self, at: Timestamp, flags: &Flags) {
        if !flags.is_clean() {
            self.slice(at).flags.add(flags);
        }
    }

    /// Marks `[from, to)` as measured. Work and memory grow with the slices that it touches.
    pub fn add_measured(&mut self, from: Timestamp, to: Timestamp) {
        let mut part = from;
        while part < to {
            let end = Timestamp::from(self.start_of(part) + i64::from(self.slice_seconds));
            // At the end of representable time a slice has no end after its start.
            let next = if end > part { end.min(to) } else { to };
            self.slice(part).measured.insert(part, next);
            part = next;
        }
    }

    /// Marks `[from, to)` as unknown to one series.
    pub fn add_gap(&mut self, from: Timestamp, to: Timestamp) {
        self.gaps.insert(from, to);
    }

    fn start_of(&self, at: Timestamp) -> Instant {
        at.instant().floor_to(i64::from(self.slice_seconds))
    }

    fn slice(&mut self, at: Timestamp) -> &mut Counted<T> {
        self.slices.entry(self.start_of(at)).or_default()
    }
}
