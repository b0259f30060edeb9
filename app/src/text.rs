//! Words for figures, as all pages say them: pure, UTC, and rounded against us.
//!
//! Where the domain has a formatter it is used; what is here joins its words into what a cell or a sentence shows.

use std::fmt::Write as _;

use domain::format::{self, UNKNOWN};
use domain::{Instant, ObjectiveStatus, Target, Window};

/// Address of a service's page.
pub(crate) fn service_path(name: &str) -> String {
    format!("/services/{}", escape(name))
}

/// Address of an SLO's page.
pub(crate) fn slo_path(name: &str) -> String {
    format!("/slos/{}", escape(name))
}

/// Address of the overview, narrowed to a group and a search text.
pub(crate) fn overview_path(group: Option<&str>, search: &str) -> String {
    let group = group.map(|group| format!("group={}", escape(group)));
    let search = (!search.is_empty()).then(|| format!("q={}", escape(search)));
    match join("&", [group, search]) {
        query if query.is_empty() => "/".to_owned(),
        query => format!("/?{query}"),
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The parts that are there, with a separator between them.
pub(crate) fn join<const N: usize>(separator: &str, parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(separator)
}

/// A reason as the beginning of a sentence.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `since 14:05:10 UTC`; nothing if it was so before anybody looked.
pub(crate) fn since(since: Option<Instant>, now: Instant) -> Option<String> {
    since.map(|since| format!("since {}", moment(since, now)))
}

/// An instant with as much date as it needs: today the time of day, within half a year day and time, else the day.
pub(crate) fn moment(at: Instant, now: Instant) -> String {
    let day = |at: Instant| at.unix().div_euclid(DAY_SECONDS);
    if day(at) == day(now) { format!("{} UTC", format::time_of_day(at)) } else { dated(at, now) }
}

/// An instant of some day: day and time, more than half a year away the day with its year.
pub(crate) fn dated(at: Instant, now: Instant) -> String {
    if now.seconds_since(at).abs() < DATED_SECONDS { format::clock(at) } else { format::date_year(at) }
}

const DAY_SECONDS: i64 = 86_400;
/// Beyond half a year a day without its year would be taken for another one.
const DATED_SECONDS: i64 = 182 * DAY_SECONDS;

/// A window: `30 days`, else as a length of time; of a calendar one `a calendar month in Europe/Paris`.
pub(crate) fn window(window: &Window) -> String {
    if let Window::Calendar(calendar) = window {
        let word = calendar.unit.word();
        return match calendar.count {
            1 => format!("a calendar {word} in {}", calendar.zone),
            count => format!("{count} calendar {word}s in {}", calendar.zone),
        };
    }
    let seconds = window.usual_seconds();
    match (seconds / DAY_SECONDS, seconds % DAY_SECONDS) {
        (1, 0) => "1 day".to_owned(),
        (days, 0) => format!("{days} days"),
        _ => format::duration(seconds),
    }
}

/// How old the latest data are.
pub(crate) fn age(until: Option<Instant>, now: Instant) -> String {
    format::age(until.map(|until| now.seconds_since(until)))
}

/// A target: `target 99.9 %`.
pub(crate) fn target(target: Target) -> String {
    format!("target {} %", target.percent())
}

/// The SLI, with one digit more than its target.
pub(crate) fn sli(objective: &ObjectiveStatus) -> String {
    format::sli_percent(objective.good, objective.total, objective.target)
}

/// Budget left in percent, signed; with a target of 1, which has no budget, the number of bad events.
pub(crate) fn budget_percent(objective: &ObjectiveStatus) -> String {
    if objective.target.is_zero_tolerance() {
        return format!("{} bad", format::counted(objective.bad));
    }
    format::percent_down(objective.error_budget.left(), 0)
}

/// Budget left as time of full outage: `6 min 3 s of 43 min 12 s left`, or how far it is overspent.
fn budget_time(objective: &ObjectiveStatus) -> String {
    if objective.target.is_zero_tolerance() {
        return "none is allowed".to_owned();
    }
    let Some(left) = objective.error_budget.left() else { return "not known".to_owned() };
    let whole = format::duration(budget_seconds(objective, 1.0));
    let part = format::duration(budget_seconds(objective, left.abs()));
    if left < 0.0 { format!("{part} over {whole}") } else { format!("{part} of {whole}") }
}

/// Budget left as `budget_time`, and of a running period how it is projected and what is left of the budget so far:
/// `23 min of 30 min, projected, as the week before; 65.0 % of the budget so far`.
pub(crate) fn budget_note(objective: &ObjectiveStatus) -> String {
    let time = budget_time(objective);
    let projected = objective.error_budget.projected.as_ref();
    match projected.filter(|projected| projected.consumed_ratio.is_some()) {
        Some(projected) => {
            let so_far = format::remaining(objective.error_budget.remaining_ratio);
            format!("{time}, {}; {so_far} of the budget so far", projected.profile.words())
        }
        None => time,
    }
}

/// Budget left in percent and as time, for a narrow cell.
pub(crate) fn budget_left(objective: &ObjectiveStatus) -> String {
    if objective.target.is_zero_tolerance() {
        return format!("{}, none allowed", budget_percent(objective));
    }
    let Some(left) = objective.error_budget.left() else { return "not known".to_owned() };
    let time = format::duration(budget_seconds(objective, left.abs()));
    format!("{}, {time} {}", budget_percent(objective), if left < 0.0 { "over" } else { "left" })
}

/// Seconds of full outage that a positive share of the budget amounts to: over budget they are rounded up.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a window is far below 2^53 s"
)]
fn budget_seconds(objective: &ObjectiveStatus, share: f64) -> i64 {
    let window = objective.window.to.seconds_since(objective.window.from);
    let seconds = share * window as f64 * f64::from(objective.target.budget_parts()) / 1e9;
    seconds.round() as i64
}

