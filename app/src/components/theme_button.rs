//! The button that goes through system, light and dark. It is there once the client runs; until then the cookie rules.

use leptos::prelude::*;

use crate::theme::{Theme, ThemeChoice};

/// Changes the theme and remembers it.
#[component]
pub(crate) fn ThemeButton() -> impl IntoView {
    let choice = ThemeChoice::get();
    view! {
        <button
            type="button"
            class="theme needs-client"
            title="Colours: system, light or dark"
            on:click=move |_| choice.set(Theme::next(choice.read()))
        >
            <svg class="icon" aria-hidden="true" focusable="false">
                <use href="#i-theme"></use>
            </svg>
            <span class="hidden">"Colours: "</span>
            <span class="theme-word">{move || Theme::label(choice.read())}</span>
        </button>
    }
}
