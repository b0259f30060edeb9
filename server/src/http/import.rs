//! `POST /api/v1/sli/import`: slices as NDJSON. 200 only after COMMIT; a body is stored whole or not at all.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::SemaphorePermit;

use super::extract::Query;
use super::problem::Problem;
use super::{AppState, api, body};
use crate::clock;
use crate::ingest::slices::{FINDINGS_MAX, Import, LineError};
use crate::metrics;
use crate::store::StoreError;

/// How long a body waits for its turn before it is sent away to try again.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug, Deserialize)]
pub(super) struct ImportQuery {
    /// Everything but the commit.
    #[serde(default)]
    dry_run: bool,
}

pub(super) async fn import(
    State(state): State<AppState>,
    Query(query): Query<ImportQuery>,
    request: Request,
) -> Result<Response, Problem> {
    if !is_plain(&request) {
        body::discard(request).await;
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Compressed bodies are not taken here; send plain NDJSON.",
        ));
    }
    let _turn = turn(&state).await?;
    let limit = body::Limit { bytes: state.limits.import_bytes, name: "limit-import-bytes" };
    let bytes = body::read(request.into_body(), limit).await?;
    if !state.engine.catalog().is_declared() {
        return Err(Problem::unavailable());
    }
    // Megabytes of JSON would keep a worker from its probes.
    let (engine, lines_max) = (Arc::clone(&state.engine), state.limits.import_lines);
    let parsing =
        tokio::task::spawn_blocking(move || Import::parse(&bytes, engine.catalog(), clock::now(), lines_max));
    let faulty = |errors| refused(errors, "Nothing was stored: the body has faulty lines.");
    let import = parsing.await.map_err(|_| Problem::unavailable())?.map_err(faulty)?;
    match state.engine.store().append(import.slices.clone(), query.dry_run).await {
        Ok(()) => {}
        Err(StoreError::Overlap(conflicts)) => return Err(faulty(import.conflicts(&conflicts))),
        Err(error) => return Err(api::unavailable(error)),
    }
    if query.dry_run {
        return Ok(Json(json!({ "accepted": import.accepted(), "dry_run": true })).into_response());
    }
    metrics::ACCEPTED.add(["import"], u64::try_from(import.accepted()).unwrap_or(u64::MAX));
    state.server.imported(&import);
    let names: BTreeSet<&String> = import.names.iter().collect();
    tracing::debug!(import.lines = import.accepted(), import.slis = names.len(), "slices imported");
    Ok(Json(json!({ "accepted": import.accepted() })).into_response())
}

/// A body's turn to be taken in.
pub(super) async fn turn(state: &AppState) -> Result<SemaphorePermit<'_>, Problem> {
    let turn = tokio::time::timeout(TURN_TIMEOUT, state.bodies.acquire()).await;
    let Ok(Ok(turn)) = turn else {
        return Err(Problem::busy("Too many bodies are being taken in; send this one again.")
            .detail(format!("limit-bodies is {}: so many are taken in at a time", state.limits.bodies)));
    };
    Ok(turn)
}

/// A body of events, which may come in one layer of gzip.
pub(super) async fn decompressed(state: &AppState, request: Request) -> Result<Bytes, Problem> {
    let plain = is_plain(&request);
    let encodings = request.headers().get_all(header::CONTENT_ENCODING).iter();
    let is_gzip = encodings.map(HeaderValue::as_bytes).collect::<Vec<_>>().as_slice() == [b"gzip"];
    if !plain && !is_gzip {
        body::discard(request).await;
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Bodies are taken plain or in one layer of gzip.",
        ));
    }
    let limit = body::Limit { bytes: state.limits.event_bytes, name: "limit-event-bytes" };
    let bytes = body::read(request.into_body(), limit).await?;
    if plain {
        return Ok(bytes);
    }
    let bytes_max = state.limits.event_bytes_decompressed;
    let unpacking = tokio::task::spawn_blocking(move || {
        let mut unpacked = Vec::new();
        // One more than allowed tells that there is more.
        let whole = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
        GzDecoder::new(&*bytes).take(whole).read_to_end(&mut unpacked).map(|_| unpacked)
    });
    match unpacking.await {
        Ok(Ok(unpacked)) if unpacked.len() > bytes_max => {
            Err(body::too_large(body::Limit { bytes: bytes_max, name: "limit-event-bytes-decompressed" }))
        }
        Ok(Ok(unpacked)) => Ok(Bytes::from(unpacked)),
        Ok(Err(_)) => Err(Problem::bad_request("The body is no valid gzip.")),
        Err(_) => Err(Problem::unavailable()),
    }
}

fn is_plain(request: &Request) -> bool {
    let plain = |encoding: &HeaderValue| encoding.as_bytes().eq_ignore_ascii_case(b"identity");
    request.headers().get_all(header::CONTENT_ENCODING).iter().all(plain)
}

pub(super) fn refused(mut errors: Vec<LineError>, title: &str) -> Problem {
    let found = errors.len();
    errors.truncate(FINDINGS_MAX);
    Problem::bad_request(title).detail(format!("{found} faulty lines")).errors(errors)
}
