//! What the objectives of an SLO see of its slices: a series for each lens, with sums of hours kept in memory.
//!
//! Where events are counted the store's sums of hours will do. Judged slices have none there, so that their hours are
//! derived once from the slices and remembered until a slice in them changes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use domain::series::HOUR_SECONDS;
use domain::{Block, Bounds, Instant, Lens, Series, Slo, Sum, fine_hours};

use super::evaluate::Sources;
use super::lock;
use crate::store::{SliId, StoreError};

/// Hours read in one question; more are asked in turns, so that an answer stays below 16 MiB.
const HOURS_PER_READ: usize = 24 * 31;
/// Hours kept for a lens: as many as slices are kept.
const HOURS_KEPT: usize = 24 * 400;

/// A series for each objective of an SLO.
#[derive(Debug)]
pub(super) struct Views {
    series: Vec<Series>,
    /// Which series is whose.
    of_objective: Vec<usize>,
}

impl Views {
    /// The series of an objective; an empty one if there is no such objective.
    pub(super) fn of(&self, objective: usize) -> &Series {
        static NONE: std::sync::LazyLock<Series> = std::sync::LazyLock::new(Series::default);
        self.of_objective.get(objective).and_then(|index| self.series.get(*index)).unwrap_or(&NONE)
    }

    pub(super) fn sum(&self, objective: usize, bounds: Bounds) -> Sum {
        self.of(objective).sum(bounds)
    }
}

/// Sums of hours as lenses show them.
#[derive(Debug, Default)]
pub(crate) struct Hours {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// Counts up with every change of an SLI's slices: what was read before is not kept after.
    changes: HashMap<SliId, u64>,
    sums: HashMap<(SliId, Lens), BTreeMap<Instant, Sum>>,
}

impl Hours {
    /// A slice of the SLI that starts at `start` was written.
    pub(super) fn changed(&self, sli: SliId, start: Instant) {
        let mut kept = lock(&self.kept);
        *kept.changes.entry(sli).or_default() += 1;
        let hour = start.floor_to(HOUR_SECONDS);
        for ((_, _), sums) in kept.sums.iter_mut().filter(|((its, _), _)| *its == sli) {
            sums.remove(&hour);
        }
    }

    fn version(&self, sli: SliId) -> u64 {
        lock(&self.kept).changes.get(&sli).copied().unwrap_or(0)
    }

    /// The kept sums of hours in `[from, to)`.
    fn get(&self, sli: SliId, lens: Lens, within: Bounds) -> BTreeMap<Instant, Sum> {
        let kept = lock(&self.kept);
        let sums = kept.sums.get(&(sli, lens));
        sums.map(|sums| sums.range(within.from..within.to).map(|(hour, sum)| (*hour, *sum)).collect())
            .unwrap_or_default()
    }

    fn keep(&self, sli: SliId, lens: Lens, version: u64, derived: &BTreeMap<Instant, Sum>) {
        let mut kept = lock(&self.kept);
        if kept.changes.get(&sli).copied().unwrap_or(0) != version {
            return;
        }
        let sums = kept.sums.entry((sli, lens)).or_default();
        sums.extend(derived);
        while sums.len() > HOURS_KEPT {
            sums.pop_first();
        }
    }
}

/// The stretch that an SLO's exclusions can matter in when it is asked at an instant: twice its window and the longest
/// look-back before, a window ahead.
pub(super) fn reach(slo: &Slo, at: Instant) -> Bounds {
    const LONGEST_LOOK_BACK: i64 = 30 * 86_400;
    let window = slo.window.usual_seconds() * 11 / 10 + 2 * 86_400;
    Bounds { from: at - 2 * window - LONGEST_LOOK_BACK, to: at + window }
}

/// Series that answer for all of `bounds`, up to `until`.
pub(super) async fn load(
    sources: &Sources<'_>,
    slo: &Slo,
    id: SliId,
    bounds: &[Bounds],
    until: Instant,
) -> Result<Views, StoreError> {
    let mut lenses: Vec<Lens> = Vec::new();
    let mut of_objective = Vec::with_capacity(slo.objectives.len());
    for objective in &slo.objectives {
        let lens = Lens::of(slo, objective);
        let index = lenses.iter().position(|known| *known == lens).unwrap_or(lenses.len());
        if index == lenses.len() {
            lenses.push(lens);
        }
        of_objective.push(index);
    }
    let generations = sources.estate.sli(&slo.sli).map_or(&[][..], |sli| &sli.generations);
    let mut series = Vec::with_capacity(lenses.len());
    for lens in lenses {
        series.push(if lens.is_plain() {
            sources.store.series(id, bounds).await?
        } else if lens.holds() {
            held(sources, id, lens, bounds, until, generations).await?
        } else {
            derived(sources, id, lens, bounds, until, generations).await?
        });
    }
    Ok(Views { series, of_objective })
}

