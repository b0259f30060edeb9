//! Sums of hours as lenses show them, kept in memory: which slices have to be read, and what they come to.
//!
//! Invariant: a kept sum is what its lens shows of all slices, wherever the last gap ends. An hour is forgotten when a
//! slice in it changes; of a lens that holds gaps, all later hours too, for a gap in them repeats what was before.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use domain::series::HOUR_SECONDS;
use domain::{Block, Bounds, Instant, Lens, Series, Sum, fine_hours};

use super::hours_of;
use crate::engine::lock;
use crate::store::SliId;

/// Hours kept for a lens: as many as slices are kept.
const HOURS_KEPT: usize = 24 * 400;
/// A held gap ends with the minute that has begun.
const MINUTE: i64 = 60;

/// Sums of hours as lenses show them.
#[derive(Debug, Default)]
pub(crate) struct Hours {
    kept: Mutex<HashMap<SliId, Kept>>,
}

/// What is kept of an SLI.
#[derive(Debug, Default)]
struct Kept {
    /// Counts up with every change of its slices: what was read before is not kept after.
    changes: u64,
    /// The begins of its generations by which the sums were derived.
    generations: Vec<Instant>,
    sums: HashMap<Lens, BTreeMap<Instant, Sum>>,
}

/// What a lens shows of some stretches, as far as it is known.
#[derive(Debug)]
pub(super) struct Asked {
    sli: SliId,
    lens: Lens,
    until: Instant,
    generations: Vec<Instant>,
    /// The count of changes when it was asked.
    changes: u64,
    /// Sums of the hours that need not be read.
    known: BTreeMap<Instant, Sum>,
    /// Sums of the hours that are read and kept; to be filled in.
    fresh: BTreeMap<Instant, Sum>,
    missing: Vec<Instant>,
}

impl Hours {
    /// A slice of the SLI that starts at `start` was written.
    pub(in crate::engine) fn changed(&self, sli: SliId, start: Instant) {
        let mut kept = lock(&self.kept);
        let kept = kept.entry(sli).or_default();
        kept.changes += 1;
        let hour = start.floor_to(HOUR_SECONDS);
        for (lens, sums) in &mut kept.sums {
            sums.remove(&hour);
            // Mostly nothing is later: splitting the map would walk all of it for each slice of an import.
            while lens.holds() && sums.last_key_value().is_some_and(|(latest, _)| *latest > hour) {
                sums.pop_last();
            }
        }
    }

    /// What is known of the hours that `bounds` touch, where the last gap ends at `until`, of an SLI whose later
    /// generations begin at `generations`: of others nothing is known.
    pub(super) fn ask(
        &self,
        sli: SliId,
        lens: Lens,
        bounds: &[Bounds],
        until: Instant,
        generations: &[Instant],
    ) -> Asked {
        let fine = fine_hours(bounds);
        // A bound cuts the hour, or the end of a held gap does: its sum would be another a minute later.
        let ends = until.ceil_to(MINUTE);
        let is_single =
            |hour: Instant| fine.binary_search(&hour).is_ok() || (lens.holds() && hour + HOUR_SECONDS > ends);
        let all = hours_of(bounds);
        let mut kept = lock(&self.kept);
        let kept = kept.entry(sli).or_default();
        if kept.generations != generations {
            *kept =
                Kept { changes: kept.changes + 1, generations: generations.to_vec(), sums: HashMap::new() };
        }
        let sums = kept.sums.entry(lens).or_default();
        let (mut known, mut fresh, mut missing) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for hour in all {
            match sums.get(&hour) {
                Some(sum) if !is_single(hour) => {
                    known.insert(hour, *sum);
                }
                _ => missing.push(hour),
            }
        }
        fresh.extend(missing.iter().filter(|hour| !is_single(**hour)).map(|hour| (*hour, Sum::default())));
        Asked {
            sli,
            lens,
            until,
            generations: generations.to_vec(),
            changes: kept.changes,
            known,
            fresh,
            missing,
        }
    }

    /// The series that answers, from the slices of the missing hours and, where gaps are held, the latest ones before
    /// each run of them; both sorted by start.
    pub(super) fn answer(&self, mut asked: Asked, slices: &[Block], before: &[Block]) -> Series {
        let mut blocks = Vec::new();
        for block in asked.shown(slices, before) {
            match asked.fresh.get_mut(&block.start.floor_to(HOUR_SECONDS)) {
                Some(sum) => sum.add(&block.sum),
                None => blocks.push(block),
            }
        }
        self.keep(&asked);
        let sums = asked.known.into_iter().chain(asked.fresh);
        blocks.extend(sums.map(|(start, sum)| Block { start, seconds: 3_600, sum }));
        Series::new(blocks)
    }

    fn keep(&self, asked: &Asked) {
        let mut kept = lock(&self.kept);
        let kept = kept.entry(asked.sli).or_default();
        if kept.changes != asked.changes {
            return;
        }
        let sums = kept.sums.entry(asked.lens).or_default();
        sums.extend(&asked.fresh);
        while sums.len() > HOURS_KEPT {
            sums.pop_first();
        }
    }
}

impl Asked {
    /// The hours whose slices have to be read, sorted.
    pub(super) fn missing(&self) -> &[Instant] {
        &self.missing
    }

    /// The missing hours that follow one which is not; each wants the latest slice before it where gaps are held.
    pub(super) fn begins(&self) -> Vec<Instant> {
        self.runs().filter_map(|run| run.first().copied()).collect()
    }

    fn runs(&self) -> impl Iterator<Item = &[Instant]> {
        self.missing.chunk_by(|hour, next| *hour + HOUR_SECONDS == *next)
    }

    /// What the lens shows in the missing hours.
    fn shown(&self, slices: &[Block], before: &[Block]) -> Vec<Block> {
        let mut shown = Vec::new();
        for run in self.runs() {
            let Some((from, last)) = run.first().zip(run.last()) else { continue };
            let to = *last + HOUR_SECONDS;
            let at = |instant: Instant| slices.partition_point(|slice| slice.start < instant);
            let own = slices.get(at(*from)..at(to)).unwrap_or_default();
            // Nothing is held over the begin of a generation.
            let edited =
                |slice: &&Block| self.generations.iter().any(|began| slice.start < *began && *began <= *from);
            let before = before.iter().rfind(|slice| slice.start < *from).filter(|slice| !edited(slice));
            let before = before.map(|slice| ending_at(*slice, *from));
            let derived = self.lens.derive(own, before.as_ref(), self.until.min(to), &self.generations);
            shown.extend(derived.into_iter().filter(|block| block.start >= *from));
        }
        shown
    }
}

/// A slice that ends at `from` at the earliest and is held from there on as this one is: the minutes of a gap before
/// `from`, perhaps of a year, need not be gone through.
fn ending_at(slice: Block, from: Instant) -> Block {
    let start = from - i64::from(slice.seconds);
    Block { start: slice.start.max(start), ..slice }
}

#[cfg(test)]
mod tests;
