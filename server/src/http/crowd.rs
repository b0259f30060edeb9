//! Requests that are answered at a time: beyond the limit they are refused at once, so that those under way end.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use super::problem::Problem;

/// Room for requests.
#[derive(Debug, Clone)]
pub(super) struct Crowd {
    room: Arc<Semaphore>,
    requests_max: usize,
}

impl Crowd {
    pub(super) fn new(requests_max: usize) -> Self {
        Self { room: Arc::new(Semaphore::new(requests_max)), requests_max }
    }
}

/// The middleware. A refused body is not read: with all others doing the same, that would be the crowd over again.
pub(super) async fn keep(State(crowd): State<Crowd>, request: Request, next: Next) -> Response {
    let Ok(_room) = crowd.room.try_acquire() else {
        return Problem::busy("Too many requests are being answered; send this one again.")
            .detail(format!("limit-requests is {}: so many are answered at a time", crowd.requests_max))
            .into_response();
    };
    next.run(request).await
}
