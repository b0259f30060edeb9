//! `POST /api/v1/sli/import`: slices as NDJSON. 200 only after COMMIT; a body is stored whole or not at all.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::sync::Semaphore;

use super::problem::Problem;
use super::{AppState, api, body};
use crate::clock;
use crate::ingest::slices::{BODY_BYTES_MAX, FINDINGS_MAX, Import, LineError};
use crate::store::StoreError;

/// Bodies that are taken in at a time: each may hold 16 MiB and what is decoded from them.
static BODIES: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(4));
/// How long a body waits for its turn before it is sent away to try again.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) async fn import(State(state): State<AppState>, request: Request) -> Result<Response, Problem> {
    let plain = |encoding: &HeaderValue| encoding.as_bytes().eq_ignore_ascii_case(b"identity");
    if !request.headers().get_all(header::CONTENT_ENCODING).iter().all(plain) {
        body::discard(request).await;
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Compressed bodies are not taken here; send plain NDJSON.",
        ));
    }
    let turn = tokio::time::timeout(TURN_TIMEOUT, BODIES.acquire()).await;
    let Ok(Ok(_turn)) = turn else {
        return Err(Problem::busy("Too many bodies are being taken in; send this one again."));
    };
    let bytes = body::read(request.into_body(), BODY_BYTES_MAX).await?;
    if !state.engine.catalog().is_declared() {
        return Err(Problem::unavailable());
    }
    // Megabytes of JSON would keep a worker from its probes.
    let engine = Arc::clone(&state.engine);
    let parsing = tokio::task::spawn_blocking(move || Import::parse(&bytes, engine.catalog(), clock::now()));
    let import = parsing.await.map_err(|_| Problem::unavailable())?.map_err(refused)?;
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
