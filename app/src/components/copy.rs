//! A text to copy: selectable as it is, with a button once the client runs.

use leptos::prelude::*;

/// A line of code with its button.
#[component]
pub(crate) fn CopyLine(
    /// What is copied.
    text: String,
    /// The button's name for screen readers.
    label: &'static str,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let source = text.clone();
    let copy = move |_| {
        write_clipboard(&source);
        copied.set(true);
    };
    view! {
        <div class="copy">
            <pre tabindex="0">
                <code>{text}</code>
            </pre>
            <button type="button" class="button needs-client" aria-label=label on:click=copy>
                {move || if copied.get() { "Copied" } else { "Copy" }}
            </button>
        </div>
    }
}

#[cfg(feature = "hydrate")]
fn write_clipboard(text: &str) {
    if let Some(window) = web_sys::window() {
        // The promise is not awaited: where copying is not allowed, the text can still be selected.
        drop(window.navigator().clipboard().write_text(text));
    }
}

#[cfg(not(feature = "hydrate"))]
fn write_clipboard(_text: &str) {}
