//! What is excluded from a window: the figures with and without it, and who said so and why.

use domain::exclusion::Exclusion;
use domain::status::{Excluded, Raw};
use domain::{Instant, ObjectiveStatus, format};
use leptos::prelude::*;

use super::table::{Head, Table};
use crate::text;
use crate::view::ExcludedStretch;

const FIGURE_HEADS: [Head; 5] = [
    Head::Words("Figures"),
    Head::Figures("SLI"),
    Head::Figures("Bad"),
    Head::Figures("Total"),
    Head::Figures("Coverage"),
];
const STRETCH_HEADS: [Head; 5] = [
    Head::Words("When"),
    Head::Words("What"),
    Head::Words("Effect"),
    Head::Words("Why"),
    Head::Words("Declared in"),
];

/// The figures as measured beside those after exclusions; nothing where nothing is excluded.
pub(crate) fn corrected(objective: &ObjectiveStatus) -> Option<impl IntoView + use<>> {
    let (raw, excluded) = (objective.raw.as_ref()?, objective.excluded.as_ref()?);
    let rows = [measured(raw, objective), after(objective)];
    let sentence = share(excluded, objective);
    Some(view! {
        <section class="card stacked">
            <h3>"With and without exclusions"</h3>
            <p>{sentence}</p>
            <Table class="plain" caption="Figures with and without exclusions" heads=FIGURE_HEADS.to_vec()>
                <tbody>{rows.into_iter().map(figures).collect::<Vec<_>>()}</tbody>
            </Table>
        </section>
    })
}

fn measured(raw: &Raw, objective: &ObjectiveStatus) -> [String; 5] {
    [
        "As measured".to_owned(),
        format::sli_percent(Some(raw.good), Some(raw.total), objective.target),
        format::counted(Some(raw.bad)),
        format::counted(Some(raw.total)),
        text::coverage(raw.coverage),
    ]
}

fn after(objective: &ObjectiveStatus) -> [String; 5] {
    [
        "After exclusions".to_owned(),
        text::sli(objective),
        format::counted(objective.bad),
        format::counted(objective.total),
        text::coverage(objective.coverage),
    ]
}

fn figures(cells: [String; 5]) -> impl IntoView {
    let [name, sli, bad, total, coverage] = cells;
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td class="num" data-label="SLI">{sli}</td>
            <td class="num" data-label="Bad">{bad}</td>
            <td class="num" data-label="Total">{total}</td>
            <td class="num" data-label="Coverage">{coverage}</td>
        </tr>
    }
}

/// How much of the window is excluded: it is never hidden.
fn share(excluded: &Excluded, objective: &ObjectiveStatus) -> String {
    let window = objective.window.to.seconds_since(objective.window.from).max(1);
    let seconds = i64::try_from(excluded.seconds).unwrap_or(i64::MAX);
    let ratio = domain::ratio::ratio(i128::from(seconds), i128::from(window));
    format!(
        "{} are excluded, {} of the window, with {} bad of {} {}.",
        format::duration(seconds),
        format::percent_up(ratio, 1),
        format::counted(Some(excluded.total.less(excluded.good))),
        format::counted(Some(excluded.total)),
        objective.unit,
    )
}

/// The excluded stretches of the window, as of `at`; nothing where there are none.
pub(crate) fn exclusions(stretches: &[ExcludedStretch], at: Instant) -> Option<impl IntoView + use<>> {
    if stretches.is_empty() {
        return None;
    }
    let rows = stretches.iter().map(|stretch| row(stretch, at)).collect::<Vec<_>>();
    Some(view! {
        <section class="card stacked">
            <h2>"Exclusions"</h2>
            <Table class="plain" caption="Excluded stretches of the window" heads=STRETCH_HEADS.to_vec()>
                <tbody>{rows}</tbody>
            </Table>
        </section>
    })
}

fn row(stretch: &ExcludedStretch, at: Instant) -> impl IntoView + use<> {
    let ExcludedStretch { bounds, exclusion } = stretch;
    let Exclusion { display_name, category, author, reason, effect, origin, .. } = exclusion;
    let length = format::duration(bounds.to.seconds_since(bounds.from));
    view! {
        <tr>
            <th scope="row">
                {text::dated(bounds.from, at)} " " <span class="small">{format!("for {length}")}</span>
            </th>
            <td data-label="What">{format!("{display_name}, {}", category.words())}</td>
            <td data-label="Effect">{effect.words()}</td>
            <td data-label="Why">{format!("{reason} ({author})")}</td>
            <td data-label="Declared in">
                <code>{format!("{}:{}", origin.file, origin.line)}</code>
            </td>
        </tr>
    }
}
