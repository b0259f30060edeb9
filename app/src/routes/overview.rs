//! The overview: one sentence, then every service, worst first.

use std::collections::BTreeMap;

use domain::{ServiceStatus, SloStatus};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::page;
use crate::api;
use crate::components::empty::EmptyState;
use crate::components::filters::{Filters, GroupCount};
use crate::components::frame::Frame;
use crate::components::service_rows::ServiceRows;
use crate::components::slo_cells::SLO_HEADS;
use crate::components::table::{Head, Table};
use crate::live::Live;
use crate::verdict::{Standing, summary, verdict};
use crate::view::{OverviewView, ServiceRow, worst};

/// All services, worst first.
#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    page(|| (), |()| api::overview(), |view| view! { <Overview view=view /> }.into_any())
}

/// A service as it stands now, for the sentence, the order and the filters.
#[derive(Clone)]
struct Entry {
    row: ServiceRow,
    service: Memo<ServiceStatus>,
    slos: Vec<Memo<SloStatus>>,
}

impl Entry {
    fn standing(&self) -> Standing {
        let states = self.slos.iter().filter_map(|slo| slo.with(|slo| worst(slo).map(|worst| worst.state)));
        Standing {
            name: self.row.service.display_name.clone(),
            health: self.service.with(|service| service.health),
            state: states.min(),
        }
    }

    fn is_found(&self, group: Option<&str>, search: &str) -> bool {
        let service = &self.row.service;
        let in_group = group.is_none_or(|group| service.group.as_deref() == Some(group));
        let texts = [
            Some(&service.name),
            Some(&service.display_name),
            service.owner.as_ref(),
            service.group.as_ref(),
        ];
        let search = search.trim().to_lowercase();
        in_group
            && (texts
                .into_iter()
                .flatten()
                .chain(&service.tags)
                .any(|text| text.to_lowercase().contains(&search))
                || self.row.slos.iter().any(|slo| slo.slo.display_name.to_lowercase().contains(&search)))
    }
}

#[component]
fn Overview(view: OverviewView) -> impl IntoView {
    let live = Live::get();
    let made = view.site.now;
    let groups = groups(&view.services);
    let entries = StoredValue::new(
        view.services
            .into_iter()
            .map(|row| Entry {
                service: live.service(row.service.clone(), made),
                slos: row.slos.iter().map(|slo| live.slo(slo.status.clone(), made)).collect(),
                row,
            })
            .collect::<Vec<_>>(),
    );
    let query = use_query_map();
    let group =
        Signal::derive(move || query.with(|query| query.get("group").filter(|group| !group.is_empty())));
    let typed = RwSignal::new(None::<String>);
    let search = Signal::derive(move || {
        typed.get().or_else(|| query.with(|query| query.get("q"))).unwrap_or_default()
    });
    let standings =
        Memo::new(move |_| entries.with_value(|all| all.iter().map(Entry::standing).collect::<Vec<_>>()));
    // The order is a memo of places: a figure that changes leaves it alone, only health and state move rows.
    let order = Memo::new(move |_| {
        let mut places: Vec<_> =
            standings.with(|all| all.iter().map(Standing::severity).enumerate().collect());
        places.sort_by_key(|(_, severity)| *severity);
        places.into_iter().map(|(place, _)| place).collect::<Vec<_>>()
    });
    let shown = Memo::new(move |_| {
        let (group, search) = (group.get(), search.get());
        entries.with_value(|all| {
            let found =
                |place: &usize| all.get(*place).is_some_and(|e| e.is_found(group.as_deref(), &search));
            order.get().into_iter().filter(found).collect::<Vec<_>>()
        })
    });
    let under = move || entries.with_value(|all| summarise(all));
    let rows = move |place: usize| {
        entries
            .with_value(|all| all.get(place).map(|entry| entry.row.clone()))
            .map(|row| view! { <ServiceRows row=row made=made /> })
    };
    let heads = [Head::Words("Health"), Head::Words("Service")].into_iter().chain(SLO_HEADS).collect();
    let table = view! {
        <Filters groups=groups group=group search=search typed=typed />
        <Table class="services" caption="Services and their objectives, worst first" heads=heads>
            <For each=move || shown.get() key=|place| *place children=rows />
        </Table>
        {move || shown.with(Vec::is_empty).then(|| view! { <p class="none-found">"No service matches."</p> })}
    };
    let body = if entries.with_value(Vec::is_empty) {
        view! { <EmptyState /> }.into_any()
    } else {
        table.into_any()
    };
    view! {
        <Frame title="Overview".to_owned() site=Some(view.site)>
            <h1 class="verdict" tabindex="-1">
                {move || standings.with(|all| order.with(|order| sentence(all, order)))}
            </h1>
            <p class="sub">{under}</p>
            {body}
        </Frame>
    }
}

fn sentence(standings: &[Standing], order: &[usize]) -> String {
    let in_order: Vec<_> = order.iter().filter_map(|place| standings.get(*place).cloned()).collect();
    verdict(&in_order)
}

fn summarise(entries: &[Entry]) -> String {
    let (mut states, mut coverages) = (Vec::new(), Vec::new());
    for slo in entries.iter().flat_map(|entry| &entry.slos) {
        slo.with(|slo| {
            states.extend(slo.objectives.iter().map(|objective| objective.state));
            coverages.extend(slo.objectives.iter().map(|objective| objective.coverage));
        });
    }
    summary(&states, &coverages)
}

/// All, then each group by name, with the number of its services.
fn groups(services: &[ServiceRow]) -> Vec<GroupCount> {
    let mut counts = BTreeMap::<String, usize>::new();
    for group in services.iter().filter_map(|row| row.service.group.clone()) {
        *counts.entry(group).or_default() += 1;
    }
    let all = GroupCount { group: None, services: services.len() };
    let each = counts.into_iter().map(|(group, services)| GroupCount { group: Some(group), services });
    std::iter::once(all).chain(each).collect()
}
