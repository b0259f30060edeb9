//! Which period of a calendar window the page is about, and the ones before and after it, as plain links.

use leptos::prelude::*;

use crate::address::SloAddress;
use crate::view::Period;

/// The period's name between the links to its neighbours.
pub(crate) fn period_links(address: SloAddress<'_>, period: &Period) -> impl IntoView + use<> {
    let about = |end| address.about(end).href();
    let previous = about(Some(period.previous));
    let next = match (period.running, period.next) {
        (true, _) => None,
        (false, Some(end)) => Some((about(Some(end)), "Next period")),
        (false, None) => Some((about(None), "Running period")),
    };
    let state = if period.running { "running" } else { "closed" };
    view! {
        <nav class="periods" aria-label="Period">
            <a class="chip" href=previous rel="prev">
                "Previous period"
            </a>
            <b>{period.label.clone()}</b>
            <span class="small">{state}</span>
            {next
                .map(|(href, words)| {
                    view! {
                        <a class="chip" href=href rel="next">
                            {words}
                        </a>
                    }
                })}
        </nav>
    }
}
