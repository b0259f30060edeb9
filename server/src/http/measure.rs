//! Counts every request and times its answer: for our own metrics, and for our own objectives.

use std::time::Instant;

use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use crate::metrics::{REFUSED, REQUEST_SECONDS, REQUESTS};
use crate::own;

/// What a request asks for, as metrics tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Api,
    Ingest(Way),
    Stream,
    Page,
    File,
    Health,
}

/// The ways in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Import,
    Events,
    RemoteWrite,
}

impl Kind {
    fn of(method: &Method, path: &str) -> Self {
        match path {
            "/api/v1/sli/import" if method == Method::POST => Self::Ingest(Way::Import),
            "/api/v1/events" if method == Method::POST => Self::Ingest(Way::Events),
            "/api/v1/write" if method == Method::POST => Self::Ingest(Way::RemoteWrite),
            "/api/v1/stream" => Self::Stream,
            "/healthz" | "/readyz" | "/metrics" => Self::Health,
            _ if path == "/api" || path.starts_with("/api/") => Self::Api,
            // Names may have dots.
            _ if path.starts_with("/slos/") || path.starts_with("/services/") => Self::Page,
            _ if path.starts_with("/pkg/")
                || path.rsplit('/').next().is_some_and(|name| name.contains('.')) =>
            {
                Self::File
            }
            _ => Self::Page,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Ingest(_) => "ingest",
            Self::Stream => "stream",
            Self::Page => "page",
            Self::File => "file",
            Self::Health => "health",
        }
    }
}

impl Way {
    const fn word(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Events => "events",
            Self::RemoteWrite => "remote_write",
        }
    }
}

/// The middleware.
pub(super) async fn measure(request: Request, next: Next) -> Response {
    let kind = Kind::of(request.method(), request.uri().path());
    let began = Instant::now();
    let response = next.run(request).await;
    let (status, took) = (response.status(), began.elapsed());
    REQUESTS.add([kind.word(), class(status)], 1);
    REQUEST_SECONDS.observe([kind.word()], took);
    match kind {
        Kind::Ingest(way) => {
            if let Some(reason) = reason(status) {
                REFUSED.add([way.word(), reason], 1);
            }
            own::ingested(!status.is_server_error());
        }
        Kind::Page => own::answered(!status.is_server_error(), took),
        _ => {}
    }
    response
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

/// Why a body was refused; none if it was taken.
fn reason(status: StatusCode) -> Option<&'static str> {
    Some(match status {
        status if status.is_success() => return None,
        StatusCode::PAYLOAD_TOO_LARGE => "too_large",
        StatusCode::BAD_REQUEST => "invalid",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "encoding",
        StatusCode::REQUEST_TIMEOUT => "slow",
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::MISDIRECTED_REQUEST => "not_allowed",
        StatusCode::SERVICE_UNAVAILABLE => "unavailable",
        status if status.is_server_error() => "failed",
        _ => "other",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_of_some_kind() {
        let of = |path: &str| Kind::of(&Method::GET, path).word();
        assert_eq!(["/", "/slos/a.b", "/wall"].map(of), ["page"; 3]);
        assert_eq!(["/api", "/api/v1/slos", "/api/v1/sli/import"].map(of), ["api"; 3]);
        assert_eq!(["/pkg/a.js", "/favicon.ico"].map(of), ["file"; 2]);
        assert_eq!(Kind::of(&Method::POST, "/api/v1/sli/import").word(), "ingest");
    }
}
