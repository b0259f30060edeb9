//! The HTTP surface: pages, the machine API, the live stream, static files. Handlers only translate.

mod api;
mod body;
mod composites;
mod deadline;
mod exclusions;
mod extract;
mod guard;
mod headers;
mod health;
mod import;
pub mod listen;
mod pages;
mod periods;
mod problem;
mod revisions;
mod site;
mod stream;
mod what_if;
mod write;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::routing::{get, post};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::backend::Server;
use crate::engine::Engine;
use crate::samples::Intake;
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
    /// Ends open streams.
    pub cancel: CancellationToken,
}

/// The whole router. `listen` is our own address, `hosts` further names that we answer to.
pub fn router(state: AppState, listen: SocketAddr, hosts: Vec<String>) -> Router {
    // Renders spawn their futures on the runtime that is already here; a second call finds it set.
    drop(any_spawner::Executor::init_tokio());
    let ours = Arc::new(guard::Hosts::new(listen, hosts));
    let bounded = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/api/v1/services", get(api::services))
        .route("/api/v1/services/{name}", get(api::service))
        .route("/api/v1/slos", get(api::slos))
        .route("/api/v1/slos/{name}", get(api::slo))
        .route("/api/v1/slos/{name}/status", get(api::status))
        .route("/api/v1/slos/{name}/history", get(api::history))
        .route("/api/v1/slos/{name}/periods", get(periods::all))
        .route("/api/v1/slos/{name}/periods/{from}", get(periods::one))
        .route("/api/v1/slos/{name}/exclusion-preview", get(exclusions::preview))
        .route("/api/v1/slos/{name}/revisions", get(revisions::revisions))
        .route("/api/v1/slos/{name}/what-if", get(what_if::what_if))
        .route("/api/v1/slos/{name}/cost-of-nines", get(what_if::cost_of_nines))
        .route("/api/v1/composites", get(composites::all))
        .route("/api/v1/composites/{name}", get(composites::one))
        .route("/api/v1/sli/import", post(import::import))
        .route("/api/v1/write", post(write::write))
        .route("/api", axum::routing::any(problem::unknown_path))
        .route("/api/", axum::routing::any(problem::unknown_path))
        .route("/api/{*rest}", axum::routing::any(problem::unknown_path))
        .route("/fn/{*name}", get(pages::server_function).post(pages::server_function))
        .nest_service("/pkg", state.site.bundle())
        .fallback(pages::page)
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(REQUEST_TIMEOUT, deadline::keep));
    Router::new()
        .route("/api/v1/stream", get(stream::stream))
        .merge(bounded)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(map_response(problem::never_empty))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(from_fn_with_state(ours, guard::refuse_foreign))
        .layer(from_fn(headers::protect))
        .with_state(state)
}
