//! The longest that a request may take; tower's own layer would answer with nothing but a status.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

/// When to ask again after an answer took too long: it would take as long at once.
const RETRY_AFTER_SECONDS: u32 = 10;

/// The middleware: gives up after `limit`.
pub(super) async fn keep(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    if let Ok(response) = tokio::time::timeout(limit, next.run(request)).await {
        return response;
    }
    tracing::warn!(http.path = %path, limit_seconds = limit.as_secs_f64(), "a request took too long and was given up");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "This took too long and was given up.")
        .detail("If something was to be stored, it is not known whether it was; sending the same again is harmless.")
        .retry_after(RETRY_AFTER_SECONDS)
        .into_response()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::header;
    use axum::middleware::{from_fn, from_fn_with_state};
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;
    use crate::http::headers;

    #[tokio::test]
    async fn what_takes_too_long_is_a_problem_with_an_id_and_a_time_to_come_back() {
        let router = Router::new()
            .route("/slow", get(std::future::pending::<()>))
            .route("/quick", get(async || "ok"))
            .layer(from_fn_with_state(Duration::from_millis(50), keep))
            .layer(from_fn(headers::protect));
        let get = |path: &str| router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap());
        assert_eq!(get("/quick").await.unwrap().status(), StatusCode::OK);

        let (parts, body) = get("/slow").await.unwrap().into_parts();
        assert_eq!(parts.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(parts.headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(parts.headers[header::RETRY_AFTER], "10");
        let body: serde_json::Value = serde_json::from_slice(&to_bytes(body, 10_000).await.unwrap()).unwrap();
        assert_eq!(body["status"], 503);
        assert_eq!(parts.headers["x-request-id"], body["request_id"].as_str().unwrap());
        assert!(body["title"].as_str().unwrap().contains("too long"), "{body}");
    }
}
