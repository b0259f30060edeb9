//! Up to when the data are complete, and how long ago that was.

use domain::Instant;
use leptos::prelude::*;

use crate::live::Live;
use crate::text;

/// Seconds after which data stop counting as current: two default slices and a margin.
const STALE_SECONDS: i64 = 150;

/// "Latest data 14:05:10 UTC, 8 s ago", ticking once the client runs.
#[component]
pub(crate) fn Freshness(
    /// End of the latest data as the page was made.
    data_until: Option<Instant>,
    /// When the page was made.
    made: Instant,
) -> impl IntoView {
    let live = Live::get();
    let until = move || live.data_until(data_until);
    let stale = move || until().is_some_and(|until| live.now(made).seconds_since(until) > STALE_SECONDS);
    view! {
        <p class="fresh" class:stale=stale class:none=move || until().is_none()>
            <span class="dot" aria-hidden="true"></span>
            {move || match until() {
                None => "No data yet".to_owned(),
                Some(until) => format!("Latest data {}", text::moment(until, live.now(made))),
            }}
            <span class="ago">
                {move || until().map(|until| format!(", {} ago", text::age(Some(until), live.now(made))))}
            </span>
        </p>
    }
}
