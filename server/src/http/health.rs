//! `/healthz`: the process answers. `/readyz`: the database is reached and every loop makes progress.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::AppState;

/// A loop that has not finished a round for so long is stuck.
const PROGRESS_SECONDS: i64 = 30;

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is one answer of a JSON object")]
struct Readiness {
    ready: bool,
    database: bool,
    engine: bool,
    collector: bool,
}

pub(super) async fn alive() -> &'static str {
    "ok\n"
}

pub(super) async fn ready(State(state): State<AppState>) -> Response {
    let engine = state.engine.makes_progress(PROGRESS_SECONDS);
    let collector = state.server.collector_makes_progress(PROGRESS_SECONDS);
    let database = state.engine.catalog().is_declared() && state.engine.store().ping().await.is_ok();
    let ready = database && engine && collector;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, database, engine, collector })).into_response()
}
