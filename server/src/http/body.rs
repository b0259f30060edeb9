//! Reading request bodies within a bound.

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use futures::StreamExt;

use super::problem::Problem;

/// What a refused body may still send before the connection closes: a client that is cut off while it writes would
/// not see the answer.
const DRAIN_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// The whole body, at most `bytes_max` long.
pub(super) async fn read(body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    let mut stream = body.into_data_stream();
    let mut taken: Vec<u8> = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Problem::bad_request("The body broke off."))?;
        if taken.len() + chunk.len() > bytes_max {
            drop(taken);
            let mut dropped = chunk.len();
            while dropped < DRAIN_BYTES_MAX
                && let Some(Ok(chunk)) = stream.next().await
            {
                dropped += chunk.len();
            }
            return Err(Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("The body is larger than {bytes_max} bytes; send it in parts."),
            ));
        }
        taken.extend_from_slice(&chunk);
    }
    Ok(Bytes::from(taken))
}
