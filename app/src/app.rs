//! The application: contexts, then the route that the address names.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::live::Live;
use crate::routes::not_found::NotFoundPage;
use crate::routes::overview::OverviewPage;
use crate::routes::service::ServicePage;
use crate::routes::slo::SloPage;
use crate::theme::ThemeChoice;

/// All pages. Every route renders completely before the first byte is sent: a page needs no client code to be whole.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    ThemeChoice::provide();
    Live::provide();
    view! {
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/") view=OverviewPage ssr=SsrMode::Async />
                <Route path=path!("/services/:name") view=ServicePage ssr=SsrMode::Async />
                <Route path=path!("/slos/:name") view=SloPage ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}
