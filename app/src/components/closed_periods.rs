//! Calendar periods that have ended: what was frozen of them, and when and why it was frozen once more.

use domain::{Instant, State, format};
use leptos::prelude::*;

use super::mark::{mark, of_state};
use super::table::{Head, Table};
use crate::text;
use crate::view::{ClosedPeriods, FrozenObjective, FrozenPeriod, FrozenRevision};

const REVISION_HEADS: [Head; 6] = [
    Head::Words("Revision"),
    Head::Words("Why"),
    Head::Words("State"),
    Head::Figures("SLI"),
    Head::Figures("Coverage"),
    Head::Figures("Consumed"),
];
const PERIOD_HEADS: [Head; 5] = [
    Head::Words("Period"),
    Head::Words("State"),
    Head::Figures("SLI"),
    Head::Figures("Coverage"),
    Head::Figures("Consumed"),
];

/// The revisions of the period that the page is about, newest first, and whether more is known by now.
pub(crate) fn closed_period(frozen: &ClosedPeriods, slo: &str, now: Instant) -> impl IntoView + use<> {
    let shown = frozen.shown.as_ref();
    let sentence = match shown.and_then(|period| period.revisions.last()) {
        Some(latest) => frozen_as(latest, now),
        None => "This period is not frozen. It will be when its data reach its end, at the latest 15 minutes after, \
                 provided that anything was measured before its end."
            .to_owned(),
    };
    let newer = shown.filter(|_| frozen.differs).map(|_| {
        view! {
            <p>
                "The figures on this page are those known now, and differ from the latest frozen ones; the next \
                 revision will say why."
            </p>
        }
    });
    let table = shown.map(|period| {
        let path = format!("/api/v1{}/periods/{}", text::slo_path(slo), period.from);
        let rows = period.revisions.iter().rev().flat_map(|revision| revision_rows(revision, &path, now));
        let rows = rows.collect::<Vec<_>>();
        view! {
            <Table class="plain" caption="Revisions of this period" heads=REVISION_HEADS.to_vec()>
                <tbody>{rows}</tbody>
            </Table>
        }
    });
    view! {
        <section class="card stacked">
            <h2>"Closed period"</h2>
            <p>{sentence}</p>
            {newer}
            {table}
        </section>
    }
}

fn frozen_as(latest: &FrozenRevision, now: Instant) -> String {
    let FrozenRevision { revision, frozen_at, reason, .. } = latest;
    format!("Frozen {} as revision {revision}: {reason}.", text::dated(*frozen_at, now))
}

fn revision_rows(revision: &FrozenRevision, path: &str, now: Instant) -> Vec<AnyView> {
    let many = revision.objectives.len() > 1;
    let number = revision.revision;
    let (frozen, reason) = (text::dated(revision.frozen_at, now), revision.reason.clone());
    let row = |objective: &FrozenObjective| {
        view! {
            <tr>
                <th scope="row">
                    <a href=format!("{path}?revision={number}")>{format!("Revision {number}")}</a>
                    " "
                    <span class="small">{text::join(", ", [Some(frozen.clone()), name(objective, many)])}</span>
                </th>
                <td data-label="Why">{reason.clone()}</td>
                {figures(objective)}
            </tr>
        }
        .into_any()
    };
    revision.objectives.iter().map(row).collect()
}

/// The last periods, newest first, and how many of them were met.
pub(crate) fn last_periods(periods: &[FrozenPeriod], slo: &str) -> impl IntoView + use<> {
    let met = periods.iter().filter(|period| period.latest_state() == Some(State::Met)).count();
    let sentence = match periods.len() {
        0 => "No period has ended since the first data.".to_owned(),
        1 => format!("{met} of 1 period met."),
        count => format!("{met} of {count} periods met."),
    };
    let path = text::slo_path(slo);
    let rows = periods.iter().flat_map(|period| period_rows(period, &path)).collect::<Vec<_>>();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <Table class="plain" caption="The last periods" heads=PERIOD_HEADS.to_vec()>
                <tbody>{rows}</tbody>
            </Table>
        }
    });
    view! {
        <section class="card stacked">
            <h2>"Closed periods"</h2>
            <p>{sentence}</p>
            {table}
        </section>
    }
}

fn period_rows(period: &FrozenPeriod, path: &str) -> Vec<AnyView> {
    let Some(latest) = period.revisions.last() else { return Vec::new() };
    let many = latest.objectives.len() > 1;
    let revised = (latest.revision > 1).then(|| format!("revision {}", latest.revision));
    let row = |objective: &FrozenObjective| {
        view! {
            <tr>
                <th scope="row">
                    <a href=format!("{path}?closed={}", period.to)>{period.label.clone()}</a>
                    " "
                    <span class="small">{text::join(", ", [name(objective, many), revised.clone()])}</span>
                </th>
                {figures(objective)}
            </tr>
        }
        .into_any()
    };
    latest.objectives.iter().map(row).collect()
}

/// Which of several objectives it is.
fn name(objective: &FrozenObjective, many: bool) -> Option<String> {
    many.then(|| format!("{}, {}", objective.name, text::target(objective.target)))
}

fn figures(objective: &FrozenObjective) -> impl IntoView + use<> {
    view! {
        <td data-label="State">{mark(of_state(objective.state))}</td>
        <td class="num" data-label="SLI">
            {format::sli_percent(objective.good, objective.total, objective.target)}
        </td>
        <td class="num" data-label="Coverage">{text::coverage(objective.coverage)}</td>
        <td class="num" data-label="Consumed">{format::consumed(objective.consumed_ratio)}</td>
    }
}
