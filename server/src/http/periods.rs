//! Closed calendar periods, as they were frozen.
//!
//! Invariant: what is answered of a revision is what was frozen, byte by byte, also of an SLO that is no longer declared.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::AppState;
use super::api::{instant, unavailable};
use super::extract::{Path, Query};
use super::problem::Problem;

/// Periods of an answer; older ones are asked for with `before`.
const PERIODS_MAX: u32 = 100;
/// Revisions of each period in a list, the newest; every one of them can be asked for by its number.
const REVISIONS_LISTED: u32 = 20;
/// Says which revision an answer is.
const REVISION: HeaderName = HeaderName::from_static("nines-revision");

/// Which part of the list.
#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    before: Option<String>,
}

/// `{slo, periods: [{from, to, label, revisions}]}`, newest period first: those that begin before `before`.
pub(super) async fn all(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let before = instant("before", query.before.as_deref())?;
    let sources = state.engine.sources();
    let frozen = sources.frozen(&name, before, PERIODS_MAX, REVISIONS_LISTED).await;
    let periods = frozen.map_err(unavailable)?;
    if periods.is_empty() && sources.estate.slo(&name).is_none() {
        return Err(Problem::not_found("SLO", &name));
    }
    Ok(Json(json!({ "slo": name, "periods": periods })).into_response())
}

/// Which revision; the latest by default.
#[derive(Debug, Deserialize)]
pub(super) struct OneQuery {
    revision: Option<String>,
}

/// The status that was frozen of the period that begins at an instant.
pub(super) async fn one(
    State(state): State<AppState>,
    Path((name, from)): Path<(String, String)>,
    Query(query): Query<OneQuery>,
) -> Result<Response, Problem> {
    let asked = instant("from", Some(&from))?;
    let revision = query.revision.as_deref().map(str::parse::<u32>).transpose();
    let revision = revision.map_err(|_| Problem::bad_request("`revision` is a number from 1 on."))?;
    let none = || Problem::new(StatusCode::NOT_FOUND, "There is no such frozen period.");
    let asked = asked.ok_or_else(none)?;
    let found = state.engine.store().closed_period(&name, asked, revision).await.map_err(unavailable)?;
    let frozen = found.ok_or_else(|| match revision {
        Some(_) => none().detail("No revision of this number is frozen of a period that begins then."),
        None => none().detail("Nothing is frozen of a period that begins then."),
    })?;
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let number = (REVISION, HeaderValue::from(frozen.revision));
    Ok(([kind, number], frozen.status).into_response())
}
