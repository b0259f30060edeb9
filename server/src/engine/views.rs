//! What the objectives of an SLO see of its slices: a series for each lens, with sums of hours kept in memory.
//!
//! Where events are counted the store's sums of hours will do. Judged slices and held gaps have none there, so that their
//! hours are derived once from the slices and remembered until a slice changes that they depend on.

mod hours;

use domain::series::HOUR_SECONDS;
use domain::{Block, Bounds, Instant, Lens, Series, Slo, Sum};

use super::evaluate::Sources;
use crate::store::{SliId, StoreError};
pub(crate) use hours::Hours;

/// Hours read in one question; more are asked in turns, so that an answer stays below 16 MiB.
const HOURS_PER_READ: usize = 24 * 31;

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
        } else {
            shown(sources, id, lens, bounds, until, generations).await?
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
/// begins in is cut wherever both generations could be seen.
async fn shown(
    sources: &Sources<'_>,
    id: SliId,
    lens: Lens,
    bounds: &[Bounds],
    until: Instant,
    generations: &[Instant],
) -> Result<Series, StoreError> {
    let asked = sources.hours.ask(id, lens, bounds, until, generations);
    let before =
        if lens.holds() { sources.store.latest_before(id, &asked.begins()).await? } else { Vec::new() };
    let slices = slices(sources, id, asked.missing()).await?;
    Ok(sources.hours.answer(asked, &slices, &before))
}
