//! `GET /api/v1/openapi.json`: the machine API in `OpenAPI` 3.1.
//!
//! Kept by hand: derived schemas would need a crate in `domain`, which has none, and say less. A test walks every path
//! of the document against a running server, holds the answers to its schemas and its scopes to those of the routes,
//! and finds routes that it does not name.

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// The document.
const DOCUMENT: &str = include_str!("openapi.json");

pub(super) async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}
