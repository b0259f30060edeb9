//! Composites as of the latest round.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::AppState;
use super::extract::Path;
use super::problem::Problem;

/// `{composites}`: all of them, in the order of declaration.
pub(super) async fn all(State(state): State<AppState>) -> Response {
    Json(json!({ "composites": state.engine.snapshot().composites })).into_response()
}

/// One of them.
pub(super) async fn one(State(state): State<AppState>, Path(name): Path<String>) -> Response {
    let snapshot = state.engine.snapshot();
    match snapshot.composites.iter().find(|status| status.composite == name) {
        Some(status) => Json(status).into_response(),
        None => Problem::not_found("composite", &name).into_response(),
    }
}
