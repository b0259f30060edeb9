//! Fetches what the pure engine needs from the store, and asks it.

use std::sync::Arc;

use app::view::SloRow;
use domain::estate::SLICE_SECONDS;
use domain::status::HistoryPoint;
use domain::{
    Bounds, Count, Effect, Estate, Exclusion, Exclusions, History, Instant, Lens, Observation, Question, Sli,
    Slo, SloStatus, Sum, calendar,
};

use super::views::{self, Views};
use super::{Catalog, since};
use crate::store::{Latest, SliId, Store, StoreError};

const DAY_SECONDS: i64 = 86_400;
/// Cells of the strip.
const STRIP_DAYS: i64 = 30;
/// The strip changes slowly; it is drawn anew this often.
const STRIP_SECONDS: i64 = 30;
/// How far back a restart looks for an SLI's health.
const RECALL_SECONDS: i64 = 7_200;

/// An evaluated SLO and what the stream needs to know of it.
#[derive(Debug, Clone)]
pub(super) struct Evaluated {
    /// What pages show.
    pub row: SloRow,
    /// When the strip was drawn.
    pub strip_at: Instant,
    /// The newest minute (or judged slice) and the one before, oldest first.
    pub minutes: Vec<HistoryPoint>,
}

/// Where figures come from.
#[derive(Debug, Clone)]
pub(crate) struct Sources<'a> {
    /// What is declared, the same for all of an answer.
    pub(crate) estate: Arc<Estate>,
    pub(super) catalog: &'a Catalog,
    pub(super) store: &'a Store,
    pub(super) hours: &'a views::Hours,
}

impl Sources<'_> {
    pub(super) fn sli(&self, slo: &Slo) -> Result<(&Sli, SliId), StoreError> {
        self.estate.sli(&slo.sli).zip(self.catalog.id(&slo.sli)).ok_or(StoreError::NotReady)
    }

    /// What of the exclusions, and of a further one, touches an SLO inside a stretch of time, on the grid of its slices.
    ///
    /// Slices are as long as `slice_seconds`, or as the judged ones: an exclusion takes whole ones.
    pub(super) fn exclusions(
        &self,
        slo: &Slo,
        slice_seconds: u32,
        within: Bounds,
        further: Option<&Exclusion>,
    ) -> Exclusions {
        let all = self.estate.exclusions.iter().chain(further);
        let touching = all.filter(|one| one.touches(&slo.name, &slo.service));
        let stretches = touching.flat_map(|exclusion| {
            let occurrences = calendar::occurrences(&exclusion.when, within);
            occurrences.into_iter().map(|bounds| (bounds, exclusion.effect))
        });
        let judged = slo.objectives.iter().filter_map(|objective| Lens::of(slo, objective).slice_seconds());
        let grid = judged.max().unwrap_or(SLICE_SECONDS).max(SLICE_SECONDS).max(slice_seconds);
        Exclusions::resolve(stretches.collect(), grid)
    }

    /// The status of an SLO at an instant, or of the last calendar period that ended by then, from committed slices.
    pub(crate) async fn status(&self, slo: &Slo, at: Instant, closed: bool) -> Result<SloStatus, StoreError> {
        let (mut status, _) = self.status_and_newest(slo, at, closed, None).await?;
        if !closed {
            since::fill_in(self, slo, &mut status, None).await?;
        }
        Ok(status)
    }

    /// The status as it would be with one exclusion more: nothing is changed.
    pub(crate) async fn status_with(
        &self,
        slo: &Slo,
        at: Instant,
        exclusion: &Exclusion,
    ) -> Result<SloStatus, StoreError> {
        Ok(self.status_and_newest(slo, at, false, Some(exclusion)).await?.0)
    }

    /// The latest measured slice of a generation that starts before `at`; of no other it is as if it had not been
    /// measured.
    pub(super) async fn latest(
        &self,
        id: SliId,
        at: Instant,
        generation: Bounds,
    ) -> Result<Option<Latest>, StoreError> {
        let latest = self.store.latest(id, at.min(generation.to)).await?;
        Ok(latest.filter(|latest| generation.from <= latest.start))
    }

    async fn status_and_newest(
        &self,
        slo: &Slo,
        at: Instant,
        closed: bool,
        further: Option<&Exclusion>,
    ) -> Result<(SloStatus, Vec<HistoryPoint>), StoreError> {
        let (sli, id) = self.sli(slo)?;
        let nothing = Exclusions::default();
        let generation = Question { slo, sli, at, closed, exclusions: &nothing }.generation();
        let latest = self.latest(id, at, generation).await?;
        let data_until = latest.map(|latest| latest.data_until);
        let sli = &with_cadence_of(sli, latest);
        let exclusions = self.exclusions(slo, slice_seconds_of(latest), views::reach(slo, at), further);
        let question = Question { slo, sli, at, closed, exclusions: &exclusions };
        let plan = domain::plan(&question, data_until);
        let mut bounds = plan.bounds();
        let newest = newest_slices(slo, latest);
        bounds.extend(newest.iter().map(|slice| slice.within(sli.generation(slice.to.min(at)))));
        let views = views::load(self, slo, id, &bounds, at).await?;
        let status = domain::evaluate(&question, data_until, &plan, |index, bounds| views.sum(index, bounds));
        let points = newest.into_iter().map(|slice| newest_point(slo, sli, slice, &views, &status));
        let points = points.map(|point| after_exclusions(point, &exclusions)).collect();
        Ok((status, points))
    }

    /// The length of the latest slice of an SLO's SLI, or of its judged slices; a figure in shorter steps would show
    /// gaps that are none.
    pub(crate) async fn slice_seconds(&self, slo: &Slo, at: Instant) -> Result<i64, StoreError> {
        let (_, id) = self.sli(slo)?;
        let stored = self.store.latest(id, at).await?.map_or(0, |latest| i64::from(latest.seconds));
        Ok(stored.max(judged_seconds(slo)))
    }

    /// The past of one objective in steps.
    pub(crate) async fn history(
        &self,
        slo: &Slo,
        objective_index: usize,
        bounds: Bounds,
        step_seconds: i64,
    ) -> Result<Vec<HistoryPoint>, StoreError> {
        let (sli, id) = self.sli(slo)?;
        let latest = self.store.latest(id, bounds.to).await?;
        let sli = &with_cadence_of(sli, latest);
        let reach = views::reach(slo, bounds.from);
        let within = Bounds { to: views::reach(slo, bounds.to).to, ..reach };
        let exclusions = self.exclusions(slo, slice_seconds_of(latest), within, None);
        let history = History { slo, sli, exclusions: &exclusions, bounds, step_seconds };
        let mut needed = history.plan();
        let mut raw = self.store.series(id, &needed).await?;
        // Where data were stale, windows end earlier than foreseen; mostly nothing is missing.
        let missing = history.replan(&raw);
        if !missing.is_empty() {
            needed.extend(missing);
            raw = self.store.series(id, &needed).await?;
        }
        let plain =
            slo.objectives.get(objective_index).is_none_or(|objective| Lens::of(slo, objective).is_plain());
        if plain {
            return Ok(history.points(objective_index, &raw, &raw));
        }
        let views = views::load(self, slo, id, &needed, bounds.to).await?;
        Ok(history.points(objective_index, views.of(objective_index), &raw))
    }

    /// Everything a list shows of an SLO; the strip is taken from the row before while it is fresh.
    pub(super) async fn row(
        &self,
        slo: &Slo,
        at: Instant,
        before: Option<&Evaluated>,
        imported_at: Option<Instant>,
    ) -> Result<Evaluated, StoreError> {
        let (mut status, minutes) = self.status_and_newest(slo, at, false, None).await?;
        since::fill_in(self, slo, &mut status, before.map(|before| &before.row.status)).await?;
        let fresh = before.filter(|before| {
            at.seconds_since(before.strip_at) < STRIP_SECONDS
                && imported_at.is_none_or(|imported| imported < before.strip_at)
        });
        let (strip, strip_at) = if let Some(before) = fresh {
            (before.row.strip.clone(), before.strip_at)
        } else {
            (self.history(slo, 0, strip_days(at), DAY_SECONDS).await?, at)
        };
        Ok(Evaluated { row: SloRow { slo: slo.clone(), status, strip }, strip_at, minutes })
    }
}

