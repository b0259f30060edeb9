//! What an objective sees of an SLI's slices: events as they are, or judged slices; gaps left or held.
//!
//! Invariants: a lens derives blocks that start in the hour of the slices they come from, so that sums of hours can
//! be kept of what it shows as of the slices themselves. No block holds slices of two generations, and none starts
//! before the generation of its slices (R20).

use std::collections::BTreeMap;

use crate::estate::{GapPolicy, Method, Objective, Slo};
use crate::ratio::{ONE, Target};
use crate::slice::{Block, Sum};
use crate::time::Instant;

/// The grid of held minutes.
const MINUTE: i64 = 60;
/// A gap is filled for no longer than data are kept: 400 days.
const MAX_HELD_MINUTES: i64 = 400 * 1_440;

/// A budgeting method with its parameters, and whether gaps are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lens {
    counting: Counting,
    hold: bool,
}

/// How slices become counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Counting {
    Events,
    /// 1 of 1 if at least the target is good, else 0 of 1.
    Judged {
        seconds: u32,
        target: Target,
    },
    /// The ratio, in parts of `RATIO_SCALE`.
    Ratios {
        seconds: u32,
    },
}

/// Units that make up a slice counted by its ratio.
const RATIO_SCALE: u32 = 1_000_000_000;
/// The judged slices of an objective that names none.
const DEFAULT_SLICE_SECONDS: u32 = 60;

impl Lens {
    /// The lens of an objective.
    pub fn of(slo: &Slo, objective: &Objective) -> Self {
        let seconds = objective.slices.map_or(DEFAULT_SLICE_SECONDS, |rule| rule.seconds.clamp(60, 3_600));
        let target = objective.slices.and_then(|rule| rule.target);
        let counting = match slo.method {
            Method::Occurrences => Counting::Events,
            Method::Timeslices => Counting::Judged { seconds, target: target.unwrap_or(objective.target) },
            Method::RatioTimeslices => Counting::Ratios { seconds },
        };
        Self { counting, hold: slo.gap == GapPolicy::Hold }
    }

    /// Whether it shows slices as they are: then sums of hours of the slices themselves will do.
    pub const fn is_plain(self) -> bool {
        matches!(self.counting, Counting::Events) && !self.hold
    }

    /// How many units make up one event or slice.
    pub const fn scale(self) -> u32 {
        if matches!(self.counting, Counting::Ratios { .. }) { RATIO_SCALE } else { 1 }
    }

    /// Length of the judged slices; none where events are counted.
    pub const fn slice_seconds(self) -> Option<u32> {
        match self.counting {
            Counting::Events => None,
            Counting::Judged { seconds, .. } | Counting::Ratios { seconds } => Some(seconds),
        }
    }

    /// Whether gaps are filled with what was before them, so that an hour depends on the ones before it.
    pub const fn holds(self) -> bool {
        self.hold
    }

    /// What it shows of single slices, sorted by start; `before` is the latest measured one before them, for gaps at
    /// the beginning, and `until` where the last gap ends, for those at the end. `generations` are the SLI's: nothing
    /// is held over a begin, and a judged slice that a begin cuts is judged in two, the later part from the begin on.
    pub fn derive(
        self,
        slices: &[Block],
        before: Option<&Block>,
        until: Instant,
        generations: &[Instant],
    ) -> Vec<Block> {
        let filled = if self.hold { held(slices, before, until, generations) } else { slices.to_vec() };
        let (seconds, judge): (u32, &dyn Fn(Sum) -> Sum) = match self.counting {
            Counting::Events => return filled,
            Counting::Judged { seconds, target } => (seconds, &move |sum| judged(sum, target)),
            Counting::Ratios { seconds } => (seconds, &as_ratio),
        };
        let place = |start: Instant| {
            let began = generations.iter().copied().take_while(|began| *began <= start).last();
            let floor = start.floor_to(seconds.into());
            began.map_or(floor, |began| floor.max(began))
        };
        let mut groups: BTreeMap<Instant, Sum> = BTreeMap::new();
        let mut shown = Vec::new();
        for block in filled {
            if block.seconds > seconds {
                // Longer than a judged slice: it is judged alone, for all of those that it covers.
                let sum = times(judge(block.sum), u64::from(block.seconds / seconds));
                shown.push(Block { start: place(block.start), sum, ..block });
            } else {
                groups.entry(place(block.start)).or_default().add(&block.sum);
            }
        }
        shown.extend(groups.into_iter().map(|(start, sum)| Block { start, seconds, sum: judge(sum) }));
        // Of blocks with one start the earlier measured comes first: a series takes its first second from there.
        shown.sort_by_key(|block| (block.start, block.sum.first));
        shown
    }
}

fn times(sum: Sum, count: u64) -> Sum {
    Sum { good: sum.good.saturating_mul(count), total: sum.total.saturating_mul(count), ..sum }
}

fn judged(sum: Sum, target: Target) -> Sum {
    let is_good = i128::from(sum.good) * ONE >= i128::from(sum.total) * i128::from(target.parts());
    Sum { good: u64::from(sum.total > 0 && is_good), total: u64::from(sum.total > 0), ..sum }
}

fn as_ratio(sum: Sum) -> Sum {
    if sum.total == 0 {
        return sum;
    }
    let (good, total) = (u128::from(sum.good.min(sum.total)), u128::from(sum.total));
    let parts = (2 * good * u128::from(RATIO_SCALE) + total) / (2 * total);
    Sum { good: u64::try_from(parts).unwrap_or(u64::MAX), total: RATIO_SCALE.into(), ..sum }
}

/// The slices, and for every whole minute between two of them, or begun after the last and before `until`, one like
/// the slice before, if that is of the same generation.
fn held(slices: &[Block], before: Option<&Block>, until: Instant, generations: &[Instant]) -> Vec<Block> {
    let measured: Vec<&Block> = slices.iter().filter(|block| block.sum.first.is_some()).collect();
    let mut shown: Vec<Block> = slices.to_vec();
    let mut last = before;
    for next in measured.iter().copied().map(Some).chain([None]) {
        if let Some(last) = last {
            // The last minute counts once it has begun, so that a later end of the gap does not change the ones before.
            let to = next.map_or(until.ceil_to(MINUTE), |next| next.start.min(until.ceil_to(MINUTE)));
            let edited = generations.iter().copied().find(|began| *began > last.start);
            shown.extend(repeats(last, edited.map_or(to, |edited| edited.min(to))));
        }
        last = next;
    }
    shown.sort_by_key(|block| block.start);
    shown
}

fn repeats(last: &Block, to: Instant) -> impl Iterator<Item = Block> {
    let from = (last.start + i64::from(last.seconds)).ceil_to(MINUTE);
    let minutes = (to.seconds_since(from) / MINUTE).clamp(0, MAX_HELD_MINUTES);
    let of_a_minute = |count: u64| {
        let scaled = u128::from(count) * 60 / u128::from(last.seconds.max(1));
        u64::try_from(scaled).unwrap_or(u64::MAX)
    };
    let (good, total) = (of_a_minute(last.sum.good.min(last.sum.total)), of_a_minute(last.sum.total));
    (0..minutes).map(move |minute| Block {
        start: from + minute * MINUTE,
        seconds: 60,
        sum: Sum { good, total, ..Sum::default() },
    })
}

#[cfg(test)]
mod tests;