/// The burn rate over a look-back.
pub(crate) fn burn_over(objective: Option<&ObjectiveStatus>, seconds: u32) -> String {
    format::burn(objective.and_then(|objective| {
        objective
            .burn_rates
            .iter()
            .find(|rate| rate.window_seconds == seconds)
            .and_then(|rate| rate.burn_rate)
    }))
}

/// When the budget is gone at the present rate: a figure and a note.
pub(crate) fn exhaustion(objective: &ObjectiveStatus, now: Instant) -> (String, String) {
    let spent = objective.error_budget.left().map(|left| left <= 0.0);
    match (spent, objective.error_budget.exhausts_at) {
        (Some(true), _) => ("Now".to_owned(), "the budget is spent".to_owned()),
        (_, Some(at)) => {
            (format!("in {}", format::age(Some(at.seconds_since(now)))), format!("at {}", moment(at, now)))
        }
        (Some(false), None) => ("Never".to_owned(), "at the rate of the last 6 h".to_owned()),
        (None, None) => (UNKNOWN.to_owned(), "not known".to_owned()),
    }
}

/// A coverage, rounded down to a tenth of a percent.
pub(crate) fn coverage(coverage: Option<f64>) -> String {
    format::percent_down(coverage, 1)
}

/// How much of the effective window was not measured.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a window is far below 2^53 s"
)]
pub(crate) fn unmeasured(objective: &ObjectiveStatus) -> String {
    let (Some(coverage), Some(from)) = (objective.coverage, objective.effective_from) else {
        return "nothing is measured".to_owned();
    };
    let window = objective.window.to.seconds_since(from) as f64;
    match ((1.0 - coverage) * window).round() as i64 {
        ..=0 => "no gap".to_owned(),
        unknown => format!("{} unknown", format::duration(unknown)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_carries_any_name() {
        assert_eq!(overview_path(None, ""), "/");
        assert_eq!(overview_path(Some("A & B"), "ü"), "/?group=A%20%26%20B&q=%C3%BC");
        assert_eq!(slo_path("a/b"), "/slos/a%2Fb");
    }

    #[test]
    fn a_moment_says_as_much_as_it_must() {
        let now = Instant::parse("2026-11-23T14:05:10Z").unwrap();
        assert_eq!(moment(now - 8, now), "14:05:02 UTC");
        assert_eq!(moment(now - 86_400, now), "22 Nov 14:05 UTC");
        assert_eq!(moment(now - 400 * 86_400, now), "19 Oct 2025");
    }
}
