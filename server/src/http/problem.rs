//! Errors as `application/problem+json` (RFC 9457), with the request's id. Internal text stays in the log.

use axum::Json;
use axum::body::HttpBody;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::body;
use crate::ingest::slices::LineError;

/// The type of every error.
const PROBLEM: &str = "application/problem+json";
/// When to send the same again after a passing failure.
const RETRY_AFTER_SECONDS: u32 = 2;
/// Letters of a name or a path that an answer repeats.
const NAME_CHARACTERS_ECHOED: usize = 200;

/// An error answer.
#[derive(Debug, Serialize)]
pub(super) struct Problem {
    title: String,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<LineError>,
    #[serde(skip)]
    retry_after_seconds: Option<u32>,
    request_id: String,
}

tokio::task_local! {
    /// The id of the request that this task answers.
    pub(super) static REQUEST_ID: String;
}

impl Problem {
    /// An error with a title for people.
    pub(super) fn new(status: StatusCode, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            status: status.as_u16(),
            detail: None,
            errors: Vec::new(),
            retry_after_seconds: None,
            request_id: REQUEST_ID.try_with(Clone::clone).unwrap_or_default(),
        }
    }

    /// Says more.
    pub(super) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Lists findings by line.
    pub(super) fn errors(mut self, errors: Vec<LineError>) -> Self {
        self.errors = errors;
        self
    }

    /// Says when to send the same again.
    pub(super) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// No such object.
    pub(super) fn not_found(what: &str, name: &str) -> Self {
        let name: String = name.chars().take(NAME_CHARACTERS_ECHOED).collect();
        Self::new(StatusCode::NOT_FOUND, format!("There is no {what} named `{name}`."))
    }

    /// A question that cannot be understood.
    pub(super) fn bad_request(title: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, title)
    }

    /// The store cannot be used now; the same request may be sent again.
    pub(super) fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "The database cannot be used at the moment.")
            .detail(
                "Nothing was stored, or it is not known whether it was; sending the same again is harmless.",
            )
            .retry_after(RETRY_AFTER_SECONDS)
    }

    /// Too much of this is under way; nothing was done.
    pub(super) fn busy(title: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, title).retry_after(RETRY_AFTER_SECONDS)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = self.retry_after_seconds;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        if let Some(seconds) = retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A path below `/api` that does not exist.
pub(super) async fn unknown_path(request: Request) -> Problem {
    let path: String = request.uri().path().chars().take(NAME_CHARACTERS_ECHOED).collect();
    body::discard(request).await;
    Problem::new(StatusCode::NOT_FOUND, "There is no such API path.").detail(path)
}

/// A path that exists, asked with a method that it does not know.
pub(super) async fn method_not_allowed(request: Request) -> Problem {
    body::discard(request).await;
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, title_of(StatusCode::METHOD_NOT_ALLOWED))
}

/// The layer that gives errors without any content, such as those of file services, the shape of all others.
pub(super) async fn never_empty(response: Response) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let kind = response.headers().get(header::CONTENT_TYPE);
    // An answer to HEAD has lost its content already.
    let is_problem = kind.is_some_and(|kind| kind == PROBLEM);
    let says_something = kind.is_some() && response.body().size_hint().exact() != Some(0);
    if !is_error || is_problem || says_something {
        return response;
    }
    let (parts, _) = response.into_parts();
    let mut problem = Problem::new(status, title_of(status)).into_response();
    for (name, value) in &parts.headers {
        // `Allow`, `Content-Range` and their like stay true; what describes the content does not.
        if ![header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING].contains(name) {
            problem.headers_mut().append(name, value.clone());
        }
    }
    problem
}

/// What an error means where nobody said more.
fn title_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "There is no such file.",
        StatusCode::METHOD_NOT_ALLOWED => "This path does not take this method.",
        StatusCode::PRECONDITION_FAILED => "The file is not the one that was asked for.",
        StatusCode::RANGE_NOT_SATISFIABLE => "The file does not reach into this range.",
        other => other.canonical_reason().unwrap_or("This cannot be answered."),
    }
}

/// A handler panicked: the request ends, the server goes on.
#[expect(clippy::needless_pass_by_value, reason = "the signature that the layer asks for")]
pub(super) fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let text =
        cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("unknown"), "a request panicked");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong here; it is in the server's log.")
        .into_response()
}
