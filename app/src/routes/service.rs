//! The page of one service: how it is now, and how each of its SLOs stands.

use domain::{Instant, ServiceStatus};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::page;
use crate::api;
use crate::components::frame::Frame;
use crate::components::mark::{mark, of_health};
use crate::components::slo_cells::{SLO_HEADS, SloCells};
use crate::components::still::Still;
use crate::components::table::Table;
use crate::live::Live;
use crate::text;
use crate::view::ServiceView;

/// The service that the address names.
#[component]
pub(crate) fn ServicePage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("name")).unwrap_or_default());
    page(move || name.get(), api::service, |view| view! { <Service view=view /> }.into_any())
}

/// Why it is so, and since when.
fn sentence(service: &ServiceStatus, now: Instant) -> String {
    let reason = service.reason.trim_end_matches('.');
    let since = text::since(service.since, now).map(|since| format!("({since})"));
    text::join(" ", [Some(text::capitalised(reason)), since])
}

#[component]
fn Service(view: ServiceView) -> impl IntoView {
    let live = Live::get();
    let made = view.site.now;
    let row = view.row;
    let title = row.service.display_name.clone();
    let group = row.service.group.clone().map(|group| {
        view! { <li><a href=text::overview_path(Some(&group), "")>{group.clone()}</a></li> }
    });
    let facts = [
        ("Owner", row.service.owner.clone()),
        ("Labels", Some(row.service.tags.join(", ")).filter(|tags| !tags.is_empty())),
        ("Name", Some(row.service.name.clone())),
    ];
    let facts = facts.into_iter().filter_map(|(label, value)| {
        value.map(|value| view! { <div><dt>{label}</dt><dd>{value}</dd></div> })
    });
    let service = live.service(row.service, made);
    let slos: Vec<_> = row
        .slos
        .into_iter()
        .map(|slo| view! { <tbody><tr><SloCells row=slo made=made /></tr></tbody> })
        .collect();
    let table = if slos.is_empty() {
        view! { <p class="none-found">"No objective is declared for this service."</p> }.into_any()
    } else {
        view! {
            <Table class="services slos" caption="Objectives of the service" heads=SLO_HEADS.to_vec()>
                {slos}
            </Table>
        }
        .into_any()
    };
    view! {
        <Frame title=title.clone() site=Some(view.site)>
            <nav class="crumbs" aria-label="Where this is">
                <ol>
                    <li>
                        <a href="/">"Overview"</a>
                    </li>
                    {group}
                </ol>
            </nav>
            <div class="headline">
                <h1 tabindex="-1">{title}</h1>
                {move || service.with(|service| mark(of_health(service.health)))}
            </div>
            <p class="sub">
                {move || service.with(|service| sentence(service, live.now(made)))}
            </p>
            {row.description.map(|text| view! { <p class="about">{text}</p> })}
            <dl class="facts">{facts.collect::<Vec<_>>()}</dl>
            <h2>"Objectives"</h2>
            {table}
            <Still markup=view.panel />
        </Frame>
    }
}
