//! Errors as `application/problem+json` (RFC 9457), with the request's id. Internal text stays in the log.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::ingest::slices::LineError;

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

    /// No such object.
    pub(super) fn not_found(what: &str, name: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("There is no {what} named `{name}`."))
    }

    /// A question that cannot be understood.
    pub(super) fn bad_request(title: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, title)
    }

    /// The store cannot be used now; the same request may be sent again.
    pub(super) fn unavailable() -> Self {
        let mut problem =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "The database cannot be used at the moment.").detail(
                "Nothing was stored, or it is not known whether it was; sending the same again is harmless.",
            );
        problem.retry_after_seconds = Some(2);
        problem
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = self.retry_after_seconds;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A path below `/api` that does not exist.
pub(super) async fn unknown_path(request: Request) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no such API path.").detail(request.uri().path().to_owned())
}

/// A path that exists, asked with a method that it does not know.
pub(super) async fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "This path does not take this method.")
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
