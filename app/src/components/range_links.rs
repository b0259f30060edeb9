//! How far back the figures of a page look, as plain links.

use domain::Instant;
use leptos::prelude::*;

use crate::text;
use crate::view::Range;

/// A link for each range of the SLO's page.
pub(crate) fn range_links(slo: &str, current: Range, closed: Option<Instant>) -> impl IntoView + use<> {
    let path = text::slo_path(slo);
    let links = Range::ALL.map(|(range, key, label)| {
        let key = (range != Range::default()).then(|| format!("range={key}"));
        let closed = closed.map(|end| format!("closed={end}"));
        let href = match text::join("&", [key, closed]) {
            query if query.is_empty() => path.clone(),
            query => format!("{path}?{query}"),
        };
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
