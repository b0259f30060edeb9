//! How far back the figures of a page look, as plain links.

use leptos::prelude::*;

use crate::text;
use crate::view::Range;

/// A link for each range of the SLO's page.
pub(crate) fn range_links(slo: &str, current: Range) -> impl IntoView + use<> {
    let path = text::slo_path(slo);
    let links = Range::ALL.map(|(range, key, label)| {
        let href = if range == Range::default() { path.clone() } else { format!("{path}?range={key}") };
        view! {
            <li>
                <a class="chip" href=href aria-current=(range == current).then_some("true")>
                    {label}
                </a>
            </li>
        }
    });
    view! {
        <nav class="ranges" aria-label="Time range">
            <ul class="chips">{links.into_iter().collect::<Vec<_>>()}</ul>
        </nav>
    }
}