/// All whole hours that touch the stretches.
pub(super) fn hours_of(bounds: &[Bounds]) -> Vec<Instant> {
    let from = bounds.iter().map(|bounds| bounds.from).min();
    let to = bounds.iter().map(|bounds| bounds.to).max();
    let Some((from, to)) = from.zip(to) else { return Vec::new() };
    let first = from.floor_to(HOUR_SECONDS);
    let count = to.ceil_to(HOUR_SECONDS).seconds_since(first) / HOUR_SECONDS;
    (0..count).map(|index| first + index * HOUR_SECONDS).collect()
}

/// The single slices that start in some hours, by start.
pub(super) async fn slices(
    sources: &Sources<'_>,
    id: SliId,
    hours: &[Instant],
) -> Result<Vec<Block>, StoreError> {
    let mut blocks = Vec::new();
    for some in hours.chunks(HOURS_PER_READ) {
        let nothing = Bounds { from: Instant::from_unix(0), to: Instant::from_unix(0) };
        blocks.extend(sources.store.read(id, nothing, some).await?);
    }
    blocks.sort_by_key(|block| block.start);
    Ok(blocks)
}

/// Sums of hours from memory, else from their slices; slices in the hours that a bound cuts. The hour that a generation
/// begins in is cut wherever both generations could be seen: what is kept of it from before the edit is not asked for.
async fn derived(
    sources: &Sources<'_>,
    id: SliId,
    lens: Lens,
    bounds: &[Bounds],
    until: Instant,
    generations: &[Instant],
) -> Result<Series, StoreError> {
    let fine = fine_hours(bounds);
    let all = hours_of(bounds);
    let Some((first, last)) = all.first().zip(all.last()) else { return Ok(Series::default()) };
    let version = sources.hours.version(id);
    let mut sums = sources.hours.get(id, lens, Bounds { from: *first, to: *last + HOUR_SECONDS });
    let is_fine = |hour: &Instant| fine.binary_search(hour).is_ok();
    sums.retain(|hour, _| !is_fine(hour));
    let missing: Vec<Instant> =
        all.iter().copied().filter(|hour| is_fine(hour) || !sums.contains_key(hour)).collect();
    let shown = lens.derive(&slices(sources, id, &missing).await?, None, until, generations);
    let mut fresh: BTreeMap<Instant, Sum> =
        missing.iter().filter(|hour| !is_fine(hour)).map(|hour| (*hour, Sum::default())).collect();
    let mut blocks = Vec::new();
    for block in shown {
        match fresh.get_mut(&block.start.floor_to(HOUR_SECONDS)) {
            Some(sum) => sum.add(&block.sum),
            None => blocks.push(block),
        }
    }
    sources.hours.keep(id, lens, version, &fresh);
    sums.extend(fresh);
    blocks.extend(sums.into_iter().map(|(start, sum)| Block { start, seconds: 3_600, sum }));
    Ok(Series::new(blocks))
}

/// The latest measured slice that starts before an hour.
pub(super) async fn latest_before(
    sources: &Sources<'_>,
    id: SliId,
    hour: Instant,
) -> Result<Option<Block>, StoreError> {
    let Some(latest) = sources.store.latest(id, hour).await? else { return Ok(None) };
    let slices = slices(sources, id, &[latest.start.floor_to(HOUR_SECONDS)]).await?;
    Ok(slices.into_iter().find(|block| block.start == latest.start))
}

/// Gaps that are held depend on what was before them, however long ago: all slices are read.
async fn held(
    sources: &Sources<'_>,
    id: SliId,
    lens: Lens,
    bounds: &[Bounds],
    until: Instant,
    generations: &[Instant],
) -> Result<Series, StoreError> {
    let hours = hours_of(bounds);
    let first = hours.first().copied().unwrap_or(until);
    let before = latest_before(sources, id, first).await?;
    let mut shown = lens.derive(&slices(sources, id, &hours).await?, before.as_ref(), until, generations);
    shown.retain(|block| block.start >= first);
    Ok(Series::new(shown))
}
