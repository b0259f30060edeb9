//! Reading request bodies within bounds of length and of time.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use futures::StreamExt;
use tokio::time::{Instant, timeout, timeout_at};

use super::problem::Problem;

/// What a refused body may still send before the connection closes: a client that is cut off while it writes would
/// not see the answer.
const DRAIN_BYTES_MAX: usize = 4 * 1_024 * 1_024;
/// How long a refused body may take over that.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// A body that sends nothing for so long has stalled.
const STALL_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a whole body may take: less than a request, so that a slow sender is told that it was slow.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a body may be, and which setting says so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub(super) bytes: usize,
    pub(super) name: &'static str,
}

/// The answer to a body that is longer.
pub(super) fn too_large(limit: Limit) -> Problem {
    let Limit { bytes, name } = limit;
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("The body is larger than {bytes} bytes ({name}); send it in parts."),
    )
}

/// The whole body, at most as long as the limit says.
pub(super) async fn read(body: Body, limit: Limit) -> Result<Bytes, Problem> {
    let mut stream = body.into_data_stream();
    let mut taken: Vec<u8> = Vec::new();
    let ends = Instant::now() + BODY_TIMEOUT;
    while let Some(chunk) = next(&mut stream, ends).await? {
        if taken.len() + chunk.len() > limit.bytes {
            drop(taken);
            drain(stream).await;
            return Err(too_large(limit));
        }
        taken.extend_from_slice(&chunk);
    }
    Ok(Bytes::from(taken))
}

/// Reads the body of a refused request and drops it, as far as the bounds go.
pub(super) async fn discard(request: Request) {
    // Who asks first is answered first, and sends nothing.
    if !request.headers().contains_key(header::EXPECT) {
        drain(request.into_body().into_data_stream()).await;
    }
}

async fn next(stream: &mut BodyDataStream, ends: Instant) -> Result<Option<Bytes>, Problem> {
    let soon = Instant::now() + STALL_TIMEOUT;
    match timeout_at(ends.min(soon), stream.next()).await {
        Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
        Ok(Some(Err(_))) => Err(Problem::bad_request("The body broke off.")),
        Ok(None) => Ok(None),
        Err(_) => Err(Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            format!(
                "The body did not arrive: it must be whole within {} s, without a pause of {} s.",
                BODY_TIMEOUT.as_secs(),
                STALL_TIMEOUT.as_secs()
            ),
        )),
    }
}

async fn drain(mut stream: BodyDataStream) {
    let dropping = async {
        let mut dropped = 0;
        while dropped < DRAIN_BYTES_MAX
            && let Some(Ok(chunk)) = stream.next().await
        {
            dropped += chunk.len();
        }
    };
    // A body that takes longer is cut off.
    drop(timeout(DRAIN_TIMEOUT, dropping).await);
}
