//! The page of one SLO: for each of its objectives the figures, the burn-down, the tiers, and how all is computed.

use domain::slice::Bounds;
use domain::{Instant, Term};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::page;
use crate::api;
use crate::chart::BurnDownFigure;
use crate::components::frame::Frame;
use crate::components::mark::{mark, of_health, of_state};
use crate::components::range_links::range_links;
use crate::components::stats::stats;
use crate::components::tiers::tiers;
use crate::live::Live;
use crate::text;
use crate::view::{Range, SloView, worst};

/// The SLO that the address names, over the range that it names.
#[component]
pub(crate) fn SloPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let key = Memo::new(move |_| {
        let name = params.with(|params| params.get("name")).unwrap_or_default();
        (name, Range::from_query(query.with(|query| query.get("range")).as_deref()))
    });
    let live = Live::get();
    let data = Resource::new(move || (key.get(), live.fetches()), |((name, range), _)| api::slo(name, range));
    page(data, |view| view! { <SloBody view=view /> }.into_any())
}

#[component]
fn SloBody(view: SloView) -> impl IntoView {
    let live = Live::get();
    let made = view.site.now;
    let status = live.slo(view.status.clone(), made);
    let title = view.slo.display_name.clone();
    let head = head(&view, made);
    let many = view.slo.objectives.len() > 1;
    let (seconds, _) = view.range.seconds_and_step(view.slo.window.seconds());
    let links = range_links(&view.slo.name, view.range);
    let mut links = Some(links);
    let mut histories = view.histories.into_iter();
    let mut derivations = view.derivations.into_iter();
    let sections = view.status.objectives.into_iter().enumerate().map(|(place, objective)| {
        let to = objective.window.to;
        let burn_down = charts::BurnDown::from_history(
            &histories.next().unwrap_or_default(),
            &objective,
            view.step_seconds,
            Bounds { from: to - seconds, to },
        );
        let at = move |show: &dyn Fn(&domain::ObjectiveStatus) -> AnyView| {
            status.with(|status| status.objectives.get(place).map(show))
        };
        view! {
            <section class="objective">
                <h2 class:hidden=!many>{format!("Objective {}", objective.name)}</h2>
                {move || at(&|objective| stats(objective, live.now(made)).into_any())}
                {links.take()}
                <BurnDownFigure
                    slo=view.slo.name.clone()
                    place=place
                    burn_down=burn_down
                    at=view.status.at
                />
                <div class="stack">
                    <section class="card">
                        <h3>"Burn-rate tiers"</h3>
                        {move || at(&|objective| tiers(objective, live.now(made)).into_any())}
                    </section>
                    {how_computed(derivations.next().unwrap_or_default(), view.status.at)}
                </div>
            </section>
        }
    });
    let sections = sections.collect::<Vec<_>>();
    view! {
        <Frame title=title site=Some(view.site)>
            {head} {sections}
        </Frame>
    }
}

/// What it is, how it stands, and what it belongs to.
fn head(view: &SloView, made: Instant) -> impl IntoView + use<> {
    let live = Live::get();
    let status = live.slo(view.status.clone(), made);
    let service = live.service(view.service.clone(), made);
    let (service_name, service_path) =
        (view.service.display_name.clone(), text::service_path(&view.service.name));
    let targets: Vec<_> = view.slo.objectives.iter().map(|o| format!("{} %", o.target.percent())).collect();
    let sentence =
        format!("{} good over {}.", targets.join(" and "), text::window(view.slo.window.seconds()));
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

/// The derivation of every figure, as of the moment the page was made.
fn how_computed(terms: Vec<Term>, at: Instant) -> impl IntoView {
    let terms = terms.into_iter().map(|Term { label, expression, value }| {
        view! {
            <div>
                <dt>{label}</dt>
                <dd>
                    <code>{expression}</code>
                    <b>{value}</b>
                </dd>
            </div>
        }
    });
    let terms = terms.collect::<Vec<_>>();
    view! {
        <details class="card computed">
            <summary>
                <h3>"How computed"</h3>
                <span class="small">{format!("as of {}", text::moment(at, at))}</span>
            </summary>
            <dl class="terms">{terms}</dl>
        </details>
    }
}
