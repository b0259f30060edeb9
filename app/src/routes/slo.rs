//! The page of one SLO: for each of its objectives the figures, the burn-down, the tiers, and how all is computed.

mod answered;

use domain::{Instant, SloStatus};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::params::ParamsMap;

use super::page;
use crate::api;
use crate::chart::{BurnDownFigure, past};
use crate::components::frame::Frame;
use crate::components::mark::{mark, of_health, of_state};
use crate::components::stats::stats;
use crate::components::still::Still;
use crate::components::tiers::tiers;
use crate::live::Live;
use crate::text;
use crate::view::{CHANGE_KEYS, Range, SloView, worst};
use answered::Answered;

/// The SLO that the address names, over the range that it names.
#[component]
pub(crate) fn SloPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let key = Memo::new(move |_| {
        let name = params.with(|params| params.get("name")).unwrap_or_default();
        let asked = query.with(|query| {
            let closed = query.get("closed").and_then(|text| Instant::parse(&text).ok());
            (Range::from_query(query.get("range").as_deref()), closed, query.get("objective"), change(query))
        });
        (name, asked)
    });
    let answered = Answered::new();
    page(
        move || key.get(),
        move |(name, (range, closed, objective, change))| {
            let compare = !answered.stands(&name, range, objective.as_deref(), change.as_deref());
            api::slo(name, range, closed, objective, change, compare)
        },
        move |view| view! { <SloBody view=answered.fill_in(view) /> }.into_any(),
    )
}

/// What of the address says what to declare differently; none if nothing does.
fn change(query: &ParamsMap) -> Option<String> {
    let said = |key: &str| {
        let value = query.get(key).filter(|value| !value.trim().is_empty())?;
        Some(format!("{key}={}", text::escape(&value)))
    };
    let said: Vec<String> = CHANGE_KEYS.into_iter().filter_map(said).collect();
    (!said.is_empty()).then(|| said.join("&"))
}

#[component]
fn SloBody(view: SloView) -> impl IntoView {
    let live = Live::get();
    let made = view.site.now;
    let status = status(&view, made);
    // The stream tells of the running period: who looks at a closed one follows nothing.
    let followed = view.closed().is_none().then(|| view.slo.name.clone());
    let title = view.slo.display_name.clone();
    let head = head(&view, made);
    let many = view.slo.objectives.len() > 1;
    let objectives = view.status.objectives.iter().enumerate();
    let pasts = objectives.map(|(index, objective)| (objective.name.clone(), past(&view, index, objective)));
    let pasts: Vec<_> = pasts.collect();
    let panels = view.panels;
    let mut links = Some(view! { <Still markup=panels.ranges /> });
    let what_if = (!panels.what_if.0.is_empty()).then(|| {
        view! {
            <section class="card what-if" id="what-if" aria-labelledby="what-if-title">
                <Still markup=panels.what_if />
                <Still markup=panels.answer />
            </section>
        }
    });
    let (mut beside, mut computed) = (panels.beside.into_iter(), panels.computed.into_iter());
    let sections = pasts.into_iter().enumerate().map(|(place, (name, burn_down))| {
        let beside = beside.next().unwrap_or_default();
        let computed = computed.next().unwrap_or_default();
        let at = move |show: &dyn Fn(&domain::ObjectiveStatus) -> AnyView| {
            status.with(|status| status.objectives.get(place).map(show))
        };
        view! {
            <section class="objective">
                <h2 class:hidden=!many>{format!("Objective {name}")}</h2>
                {move || at(&|objective| stats(objective, live.now(made)).into_any())}
                {links.take()}
                <BurnDownFigure
                    slo=followed.clone()
                    place=place
                    burn_down=burn_down
                    at=view.status.at
                />
                <Still markup=beside />
                <div class="stack">
                    <section class="card">
                        <h3>"Burn-rate tiers"</h3>
                        {move || at(&|objective| tiers(objective, live.now(made)).into_any())}
                    </section>
                    <Still markup=computed />
                </div>
            </section>
        }
    });
    let sections = sections.collect::<Vec<_>>();
    view! {
        <Frame title=title site=Some(view.site)>
            {head} <Still markup=panels.period /> {sections} {what_if} <Still markup=panels.below />
        </Frame>
    }
}

/// The status as of `made`, and then as the stream says; of a closed period, as it is.
fn status(view: &SloView, made: Instant) -> Memo<SloStatus> {
    let page = view.status.clone();
    match view.closed() {
        Some(_) => Memo::new(move |_| page.clone()),
        None => Live::get().slo(page, made),
    }
}

/// What it is, how it stands, and what it belongs to.
fn head(view: &SloView, made: Instant) -> impl IntoView + use<> {
    let live = Live::get();
    let status = status(view, made);
    let service = live.service(view.service.clone(), made);
    let (service_name, service_path) =
        (view.service.display_name.clone(), text::service_path(&view.service.name));
    let targets: Vec<_> = view.slo.objectives.iter().map(|o| format!("{} %", o.target.percent())).collect();
    let sentence = format!("{} good over {}.", targets.join(" and "), text::window(&view.slo.window));
    let state = move || {
        status.with(|status| {
            worst(status).map(|objective| {
                view! {
                    {mark(of_state(objective.state))}
                    <span class="small">{objective.state_reason.clone()}</span>
                }
            })
        })
    };
    view! {
        <nav class="crumbs" aria-label="Where this is">
            <ol>
                <li>
                    <a href="/">"Overview"</a>
                </li>
                <li>
                    <a href=service_path>{service_name.clone()}</a>
                </li>
            </ol>
        </nav>
        <div class="headline">
            <h1 tabindex="-1">{view.slo.display_name.clone()}</h1>
            {state}
        </div>
        <p class="sub">
            <b>{sentence}</b>
            " "
            {view.slo.description.clone()}
        </p>
        <dl class="facts">
            <div>
                <dt>{format!("{service_name} now")}</dt>
                <dd>{move || service.with(|service| mark(of_health(service.health)))}</dd>
            </div>
            <div>
                <dt>"Measured by"</dt>
                <dd>{view.sli.source.clone()}</dd>
            </div>
            <div>
                <dt>"Declared in"</dt>
                <dd>
                    <code>{format!("{}:{}", view.slo.origin.file, view.slo.origin.line)}</code>
                    {format!(", revision {}", view.slo.revision)}
                </dd>
            </div>
        </dl>
    }
}
