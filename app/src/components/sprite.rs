//! The icons and the patterns, once a page, inline: a pattern in another file cannot be referred to by `url(#hatch)`.
//!
//! Each health and each state has a shape of its own, so that colour is never the only difference.

use leptos::prelude::*;

const SYMBOLS: &str = include_str!("sprite.svg");

/// All icons; invisible by itself.
#[component]
pub(crate) fn Sprite() -> impl IntoView {
    view! { <svg class="sprite" width="0" height="0" aria-hidden="true" focusable="false" inner_html=SYMBOLS></svg> }
}
