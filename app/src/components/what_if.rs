//! "What if it were declared differently?": a plain form whose address can be shared, and its answer, as sentences and
//! as figures beside each other.

mod words;

use domain::estate::Method;
use domain::proposal::{Outlook, WhatIf};
use domain::{Slo, format};
use leptos::prelude::*;

use super::mark::{mark, of_state};
use super::table::{Head, Table};
use crate::address::SloAddress;
use crate::text;
use crate::view::{Proposal, Range, SloView};
use words::{absent, declaration, fired, names, rule_of, sentences};

const HEADS: [Head; 3] = [Head::Words("Figure"), Head::Words("As declared"), Head::Words("As changed")];
const METHODS: [Method; 3] = [Method::Occurrences, Method::Timeslices, Method::RatioTimeslices];

/// The form, filled with what the address says; under it why that is refused, or, where nothing is asked, what the form
/// is for.
pub(crate) fn what_if(view: &SloView, asked: &dyn Fn(&str) -> String) -> impl IntoView + use<> {
    let address = SloAddress::of(view);
    let refused = view.what_if.as_ref().and_then(|found| found.as_ref().err().cloned());
    let teach = view.proposal.is_none().then(|| teach(&view.slo, address));
    view! {
        <h2 id="what-if-title">"What if"</h2>
        {form(view, address, asked)}
        {refused.map(|reason| view! { <p class="refused" id="what-if-refused">{reason}</p> })}
        {teach}
    }
}

fn form(view: &SloView, address: SloAddress<'_>, asked: &dyn Fn(&str) -> String) -> impl IntoView + use<> {
    let slo = &view.slo;
    let action = format!("{}#what-if", text::slo_path(&slo.name));
    let start = asked("start");
    let objective = asked("objective");
    let declared = slo.objectives.iter().find(|one| one.name == objective).or(slo.objectives.first());
    let (targets, slices) = declared.map_or((String::new(), None), |one| (one.target.percent(), one.slices));
    let method = asked("method");
    let judges_slices =
        slo.method != Method::Occurrences || !["", Method::Occurrences.name()].contains(&method.as_str());
    let thresholds = slices.and_then(|rule| rule.target).map(domain::Target::percent).unwrap_or_default();
    let lengths = slices.map(|rule| format!("{} s", rule.seconds)).unwrap_or_default();
    let many = slo.objectives.len() > 1;
    let objectives: Vec<_> = slo.objectives.iter().map(|one| (one.name.clone(), one.name.clone())).collect();
    let mut methods = vec![(String::new(), format!("as declared, {}", slo.method.name()))];
    methods.extend(METHODS.map(|method| (method.name().to_owned(), method.name().to_owned())));
    let refused = view.what_if.as_ref().is_some_and(Result::is_err);
    view! {
        <form
            method="get"
            action=action
            aria-describedby=refused.then_some("what-if-refused")
        >
            {(view.range != Range::default())
                .then(|| view! { <input type="hidden" name="range" value=view.range.key() /> })}
            // A calendar's start has no field; an address that has it keeps it.
            {(!start.is_empty()).then(|| view! { <input type="hidden" name="start" value=start /> })}
            {many.then(|| select("Objective", "objective", objectives, &objective))}
            {field("Target, %", "target", asked("target"), targets)}
            {field("Window", "window", asked("window"), text::window(&slo.window))}
            {field("Zone of a calendar window", "zone", asked("zone"), "UTC".to_owned())}
            {select("Counting", "method", methods, &method)}
            {judges_slices.then(|| field("Slice", "slice", asked("slice"), lengths))}
            {judges_slices
                .then(|| field("Slice target, %", "slice-target", asked("slice-target"), thresholds))}
            <button type="submit" class="button">
                "Compare"
            </button>
            {view.proposal
                .is_some()
                .then(|| view! { <a class="button" href=address.as_declared().href()>"As declared"</a> })}
        </form>
    }
}

