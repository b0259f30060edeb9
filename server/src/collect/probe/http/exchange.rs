//! The request on the wire, and the answer's status, headers and body.

use futures::future::{Either, select};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONNECTION, HOST, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Request, Response, http};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::HttpAnswer;
use super::body::{BODY_BYTES_MAX, Reader};
use crate::collect::probe::progress::Progress;
use crate::collect::probe::{FailureReason, Interruption, Phase, tls};
use crate::source::HttpRequest;

/// An answer's status line and headers must fit in this.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// Names the instant that an attempt belongs to, RFC 3339 in UTC.
const SCHEDULED: &str = "nines-scheduled";
pub(in crate::collect::probe) const USER_AGENT_TEXT: &str = concat!("nines/", env!("CARGO_PKG_VERSION"));

/// The request as it goes over the wire.
pub(super) fn message(
    request: &HttpRequest,
    scheduled: domain::Instant,
) -> Result<Request<Full<Bytes>>, Interruption> {
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
    let cannot = |error: http::Error| Interruption::Own(format!("the request cannot be written: {error}"));
    let body = request.body.clone().map(Bytes::from).unwrap_or_default();
    let mut message = Request::builder()
        .method(request.method.as_str())
        .uri(target)
        .header(HOST, host)
        .header(USER_AGENT, USER_AGENT_TEXT)
        .header(ACCEPT, "*/*")
        // The target closes first, so that spent connections do not use up the ports on our side.
        .header(CONNECTION, "close")
        .header(SCHEDULED, scheduled.to_string())
        .body(Full::new(body))
        .map_err(cannot)?;
    for (name, value) in &request.headers {
        let name = HeaderName::try_from(name.as_str()).map_err(|error| cannot(error.into()))?;
        let mut value = HeaderValue::try_from(value.as_str()).map_err(|error| cannot(error.into()))?;
        value.set_sensitive(true);
        message.headers_mut().insert(name, value);
    }
    Ok(message)
}

/// Sends the request and reads the answer; its body is dropped unless `keep_body`.
pub(super) async fn exchange<S>(
    stream: S,
    message: Request<Full<Bytes>>,
    keep_body: bool,
    progress: &mut Progress,
) -> Result<HttpAnswer, Interruption>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    progress.enter(Phase::Headers);
    let mut builder = http1::Builder::new();
    let opened =
        builder.max_buf_size(HEAD_BYTES_MAX).title_case_headers(true).handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = opened.map_err(|error| before_headers(&error))?;
    let answer = async move {
        let response = sender.send_request(message).await.map_err(|error| before_headers(&error))?;
        progress.enter(Phase::Body);
        read(response, keep_body).await
    };
    // The connection is driven here and not in a task of its own, so that the deadline ends both.
    match select(std::pin::pin!(answer), connection).await {
        Either::Left((answer, _)) => answer,
        Either::Right((_, answer)) => answer.await,
    }
}

async fn read(response: Response<Incoming>, keep_body: bool) -> Result<HttpAnswer, Interruption> {
    let (head, mut incoming) = response.into_parts();
    let mut reader = keep_body.then(|| Reader::new(&head.headers));
    let mut bytes = 0_usize;
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|_| Interruption::Target(FailureReason::Truncated))?;
        let Some(chunk) = frame.data_ref() else { continue };
        let wants_more = if let Some(reader) = &mut reader {
            reader.take(chunk).map_err(Interruption::Target)?
        } else {
            bytes = bytes.saturating_add(chunk.len());
            bytes <= BODY_BYTES_MAX
        };
        if !wants_more {
            break;
        }
    }
    let body = reader.map(Reader::finish).transpose().map_err(Interruption::Target)?;
    Ok(HttpAnswer { status: head.status.as_u16(), headers: head.headers, body })
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
