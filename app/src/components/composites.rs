//! The composites of a service: how each stands, by which rule, and what each member has to do with it.

use domain::composite::{CompositeStatus, MemberStatus, Taken};
use domain::format;
use leptos::prelude::*;

use super::mark::{mark, of_state};
use super::table::{Head, Table};
use crate::text;

const HEADS: [Head; 6] = [
    Head::Words("Composite"),
    Head::Figures("Target"),
    Head::Figures("SLI"),
    Head::Figures("Budget left"),
    Head::Words("State"),
    Head::Words("Members and their shares of what is consumed"),
];

/// A row for each composite; nothing where there is none.
pub(crate) fn composites(all: &[CompositeStatus]) -> Option<impl IntoView + use<>> {
    if all.is_empty() {
        return None;
    }
    let rows = all.iter().map(|composite| row(composite, all)).collect::<Vec<_>>();
    Some(view! {
        // The class stacks the cells where there is no room for columns.
        <section class="stacked">
            <h2>"Composites"</h2>
            <Table class="plain" caption="Composites of the service" heads=HEADS.to_vec()>
                <tbody>{rows}</tbody>
            </Table>
        </section>
    })
}

fn row(composite: &CompositeStatus, all: &[CompositeStatus]) -> impl IntoView + use<> {
    let sli = format::percent_down(composite.sli, format::decimals(composite.target));
    let members = composite.members.iter().map(|line| member(line, all)).collect::<Vec<_>>();
    view! {
        <tr id=anchor(&composite.composite)>
            <th scope="row">
                {composite.display_name.clone()} " " <span class="small">{rule(composite)}</span>
            </th>
            <td class="num" data-label="Target">{format!("{} %", composite.target.percent())}</td>
            <td class="num" data-label="SLI">{sli}</td>
            <td class="num" data-label="Budget left">{format::remaining(composite.remaining_ratio)}</td>
            <td data-label="State">
                {mark(of_state(composite.state))}
                <span class="small">{text::capitalised(&composite.state_reason)}</span>
            </td>
            <td data-label="Members">{members}</td>
        </tr>
    }
}

/// The rule in words and as a formula, which is the first term of how the figures come about.
fn rule(composite: &CompositeStatus) -> String {
    let formula = composite.terms.first().map(|term| term.expression.clone());
    text::join(": ", [Some(text::capitalised(composite.rule.words())), formula])
}

fn member(line: &MemberStatus, all: &[CompositeStatus]) -> impl IntoView + use<> {
    let name = match &line.objective {
        Some(objective) => format!("{}, {objective}", line.slo),
        None => line.slo.clone(),
    };
    let name = match path(line, all) {
        Some(path) => view! { <a href=path>{name}</a> }.into_any(),
        None => name.into_any(),
    };
    view! {
        <span class="small">{name} {format!(": {}", share(line))}</span>
    }
}

/// Where a member is shown: an objective on the page of its SLO, a composite on this page if it is of this service.
fn path(line: &MemberStatus, all: &[CompositeStatus]) -> Option<String> {
    if line.objective.is_some() {
        return Some(text::slo_path(&line.slo));
    }
    let is_here = all.iter().any(|composite| composite.composite == line.slo);
    is_here.then(|| format!("#{}", anchor(&line.slo)))
}

fn anchor(composite: &str) -> String {
    format!("composite-{composite}")
}

/// Its share of what the composite consumed, and how it was taken if not with its figures.
fn share(line: &MemberStatus) -> String {
    let share = line.share.map(|share| format::percent_down(Some(share), 1));
    match (line.taken, share) {
        (Taken::Counted, Some(share)) => share,
        (Taken::Counted, None) if line.adds_ratio.is_some() => "nothing is consumed".to_owned(),
        // The composite has no figure, whatever this member has.
        (Taken::Counted, None) => format::UNKNOWN.to_owned(),
        (taken, Some(share)) if taken == Taken::AsBad => format!("{share} ({})", taken.words()),
        (taken, _) => taken.words().to_owned(),
    }
}
