//! Increases of cumulative series, attributed to slices: the rules that counters and histograms share.
//!
//! - A series' first sample is the baseline, and so is the first after its continuity ended. It counts from zero if
//!   it says that it was created while its source was collected (then its absence until now means that nothing had
//!   been counted), after the series' last value.
//! - An increase belongs to the slice of the later sample.
//! - A value below its predecessor, or another created time, is a reset: the increase is the value itself. A created
//!   time after the sample's own is ignored, and so is one equal to it: it says that the start is not known.
//! - Samples more than 2 x cadence apart leave the time between them unknown; the increase is flagged, not counted.
//!   After a reset the time begins at the created time, where that is known.
//! - Samples that cannot be compared (a histogram's buckets changed) leave the time between them unknown, too.
//!
//! There is no function that takes differences of a sum: series are differenced one by one, then added.

use super::counts::{Counts, Events, Flags};
use super::spans::Timestamp;
use super::track::{Reading, Track};

/// The longest slice, and the longest cadence: a day.
pub const MAX_SECONDS: u32 = 86_400;

/// A cadence spans at most so many slices; a pair of samples could otherwise make any number of slices.
pub const MAX_CADENCE_SLICES: u32 = 1_440;

/// How increases become slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slicing {
    slice_seconds: u32,
    cadence_seconds: u32,
    covered_from: Option<Timestamp>,
}

/// Lengths that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SlicingError {
    /// The slice length is 0 or above [`MAX_SECONDS`].
    #[error("a slice lasts 1 to 86400 seconds, not {0}")]
    Slice(u32),
    /// The cadence is 0, above [`MAX_SECONDS`] or above [`MAX_CADENCE_SLICES`] slices.
    #[error("a cadence lasts 1 to 86400 seconds and at most 1440 slices, not {0} seconds")]
    Cadence(u32),
}

impl Slicing {
    /// Slices of `slice_seconds`, for samples that come every `cadence_seconds`.
    pub const fn new(slice_seconds: u32, cadence_seconds: u32) -> Result<Self, SlicingError> {
        if slice_seconds == 0 || slice_seconds > MAX_SECONDS {
            return Err(SlicingError::Slice(slice_seconds));
        }
        let longest = slice_seconds.saturating_mul(MAX_CADENCE_SLICES);
        if cadence_seconds == 0 || cadence_seconds > MAX_SECONDS || cadence_seconds > longest {
            return Err(SlicingError::Cadence(cadence_seconds));
        }
        Ok(Self { slice_seconds, cadence_seconds, covered_from: None })
    }

    /// The source of the series has been collected since `from` without interruption. Slices before `from` keep what
    /// they were given under the rules of their time; they must not be made again with these.
    #[must_use]
    pub const fn covered_from(mut self, from: Timestamp) -> Self {
        self.covered_from = Some(from);
        self
    }

    /// Length of the slices.
    pub const fn slice_seconds(&self) -> u32 {
        self.slice_seconds
    }

    /// One cadence, in milliseconds.
    pub const fn cadence_millis(&self) -> i64 {
        self.cadence_seconds as i64 * 1_000
    }

    /// Samples further apart than this, in milliseconds, leave the time between them unknown.
    pub const fn gap_millis(&self) -> i64 {
        2 * self.cadence_millis()
    }
}

/// How a cumulative value relates to an earlier one.
#[derive(Debug, Clone, PartialEq)]
pub enum Change<I> {
    /// It went on from the earlier one.
    Grew(I),
    /// It began again at zero.
    Reset(I),
    /// Nothing can be said.
    Incomparable,
}

/// A value that only grows, until it begins again at zero.
pub trait Cumulative: Clone + PartialEq {
    /// What is added between two values.
    type Increase;

    /// All that was counted since zero.
    fn since_zero(&self) -> Self::Increase;

    /// What was counted since `earlier`.
    fn since(&self, earlier: &Self) -> Change<Self::Increase>;

    /// Whether nothing was counted yet.
    fn is_zero(&self) -> bool;
}

/// The last value of a series, as the next one meets it.
struct Earlier<'a, V> {
    at: Timestamp,
    created: Option<Timestamp>,
    value: &'a V,
    ended: bool,
}

/// What one sample adds.
struct Step<I> {
    increase: Option<I>,
    measured: Option<Timestamp>,
    gap: Option<(Timestamp, Timestamp)>,
    flags: Flags,
}

