//! The machine API's reading half.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::Instant;
use domain::slice::Bounds;
use serde::Deserialize;
use serde_json::json;

use super::AppState;
use super::extract::{Path, Query};
use super::problem::Problem;
use crate::clock;
use crate::engine::Snapshot;
use crate::ingest::slices::RETENTION_SECONDS;
use crate::store::StoreError;

pub(super) async fn services(State(state): State<AppState>) -> Response {
    let snapshot = state.engine.snapshot();
    let services: Vec<_> = snapshot.services.iter().map(Snapshot::with_objectives).collect();
    Json(json!({ "services": services })).into_response()
}

pub(super) async fn service(State(state): State<AppState>, Path(name): Path<String>) -> Response {
    let snapshot = state.engine.snapshot();
    match snapshot.services.iter().find(|row| row.service.name == name) {
        Some(row) => Json(Snapshot::with_objectives(row)).into_response(),
        None => Problem::not_found("service", &name).into_response(),
    }
}

/// The latest attempts of a service's probes: what came of them, and how long each phase took.
pub(super) async fn probes(State(state): State<AppState>, Path(name): Path<String>) -> Response {
    if !state.engine.catalog().estate().services.iter().any(|service| service.name == name) {
        return Problem::not_found("service", &name).into_response();
    }
    let attempts = state.server.latest_attempts(&name).into_iter();
    let probes: Vec<_> = attempts.map(|(sli, latest)| json!({ "sli": sli, "latest": latest })).collect();
    Json(json!({ "service": name, "probes": probes })).into_response()
}

pub(super) async fn slos(State(state): State<AppState>) -> Response {
    Json(json!({ "slos": state.engine.catalog().estate().slos })).into_response()
}

pub(super) async fn slo(State(state): State<AppState>, Path(name): Path<String>) -> Response {
    match state.engine.catalog().estate().slo(&name) {
        Some(slo) => Json(slo).into_response(),
        None => Problem::not_found("SLO", &name).into_response(),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct StatusQuery {
    at: Option<String>,
    window: Option<String>,
}

/// The status at an instant, or of the last period that had ended by then, with everything known now; what was known
/// when a period was closed is in its revisions.
pub(super) async fn status(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Query(query): Query<StatusQuery>,
) -> Result<Response, Problem> {
    let sources = state.engine.sources();
    let slo = sources.estate.slo(&name).ok_or_else(|| Problem::not_found("SLO", &name))?;
    let at = instant("at", query.at.as_deref())?.unwrap_or_else(clock::now);
    let closed = match query.window.as_deref() {
        None | Some("current") => false,
        Some("closed") => true,
        Some(_) => return Err(Problem::bad_request("`window` is `current` or `closed`.")),
    };
    let status = sources.status(slo, at, closed).await.map_err(unavailable)?;
    Ok(Json(status).into_response())
}

#[derive(Debug, Deserialize)]
pub(super) struct HistoryQuery {
    objective: Option<String>,
    from: Option<String>,
    to: Option<String>,
    step: Option<String>,
}

/// Steps that a history without one may have, shortest first: the first with which the answer is short enough.
const DEFAULT_STEPS: [i64; 3] = [3_600, 21_600, 86_400];
/// A longer step would hold more than is kept.
const STEP_SECONDS_MAX: i64 = RETENTION_SECONDS;

pub(super) async fn history(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Query(query): Query<HistoryQuery>,
) -> Result<Response, Problem> {
    let sources = state.engine.sources();
    let slo = sources.estate.slo(&name).ok_or_else(|| Problem::not_found("SLO", &name))?;
    let index = match &query.objective {
        None => 0,
        Some(wanted) => slo
            .objectives
            .iter()
            .position(|objective| objective.name == *wanted)
            .ok_or_else(|| Problem::not_found("objective", wanted))?,
    };
    let to = instant("to", query.to.as_deref())?.unwrap_or_else(clock::now);
    let from = instant("from", query.from.as_deref())?.unwrap_or(to - slo.window.usual_seconds());
    let step_seconds = step(query.step.as_deref(), from, to, state.limits.points)?;
    let bounds = Bounds { from, to };
    let points = sources.history(slo, index, bounds, step_seconds).await.map_err(unavailable)?;
    let objective = slo.objectives.get(index).map(|objective| objective.name.as_str());
    Ok(Json(
        json!({ "slo": slo.name, "objective": objective, "step_seconds": step_seconds, "points": points }),
    )
    .into_response())
}

/// A step such as `5m`, checked against the number of points that an answer may have.
fn step(text: Option<&str>, from: Instant, to: Instant, points_max: usize) -> Result<i64, Problem> {
    let most = i64::try_from(points_max).unwrap_or(i64::MAX);
    let step = match text {
        None => {
            let fits = |step: &i64| to.seconds_since(from) / step < most;
            DEFAULT_STEPS.into_iter().find(fits).unwrap_or(86_400)
        }
        Some(text) => {
            let allowed = |seconds: &i64| *seconds > 0 && *seconds <= STEP_SECONDS_MAX && *seconds % 60 == 0;
            duration_seconds(text).filter(allowed).ok_or_else(|| {
                Problem::bad_request("`step` is a multiple of a minute such as 5m, 1h or 1d, at most 400d.")
            })?
        }
    };
    let length = to.seconds_since(from);
    if length <= 0 {
        return Err(Problem::bad_request("`from` must be before `to`."));
    }
    if (length + step - 1) / step > most {
        return Err(Problem::bad_request(format!(
            "More than {most} points (limit-points); use a longer `step` or a shorter range."
        )));
    }
    Ok(step)
}

/// Seconds of a duration such as `90d`: a whole number and one of s, m, h, d, w.
pub(crate) fn duration_seconds(text: &str) -> Option<i64> {
    let split = text.len().checked_sub(1)?;
    let (number, unit) = text.split_at_checked(split)?;
    let unit_seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    number.parse::<i64>().ok()?.checked_mul(unit_seconds)
}

pub(super) fn instant(field: &str, text: Option<&str>) -> Result<Option<Instant>, Problem> {
    // A `+` of an offset that was not escaped arrives as a space.
    text.map(|text| Instant::parse(&text.trim().replace(' ', "+")))
        .transpose()
        .map_err(|error| Problem::bad_request(format!("`{field}`: {error}.")))
}

/// Logs the cause, which never leaves the server.
pub(super) fn unavailable(error: StoreError) -> Problem {
    match error {
        // Whoever brings the store up says so where it takes too long.
        StoreError::NotReady => tracing::debug!("the store is not ready yet"),
        error => tracing::warn!(error = ?error, "the store could not answer"),
    }
    Problem::unavailable()
}
