//! A service in the overview: one row a SLO, with health and name beside them all.

use domain::{Health, Instant, ServiceStatus};
use leptos::prelude::*;

use super::mark::{Tone, mark, of_health, of_state};
use super::slo_cells::SloCells;
use crate::live::Live;
use crate::text;
use crate::view::{ServiceRow, worst};

/// The rows of one service, a `<tbody>` of their own.
#[component]
pub(crate) fn ServiceRows(
    /// As the page was made.
    row: ServiceRow,
    /// When the page was made.
    made: Instant,
) -> impl IntoView {
    let live = Live::get();
    let href = text::service_path(&row.service.name);
    let name = row.service.display_name.clone();
    let owner = text::join(" · ", [row.service.group.clone(), row.service.owner.clone()]);
    let service = live.service(row.service, made);
    let states: Vec<_> = row.slos.iter().map(|slo| live.slo(slo.status.clone(), made)).collect();
    let tone = Memo::new(move |_| {
        let health = service.with(|service| of_health(service.health).1);
        let mut tones =
            states.iter().filter_map(|slo| slo.with(|slo| worst(slo).map(|o| of_state(o.state).1)));
        loudest(health, &mut tones)
    });
    let span = row.slos.len().max(1).to_string();
    let mut slos = row.slos.into_iter();
    let first = slos.next().map_or_else(
        || view! { <td class="c-empty" colspan="6">"No objective is declared."</td> }.into_any(),
        |slo| view! { <SloCells row=slo made=made /> }.into_any(),
    );
    let rest: Vec<_> = slos.map(|slo| view! { <tr><SloCells row=slo made=made /></tr> }).collect();
    view! {
        <tbody class=move || format!("service {}", tone.get())>
            <tr>
                <td class="c-health" rowspan=span.clone()>
                    {move || service.with(|service| health(service, live.now(made)))}
                </td>
                <th class="c-name" scope="rowgroup" rowspan=span>
                    <a class="name" href=href>
                        {name}
                    </a>
                    <span class="small">{owner}</span>
                </th>
                {first}
            </tr>
            {rest}
        </tbody>
    }
}

/// Health as mark and since when; why, unless all is well: a list is quiet about what needs no attention.
fn health(service: &ServiceStatus, now: Instant) -> impl IntoView + use<> {
    let why = (service.health != Health::Up).then(|| service.reason.clone());
    view! {
        {mark(of_health(service.health))}
        <span class="small">{text::since(service.since, now)}</span>
        {why.map(|why| view! { <span class="small why">{why}</span> })}
    }
}

/// The class of a row that needs attention: only what is bad or at risk is loud.
fn loudest(health: Tone, states: &mut dyn Iterator<Item = Tone>) -> &'static str {
    let mut at_risk = health == Tone::Risk;
    for tone in std::iter::once(health).chain(states) {
        match tone {
            Tone::Bad => return "is-bad",
            Tone::Risk => at_risk = true,
            _ => {}
        }
    }
    if at_risk { "is-risk" } else { "" }
}
