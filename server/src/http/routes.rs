//! Every route, with what it asks of its callers: the one list that the router is made from and that tests walk.
//!
//! Invariant: no route exists outside of this list, and none in it without a [`Need`].

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, any, get, post};

use super::admit::{Need, admit};
use super::{
    AppState, api, composites, events, exclusions, exposition, health, import, openapi, pages, periods,
    problem, revisions, stream, what_if,
};
use crate::access::Scope;

/// A route as documents and tests see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// `GET` (and `HEAD`), `POST`, or `*` for all.
    pub method: &'static str,
    /// With `{name}` for a part and `{*name}` for the rest.
    pub path: &'static str,
    /// What it asks of its callers.
    pub need: Need,
}

/// Which bounds an answer is made under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// A time, and a number at a time.
    Bounded,
    /// None of these: streams, which go on until the client leaves, and health, which is asked most when all else is
    /// full.
    Apart,
}

struct Route {
    listed: Listed,
    handler: MethodRouter<AppState>,
    class: Class,
}

const INGEST: Need = Need::Of(Scope::Ingest);
const READ: Need = Need::Of(Scope::Read);

fn route(method: &'static str, path: &'static str, need: Need, handler: MethodRouter<AppState>) -> Route {
    Route { listed: Listed { method, path, need }, handler, class: Class::Bounded }
}

fn read<H: Handler<T, AppState>, T: 'static>(path: &'static str, need: Need, handler: H) -> Route {
    route("GET", path, need, get(handler))
}

fn write<H: Handler<T, AppState>, T: 'static>(path: &'static str, need: Need, handler: H) -> Route {
    route("POST", path, need, post(handler))
}

fn all<H: Handler<T, AppState>, T: 'static>(path: &'static str, need: Need, handler: H) -> Route {
    route("*", path, need, any(handler))
}

fn table() -> Vec<Route> {
    vec![
        Route { class: Class::Apart, ..read("/healthz", Need::Open, health::alive) },
        Route { class: Class::Apart, ..read("/readyz", Need::Open, health::ready) },
        read("/metrics", READ, exposition::metrics),
        read("/api/v1/openapi.json", READ, openapi::document),
        read("/api/v1/services", READ, api::services),
        read("/api/v1/services/{name}", READ, api::service),
        read("/api/v1/services/{name}/probes", READ, api::probes),
        read("/api/v1/slos", READ, api::slos),
        read("/api/v1/slos/{name}", READ, api::slo),
        read("/api/v1/slos/{name}/status", READ, api::status),
        read("/api/v1/slos/{name}/history", READ, api::history),
        read("/api/v1/slos/{name}/periods", READ, periods::all),
        read("/api/v1/slos/{name}/periods/{from}", READ, periods::one),
        read("/api/v1/slos/{name}/exclusion-preview", READ, exclusions::preview),
        read("/api/v1/slos/{name}/revisions", READ, revisions::revisions),
        read("/api/v1/slos/{name}/what-if", READ, what_if::what_if),
        read("/api/v1/slos/{name}/cost-of-nines", READ, what_if::cost_of_nines),
        read("/api/v1/composites", READ, composites::all),
        read("/api/v1/composites/{name}", READ, composites::one),
        write("/api/v1/sli/import", INGEST, import::import),
        write("/api/v1/events", INGEST, events::events),
        write("/api/v1/write", INGEST, super::write::write),
        Route { class: Class::Apart, ..read("/api/v1/stream", READ, stream::stream) },
        // Which paths exist is nobody's business who may not read.
        all("/api", READ, problem::unknown_path),
        all("/api/", READ, problem::unknown_path),
        all("/api/{*rest}", READ, problem::unknown_path),
        // All of our server functions only read, whatever their method.
        route("GET", "/fn/{*name}", READ, get(pages::server_function).post(pages::server_function)),
    ]
}

/// All routes: those of the table, the client's files, and pages, which are whatever else is asked for.
pub fn listed() -> Vec<Listed> {
    let files = Listed { method: "GET", path: "/pkg/{*file}", need: Need::Open };
    let pages = Listed { method: "GET", path: "/{*page}", need: Need::Page };
    table().into_iter().map(|route| route.listed).chain([files, pages]).collect()
}

/// The routers of answers that are bounded in time and number, and of those apart.
pub(super) fn routers(state: &AppState) -> (Router<AppState>, Router<AppState>) {
    let guard = |need| from_fn_with_state((Arc::clone(&state.gate), need), admit);
    let (mut bounded, mut apart) = (Router::new(), Router::new());
    for Route { listed, handler, class } in table() {
        let handler = handler.layer(guard(listed.need));
        match class {
            Class::Bounded => bounded = bounded.route(listed.path, handler),
            Class::Apart => apart = apart.route(listed.path, handler),
        }
    }
    let pages = any(pages::page).layer(from_fn_with_state(state.clone(), admit_to_page));
    let bounded =
        bounded.nest_service("/pkg", state.site.bundle()).fallback_service(pages.with_state(state.clone()));
    (bounded, apart)
}

/// A browser fetches icons without credentials, and they and the bundle are the same for everybody.
async fn admit_to_page(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if state.site.top_file(request.uri().path()).is_some() {
        return next.run(request).await;
    }
    admit(State((state.gate, Need::Page)), request, next).await
}
