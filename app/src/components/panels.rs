//! Draws, on the server, what does not change while a page is open.

use domain::ObjectiveStatus;
use leptos::prelude::*;
use leptos_router::location::Url;

use super::closed_periods::{closed_period, last_periods};
use super::composites::composites;
use super::computed::how_computed;
use super::cost::cost_of_nines;
use super::exclusions::{corrected, exclusions};
use super::period_links::period_links;
use super::probes::probes;
use super::range_links::range_links;
use super::revisions::revisions;
use super::siblings::siblings;
use super::sli::sli_over_time;
use super::what_if::{answer, what_if};
use crate::address::SloAddress;
use crate::chart::past;
use crate::text;
use crate::view::{Markup, ServiceView, SloPanels, SloView};

/// The panels of an SLO's page; `objective` is the one that its address names.
pub(crate) fn of_slo(view: &SloView, objective: Option<&str>) -> SloPanels {
    let address = SloAddress::of(view);
    let change = view.proposal.as_ref().map(|proposal| proposal.change.as_str());
    let objectives = &view.status.objectives;
    let computed = |(index, one)| {
        let cost = view.costs.get(index).map(|cost| cost_of_nines(cost, one));
        let terms = view.derivations.get(index).cloned().unwrap_or_default();
        markup(view! { {cost} {how_computed(terms, view.status.at, view.site.now)} })
    };
    let asked = |key: &str| match key {
        "objective" => objective.unwrap_or_default().to_owned(),
        _ => parameter(change.unwrap_or_default(), key),
    };
    let is_closed = view.closed().is_some();
    let what_if = (!is_closed).then(|| what_if(view, &asked));
    let answer = view.what_if.as_ref().and_then(|found| found.as_ref().ok()).map(answer);
    let period = view.period.as_ref().map(|period| period_links(address, period));
    let siblings = siblings(&view.siblings, &view.slo.name);
    let many = objectives.len() > 1;
    // The burn-down beside it goes on by itself, unless the period is over.
    let as_of = match view.closed() {
        Some(end) => format!("As of {}.", text::dated(end, view.site.now)),
        None => format!("As of {}, when the page was made.", text::moment(view.status.at, view.site.now)),
    };
    let beside = |(index, one): (usize, &ObjectiveStatus)| {
        let past = past(view, index, one);
        let name = many.then_some(one.name.as_str());
        markup(view! { {sli_over_time(&past, index, name, view.status.at, &as_of)} {corrected(one)} })
    };
    let exclusions = exclusions(&view.exclusions, view.status.at);
    let periods = view.closed_periods.as_ref();
    let frozen =
        periods.filter(|_| is_closed).map(|frozen| closed_period(frozen, &view.slo.name, view.site.now));
    let last = periods.filter(|_| !is_closed).map(|frozen| last_periods(&frozen.latest, &view.slo.name));
    let revisions = revisions(&view.past, view.status.at);
    SloPanels {
        period: optional(period.map(|period| view! { {period} {frozen} })),
        ranges: markup(range_links(address)),
        beside: objectives.iter().enumerate().map(beside).collect(),
        computed: objectives.iter().enumerate().map(computed).collect(),
        what_if: optional(what_if),
        answer: optional(answer),
        below: markup(view! { {last} {siblings} {exclusions} {revisions} }),
    }
}

/// The panels of a service's page.
pub(crate) fn of_service(view: &ServiceView) -> Markup {
    let (composites, probes) = (composites(&view.composites), probes(&view.probes, view.site.now));
    optional((composites.is_some() || probes.is_some()).then(|| view! { {composites} {probes} }))
}

/// Nothing at all where there is nothing: an empty view would be a comment.
fn optional(view: Option<impl IntoView>) -> Markup {
    view.map(markup).unwrap_or_default()
}

fn markup(view: impl IntoView) -> Markup {
    Markup(view.into_view().to_html())
}

/// A parameter of a query string; empty if it is not there.
fn parameter(query: &str, key: &str) -> String {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut own = pairs.filter(|(its, _)| *its == key);
    own.next().map(|(_, value)| Url::unescape(&value.replace('+', " "))).unwrap_or_default()
}
