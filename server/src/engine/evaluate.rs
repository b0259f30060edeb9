//! Fetches what the pure engine needs from the store, and asks it.

use app::view::SloRow;
use domain::estate::SLICE_SECONDS;
use domain::status::HistoryPoint;
use domain::{Bounds, Instant, Observation, Series, Sli, Slo, SloStatus, Sum};

use super::Catalog;
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
    /// The newest minute and the one before, oldest first.
    pub minutes: Vec<HistoryPoint>,
}

/// The status of an SLO at an instant, from committed slices.
pub async fn status(
    catalog: &Catalog,
    store: &Store,
    slo: &Slo,
    at: Instant,
) -> Result<SloStatus, StoreError> {
    Ok(evaluated_status(catalog, store, slo, at).await?.0)
}

async fn evaluated_status(
    catalog: &Catalog,
    store: &Store,
    slo: &Slo,
    at: Instant,
) -> Result<(SloStatus, Vec<HistoryPoint>), StoreError> {
    let (Some(sli), Some(id)) = (catalog.sli(&slo.sli), catalog.id(&slo.sli)) else {
        return Err(StoreError::NotReady);
    };
    let latest = store.latest(id, at).await?;
    let data_until = latest.map(|latest| latest.data_until);
    let plan = domain::plan(slo, at, data_until);
    let mut bounds = plan.bounds();
    let newest = newest_slices(latest);
    bounds.extend(&newest);
    let series = store.series(id, &bounds).await?;
    let sli = &with_cadence_of(sli, latest);
    let status = domain::evaluate(slo, sli, at, data_until, &plan, |bounds| series.sum(bounds));
    let points = newest
        .into_iter()
        .map(|slice| {
            let sum = series.sum(slice);
            let first = status.objectives.first();
            let measured = sum.first.is_some();
            let to = data_until.map_or(slice.to, |until| until.clamp(slice.from + 1, slice.to));
            let coverage = domain::ratio::ratio(
                i128::from(sum.measured_seconds),
                i128::from(to.seconds_since(slice.from)),
            );
            HistoryPoint {
                from: slice.from,
                to,
                good: measured.then_some(sum.good),
                total: measured.then_some(sum.total),
                coverage: coverage.filter(|_| measured).map(|coverage| coverage.min(1.0)),
                remaining_ratio: first.and_then(|objective| objective.error_budget.remaining_ratio),
                state: first.map(|objective| objective.state),
            }
        })
        .collect();
    Ok((status, points))
}

/// Cadence is the longer of collection interval and slice length: who sends hours is not late after minutes.
fn with_cadence_of(sli: &Sli, latest: Option<Latest>) -> Sli {
    let slice_seconds = latest.map_or(0, |latest| latest.seconds);
    Sli { interval_seconds: sli.interval_seconds.max(slice_seconds), ..sli.clone() }
}

/// The newest slice, and the minute before a newest minute: a result that was late changes that.
fn newest_slices(latest: Option<Latest>) -> Vec<Bounds> {
    let Some(Latest { start, seconds, .. }) = latest else { return Vec::new() };
    let newest = Bounds { from: start, to: start + i64::from(seconds) };
    let before = Bounds { from: start - i64::from(SLICE_SECONDS), to: start };
    if seconds == SLICE_SECONDS { vec![before, newest] } else { vec![newest] }
}

/// What is known of an SLO before anything was read: nothing.
pub(super) fn unread(catalog: &Catalog, slo: &Slo, at: Instant) -> Option<Evaluated> {
    let sli = catalog.sli(&slo.sli)?;
    let plan = domain::plan(slo, at, None);
    let status = domain::evaluate(slo, sli, at, None, &plan, |_| Sum::default());
    let strip = domain::history(slo, sli, 0, strip_days(at), DAY_SECONDS, &Series::new(Vec::new()));
    // Drawn anew as soon as there is something to draw.
    let strip_at = at - DAY_SECONDS;
    Some(Evaluated { row: SloRow { slo: slo.clone(), status, strip }, strip_at, minutes: Vec::new() })
}

/// The last thirty UTC days, the present one included.
fn strip_days(at: Instant) -> Bounds {
    Bounds { from: at.ceil_to(DAY_SECONDS) - STRIP_DAYS * DAY_SECONDS, to: at }
}

/// The length of the latest slice of an SLO's SLI; a figure in shorter steps would show gaps that are none.
pub async fn slice_seconds(
    catalog: &Catalog,
    store: &Store,
    slo: &Slo,
    at: Instant,
) -> Result<i64, StoreError> {
    let id = catalog.id(&slo.sli).ok_or(StoreError::NotReady)?;
    Ok(store.latest(id, at).await?.map_or(0, |latest| i64::from(latest.seconds)))
}

/// The past of one objective in steps.
pub async fn history(
    catalog: &Catalog,
    store: &Store,
    slo: &Slo,
    objective_index: usize,
    bounds: Bounds,
    step_seconds: i64,
) -> Result<Vec<HistoryPoint>, StoreError> {
    let (Some(sli), Some(id)) = (catalog.sli(&slo.sli), catalog.id(&slo.sli)) else {
        return Err(StoreError::NotReady);
    };
    let latest = store.latest(id, bounds.to).await?;
    let sli = &with_cadence_of(sli, latest);
    let mut needed = domain::history_plan(slo, sli, bounds, step_seconds);
    let mut series = store.series(id, &needed).await?;
    // Where data were stale, windows end earlier than foreseen; mostly nothing is missing.
    let missing = domain::history_replan(slo, sli, bounds, step_seconds, &series);
    if !missing.is_empty() {
        needed.extend(missing);
        series = store.series(id, &needed).await?;
    }
    Ok(domain::history(slo, sli, objective_index, bounds, step_seconds, &series))
}

/// Everything a list shows of an SLO; the strip is taken from the row before while it is fresh.
pub(super) async fn row(
    catalog: &Catalog,
    store: &Store,
    slo: &Slo,
    at: Instant,
    before: Option<&Evaluated>,
    imported_at: Option<Instant>,
) -> Result<Evaluated, StoreError> {
    let (status, minutes) = evaluated_status(catalog, store, slo, at).await?;
    let fresh = before.filter(|before| {
        at.seconds_since(before.strip_at) < STRIP_SECONDS
            && imported_at.is_none_or(|imported| imported < before.strip_at)
    });
    let (strip, strip_at) = if let Some(before) = fresh {
        (before.row.strip.clone(), before.strip_at)
    } else {
        (history(catalog, store, slo, 0, strip_days(at), DAY_SECONDS).await?, at)
    };
    Ok(Evaluated { row: SloRow { slo: slo.clone(), status, strip }, strip_at, minutes })
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
