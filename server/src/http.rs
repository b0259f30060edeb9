//! The HTTP surface: pages, the machine API, the live stream, static files. Handlers only translate; `routes` lists
//! every path with what it asks of its callers.

mod admit;
mod api;
mod body;
mod composites;
mod crowd;
mod deadline;
mod events;
mod exclusions;
mod exposition;
mod extract;
mod guard;
mod headers;
mod health;
mod import;
pub mod listen;
mod measure;
mod openapi;
mod pages;
mod periods;
mod problem;
mod revisions;
pub mod routes;
mod site;
mod stream;
mod what_if;
mod write;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::access::Gate;
use crate::backend::Server;
use crate::engine::Engine;
use crate::limits::Limits;
use crate::samples::Intake;
pub use admit::Need;
pub(crate) use api::duration_seconds;
pub use site::Site;

/// The longest that a request may take, the stream excepted.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// What handlers share.
#[derive(Debug, Clone)]
pub struct AppState {
    /// Figures and declarations.
    pub engine: Arc<Engine>,
    /// The port that pages read.
    pub server: Arc<Server>,
    /// The way in for samples.
    pub intake: Arc<Intake>,
    /// The client bundle.
    pub site: Arc<Site>,
    /// Who may do what.
    pub gate: Arc<Gate>,
    /// What is refused for its size or number.
    pub limits: Limits,
    /// Turns of bodies to be taken in.
    pub bodies: Arc<Semaphore>,
    /// Ends open streams.
    pub cancel: CancellationToken,
}

/// The whole router. `listen` is our own address, `hosts` further names that we answer to.
pub fn router(state: AppState, listen: SocketAddr, hosts: Vec<String>) -> Router {
    // Renders spawn their futures on the runtime that is already here; a second call finds it set.
    drop(any_spawner::Executor::init_tokio());
    let ours = Arc::new(guard::Hosts::new(listen, hosts));
    let (bounded, apart) = routes::routers(&state);
    let crowd = crowd::Crowd::new(state.limits.requests);
    let bounded = bounded
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(REQUEST_TIMEOUT, deadline::keep))
        .layer(from_fn_with_state(crowd, crowd::keep));
    apart
        .merge(bounded)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(map_response(problem::never_empty))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(from_fn_with_state(ours, guard::refuse_foreign))
        .layer(from_fn(measure::measure))
        .layer(from_fn(headers::protect))
        .with_state(state)
}