/// Cadence is the longer of collection interval and slice length: who sends hours is not late after minutes.
pub(super) fn with_cadence_of(sli: &Sli, latest: Option<Latest>) -> Sli {
    let slice_seconds = latest.map_or(0, |latest| latest.seconds);
    Sli { interval_seconds: sli.interval_seconds.max(slice_seconds), ..sli.clone() }
}

/// The length of the latest slice; 0 if there is none.
pub(super) fn slice_seconds_of(latest: Option<Latest>) -> u32 {
    latest.map_or(0, |latest| latest.seconds)
}

/// The longest judged slice of an SLO's objectives; 0 where events are counted.
fn judged_seconds(slo: &Slo) -> i64 {
    let lengths = slo.objectives.iter().filter_map(|objective| Lens::of(slo, objective).slice_seconds());
    lengths.max().map_or(0, i64::from)
}

/// The newest slice, and the minute before a newest minute: a result that was late changes that. Where slices are
/// judged, the judged ones.
fn newest_slices(slo: &Slo, latest: Option<Latest>) -> Vec<Bounds> {
    let Some(Latest { start, seconds, .. }) = latest else { return Vec::new() };
    let length = i64::from(seconds).max(judged_seconds(slo));
    let start = start.floor_to(length.max(1).min(i64::from(u32::MAX))).max(start - length);
    let start = if judged_seconds(slo) == 0 { latest.map_or(start, |latest| latest.start) } else { start };
    let newest = Bounds { from: start, to: start + length };
    let before = Bounds { from: start - length, to: start };
    if length == i64::from(SLICE_SECONDS) || judged_seconds(slo) > 0 {
        vec![before, newest]
    } else {
        vec![newest]
    }
}

