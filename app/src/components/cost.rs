//! The cost of nines: what stricter and laxer targets would allow over the window of an objective.

use domain::proposal::{CostOfNines, CostOfTarget, TierCost};
use domain::{ObjectiveStatus, Target};
use leptos::prelude::*;

use super::table::{Head, Table};

const HEADS: [Head; 5] = [
    Head::Words("Target"),
    Head::Figures("Allowed outage"),
    Head::Figures("Survived from now on"),
    Head::Figures("Events for one failure"),
    Head::Words("In a full outage, fires"),
];

/// A table that opens, a row for each target; the objective's own is marked.
pub(crate) fn cost_of_nines(cost: &CostOfNines, objective: &ObjectiveStatus) -> impl IntoView + use<> {
    let rows = cost.rows.iter().map(|line| row(line, objective.target)).collect::<Vec<_>>();
    let window = format!("over a window of {}", cost.window);
    view! {
        <details class="card cost stacked">
            <summary>
                <h3>"Cost of nines"</h3>
                <span class="small">{window}</span>
            </summary>
            <p class="small">
                "Full outages at steady traffic, rounded against us. What is survived from now on is what is left of the budget. With fewer events than for one failure, a single one misses the target."
            </p>
            <Table class="plain" caption="Cost of nines" heads=HEADS.to_vec()>
                <tbody>{rows}</tbody>
            </Table>
        </details>
    }
}

fn row(line: &CostOfTarget, declared: Target) -> impl IntoView + use<> {
    let tiers = line.tiers.iter().map(|tier| view! { <span class="small">{fires(tier)}</span> });
    let tiers = tiers.collect::<Vec<_>>();
    let own = (line.target == declared).then(|| view! { <span class="small">"as declared"</span> });
    view! {
        <tr aria-current=(line.target == declared).then_some("true")>
            <th scope="row">{line.target_label.clone()} " " {own}</th>
            <td class="num" data-label="Allowed outage">{line.allowed.clone()}</td>
            <td class="num" data-label="Survived from now on">{line.survived.clone()}</td>
            <td class="num" data-label="Events for one failure">{line.events.clone()}</td>
            <td data-label="Fires">{tiers}</td>
        </tr>
    }
}

/// `14.4x over 1 h after 52 s, 2.1 % gone`.
fn fires(TierCost { policy, fires_after, consumed, .. }: &TierCost) -> String {
    format!("{policy} after {fires_after}, {consumed} gone")
}
