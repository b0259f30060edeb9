//! Pages and server functions, rendered by Leptos.
//!
//! A render runs in a task of its own and is collected before it is sent: when a client goes away in mid-answer, Leptos
//! 0.8 would otherwise never clean up that page's reactive graph. It also gives every page its length.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use app::backend::Backend;
use app::{RequestInfo, StatusHook, Theme};
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leptos::context::{provide_context, use_context};
use leptos::nonce::Nonce;
use leptos::server_fn::axum::server_fn_paths;
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;
use leptos_axum::ResponseOptions;
use tokio::sync::Semaphore;
use tower::ServiceExt;

use super::headers::PageNonce;
use super::problem::{self, Problem, REQUEST_ID};
use super::{AppState, body};

/// Renders at a time: each keeps a core busy, and there are few.
static RENDERS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(4));
/// Renders that may wait; beyond that a page is refused at once instead of late.
const WAITING_MAX: usize = 512;
static WAITING: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(WAITING_MAX));
/// A page larger than this is a defect.
const PAGE_BYTES_MAX: usize = 32 * 1_024 * 1_024;

/// Every path that nothing else answers: a file at the top of the site, or a page (possibly "not found").
pub(super) async fn page(State(state): State<AppState>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let problem = problem::method_not_allowed(request).await;
        return ([(header::ALLOW, "GET,HEAD")], problem).into_response();
    }
    let path = request.uri().path().to_owned();
    if let Some(files) = state.site.top_file(&path) {
        return match files.oneshot(request).await {
            Ok(response) => response.into_response(),
            Err(never) => match never {},
        };
    }
    // Scanners ask for thousands of files that are not there; they need no rendered page.
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    if is_file && !path.starts_with("/slos/") && !path.starts_with("/services/") {
        return Problem::new(StatusCode::NOT_FOUND, "There is no such file.").into_response();
    }
    let shell = state.site.shell.clone();
    let render = leptos_axum::render_app_async_with_context(context(&state, Arc::default()), move || {
        app::shell(shell.clone())
    });
    drained(render(request)).await
}

/// Server functions: our pages' private way to ask for data.
pub(super) async fn server_function(State(state): State<AppState>, mut request: Request) -> Response {
    // Leptos knows no HEAD; what is sent as its answer is cut where all others are.
    if request.method() == Method::HEAD {
        *request.method_mut() = Method::GET;
    }
    let path = request.uri().path();
    let methods: Vec<Method> =
        server_fn_paths().filter(|(known, _)| *known == path).map(|(_, method)| method).collect();
    let Some(method) = methods.first() else {
        body::discard(request).await;
        return Problem::new(StatusCode::NOT_FOUND, "There is no such function.").into_response();
    };
    if !methods.contains(request.method()) {
        let allowed = if *method == Method::GET { "GET,HEAD" } else { method.as_str() };
        let allow = HeaderValue::from_str(allowed);
        let mut response = problem::method_not_allowed(request).await.into_response();
        response.headers_mut().extend(allow.ok().map(|allow| (header::ALLOW, allow)));
        return response;
    }
    let answered = Arc::new(AtomicBool::new(false));
    let call = leptos_axum::handle_server_fns_with_context(context(&state, Arc::clone(&answered)), request);
    let mut response = drained(call).await;
    // Leptos sends failures without a type.
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().entry(header::CONTENT_TYPE).or_insert(json);
    // A function that fails says with which status. A failure of which it knows nothing came before it.
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR
        && response.headers().contains_key(SERVER_FN_ERROR_HEADER)
        && !answered.load(Ordering::Relaxed)
    {
        return Problem::bad_request("The arguments of this function cannot be read.").into_response();
    }
    response
}

/// Runs a render to its end, whether or not anybody still waits for it.
async fn drained(render: impl Future<Output = impl IntoResponse> + Send + 'static) -> Response {
    let Ok(waiting) = WAITING.try_acquire() else { return overloaded() };
    let id = REQUEST_ID.try_with(Clone::clone).unwrap_or_default();
    let work = REQUEST_ID.scope(id, async move {
        let Ok(_permit) = RENDERS.acquire().await else { return overloaded() };
        // Held here and not by the handler: it waits on when its client has gone.
        drop(waiting);
        let (mut parts, body) = render.await.into_response().into_parts();
        match to_bytes(body, PAGE_BYTES_MAX).await {
            Ok(bytes) => {
                // Pages hold figures: a stored one would lie.
                parts
                    .headers
                    .entry(header::CACHE_CONTROL)
                    .or_insert(header::HeaderValue::from_static("no-store"));
                Response::from_parts(parts, Body::from(bytes))
            }
            Err(error) => {
                tracing::error!(error = %error, "a page could not be rendered");
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "This page could not be made.")
                    .into_response()
            }
        }
    });
    match tokio::spawn(work).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(error = %error, "rendering a page panicked");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "This page could not be made.").into_response()
        }
    }
}

fn overloaded() -> Response {
    Problem::busy("Too many pages are being made; try again.").into_response()
}

/// What renders and server functions find in context. `status_set` becomes true when one of them sets its status.
fn context(state: &AppState, status_set: Arc<AtomicBool>) -> impl Fn() + Clone + Send + Sync + 'static {
    let backend: Arc<dyn Backend> = Arc::clone(&state.server) as Arc<dyn Backend>;
    let request_id = REQUEST_ID.try_with(Clone::clone).ok();
    move || {
        provide_context(Arc::clone(&backend));
        let parts = use_context::<Parts>();
        let cookies = parts.as_ref().and_then(|parts| parts.headers.get(header::COOKIE)?.to_str().ok());
        let theme = cookies.and_then(Theme::from_cookie_header);
        provide_context(RequestInfo { theme, request_id: request_id.clone() });
        if let Some(PageNonce(nonce)) = parts.as_ref().and_then(|parts| parts.extensions.get::<PageNonce>()) {
            provide_context(Nonce::from_value(nonce.as_str()));
        }
        if let Some(response) = use_context::<ResponseOptions>() {
            let status_set = Arc::clone(&status_set);
            provide_context(StatusHook::new(move |status| {
                status_set.store(true, Ordering::Relaxed);
                if let Ok(status) = StatusCode::from_u16(status) {
                    response.set_status(status);
                }
            }));
        }
    }
}
