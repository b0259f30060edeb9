//! The figures of one objective in a row: SLI, budget left, burn, exhaustion, coverage.

use domain::{Instant, ObjectiveStatus};
use leptos::prelude::*;

use super::mark::of_state;
use crate::text;

/// The row of figures, as of `now`.
pub(crate) fn stats(objective: &ObjectiveStatus, now: Instant) -> impl IntoView + use<> {
    let tone = of_state(objective.state).1.class();
    let (exhausted, exhausted_note) = text::exhaustion(objective, now);
    let figures = [
        ("SLI", text::sli(objective), text::target(objective.target)),
        ("Budget left", text::budget_percent(objective), text::budget_note(objective)),
        (
            "Burn, 1 h",
            text::burn_over(Some(objective), 3_600),
            format!("{} over 6 h", text::burn_over(Some(objective), 21_600)),
        ),
        ("Exhausted", exhausted, exhausted_note),
        ("Coverage", text::coverage(objective.coverage), text::unmeasured(objective)),
    ];
    let figures = figures.map(|(label, value, note)| {
        view! {
            <div class="stat">
                <dt>{label}</dt>
                <dd>
                    <b>{value}</b>
                    <span>{note}</span>
                </dd>
            </div>
        }
    });
    view! { <dl class=format!("stats {tone}")>{figures.into_iter().collect::<Vec<_>>()}</dl> }
}
