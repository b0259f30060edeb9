//! `POST /api/v1/sli/import`: slices as NDJSON. 200 only after COMMIT; a body is stored whole or not at all.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::problem::Problem;
use super::{AppState, api, body};
use crate::clock;
use crate::ingest::slices::{BODY_BYTES_MAX, FINDINGS_MAX, Import, LineError};
use crate::store::StoreError;

pub(super) async fn import(State(state): State<AppState>, request: Request) -> Result<Response, Problem> {
    let encoded =
        request.headers().get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity");
    let bytes = body::read(request.into_body(), BODY_BYTES_MAX).await?;
    if encoded {
        return Err(Problem::new(
            axum::http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Compressed bodies are not taken here; send plain NDJSON.",
        ));
    }
    let catalog = state.engine.catalog();
    if !catalog.is_declared() {
        return Err(Problem::unavailable());
    }
    let import = Import::parse(&bytes, catalog, clock::now()).map_err(refused)?;
    match state.engine.store().append(import.slices.clone()).await {
        Ok(()) => {}
        Err(StoreError::Overlap(conflicts)) => return Err(refused(import.conflicts(&conflicts))),
        Err(error) => return Err(api::unavailable(error)),
    }
    state.server.imported(&import);
    let names: BTreeSet<&String> = import.names.iter().collect();
    tracing::debug!(import.lines = import.accepted(), import.slis = names.len(), "slices imported");
    Ok(Json(json!({ "accepted": import.accepted() })).into_response())
}

fn refused(mut errors: Vec<LineError>) -> Problem {
    let found = errors.len();
    errors.truncate(FINDINGS_MAX);
    Problem::bad_request("Nothing was stored: the body has faulty lines.")
        .detail(format!("{found} faulty lines"))
        .errors(errors)
}
