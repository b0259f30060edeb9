//! `POST /api/v1/write`: Prometheus remote write. 2xx only after COMMIT; what is faulty is refused by itself with 400,
//! which tells the sender not to try again, while the rest is stored.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use super::problem::Problem;
use super::{AppState, body};
use crate::clock;
use crate::ingest::remote_write::{self, BODY_BYTES_MAX, Extras, Sink, Version};
use crate::samples::{Gather, Intake, Label, Refusal, Sample, Told};

/// Bodies that are read at a time: each may be 16 MiB.
static BODIES: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(32));
/// Bodies that are decoded at a time: each may be 64 MiB, and what is taken from it.
static DECODERS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));
/// How long a body waits for its turn before it is sent away to try again.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of a body as it arrives.
const COMPRESSED: body::Limit = body::Limit { bytes: BODY_BYTES_MAX, name: "remote write, compressed" };

const PROTOBUF: &str = "application/x-protobuf";
const MESSAGE_V1: &str = "prometheus.WriteRequest";
const MESSAGE_V2: &str = "io.prometheus.write.v2.Request";
const WRITTEN: [&str; 3] = [
    "x-prometheus-remote-write-samples-written",
    "x-prometheus-remote-write-histograms-written",
    "x-prometheus-remote-write-exemplars-written",
];

/// What was taken of a request, for the headers that 2.0 asks for.
#[derive(Debug, Clone, Copy, Default)]
struct Written {
    samples: u64,
    extras: Extras,
}

pub(super) async fn write(State(state): State<AppState>, request: Request) -> Response {
    let version = match negotiated(request.headers()) {
        Ok(version) => version,
        Err(problem) => {
            body::discard(request).await;
            return problem.into_response();
        }
    };
    let (written, answer) = match taken(&state.intake, version, request).await {
        Err(problem) => (Written::default(), problem.into_response()),
        Ok((written, told)) if told.is_partial() => (written, partial(&told).into_response()),
        Ok((written, _)) => (written, StatusCode::NO_CONTENT.into_response()),
    };
    with_counts(version, written, answer)
}

/// Which message the headers announce; what else they announce is none of ours (415).
fn negotiated(headers: &HeaderMap) -> Result<Version, Problem> {
    let unsupported = |title: String| Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, title);
    let encodings: Vec<&[u8]> =
        headers.get_all(header::CONTENT_ENCODING).iter().map(HeaderValue::as_bytes).collect();
    if !matches!(encodings.as_slice(), [one] if one.trim_ascii().eq_ignore_ascii_case(b"snappy")) {
        return Err(unsupported(
            "`Content-Encoding` must be `snappy`: the body is a snappy block.".to_owned(),
        ));
    }
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(kind), None) = (types.next().and_then(|kind| kind.to_str().ok()), types.next()) else {
        return Err(unsupported(format!("`Content-Type` must be `{PROTOBUF}`, given once.")));
    };
    let mut parts = kind.split(';').map(str::trim);
    if !parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case(PROTOBUF)) {
        return Err(unsupported(format!("`Content-Type` must be `{PROTOBUF}`.")));
    }
    let mut version = Version::V1;
    for parameter in parts.filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if !name.trim().eq_ignore_ascii_case("proto") {
            continue;
        }
        version = match value.trim().trim_matches('"') {
            MESSAGE_V1 => Version::V1,
            MESSAGE_V2 => Version::V2,
            _ => return Err(unsupported(format!("`proto` must be `{MESSAGE_V1}` or `{MESSAGE_V2}`."))),
        };
    }
    Ok(version)
}

async fn taken(intake: &Arc<Intake>, version: Version, request: Request) -> Result<(Written, Told), Problem> {
    let busy = || Problem::busy("Too many bodies are being taken in; send this one again.");
    let (gather, extras) = {
        let _body = turn(&BODIES).await.ok_or_else(busy)?;
        let bytes = body::read(request.into_body(), COMPRESSED).await?;
        let _decoder = turn(&DECODERS).await.ok_or_else(busy)?;
        let gather = intake.gather(i64::try_from(clock::since_epoch().as_millis()).unwrap_or(i64::MAX));
        // Megabytes of samples would keep a worker from its probes.
        let decoding = tokio::task::spawn_blocking(move || decoded(version, &bytes, gather));
        decoding.await.map_err(|_| Problem::unavailable())?.map_err(|refusal| unreadable(&refusal))?
    };
    let told = intake.offer(gather).await.map_err(|refusal| match refusal {
        Refusal::Busy => busy(),
        Refusal::Unavailable => Problem::unavailable(),
    })?;
    Ok((Written { samples: told.taken, extras }, told))
}

async fn turn(at: &'static Semaphore) -> Option<tokio::sync::SemaphorePermit<'static>> {
    tokio::time::timeout(TURN_TIMEOUT, at.acquire()).await.ok()?.ok()
}

fn decoded(
    version: Version,
    bytes: &Bytes,
    gather: Gather,
) -> Result<(Gather, Extras), remote_write::Refusal> {
    let message = remote_write::decompress(bytes)?;
    let mut taker = Taker(gather);
    let extras = remote_write::decode(version, &message, &mut taker)?;
    Ok((taker.0, extras))
}

fn unreadable(refusal: &remote_write::Refusal) -> Problem {
    let status = match refusal {
        remote_write::Refusal::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::BAD_REQUEST,
    };
    Problem::new(status, "Nothing was stored: the body cannot be read.").detail(refusal.to_string())
}

/// Hands what is decoded to the intake.
struct Taker(Gather);

impl Sink for Taker {
    #[inline]
    fn series(&mut self, labels: &[Label<'_>]) {
        self.0.series(labels);
    }

    fn nameless(&mut self, reason: &'static str) {
        self.0.nameless(reason);
    }

    #[inline]
    fn sample(&mut self, sample: Sample) {
        self.0.sample(sample);
    }
}

fn partial(told: &Told) -> Problem {
    let Told { taken, refused, refused_series, faults } = told;
    tracing::debug!(
        samples.taken = taken,
        samples.refused = refused,
        series.refused = refused_series,
        "samples refused"
    );
    Problem::bad_request(format!("{refused} samples were refused, {taken} are stored."))
        .detail(format!("{refused_series} series have faulty labels. {}", faults.join("; ")))
}

fn with_counts(version: Version, written: Written, mut answer: Response) -> Response {
    if version == Version::V2 {
        let counts = [written.samples, written.extras.histograms, written.extras.exemplars];
        for (name, count) in WRITTEN.into_iter().zip(counts) {
            answer.headers_mut().insert(name, HeaderValue::from(count));
        }
    }
    answer
}
