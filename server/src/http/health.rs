//! `/healthz`: the process answers. `/readyz`: the database is reached and every loop makes progress.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::AppState;
use crate::clock;

/// A loop that has not finished a round for so long is stuck.
const PROGRESS_SECONDS: i64 = 30;
/// A pass over calendar periods may read months of slices, and takes longer than a round.
const PASS_SECONDS: i64 = 180;

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is one answer of a JSON object")]
struct Readiness {
    ready: bool,
    database: bool,
    engine: bool,
    collector: bool,
    samples: bool,
    periods: bool,
}

pub(super) async fn alive() -> &'static str {
    "ok\n"
}

pub(super) async fn ready(State(state): State<AppState>) -> Response {
    let since = |last| clock::now().seconds_since(last);
    let engine = since(state.engine.last_round()) <= PROGRESS_SECONDS;
    let collector = since(state.server.collector_progress()) <= PROGRESS_SECONDS;
    let periods = since(state.engine.last_pass()) <= PASS_SECONDS;
    let database = state.engine.catalog().is_declared() && state.engine.store().ping().await.is_ok();
    let samples = state.intake.makes_progress(clock::now(), PROGRESS_SECONDS);
    let ready = database && engine && collector && samples && periods;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, database, engine, collector, samples, periods })).into_response()
}
