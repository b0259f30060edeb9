//! What was declared of an SLO, and what its SLI measured, since when.

use std::slice;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::AppState;
use super::api::unavailable;
use super::extract::Path;
use super::problem::Problem;
use crate::engine::declared_past;
use crate::store::Names;

/// `{slo, revisions, sli: {name, generations}}`, the latest first; `valid_from` and `began` of the first are null.
pub(super) async fn revisions(
    State(state): State<AppState>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let sources = state.engine.sources();
    let slo = sources.estate.slo(&name).ok_or_else(|| Problem::not_found("SLO", &name))?;
    let names = Names { slos: slice::from_ref(&slo.name), slis: slice::from_ref(&slo.sli) };
    let stored = state.engine.store().declarations(names).await.map_err(unavailable)?;
    let declared: Vec<Value> = stored.revisions.iter().rev().map(|one| read(&one.declared)).collect();
    let past = declared_past(stored);
    let revision = |(one, declared): (&app::view::Revision, Value)| {
        json!({
            "revision": one.revision,
            "valid_from": one.valid_from,
            "changes": one.changes,
            "declared": declared,
        })
    };
    let revisions: Vec<Value> = past.revisions.iter().zip(declared).map(revision).collect();
    let sli = json!({ "name": slo.sli, "generations": past.generations });
    Ok(Json(json!({ "slo": slo.name, "revisions": revisions, "sli": sli })).into_response())
}

/// What is stored is JSON; should it ever be none, it is no reason to hide the rest.
fn read(declared: &str) -> Value {
    serde_json::from_str(declared).unwrap_or(Value::Null)
}
