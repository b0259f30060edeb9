//! What an objective would be if it were declared differently, and what targets cost: nothing is changed.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Slo;
use serde::Deserialize;
use serde_json::json;

use super::AppState;
use super::api::{instant, unavailable};
use super::extract::{Path, Query};
use super::problem::Problem;
use crate::clock;
use crate::engine::what_if::{WhatIfError, change};

/// What is asked about; the change is read from the same query.
#[derive(Debug, Deserialize)]
pub(super) struct AboutQuery {
    objective: Option<String>,
    at: Option<String>,
}

/// `WhatIf`: an objective over four weeks, as declared and with the change of the query.
pub(super) async fn what_if(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Query(about): Query<AboutQuery>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let sources = state.engine.sources();
    let slo = sources.estate.slo(&name).ok_or_else(|| Problem::not_found("SLO", &name))?;
    let index = objective(slo, about.objective.as_deref())?;
    let at = instant("at", about.at.as_deref())?.unwrap_or_else(clock::now);
    let change = change(&query.unwrap_or_default()).map_err(refused)?;
    let answer = sources.what_if(slo, index, &change, at).await.map_err(refused)?;
    Ok(Json(answer).into_response())
}

/// `{slo, objective, at, window_seconds, window, rows}`: what targets cost over the window that contains `at`.
pub(super) async fn cost_of_nines(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Query(about): Query<AboutQuery>,
) -> Result<Response, Problem> {
    let sources = state.engine.sources();
    let slo = sources.estate.slo(&name).ok_or_else(|| Problem::not_found("SLO", &name))?;
    let index = objective(slo, about.objective.as_deref())?;
    let at = instant("at", about.at.as_deref())?.unwrap_or_else(clock::now);
    let status = sources.status(slo, at, false).await.map_err(unavailable)?;
    let slice_seconds = sources.slice_seconds(slo, status.at).await.map_err(unavailable)?;
    let table = sources.cost_of_nines(slo, index, &status, slice_seconds).ok_or_else(Problem::unavailable)?;
    let objective = status.objectives.get(index).map(|objective| objective.name.as_str());
    Ok(Json(json!({
        "slo": slo.name,
        "objective": objective,
        "at": status.at,
        "window_seconds": table.window_seconds,
        "window": table.window,
        "rows": table.rows,
    }))
    .into_response())
}

/// The place of an objective; the first if none is named.
fn objective(slo: &Slo, wanted: Option<&str>) -> Result<usize, Problem> {
    let Some(wanted) = wanted else { return Ok(0) };
    let place = slo.objectives.iter().position(|objective| objective.name == wanted);
    place.ok_or_else(|| Problem::not_found("objective", wanted))
}

fn refused(error: WhatIfError) -> Problem {
    match error {
        error @ (WhatIfError::Query(_) | WhatIfError::Nothing | WhatIfError::Change(_)) => {
            Problem::bad_request(format!("This cannot be asked: {error}."))
        }
        error @ WhatIfError::Busy => Problem::busy(format!("Not now: {error}.")),
        WhatIfError::CutShort(error) => {
            tracing::error!(error = ?error, "a proposal could not be judged");
            Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong here; it is in the server's log.",
            )
        }
        WhatIfError::Store(error) => unavailable(error),
    }
}
