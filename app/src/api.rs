//! The server functions behind the pages: reads only, each with a fixed address under `/fn`.
//!
//! They are public addresses: the server's access rules stand in front of them. A failure sets the status of the answer.

use domain::Instant;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use crate::error::AppError;
use crate::view::{OverviewView, Range, ServiceView, SloView};

/// All services, worst first.
#[server(endpoint = "overview", prefix = "/fn", input = GetUrl)]
pub async fn overview() -> Result<OverviewView, AppError> {
    let found = ssr::backend()?.overview().await;
    ssr::answer(found.map(Some))
}

/// One service, by name.
#[server(endpoint = "service", prefix = "/fn", input = GetUrl)]
pub async fn service(name: String) -> Result<ServiceView, AppError> {
    let found = ssr::backend()?.service(&name).await;
    let mut view = ssr::answer(found)?;
    view.panel = crate::components::panels::of_service(&view);
    Ok(view)
}

/// One SLO, by name, with its past over a range; `closed` is the end of a calendar period that is over, and `change` a
/// query that says what `objective` would be declared as instead. That is judged only if `compare` says so: it takes the
/// server long, and who has its answer need not ask again.
#[server(endpoint = "slo", prefix = "/fn", input = GetUrl)]
pub async fn slo(
    name: String,
    range: Range,
    closed: Option<Instant>,
    objective: Option<String>,
    change: Option<String>,
    compare: bool,
) -> Result<SloView, AppError> {
    let proposal = ssr::proposal(objective.clone(), change);
    let asked = crate::view::Asked { range, closed, proposal: proposal.clone().filter(|_| compare) };
    let found = ssr::backend()?.slo(&name, asked).await;
    let mut view = ssr::answer(found)?;
    view.proposal = proposal.filter(|_| view.closed().is_none());
    view.panels = crate::components::panels::of_slo(&view, objective.as_deref());
    Ok(view)
}

#[cfg(feature = "ssr")]
mod ssr {
    use std::sync::Arc;

    use leptos::prelude::use_context;

    use crate::backend::{Backend, BackendError};
    use crate::error::{AppError, ErrorKind};
    use crate::request::{RequestInfo, StatusHook};
    use crate::view::Proposal;

    pub(super) fn backend() -> Result<Arc<dyn Backend>, AppError> {
        use_context::<Arc<dyn Backend>>().ok_or_else(|| fail(ErrorKind::Internal))
    }

    pub(super) fn proposal(objective: Option<String>, change: Option<String>) -> Option<Proposal> {
        change.map(|change| Proposal { objective: objective.unwrap_or_default(), change })
    }

    pub(super) fn answer<T>(found: Result<Option<T>, BackendError>) -> Result<T, AppError> {
        match found {
            Ok(Some(view)) => Ok(view),
            Ok(None) => Err(fail(ErrorKind::NotFound)),
            Err(error) => Err(fail(error.into())),
        }
    }

    fn fail(kind: ErrorKind) -> AppError {
        if let Some(hook) = use_context::<StatusHook>() {
            hook.set(kind.status());
        }
        AppError { kind, request_id: use_context::<RequestInfo>().and_then(|info| info.request_id) }
    }
}
