//! The burn-rate tiers of an objective: how fast the budget goes over the long and the short look-back of each.

use domain::status::Alert;
use domain::{Condition, Instant, ObjectiveStatus, format};
use leptos::prelude::*;

use super::mark::{mark, of_alert};
use super::table::{Head, Table};
use crate::text;

const HEADS: [Head; 4] =
    [Head::Words("Tier"), Head::Words("Long look-back"), Head::Words("Short look-back"), Head::Words("Says")];

/// A table, a row for each tier, as of `now`.
pub(crate) fn tiers(objective: &ObjectiveStatus, now: Instant) -> impl IntoView + use<> {
    let rows = objective.alerts.iter().map(|alert| row(objective, alert, now));
    let rows = rows.collect::<Vec<_>>();
    view! {
        <Table class="plain tiers" caption="Burn-rate tiers" heads=HEADS.to_vec()>
            <tbody>{rows}</tbody>
        </Table>
    }
}

fn row(objective: &ObjectiveStatus, alert: &Alert, now: Instant) -> impl IntoView + use<> {
    let rate = |seconds: u32| {
        format!("{} over {}", text::burn_over(Some(objective), seconds), format::duration(i64::from(seconds)))
    };
    let (long, short) = match alert.condition {
        Condition::Burn { long_seconds, short_seconds, .. } => (Some(long_seconds), Some(short_seconds)),
        Condition::AbsoluteBudget { seconds, .. } | Condition::BudgetDrop { seconds, .. } => {
            (Some(seconds), None)
        }
        Condition::BudgetConsumed { .. } | Condition::Exhaustion { .. } => (None, None),
    };
    view! {
        <tr>
            <th scope="row">{alert.policy.clone()}</th>
            <td data-label="Long">{long.map(rate)}</td>
            <td data-label="Short">{short.map(rate)}</td>
            <td>
                {mark(of_alert(alert.state))}
                <span class="small">{note(alert, now)}</span>
            </td>
        </tr>
    }
}

/// Since when, and which rule speaks for this one.
fn note(alert: &Alert, now: Instant) -> Option<String> {
    let other = alert.suppressed_by.as_ref().map(|other| format!("{other} speaks for it"));
    let said: Vec<String> = text::since(alert.since, now).into_iter().chain(other).collect();
    (!said.is_empty()).then(|| said.join(", "))
}
