//! What does not change while a page is open: markup of the server's making, put in place as it is.

use leptos::prelude::*;

use crate::view::Markup;

/// The markup, without a box of its own; nothing at all where there is none.
#[component]
pub(crate) fn Still(markup: Markup) -> impl IntoView {
    (!markup.0.is_empty()).then(|| view! { <div class="still" inner_html=markup.0></div> })
}