impl<V: Cumulative> Track<V> {
    /// The increases of this series by slice, each turned into what is counted by `count`.
    pub fn increases_by<T: Events>(&self, slicing: &Slicing, count: impl Fn(V::Increase) -> T) -> Counts<T> {
        let mut counts = Counts::new(slicing.slice_seconds);
        let mut earlier: Option<Earlier<'_, V>> = None;
        for (at, kept) in &self.samples {
            let at = *at;
            let mut flags = Flags { conflicts: u32::from(kept.conflict), ..Flags::default() };
            if let Reading::Value(value) = &kept.reading {
                let now = Earlier { at, created: kept.created.filter(|c| *c < at), value, ended: false };
                let step = step(earlier.as_ref(), &now, slicing);
                if let Some(increase) = step.increase {
                    counts.add_events(at, &count(increase));
                }
                if let Some(from) = step.measured {
                    counts.add_measured(from, at);
                }
                if let Some((from, to)) = step.gap {
                    counts.add_gap(from, to);
                }
                flags.add(&step.flags);
                earlier = Some(now);
            } else {
                flags.invalid = u32::from(kept.reading == Reading::Invalid);
                if let Some(earlier) = &mut earlier {
                    earlier.ended = true;
                }
            }
            counts.add_flags(at, &flags);
        }
        counts
    }
}

fn step<V: Cumulative>(
    earlier: Option<&Earlier<'_, V>>,
    now: &Earlier<'_, V>,
    slicing: &Slicing,
) -> Step<V::Increase> {
    match earlier {
        Some(earlier) if !earlier.ended => follow(earlier, now, slicing),
        _ => begin(earlier.map(|earlier| earlier.at), now, slicing),
    }
}

/// The first sample of a series, or the first after its continuity ended.
fn begin<V: Cumulative>(
    last: Option<Timestamp>,
    now: &Earlier<'_, V>,
    slicing: &Slicing,
) -> Step<V::Increase> {
    let mut flags = Flags::default();
    let born = now.created.filter(|created| {
        // Another value at or after the created time says that this is the old life, or that it began unseen.
        *created < now.at
            && slicing.covered_from.is_some_and(|from| from <= *created)
            && last.is_none_or(|last| last < *created)
    });
    let Some(born) = born else {
        let collected = slicing.covered_from.is_some_and(|from| from < now.at);
        flags.unseen_starts = u32::from(collected && !now.value.is_zero());
        return Step { increase: None, measured: None, gap: None, flags };
    };
    flags.resets = u32::from(last.is_some());
    // A series may be created long before its first event makes it appear. It was not there one cadence ago.
    let young = now.at.millis_since(born) <= slicing.gap_millis();
    let from = if young { born } else { now.at.plus_millis(-slicing.cadence_millis()) };
    Step { increase: Some(now.value.since_zero()), measured: Some(from), gap: None, flags }
}

/// A sample with a predecessor.
fn follow<V: Cumulative>(
    earlier: &Earlier<'_, V>,
    now: &Earlier<'_, V>,
    slicing: &Slicing,
) -> Step<V::Increase> {
    let reborn = match (earlier.created, now.created) {
        (Some(before), Some(after)) => before != after,
        (None, Some(after)) => after > earlier.at,
        _ => false,
    };
    let born =
        now.created.filter(|born| reborn && *born > earlier.at && *born < now.at).unwrap_or(earlier.at);
    let change = if reborn { Change::Reset(now.value.since_zero()) } else { now.value.since(earlier.value) };
    let mut flags = Flags { resets: u32::from(matches!(change, Change::Reset(_))), ..Flags::default() };
    let far = |from: Timestamp, to: Timestamp| to.millis_since(from) > slicing.gap_millis();
    if far(born, now.at) {
        flags.gaps = 1;
        return Step { increase: None, measured: None, gap: Some((earlier.at, now.at)), flags };
    }
    match change {
        Change::Grew(increase) | Change::Reset(increase) => {
            let lost = far(earlier.at, born);
            flags.gaps = u32::from(lost);
            let from = if lost { born } else { earlier.at };
            let gap = lost.then_some((earlier.at, born));
            Step { increase: Some(increase), measured: Some(from), gap, flags }
        }
        Change::Incomparable => {
            flags.layout_changes = 1;
            Step { increase: None, measured: None, gap: Some((earlier.at, now.at)), flags }
        }
    }
}
