//! The overview before anything is declared: it teaches the shortest declaration.

use leptos::prelude::*;

use super::copy::CopyLine;

const EXAMPLE: &str = r#"apiVersion: nines/v1
kind: Objective
metadata: {name: shop-availability}
spec:
  service: shop
  target: 99.9%
  window: 30d
  probe:
    url: "https://shop.example/health"
    interval: 15s
    timeout: 5s
"#;

/// What to declare, to copy.
#[component]
pub(crate) fn EmptyState() -> impl IntoView {
    view! {
        <section class="empty card" aria-labelledby="empty-title">
            <h2 id="empty-title">"Declare the first objective"</h2>
            <p>
                "Put this into a file, say "<code>"shop.yaml"</code>
                ", in the configuration directory. The service appears here with its first probe."
            </p>
            <CopyLine text=EXAMPLE.to_owned() label="Copy the example" />
            <p class="small">
                "Check it before you use it: " <code>"nines check --config DIR"</code>
            </p>
        </section>
    }
}
