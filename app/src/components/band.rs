//! Bands under the top bar: what the reader must know before believing the figures below.

use domain::{Instant, format};
use leptos::prelude::*;

use super::copy::CopyLine;
use crate::live::Live;
use crate::text;
use crate::view::Demo;

/// The database cannot be reached: what is shown is as of then. Goes as soon as newer data arrive.
#[component]
pub(crate) fn BlindBand(
    /// Since when, as the page was made.
    since: Option<Instant>,
    /// When the page was made.
    made: Instant,
) -> impl IntoView {
    let live = Live::get();
    move || {
        let newer = |since: &Instant| live.data_until(None).is_none_or(|until| until <= *since);
        since.filter(newer).map(|since| {
            view! {
                <div class="band bad" role="alert">
                    <p>
                        <b>{format!("The database cannot be reached since {}.", text::moment(since, made))}</b>
                        " Everything below is as of then. Measuring goes on, and its results wait to be stored."
                    </p>
                </div>
            }
        })
    }
}

/// More has changed than the stream tells, and it could not be fetched: what only the page's own data hold is old.
#[component]
pub(crate) fn OldBand(
    /// When the page's data were made.
    made: Instant,
) -> impl IntoView {
    let live = Live::get();
    move || {
        live.shows_old_data().then(|| {
            view! {
                <div class="band" role="status">
                    <p>
                        <b>{format!("Strips and charts are as of {}.", text::moment(made, live.now(made)))}</b>
                        " Newer ones could not be fetched; it is tried again every half minute."
                    </p>
                </div>
            }
        })
    }
}

/// This is a demo: how to break it, and how far its history has come.
#[component]
pub(crate) fn DemoBand(
    /// The notice.
    demo: Demo,
) -> impl IntoView {
    let live = Live::get();
    let made = demo.history_filled;
    let filled = move || live.history_filled(made).clamp(0.0, 1.0);
    // Strips and history are not on the stream: once all of it is there the page asks for them.
    Effect::new(move |_| {
        if made < 1.0 && filled() >= 1.0 {
            live.fetch_anew();
        }
    });
    let percent = move || format::percent_down(Some(filled()), 0);
    let progress = move || {
        (filled() < 1.0).then(|| {
            view! {
                <p class="fill-in">
                    <label for="history">"Writing 90 days of history: "{percent()}</label>
                    <progress id="history" max="1" value=format!("{:.3}", filled())>
                        {percent()}
                    </progress>
                </p>
            }
        })
    };
    view! {
        <aside class="band demo" aria-label="Demo">
            <details open>
                <summary>
                    <b>"This is a demo."</b>
                    " Its services are real and really probed. Break one and watch."
                </summary>
                <dl class="lines">
                    <dt>"Break it"</dt>
                    <dd><CopyLine text=demo.break_line label="Copy the line that breaks it" /></dd>
                    <dt>"Mend it"</dt>
                    <dd><CopyLine text=demo.mend_line label="Copy the line that mends it" /></dd>
                </dl>
            </details>
            {progress}
        </aside>
    }
}

/// What the live stream has to say: lost, or a newer version; and changes, for screen readers.
#[component]
pub(crate) fn LiveBands() -> impl IntoView {
    let live = Live::get();
    let lost = move || {
        live.lost_since().map(|since| {
            view! {
                <div class="band bad" role="alert">
                    <p>
                        <b>"Connection lost,"</b>
                        {format!(" showing data as of {}.", text::moment(since, since))}
                    </p>
                </div>
            }
        })
    };
    let outdated = move || {
        live.is_outdated().then(|| {
            view! {
                <div class="band" role="status">
                    <p>
                        "There is a new version. "
                        <a href="" rel="external">
                            "Reload"
                        </a>
                    </p>
                </div>
            }
        })
    };
    view! {
        {lost}
        {outdated}
        <p class="hidden" role="status" aria-live="polite">
            {move || live.announcement()}
        </p>
    }
}
