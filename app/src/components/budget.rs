//! The error budget left, as percent, as time and as a bar. It is signed: over budget the bar is full and hatched.

use domain::ObjectiveStatus;
use leptos::prelude::*;

use super::mark::of_state;
use crate::text;

/// Text and bar of what an objective has left.
pub(crate) fn budget(objective: &ObjectiveStatus) -> impl IntoView + use<> {
    let left = left(objective);
    let tone = of_state(objective.state).1.class();
    let share = left.map_or(0.0, |left| if left < 0.0 { 1.0 } else { left.min(1.0) });
    // A tenth of a percent is finer than a pixel of the bar.
    let width = format!("{:.1}%", share * 100.0);
    let kind = match left {
        None => "bar unmeasured",
        Some(left) if left < 0.0 => "bar over",
        Some(_) => "bar",
    };
    view! {
        <span class="budget-text">{text::budget_left(objective)}</span>
        <svg class=format!("{kind} {tone}") aria-hidden="true" focusable="false">
            <rect class="track" width="100%" height="100%"></rect>
            <rect class="fill" width=width height="100%"></rect>
        </svg>
    }
}

/// What the bar shows; a target of 1 has no budget, so its bar is full until something is bad.
fn left(objective: &ObjectiveStatus) -> Option<f64> {
    if let (true, Some(bad)) = (objective.target.is_zero_tolerance(), objective.bad) {
        return Some(if bad.is_zero() { 1.0 } else { -1.0 });
    }
    objective.error_budget.left()
}
