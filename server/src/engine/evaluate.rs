//! Fetches what the pure engine needs from the store, and asks it.

use app::view::SloRow;
use domain::slice::Bounds;
use domain::status::HistoryPoint;
use domain::{Instant, Observation, Slo, SloStatus};

use super::Catalog;
use crate::store::{SliId, Store, StoreError};

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
    let data_until = store.data_until(id, at).await?;
    let plan = domain::plan(slo, at, data_until);
    let mut bounds = plan.bounds();
    let minutes = newest_minutes(data_until);
    bounds.extend(&minutes);
    let series = store.series(id, &bounds).await?;
    let status = domain::evaluate(slo, sli, at, data_until, &plan, |bounds| series.sum(bounds));
    let points = minutes
        .into_iter()
        .map(|minute| {
            let sum = series.sum(minute);
            let first = status.objectives.first();
            let measured = sum.first.is_some();
            let length = data_until.map_or(60, |until| until.seconds_since(minute.from)).clamp(1, 60);
            HistoryPoint {
                from: minute.from,
                to: minute.from + length,
                good: measured.then_some(sum.good),
                total: measured.then_some(sum.total),
                coverage: domain::ratio::ratio(i128::from(sum.measured_seconds), i128::from(length))
                    .map(|coverage| coverage.min(1.0)),
                remaining_ratio: first.and_then(|objective| objective.error_budget.remaining_ratio),
                state: first.map(|objective| objective.state),
            }
        })
        .collect();
    Ok((status, points))
}

/// The minute that holds the newest data, and the one before: a result that was late changes that.
fn newest_minutes(data_until: Option<Instant>) -> Vec<Bounds> {
    let Some(until) = data_until else { return Vec::new() };
    let newest = super::minute_of(until - 1);
    vec![Bounds { from: newest - 60, to: newest }, Bounds { from: newest, to: newest + 60 }]
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
) -> Result<Evaluated, StoreError> {
    let (status, minutes) = evaluated_status(catalog, store, slo, at).await?;
    let fresh = before.filter(|before| at.seconds_since(before.strip_at) < STRIP_SECONDS);
    let (strip, strip_at) = if let Some(before) = fresh {
        (before.row.strip.clone(), before.strip_at)
    } else {
        let to = at.ceil_to(DAY_SECONDS);
        let days = Bounds { from: to - STRIP_DAYS * DAY_SECONDS, to: at };
        (history(catalog, store, slo, 0, days, DAY_SECONDS).await?, at)
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
    let blocks = store.read(id, Bounds { from, to: from }, &hours).await?;
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
