//! The cells of one SLO in a table of services or of SLOs; the objective in the worst state speaks for it.

use domain::{Instant, SloStatus};
use leptos::prelude::*;

use super::budget::budget;
use super::mark::{mark, of_state};
use super::table::Head;
use crate::live::Live;
use crate::text;
use crate::view::{SloRow, worst};

/// The heads over [`SloCells`].
pub(crate) const SLO_HEADS: [Head; 6] = [
    Head::Words("Objective"),
    Head::Figures("SLI / target"),
    Head::Words("Error budget left"),
    Head::Figures("Burn 1 h"),
    Head::Words("30 days to today"),
    Head::Figures("Data age"),
];

/// The cells: state, SLI, budget, burn, strip, age. They follow the live stream in place.
#[component]
pub(crate) fn SloCells(
    /// As the page was made.
    row: SloRow,
    /// When the page was made.
    made: Instant,
) -> impl IntoView {
    let live = Live::get();
    let strip = row
        .slo
        .objectives
        .first()
        .map(|objective| charts::strip(&row.strip, objective.target, row.slo.window.usual_seconds()));
    let (markup, summary) = strip.map(|strip| (strip.markup, strip.summary)).unwrap_or_default();
    let href = text::slo_path(&row.slo.name);
    let label = row.slo.display_name;
    let status = live.slo(row.status, made);
    view! {
        <td class="c-state">
            {move || status.with(|status| worst(status).map(|objective| mark(of_state(objective.state))))}
            <a class="small" href=href>
                {label}
            </a>
        </td>
        <td class="c-sli num" data-label="SLI / target">
            {move || status.with(sli)}
        </td>
        <td class="c-budget">{move || status.with(|status| worst(status).map(budget))}</td>
        <td class="c-burn num" data-label="Burn 1 h">
            {move || status.with(|status| text::burn_over(worst(status), BURN_SECONDS))}
        </td>
        <td class="c-strip">
            <svg class="strip" role="img" aria-label=summary inner_html=markup></svg>
        </td>
        <td class="c-age num" data-label="Data age">
            {move || status.with(|status| text::age(status.data_until, live.now(made)))}
        </td>
    }
}

/// The look-back of the burn rate in a list.
const BURN_SECONDS: u32 = 3_600;

fn sli(status: &SloStatus) -> impl IntoView + use<> {
    worst(status).map(|objective| {
        view! {
            <b>{text::sli(objective)}</b>
            <span class="small">{text::target(objective.target)}</span>
        }
    })
}
