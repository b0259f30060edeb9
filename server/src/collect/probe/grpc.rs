//! gRPC: the question of the standard health service, `grpc.health.v1.Health/Check`, over HTTP/2.
//!
//! Its messages are two fields, so they are written and read here by hand: a name, and a number.

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http2;
use hyper::header::{CONTENT_TYPE, HeaderMap, TE, USER_AGENT};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};

use super::http::USER_AGENT_TEXT;
use super::progress::Progress;
use super::{Answer, FailureReason, Interruption, Network, Phase, connect};
use crate::source::GrpcRequest;

/// A health answer is seven bytes; this is more than any sound one.
const MESSAGE_BYTES_MAX: usize = 4_096;
/// Headers of an answer must fit in this.
const HEAD_BYTES_MAX: u32 = 64 << 10;
/// `SERVING` of `HealthCheckResponse.ServingStatus`.
const SERVING: u64 = 1;
/// The code for "no such service".
const NOT_FOUND: &str = "5";
/// The code for "no such method": there is no health service.
const UNIMPLEMENTED: &str = "12";

/// Asks whether the service serves.
pub(super) async fn ask(
    request: &GrpcRequest,
    network: &Network,
    progress: &mut Progress,
) -> Result<Answer, Interruption> {
    let stream = connect::dial(&request.address, network, progress).await?;
    if request.tls {
        progress.enter(Phase::Handshaking);
        let stream = network.tls.handshake_http2(&request.address.host, stream).await?;
        exchange(request, stream, progress).await
    } else {
        exchange(request, stream, progress).await
    }
}

async fn exchange<S>(
    request: &GrpcRequest,
    stream: S,
    progress: &mut Progress,
) -> Result<Answer, Interruption>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    progress.enter(Phase::Answer);
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.max_header_list_size(HEAD_BYTES_MAX);
    let opened = builder.handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = opened.map_err(|error| broken(&error))?;
    let answer = async move {
        let response = sender.send_request(message(request)?).await.map_err(|error| broken(&error))?;
        read(request, response).await
    };
    // The connection is driven here and not in a task of its own, so that the deadline ends both.
    let mut answer = std::pin::pin!(answer);
    tokio::select! {
        answer = &mut answer => answer,
        _ = connection => answer.await,
    }
}

fn message(request: &GrpcRequest) -> Result<Request<Full<Bytes>>, Interruption> {
    let scheme = if request.tls { "https" } else { "http" };
    Request::post(format!("{scheme}://{}/grpc.health.v1.Health/Check", request.address))
        .header(CONTENT_TYPE, "application/grpc")
        .header(TE, "trailers")
        .header(USER_AGENT, USER_AGENT_TEXT)
        .body(Full::from(frame(&request.service)))
        .map_err(|error| Interruption::Own(format!("the request cannot be written: {error}")))
}

/// `HealthCheckRequest`: field 1, the service's name, behind the prefix that gRPC puts before each message.
fn frame(service: &str) -> Vec<u8> {
    let mut message = Vec::new();
    if !service.is_empty() {
        message.push(0x0a);
        let mut length = service.len();
        while length >= 0x80 {
            message.push(u8::try_from(length & 0x7f).unwrap_or(0) | 0x80);
            length >>= 7;
        }
        message.push(u8::try_from(length).unwrap_or(0));
        message.extend_from_slice(service.as_bytes());
    }
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    [&[0][..], &length.to_be_bytes(), &message].concat()
}

async fn read(request: &GrpcRequest, response: Response<Incoming>) -> Result<Answer, Interruption> {
    let said = |text: String| Err(Interruption::Target(FailureReason::Grpc(text)));
    let (head, mut body) = response.into_parts();
    if head.status != 200 {
        return said(format!("HTTP {}", head.status.as_u16()));
    }
    let kind = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/grpc") {
        return said("the answer is not gRPC".to_owned());
    }
    let mut bytes = Vec::new();
    let mut trailers = HeaderMap::new();
    while let Some(frame) = body.frame().await {
        match frame.map_err(|error| broken(&error))?.into_data() {
            Ok(data) => bytes.extend_from_slice(&data),
            Err(frame) => trailers = frame.into_trailers().unwrap_or_default(),
        }
        if bytes.len() > MESSAGE_BYTES_MAX {
            return said("the answer is too large".to_owned());
        }
    }
    // An answer that is an error alone has its status among the headers.
    let status = trailers.get("grpc-status").or_else(|| head.headers.get("grpc-status"));
    match status.and_then(|status| status.to_str().ok()) {
        Some("0") => {}
        Some(UNIMPLEMENTED) => return said("no health service".to_owned()),
        Some(NOT_FOUND) => return said(format!("no service named {:?}", request.service)),
        Some(code) => return said(format!("status {}", code.get(..3).unwrap_or(code))),
        None => return said("the answer has no status".to_owned()),
    }
    match serving_status(&bytes) {
        Some(SERVING) => Ok(Answer::Serving),
        Some(0) => said("the service's state is UNKNOWN".to_owned()),
        Some(2) => said("NOT_SERVING".to_owned()),
        Some(3) => said("SERVICE_UNKNOWN".to_owned()),
        _ => said("the answer is no health status".to_owned()),
    }
}

/// Field 1 of `HealthCheckResponse`; a message without it says 0, `UNKNOWN`.
fn serving_status(bytes: &[u8]) -> Option<u64> {
    let (&compressed, rest) = bytes.split_first()?;
    let (length, message) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    match (compressed, message.get(..length)?) {
        (0, []) => Some(0),
        (0, [0x08, value]) if *value < 0x80 => Some(u64::from(*value)),
        _ => None,
    }
}

fn broken(error: &hyper::Error) -> Interruption {
    let source = std::error::Error::source(error);
    let by_network = source.is_some_and(|source| source.downcast_ref::<std::io::Error>().is_some());
    let by_peer = error.is_closed() || error.is_canceled() || error.is_incomplete_message();
    Interruption::Target(if by_network || by_peer {
        FailureReason::Closed
    } else {
        FailureReason::Grpc("the answer is not valid HTTP/2 or was reset".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_health_messages_are_as_the_protocol_says() {
        assert_eq!(frame(""), [0, 0, 0, 0, 0]);
        assert_eq!(frame("ab"), [0, 0, 0, 0, 4, 0x0a, 2, b'a', b'b']);
        let long = frame(&"x".repeat(200));
        assert_eq!((long[4], long[5], long[6], long[7]), (203, 0x0a, 200, 1));
        for (bytes, status) in [
            (&[0, 0, 0, 0, 2, 8, 1][..], Some(1)),
            (&[0, 0, 0, 0, 0], Some(0)),
            (&[0, 0, 0, 0, 2, 8, 2], Some(2)),
            (&[1, 0, 0, 0, 2, 8, 1], None),
            (&[0, 0, 0, 0, 9, 8, 1], None),
            (&[0, 0], None),
            (&[], None),
        ] {
            assert_eq!(serving_status(bytes), status, "{bytes:?}");
        }
    }
}
