//! "How computed": the derivation of every figure of an objective.

use domain::{Instant, Term};
use leptos::prelude::*;

use crate::text;

/// The derivation of every figure, as of `at`; `now`, when the page was made.
pub(crate) fn how_computed(terms: Vec<Term>, at: Instant, now: Instant) -> impl IntoView {
    let terms = terms.into_iter().map(|Term { label, expression, value }| {
        view! {
            <div>
                <dt>{label}</dt>
                <dd>
                    <code>{expression}</code>
                    <b>{value}</b>
                </dd>
            </div>
        }
    });
    let terms = terms.collect::<Vec<_>>();
    view! {
        <details class="card computed">
            <summary>
                <h3>"How computed"</h3>
                <span class="small">{format!("as of {}", text::moment(at, now))}</span>
            </summary>
            <dl class="terms">{terms}</dl>
        </details>
    }
}
