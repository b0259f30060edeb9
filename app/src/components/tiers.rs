//! The burn-rate tiers of an objective: how fast the budget goes over the long and the short look-back of each.

use domain::burn::{Tier, tiers as tiers_of};
use domain::status::Alert;
use domain::{Instant, ObjectiveStatus, format};
use leptos::prelude::*;

use super::mark::{mark, of_alert};
use crate::text;

/// A table, a row for each tier, as of `now`.
pub(crate) fn tiers(objective: &ObjectiveStatus, now: Instant) -> impl IntoView + use<> {
    let known = tiers_of(objective.target);
    let rows = objective.alerts.iter().map(|alert| {
        let tier = known.iter().copied().find(|tier| tier.name() == alert.policy);
        row(objective, alert, tier, now)
    });
    view! {
        <table class="plain tiers">
            <caption class="hidden">"Burn-rate tiers"</caption>
            <thead>
                <tr>
                    <th scope="col">"Tier"</th>
                    <th scope="col">"Long look-back"</th>
                    <th scope="col">"Short look-back"</th>
                    <th scope="col">"Says"</th>
                </tr>
            </thead>
            <tbody>{rows.collect::<Vec<_>>()}</tbody>
        </table>
    }
}

fn row(
    objective: &ObjectiveStatus,
    alert: &Alert,
    tier: Option<Tier>,
    now: Instant,
) -> impl IntoView + use<> {
    let rate = |seconds: u32| {
        format!("{} over {}", text::burn_over(Some(objective), seconds), format::duration(i64::from(seconds)))
    };
    view! {
        <tr>
            <th scope="row">{alert.policy.clone()}</th>
            <td data-label="Long">{tier.map(|tier| rate(tier.long_seconds))}</td>
            <td data-label="Short">{tier.map(|tier| rate(tier.short_seconds()))}</td>
            <td>
                {mark(of_alert(alert.state))}
                <span class="small">{text::since(alert.since, now)}</span>
            </td>
        </tr>
    }
}
