//! The past of one SLI, ready to be summed over any window in logarithmic time.
//!
//! Invariants: the order in which blocks arrive, and how finely slices are cut into blocks, never changes a sum.
//! Sums saturate instead of wrapping. 40 bytes a block.

use crate::slice::{Block, Bounds, Sum};
use crate::time::Instant;

/// Length of the coarse blocks that a store keeps: one hour.
pub const HOUR_SECONDS: i64 = 3_600;

/// Blocks of one SLI in order of their start; measured ones do not overlap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Series {
    /// Apart from the entries, of which there is one each, because searching is waiting for memory: a fifth as much of
    /// it is looked at.
    starts: Vec<Instant>,
    entries: Vec<Entry>,
    /// Whether the sum of everything is more than a `u64` holds: then ranges are added up one by one.
    huge: bool,
}

/// A block, with the sums of itself and of all before it, modulo 2^64 or 2^32: the difference of two entries is exact
/// where the sum between them fits, which `huge` and the length of all time see to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Entry {
    good: u64,
    total: u64,
    measured_seconds: u32,
    good_over_total: u32,
    /// First and last measured instant as offsets from the start; `NOTHING` twice if nothing was measured.
    first: u32,
    last: u32,
}

const NOTHING: u32 = u32::MAX;

impl Entry {
    fn new(before: &Self, block: &Block) -> Self {
        let sum = &block.sum;
        let offset = |at: Option<Instant>| {
            at.map_or(NOTHING, |at| u32::try_from(at.seconds_since(block.start)).unwrap_or(0))
        };
        Self {
            good: before.good.wrapping_add(sum.good),
            total: before.total.wrapping_add(sum.total),
            measured_seconds: before.measured_seconds.wrapping_add(low(sum.measured_seconds)),
            good_over_total: before.good_over_total.wrapping_add(low(sum.good_over_total)),
            first: offset(sum.first),
            last: offset(sum.last),
        }
    }

    fn since(&self, before: &Self) -> Sum {
        Sum {
            good: self.good.wrapping_sub(before.good),
            total: self.total.wrapping_sub(before.total),
            measured_seconds: self.measured_seconds.wrapping_sub(before.measured_seconds).into(),
            good_over_total: self.good_over_total.wrapping_sub(before.good_over_total).into(),
            first: None,
            last: None,
        }
    }

    fn first(&self, start: Instant) -> Option<Instant> {
        (self.first != NOTHING).then(|| start + i64::from(self.first))
    }

    fn last(&self, start: Instant) -> Option<Instant> {
        (self.last != NOTHING).then(|| start + i64::from(self.last))
    }
}

fn low(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Series {
    /// From blocks in any order. Each block counts once: the caller must not deliver an hour and its minutes.
    pub fn new(mut blocks: Vec<Block>) -> Self {
        blocks.sort_by_key(|block| block.start);
        let (starts, entries) = (Vec::with_capacity(blocks.len()), Vec::with_capacity(blocks.len()));
        let mut series = Self { starts, entries, huge: false };
        for block in &blocks {
            series.append(block);
        }
        series
    }

    /// Adds a block: at the end in constant time, elsewhere by rebuilding what comes after it.
    pub fn append(&mut self, block: &Block) {
        let at = self.starts.partition_point(|start| *start <= block.start);
        let later: Vec<Block> = (at..self.entries.len()).filter_map(|index| self.block(index)).collect();
        self.starts.truncate(at);
        self.entries.truncate(at);
        for block in std::iter::once(block).chain(&later) {
            let before = self.entries.last().copied().unwrap_or_default();
            self.huge |= before.total.checked_add(block.sum.total).is_none()
                || before.good.checked_add(block.sum.good).is_none();
            self.starts.push(block.start);
            self.entries.push(Entry::new(&before, block));
        }
    }

    /// The block at an index; its length is not kept and reads 0.
    fn block(&self, index: usize) -> Option<Block> {
        let (start, entry) = (*self.starts.get(index)?, self.entries.get(index)?);
        let own = entry.since(&self.before(index));
        let sum = Sum { first: entry.first(start), last: entry.last(start), ..own };
        Some(Block { start, seconds: 0, sum })
    }

    fn before(&self, index: usize) -> Entry {
        index.checked_sub(1).and_then(|before| self.entries.get(before)).copied().unwrap_or_default()
    }

    /// The blocks whose start lies in `bounds`, as indices.
    fn range(&self, bounds: Bounds) -> std::ops::Range<usize> {
        let position = |at: Instant| self.starts.partition_point(|start| *start < at);
        position(bounds.from)..position(bounds.to)
    }

    /// The first and the last measured instant of these blocks.
    fn measured(&self, range: std::ops::Range<usize>) -> (Option<Instant>, Option<Instant>) {
        let starts = self.starts.get(range.clone()).unwrap_or_default();
        let entries = self.entries.get(range).unwrap_or_default();
        let mut pairs = starts.iter().zip(entries);
        let first = pairs.clone().find_map(|(start, entry)| entry.first(*start));
        let last =
            pairs.rfind(|(_, entry)| entry.last != NOTHING).and_then(|(start, entry)| entry.last(*start));
        (first, last)
    }

    /// The sum of all blocks whose start lies in `[from, to)`.
    pub fn sum(&self, bounds: Bounds) -> Sum {
        let range = self.range(bounds);
        let Some(newest) = self.entries.get(range.clone()).and_then(<[Entry]>::last) else {
            return Sum::default();
        };
        if self.huge {
            let mut sum = Sum::default();
            range.filter_map(|index| self.block(index)).for_each(|block| sum.add(&block.sum));
            return sum;
        }
        let all = newest.since(&self.before(range.start));
        let (first, last) = self.measured(range);
        Sum { first, last, ..all }
    }

    /// The end of the latest measured block that starts before `at`, at most `at`; none before the first.
    ///
    /// Exact if the hour of `at` is there in minutes, or `at` is a full hour.
    pub fn data_until(&self, at: Instant) -> Option<Instant> {
        self.data_until_in(Bounds { to: at, ..Bounds::ALWAYS })
    }

    /// The end of the latest measured block that starts in `bounds`, at most their end; none if there is none.
    ///
    /// Exact if the hours of both bounds are there in minutes, or they are full hours.
    pub fn data_until_in(&self, bounds: Bounds) -> Option<Instant> {
        self.measured(self.range(bounds)).1.map(|last| last.min(bounds.to))
    }
}

/// The hours (by their first second, sorted, each once) that hold a bound which is not itself a full hour.
///
/// Where the caller delivers the slices of these hours one by one, and sums of whole hours elsewhere, every sum over
/// `bounds` is the same as over the single slices.
pub fn fine_hours(bounds: &[Bounds]) -> Vec<Instant> {
    let mut hours: Vec<Instant> = bounds
        .iter()
        .flat_map(|bounds| [bounds.from, bounds.to])
        .filter(|bound| bound.floor_to(HOUR_SECONDS) != *bound)
        .map(|bound| bound.floor_to(HOUR_SECONDS))
        .collect();
    hours.sort_unstable();
    hours.dedup();
    hours
}

#[cfg(test)]
mod tests;
