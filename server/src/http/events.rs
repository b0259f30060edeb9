//! `POST /api/v1/events`: single results, summed into minutes. 200 only after COMMIT; a body is counted whole or not at
//! all, and once, however often it is sent.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::import::{decompressed, refused, turn};
use super::problem::Problem;
use super::{AppState, api};
use crate::access::Principal;
use crate::clock;
use crate::ingest::events::{Events, Sent};
use crate::metrics;
use crate::store::StoreError;

/// What stands for callers without a token where retries are told by who sent a body.
const NO_TOKEN: &str = "anonymous";

pub(super) async fn events(
    State(state): State<AppState>,
    Extension(principal): Extension<Principal>,
    request: Request,
) -> Result<Response, Problem> {
    let _turn = turn(&state).await?;
    let bytes = decompressed(&state, request).await?;
    if !state.engine.catalog().is_declared() {
        return Err(Problem::unavailable());
    }
    let engine = Arc::clone(&state.engine);
    let events_max = state.limits.events;
    let now = clock::now();
    let parsing = tokio::task::spawn_blocking(move || {
        let source = principal.token.as_deref().unwrap_or(NO_TOKEN);
        Events::parse(&bytes, engine.catalog(), Sent { source, now, events_max })
    });
    let parsed = parsing.await.map_err(|_| Problem::unavailable())?;
    let events =
        parsed.map_err(|errors| refused(errors, "Nothing was counted: the body has faulty events."))?;
    let stored = match state.engine.store().add_events(&events.sums, now).await {
        Ok(stored) => stored,
        Err(StoreError::Overlap(conflicts)) => {
            let errors = events.conflicts(&conflicts);
            return Err(refused(errors, "Nothing was counted: the body has faulty events."));
        }
        Err(error) => return Err(api::unavailable(error)),
    };
    for slice in &stored.slices {
        if let Some(name) = events.names.get(&slice.sli) {
            state.server.stored(name, &slice.slice);
        }
    }
    let (accepted, repeated) = (events.accepted(), events.repeated(&stored.repeated));
    metrics::ACCEPTED.add(["events"], u64::try_from(accepted - repeated).unwrap_or(u64::MAX));
    Ok(Json(json!({ "accepted": accepted, "repeated": repeated })).into_response())
}