/// A text; its placeholder is what is declared.
fn field(label: &'static str, name: &'static str, value: String, declared: String) -> impl IntoView {
    view! {
        <label>
            <span>{label}</span>
            <input type="text" name=name value=value placeholder=declared autocomplete="off" />
        </label>
    }
}

fn select(
    label: &'static str,
    name: &'static str,
    choices: Vec<(String, String)>,
    chosen: &str,
) -> impl IntoView + use<> {
    let choices = choices.into_iter().map(|(value, words)| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{words}</option> }
    });
    view! {
        <label>
            <span>{label}</span>
            <select name=name>{choices.collect::<Vec<_>>()}</select>
        </label>
    }
}

/// Before anything is asked: what the form is for, with two questions to begin with.
fn teach(slo: &Slo, address: SloAddress<'_>) -> impl IntoView + use<> {
    let links = [("target=99.5", "99.5 %"), ("window=7d", "7 days"), ("window=month", "a calendar month")];
    // What is declared already is no question.
    let (target, window) =
        (slo.objectives.first().map(|one| format!("{} %", one.target.percent())), text::window(&slo.window));
    let links = links.into_iter().filter(|(_, words)| Some(*words) != target.as_deref() && *words != window);
    let links = links.map(|(query, words)| {
        let proposal = Proposal { objective: String::new(), change: query.to_owned() };
        let href = address.asking(&proposal).href();
        view! {
            <li>
                <a class="chip" href=format!("{href}#what-if")>
                    {words}
                </a>
            </li>
        }
    });
    view! {
        <p>
            "Another target or window is judged on the last four weeks as they were: which rules would have fired, and what would be left of the budget. Nothing is changed, and the address can be shared."
        </p>
        <p class="small">
            "A window is a length such as " <code>"7d"</code> ", or of the calendar: " <code>"week"</code> ", "
            <code>"month"</code> ", " <code>"quarter"</code> ". What is left blank stays as declared. Try:"
        </p>
        <ul class="chips">{links.collect::<Vec<_>>()}</ul>
    }
}

/// What would come of the proposal, and as of when: it stays while the figures above go on.
pub(crate) fn answer(found: &WhatIf) -> impl IntoView + use<> {
    let WhatIf { range, before, after, .. } = found;
    let length = format::duration(range.to.seconds_since(range.from));
    let said = sentences(before, after, &length).into_iter().map(|sentence| view! { <p>{sentence}</p> });
    let figures = [
        ("Declaration", declaration as fn(&Outlook) -> String),
        ("SLI", |side| text::sli(&side.status)),
        ("Budget left", |side| text::budget_left(&side.status)),
    ];
    let figures = figures.map(|(label, figure)| row(label.to_owned(), figure(before), figure(after)));
    let state = |side: &Outlook| mark(of_state(side.status.state));
    let breached = |side: &Outlook| format::percent_up(side.breached_share, 1);
    let rules = names(before, after).into_iter().map(|name| {
        let cells = [before, after].map(|side| rule_of(side, name).map_or_else(|| absent(side, name), fired));
        let [before, after] = cells;
        row(name.to_owned(), before, after)
    });
    let rules = rules.collect::<Vec<_>>();
    let states = row("State".to_owned(), state(before), state(after));
    let times = row(format!("Time breached, last {length}"), breached(before), breached(after));
    view! {
        <div class="said">
            {said.collect::<Vec<_>>()} <p class="small">{format!("As of {}.", format::clock(range.to))}</p>
        </div>
        <Table class="plain" caption="As declared and as changed" heads=HEADS.to_vec()>
            <tbody>
                {figures.into_iter().collect::<Vec<_>>()} {states} {times} {rules}
            </tbody>
        </Table>
    }
}

fn row(label: String, before: impl IntoView + 'static, after: impl IntoView + 'static) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">{label}</th>
            <td data-label="As declared">{before.into_any()}</td>
            <td data-label="As changed">{after.into_any()}</td>
        </tr>
    }
}
