//! What surrounds every page: skip link, top bar, bands that warn, and the main landmark.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use super::band::{BlindBand, DemoBand, LiveBands, OldBand};
use super::freshness::Freshness;
use super::theme_button::ThemeButton;
use crate::live::Live;
use crate::view::Site;

/// A page in its frame.
#[component]
pub(crate) fn Frame(
    /// Title of the page; the product's name follows.
    title: String,
    /// The installation, where it is known.
    site: Option<Site>,
    /// The page itself; it has one `<h1 tabindex="-1">`.
    children: Children,
) -> impl IntoView {
    let path = use_location().pathname;
    let live = Live::get();
    Effect::new(move |_| live.arrived(&path.get_untracked()));
    let on_overview = move || (path.get() == "/").then_some("page");
    let bands = site.clone().map(|site| {
        view! {
            <BlindBand since=site.blind_since made=site.now />
            <OldBand made=site.now />
            {site.demo.map(|demo| view! { <DemoBand demo=demo /> })}
        }
    });
    view! {
        <Title text=format!("{title} – Nines") />
        <a class="skip" href="#main" rel="external">
            "Skip to content"
        </a>
        <header class="top">
            <a class="brand" href="/" aria-label="Nines, overview">
                "nines"<i aria-hidden="true">"."</i>
            </a>
            <nav aria-label="Pages">
                <a href="/" aria-current=on_overview>
                    "Overview"
                </a>
            </nav>
            {site.map(|site| view! { <Freshness data_until=site.data_until made=site.now /> })}
            <ThemeButton />
        </header>
        <LiveBands />
        {bands}
        <main id="main" tabindex="-1">
            {children()}
        </main>
        <footer class="foot">
            <p>"All times are UTC. Percentages are rounded against us."</p>
        </footer>
    }
}
