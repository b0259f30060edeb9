//! Ninety days of history, sent to our own server as a user would send them.
//!
//! It ends at the demo's first start, so repeating it after a restart replaces slices by the same slices. The last
//! three days are in minutes, the time before in five minutes. For eight hours, sixteen days before the start, nothing
//! was collected: the slices say so.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::http::{Request, StatusCode, header};
use domain::Instant;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;

use super::behaviour::{FAST_MILLISECONDS, Measure, NEVER_MILLISECONDS, SCRIPTS, Script};

/// What to send, and where to note that it is done.
#[derive(Debug)]
pub(super) struct Plan {
    /// First start of the demo, a whole minute.
    pub(super) began: Instant,
    /// Written when everything is committed.
    pub(super) done_marker: PathBuf,
}

/// Where to send it.
pub(super) struct Destination {
    /// Our own server's.
    pub(super) address: SocketAddr,
    /// What it asks for, if anything.
    pub(super) token: Option<String>,
}

const DAYS: i64 = 90;
const DAY_SECONDS: i64 = 86_400;
/// History in minutes is this long.
const FINE_SECONDS: i64 = 3 * DAY_SECONDS;
const COARSE_SLICE_SECONDS: i64 = 300;
/// As the live probes.
const PROBE_SECONDS: i64 = 5;
/// The demo was blind for this long ...
const BLIND_SECONDS: i64 = 8 * 3_600;
/// ... and this long ago.
const BLIND_AGO_SECONDS: i64 = 16 * DAY_SECONDS;
/// Tries before a day is given up; the server answers 503 until its database is there.
const TRIES_MAX: u32 = 240;
const PAUSE: Duration = Duration::from_millis(500);
const LAST_PAUSE: Duration = Duration::from_secs(3);

/// Sends day after day, the latest first, and tells the share that is committed in parts per 10,000.
pub(super) async fn send(plan: &Plan, server: &Destination, filled: impl Fn(u32)) {
    if plan.done_marker.exists() {
        filled(10_000);
        return;
    }
    for day in 0..DAYS {
        let to = plan.began - day * DAY_SECONDS;
        let began = plan.began;
        let body =
            tokio::task::spawn_blocking(move || lines(to - DAY_SECONDS, to, began)).await.unwrap_or_default();
        if let Err(error) = post_until_taken(server, Bytes::from(body)).await {
            tracing::warn!(error = %error, day, "a day of the demo's history was not taken");
            return;
        }
        if day + 1 == DAYS {
            // Pages fetch their strips when this says that all is there: the engine's next rounds draw them.
            tokio::time::sleep(LAST_PAUSE).await;
        }
        filled(u32::try_from((day + 1) * 10_000 / DAYS).unwrap_or(10_000));
    }
    if let Err(error) = std::fs::write(&plan.done_marker, "done\n") {
        tracing::warn!(error = %error, "the history will be sent again at the next start");
    }
}

/// The slices of `[from, to)` as NDJSON.
fn lines(from: Instant, to: Instant, began: Instant) -> String {
    // Five-minute slices stand on five-minute places, whatever minute the demo was started in.
    let fine_from = (began - FINE_SECONDS).floor_to(COARSE_SLICE_SECONDS);
    let coarse = |at: Instant| if at < fine_from { at.ceil_to(COARSE_SLICE_SECONDS) } else { at };
    let mut lines = Vec::new();
    let mut start = coarse(from);
    while start < to {
        let seconds = if start < fine_from { COARSE_SLICE_SECONDS } else { 60 };
        for script in SCRIPTS {
            lines.extend(slice_lines(script, start, seconds, began));
        }
        start = start + seconds;
    }
    lines.concat()
}

fn slice_lines(script: Script, start: Instant, seconds: i64, began: Instant) -> Vec<String> {
    let name = script.name;
    let place = format!("\"start\":\"{start}\",\"seconds\":{seconds}");
    let ago = began.seconds_since(start);
    if (BLIND_AGO_SECONDS - BLIND_SECONDS..BLIND_AGO_SECONDS).contains(&ago) {
        let unknown = "\"unknown\":\"collector: the demo's own machine was off\"";
        let line =
            |measure: &Measure| format!("{{\"sli\":\"{name}-{}\",{place},{unknown}}}\n", measure.suffix());
        return script.slis.iter().map(line).collect();
    }
    let answers = (0..seconds / PROBE_SECONDS).map(|k| script.answer(start + k * PROBE_SECONDS, began));
    let (mut total, mut good, mut fast) = (0_u32, 0_u32, 0_u32);
    for answer in answers {
        let is_good = answer.status < 400 && answer.milliseconds < NEVER_MILLISECONDS;
        total += 1;
        good += u32::from(is_good);
        fast += u32::from(is_good && answer.milliseconds <= FAST_MILLISECONDS);
    }
    let line = |measure: &Measure| {
        let (sli, good) = (measure.suffix(), if *measure == Measure::Latency { fast } else { good });
        format!("{{\"sli\":\"{name}-{sli}\",{place},\"good\":{good},\"total\":{total}}}\n")
    };
    script.slis.iter().map(line).collect()
}

async fn post_until_taken(server: &Destination, body: Bytes) -> Result<(), String> {
    let mut last = String::new();
    for _ in 0..TRIES_MAX {
        match post(server, body.clone()).await {
            Ok((StatusCode::OK, _)) => return Ok(()),
            Ok((StatusCode::SERVICE_UNAVAILABLE, _)) => {}
            Ok((status, text)) => return Err(format!("{status}: {text}")),
            Err(error) => last = error.to_string(),
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(last)
}

async fn post(
    server: &Destination,
    body: Bytes,
) -> Result<(StatusCode, String), Box<dyn std::error::Error + Send + Sync>> {
    let stream = tokio::net::TcpStream::connect(server.address).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut request = Request::post("/api/v1/sli/import")
        .header(header::HOST, server.address.to_string())
        .header(header::CONTENT_TYPE, "application/x-ndjson");
    if let Some(token) = &server.token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Full::new(body))?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    let text = response.into_body().collect().await?.to_bytes();
    Ok((status, String::from_utf8_lossy(&text).into_owned()))
}