/// A point of the first objective's history, of a slice that may still be running.
fn newest_point(slo: &Slo, sli: &Sli, slice: Bounds, views: &Views, status: &SloStatus) -> HistoryPoint {
    // A slice that an edit cuts shows what was measured since, as a step of a history does.
    let sum = views.sum(0, slice.within(sli.generation(slice.to.min(status.at))));
    let scale = slo.objectives.first().map_or(1, |objective| Lens::of(slo, objective).scale());
    let first = status.objectives.first();
    let measured = sum.first.is_some();
    let to = status.data_until.map_or(slice.to, |until| until.clamp(slice.from + 1, slice.to));
    let coverage =
        domain::ratio::ratio(i128::from(sum.measured_seconds), i128::from(to.seconds_since(slice.from)));
    HistoryPoint {
        from: slice.from,
        to,
        good: measured.then(|| Count::scaled(sum.good, scale)),
        total: measured.then(|| Count::scaled(sum.total, scale)),
        coverage: coverage.filter(|_| measured).map(|coverage| coverage.min(1.0)),
        remaining_ratio: first.and_then(|objective| objective.error_budget.remaining_ratio),
        state: first.map(|objective| objective.state),
    }
}

/// The point of a slice as a history has it: an exclusion takes the slices that start in it, each whole.
fn after_exclusions(point: HistoryPoint, exclusions: &Exclusions) -> HistoryPoint {
    let Some((_, effect)) = exclusions.at(point.from) else { return point };
    if effect == Effect::CountAsGood {
        return HistoryPoint { good: point.total, ..point };
    }
    let nothing = |count: Option<Count>| count.map(|_| Count::default());
    HistoryPoint { good: nothing(point.good), total: nothing(point.total), coverage: None, ..point }
}

/// What is known of an SLO before anything was read: nothing.
pub(super) fn unread(estate: &Estate, slo: &Slo, at: Instant) -> Option<Evaluated> {
    let sli = estate.sli(&slo.sli)?;
    let exclusions = Exclusions::default();
    let question = Question { slo, sli, at, closed: false, exclusions: &exclusions };
    let plan = domain::plan(&question, None);
    let status = domain::evaluate(&question, None, &plan, |_, _| Sum::default());
    let days =
        History { slo, sli, exclusions: &exclusions, bounds: strip_days(at), step_seconds: DAY_SECONDS };
    let strip = days.points(0, &domain::Series::default(), &domain::Series::default());
    // Drawn anew as soon as there is something to draw.
    let strip_at = at - DAY_SECONDS;
    Some(Evaluated { row: SloRow { slo: slo.clone(), status, strip }, strip_at, minutes: Vec::new() })
}

/// The last thirty UTC days, the present one included.
fn strip_days(at: Instant) -> Bounds {
    Bounds { from: at.ceil_to(DAY_SECONDS) - STRIP_DAYS * DAY_SECONDS, to: at }
}

/// The recent slices of an SLI as results, oldest first.
pub(super) async fn recent_observations(
    store: &Store,
    id: SliId,
    now: Instant,
) -> Result<Vec<Observation>, StoreError> {
    let from = (now - RECALL_SECONDS).floor_to(3_600);
    let hours: Vec<Instant> = (0..=RECALL_SECONDS / 3_600 + 1).map(|k| from + k * 3_600).collect();
    let mut blocks = store.read(id, Bounds { from, to: from }, &hours).await?;
    blocks.sort_by_key(|block| block.start);
    Ok(blocks
        .into_iter()
        .map(|block| Observation {
            at: block.sum.last.map_or(block.start, |last| (last - 1).max(block.start)),
            good: block.sum.good,
            total: block.sum.total,
            reason: None,
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_point_leaves_out_what_is_excluded_as_a_history_does() {
        let at = |seconds: i64| Instant::from_unix(1_800_000_000 + seconds);
        let measured = HistoryPoint {
            from: at(60),
            to: at(90),
            good: Some(Count::whole(3)),
            total: Some(Count::whole(6)),
            coverage: Some(0.9),
            remaining_ratio: Some(0.5),
            state: None,
        };
        let unknown = HistoryPoint { good: None, total: None, coverage: None, ..measured.clone() };
        let resolved = |from: i64, effect| {
            Exclusions::resolve(vec![(Bounds { from: at(from), to: at(300) }, effect)], 60)
        };
        let after = |point: &HistoryPoint, from, effect| {
            let HistoryPoint { good, total, coverage, .. } =
                after_exclusions(point.clone(), &resolved(from, effect));
            (good.map(Count::floor), total.map(Count::floor), coverage)
        };
        for effect in [Effect::RemoveTime, Effect::DropEvents] {
            assert_eq!(after(&measured, 60, effect), (Some(0), Some(0), None));
            assert_eq!(after(&unknown, 60, effect), (None, None, None));
            assert_eq!(after(&measured, 61, effect), (Some(3), Some(6), Some(0.9)), "it begins before");
        }
        assert_eq!(after(&measured, 0, Effect::CountAsGood), (Some(6), Some(6), Some(0.9)));
    }
}
