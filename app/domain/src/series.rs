//! The measured past of one SLI, ready to be summed over any window in logarithmic time.
//!
//! Invariants: the order in which blocks arrive, and how finely slices are cut into blocks, never changes a sum.
//! Sums saturate instead of wrapping.

use crate::slice::{Block, Bounds, Sum};
use crate::time::Instant;

/// Length of the coarse blocks that a store keeps: one hour.
pub const HOUR_SECONDS: i64 = 3_600;

/// Blocks of one SLI in order of their start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Series {
    starts: Vec<Instant>,
    /// A segment tree: leaf `i` at `starts.len() + i`, the sum of nodes `2i` and `2i + 1` at `i`. Prefix sums would
    /// be simpler for counts, but the first and last measured seconds of a range cannot be had by subtraction.
    tree: Vec<Sum>,
}

impl Series {
    /// From blocks in any order. Each block counts once: the caller must not deliver an hour and its minutes.
    pub fn new(mut blocks: Vec<Block>) -> Self {
        blocks.sort_by_key(|block| block.start);
        let count = blocks.len();
        let mut tree = vec![Sum::default(); count];
        tree.extend(blocks.iter().map(|block| block.sum));
        for parent in (1..count).rev() {
            let mut sum = tree.get(2 * parent).copied().unwrap_or_default();
            sum.add(&tree.get(2 * parent + 1).copied().unwrap_or_default());
            if let Some(node) = tree.get_mut(parent) {
                *node = sum;
            }
        }
        Self { starts: blocks.iter().map(|block| block.start).collect(), tree }
    }

    /// The sum of all blocks whose start lies in `[from, to)`.
    pub fn sum(&self, bounds: Bounds) -> Sum {
        let count = self.starts.len();
        let position = |at: Instant| count + self.starts.partition_point(|start| *start < at);
        let (mut low, mut high) = (position(bounds.from), position(bounds.to));
        let mut sum = Sum::default();
        while low < high {
            if low % 2 == 1 {
                sum.add(&self.node(low));
                low += 1;
            }
            if high % 2 == 1 {
                high -= 1;
                sum.add(&self.node(high));
            }
            low /= 2;
            high /= 2;
        }
        sum
    }

    /// The end of the latest measured block that starts before `at`, at most `at`; none before the first.
    ///
    /// Exact if the hour of `at` is there in minutes, or `at` is a full hour.
    pub fn data_until(&self, at: Instant) -> Option<Instant> {
        let past = Bounds { from: Instant::from_unix(i64::MIN), to: at };
        self.sum(past).last.map(|last| last.min(at))
    }

    fn node(&self, index: usize) -> Sum {
        self.tree.get(index).copied().unwrap_or_default()
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
