//! Draws, on the server, what does not change while a page is open.

use leptos::prelude::*;
use leptos_router::location::Url;

use super::closed_periods::{closed_period, last_periods};
use super::composites::composites;
use super::computed::how_computed;
use super::cost::cost_of_nines;
use super::exclusions::{corrected, exclusions};
use super::revisions::revisions;
use super::siblings::siblings;
use super::what_if::what_if;
use crate::view::{Markup, ServiceView, SloPanels, SloView};

/// The panels of an SLO's page; `objective` and `change` are what its address asks to declare differently.
pub(crate) fn of_slo(view: &SloView, objective: Option<&str>, change: Option<&str>) -> SloPanels {
    let objectives = &view.status.objectives;
    let computed = |(index, one)| {
        let cost = view.costs.get(index).map(|cost| cost_of_nines(cost, one));
        let terms = view.derivations.get(index).cloned().unwrap_or_default();
        markup(view! { {cost} {how_computed(terms, view.status.at)} })
    };
    let asked = |key: &str| match key {
        "objective" => objective.unwrap_or_default().to_owned(),
        _ => parameter(change.unwrap_or_default(), key),
    };
    let is_closed = view.period.as_ref().is_some_and(|period| !period.running);
    let what_if = (!is_closed).then(|| what_if(view, &asked));
    let siblings = siblings(&view.siblings, &view.slo.name);
    let exclusions = exclusions(&view.exclusions, view.status.at);
    let frozen = view.closed_periods.as_ref();
    let period =
        frozen.filter(|_| is_closed).map(|frozen| closed_period(frozen, &view.slo.name, view.site.now));
    let last = frozen.filter(|_| !is_closed).map(|frozen| last_periods(&frozen.latest, &view.slo.name));
    let revisions = revisions(&view.past, view.status.at);
    SloPanels {
        period: period.map(markup).unwrap_or_default(),
        corrected: objectives.iter().map(|one| corrected(one).map(markup).unwrap_or_default()).collect(),
        computed: objectives.iter().enumerate().map(computed).collect(),
        below: markup(view! { {last} {what_if} {siblings} {exclusions} {revisions} }),
    }
}

/// The panel of a service's page.
pub(crate) fn of_service(view: &ServiceView) -> Markup {
    markup(composites(&view.composites))
}

fn markup(view: impl IntoView) -> Markup {
    Markup(view.into_view().to_html())
}

/// A parameter of a query string; empty if it is not there.
fn parameter(query: &str, key: &str) -> String {
    let pairs = query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
    let mut own = pairs.filter(|(its, _)| *its == key);
    own.next().map(|(_, value)| Url::unescape(&value.replace('+', " "))).unwrap_or_default()
}
