//! The request, the answer's status, and its body, which is read and dropped.

use futures::future::{Either, select};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONNECTION, HOST, USER_AGENT};
use hyper::{Request, Response, http};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{FailureReason, Interruption, Phase, Progress, tls};
use crate::source::HttpRequest;

/// An answer's body is read up to here; what follows is of no interest, and no endless body may hold an attempt.
const BODY_BYTES_MAX: usize = 1 << 20;
/// An answer's status line and headers must fit in this.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// Names the instant that an attempt belongs to, RFC 3339 in UTC.
const SCHEDULED: &str = "nines-scheduled";
const USER_AGENT_TEXT: &str = concat!("nines/", env!("CARGO_PKG_VERSION"));

/// The request as it goes over the wire.
pub(super) fn message(
    request: &HttpRequest,
    scheduled: domain::Instant,
) -> Result<Request<Empty<Bytes>>, Interruption> {
    let url = &request.url;
    let host = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => String::new(),
    };
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    Request::builder()
        .method(request.method.as_str())
        .uri(target)
        .header(HOST, host)
        .header(USER_AGENT, USER_AGENT_TEXT)
        .header(ACCEPT, "*/*")
        // The target closes first, so that spent connections do not use up the ports on our side.
        .header(CONNECTION, "close")
        .header(SCHEDULED, scheduled.to_string())
        .body(Empty::new())
        .map_err(|error: http::Error| Interruption::Own(format!("the request cannot be written: {error}")))
}

/// Sends the request and reads the answer; its status code.
pub(super) async fn exchange<S>(
    stream: S,
    message: Request<Empty<Bytes>>,
    progress: &mut Progress,
) -> Result<u16, Interruption>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    progress.phase = Phase::Headers;
    let mut builder = http1::Builder::new();
    let opened =
        builder.max_buf_size(HEAD_BYTES_MAX).title_case_headers(true).handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = opened.map_err(|error| before_headers(&error))?;
    let answer = async move {
        let response = sender.send_request(message).await.map_err(|error| before_headers(&error))?;
        progress.phase = Phase::Body;
        read(response).await
    };
    // The connection is driven here and not in a task of its own, so that the deadline ends both.
    match select(std::pin::pin!(answer), connection).await {
        Either::Left((status, _)) => status,
        Either::Right((_, answer)) => answer.await,
    }
}

async fn read(response: Response<Incoming>) -> Result<u16, Interruption> {
    let status = response.status().as_u16();
    let mut body = response.into_body();
    let mut bytes = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Interruption::Target(FailureReason::Truncated))?;
        bytes = bytes.saturating_add(frame.data_ref().map_or(0, Bytes::len));
        if bytes > BODY_BYTES_MAX {
            break;
        }
    }
    Ok(status)
}

fn before_headers(error: &hyper::Error) -> Interruption {
    let io = std::error::Error::source(error).and_then(|source| source.downcast_ref::<std::io::Error>());
    let in_tls = io.and_then(std::io::Error::get_ref).and_then(|inner| inner.downcast_ref::<rustls::Error>());
    Interruption::Target(match in_tls {
        Some(error) => FailureReason::Tls(tls::text(error)),
        None if error.is_parse() => FailureReason::NotHttp,
        None => FailureReason::Closed,
    })
}
