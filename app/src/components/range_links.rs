//! How far back the figures of a page look, as plain links.

use leptos::prelude::*;

use crate::address::SloAddress;
use crate::view::Range;

/// A link for each range of the page at `address`.
pub(crate) fn range_links(address: SloAddress<'_>) -> impl IntoView + use<> {
    let here = address.href();
    let links = Range::ALL.map(|(range, _, label)| {
        let href = address.over(range).href();
        let is_here = href == here;
        view! {
            <li>
                <a class="chip" href=href aria-current=is_here.then_some("true")>
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
