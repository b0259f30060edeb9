//! Figures of an objective as text, by the names that scripts use.

use domain::SloStatus;
use domain::status::{Alert, AlertState, ObjectiveStatus};

use super::text::seconds;

/// A figure as text; of burn rates and alerts the one that `expected` names, as far as `expected` goes into it.
pub(crate) fn figure(status: &SloStatus, objective: &ObjectiveStatus, key: &str, expected: &str) -> String {
    let budget = &objective.error_budget;
    match key {
        "state" => json(&objective.state),
        "reason" => objective.state_reason.clone(),
        "target" => objective.target.to_string(),
        "data_until" => text(status.data_until),
        "window" => format!("{} {}", objective.window.from, objective.window.to),
        "kind" => objective.window.kind.clone(),
        "zone" => text(objective.window.time_zone.clone()),
        "effective_from" => text(objective.effective_from),
        "good" => text(objective.good),
        "bad" => text(objective.bad),
        "total" => text(objective.total),
        "unit" => objective.unit.clone(),
        "sli" => text(objective.sli),
        "coverage" => text(objective.coverage),
        "measured" => text(objective.measured_seconds),
        "covered" => text(objective.covered_seconds),
        "flags" => {
            if objective.flags.is_empty() {
                "none".into()
            } else {
                objective.flags.join(" ")
            }
        }
        // Policy, seconds, units added.
        "gap" => objective.gap.as_ref().map_or("none".into(), |gap| {
            format!("{} {} {}", json(&gap.policy), gap.seconds, text(gap.added))
        }),
        // Good, bad, total, SLI, coverage.
        "raw" => objective.raw.as_ref().map_or("none".into(), |raw| {
            format!("{} {} {} {} {}", raw.good, raw.bad, raw.total, text(raw.sli), text(raw.coverage))
        }),
        // Seconds, good, total.
        "excluded" => objective.excluded.as_ref().map_or("none".into(), |excluded| {
            format!("{} {} {}", excluded.seconds, excluded.good, excluded.total)
        }),
        "budget" => budget.total.to_string(),
        "consumed" => text(budget.consumed_ratio),
        "remaining" => text(budget.remaining_ratio),
        "budget_seconds" => text(budget.seconds),
        "remaining_seconds" => text(budget.remaining_seconds),
        "exhausts_at" => text(budget.exhausts_at),
        // Budget, consumed.
        "projected" => budget.projected.as_ref().map_or("none".into(), |projected| {
            format!("{} {}", projected.total, text(projected.consumed_ratio))
        }),
        // `week`, what is expected of the rest, of the week before, of its begin; or `linear`.
        "profile" => budget.projected.as_ref().map_or("none".into(), |projected| {
            let counts = [projected.expected_total, projected.week_total, projected.part_total];
            let counts =
                counts.map(|count| count.map_or(String::new(), |count| format!(" {count}"))).concat();
            format!("{}{counts}", json(&projected.profile))
        }),
        "burn" => burn(objective, expected),
        "burns" => {
            let lengths = objective.burn_rates.iter().map(|rate| rate.window_seconds.to_string());
            lengths.collect::<Vec<_>>().join(" ")
        }
        "alert" => alert(objective, expected),
        "severity" => {
            let alert = named(objective, expected);
            alert
                .map_or("no such alert".into(), |alert| format!("{} {}", alert.policy, alert.severity.word()))
        }
        "firing" => {
            let firing = |alert: &&Alert| alert.state == AlertState::Firing;
            objective.alerts.iter().filter(firing).count().to_string()
        }
        "alerts" => objective.alerts.len().to_string(),
        _ => format!("no figure {key}"),
    }
}

/// Look-back, rate, coverage, bad, total.
fn burn(objective: &ObjectiveStatus, expected: &str) -> String {
    let mut words = expected.split(' ');
    let wanted = words.next().unwrap();
    let rate = objective.burn_rates.iter().find(|rate| i64::from(rate.window_seconds) == seconds(wanted));
    let Some(rate) = rate else { return format!("{wanted} none") };
    let figures = [text(rate.burn_rate), text(rate.coverage), text(rate.bad), text(rate.total)];
    let asked: Vec<String> = figures.into_iter().zip(words).map(|(figure, _)| figure).collect();
    format!("{wanted} {}", asked.join(" "))
}

/// Name, state, `at` governing burn rate (if asked), `suppressed by` (if it is).
fn alert(objective: &ObjectiveStatus, expected: &str) -> String {
    let Some(alert) = named(objective, expected) else {
        return "no such alert".into();
    };
    let rate =
        if expected.contains(" at ") { format!(" at {}", text(alert.burn_rate)) } else { String::new() };
    let by = alert.suppressed_by.as_ref().map_or(String::new(), |by| format!(" suppressed by {by}"));
    format!("{} {}{rate}{by}", alert.policy, json(&alert.state))
}

/// The alert whose name the text begins with.
pub(crate) fn named<'a>(objective: &'a ObjectiveStatus, said: &str) -> Option<&'a Alert> {
    objective.alerts.iter().find(|alert| {
        said.strip_prefix(alert.policy.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}

pub(crate) fn text<T: ToString>(value: Option<T>) -> String {
    value.map_or("null".into(), |value| value.to_string())
}

pub(crate) fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap_or("null").to_owned()
}
