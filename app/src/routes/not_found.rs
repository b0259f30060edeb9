//! The page for an address that leads nowhere, with status 404.

use leptos::prelude::*;

use crate::components::error_panel::ErrorPage;
use crate::error::ErrorKind;
use crate::request::StatusHook;

/// Says so.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    if let Some(hook) = use_context::<StatusHook>() {
        hook.set(ErrorKind::NotFound.status());
    }
    view! { <ErrorPage error=ErrorKind::NotFound.into() /> }
}
