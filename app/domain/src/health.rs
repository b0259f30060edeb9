//! Health of a service now, from the latest results of its SLIs.
//!
//! A failure or an impairment is confirmed by two consecutive results and then back-dated to the first of them. One
//! good result ends it: a service "is down" while its last results fail, so nobody waits for a second good one. A
//! single bad result between good ones is a blip and changes nothing. Results without traffic are no evidence either
//! way, but show that the source is alive. None of this ever alters a slice.

mod track;

use crate::count::Count;
use crate::estate::Sli;
use crate::format::{date, sli_percent, time_of_day};
use crate::status::Health;
use crate::time::Instant;
pub use track::{CONFIRM_RESULTS, MAX_REASON_CHARS, Observation, REORDER_RESULTS, SliHealth};
use track::{Condition, Run};

/// Health of a service, since when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthVerdict {
    /// `Up`, `Degraded`, `Down` or `Unknown`.
    pub health: Health,
    /// Down: when the last of its SLIs began to fail. Degraded: when the first began to be bad. Up: the first good
    /// result after the last confirmed bad run, else the first result seen. Unknown: the latest result, if any.
    pub since: Option<Instant>,
    /// A sentence for people.
    pub reason: String,
}

/// An SLI whose latest result is young enough to speak of now.
struct Fresh<'a> {
    sli: &'a Sli,
    health: &'a SliHealth,
    condition: Condition<'a>,
}

/// Health of a service from its SLIs, in the order in which they are to be named.
pub fn service_health(now: Instant, slis: &[(&Sli, &SliHealth)]) -> HealthVerdict {
    let fresh: Vec<Fresh<'_>> = slis
        .iter()
        .filter(|(sli, health)| is_fresh(now, sli, health))
        .map(|&(sli, health)| Fresh { sli, health, condition: health.track().condition() })
        .collect();
    if fresh.is_empty() {
        return silent(now, slis);
    }
    let alone = slis.len() == 1;
    down(now, &fresh)
        .or_else(|| degraded(now, &fresh, alone))
        .or_else(|| undecided(now, &fresh))
        .unwrap_or_else(|| up(now, slis, &fresh))
}

/// Fresh is younger than two intervals and the timeout.
fn is_fresh(now: Instant, sli: &Sli, health: &SliHealth) -> bool {
    health.latest().is_some_and(|latest| now.seconds_since(latest) < sli.fresh_seconds())
}

fn silent(now: Instant, slis: &[(&Sli, &SliHealth)]) -> HealthVerdict {
    let since = slis.iter().filter_map(|(_, health)| health.latest()).max();
    let reason = match since {
        Some(latest) => format!("no result since {}", moment(now, latest)),
        None if slis.is_empty() => "no indicator is declared".to_owned(),
        None => "no result yet".to_owned(),
    };
    HealthVerdict { health: Health::Unknown, since, reason }
}

fn down(now: Instant, fresh: &[Fresh<'_>]) -> Option<HealthVerdict> {
    let mut since = None;
    let mut reason = None;
    for indicator in fresh {
        let Condition::Failing(run) = indicator.condition else {
            return None;
        };
        since = since.max(Some(run.from));
        reason.get_or_insert_with(|| bad_sentence(now, indicator, run));
    }
    Some(HealthVerdict { health: Health::Down, since, reason: reason? })
}

fn degraded(now: Instant, fresh: &[Fresh<'_>], alone: bool) -> Option<HealthVerdict> {
    let is_bad = |indicator: &&Fresh<'_>| {
        matches!(indicator.condition, Condition::Failing(_) | Condition::Impaired(_))
    };
    let failing = fresh.iter().find(|indicator| matches!(indicator.condition, Condition::Failing(_)));
    let named = failing.or_else(|| fresh.iter().find(is_bad))?;
    let (Condition::Failing(run) | Condition::Impaired(run)) = named.condition else {
        return None;
    };
    let since = fresh
        .iter()
        .filter(is_bad)
        .filter_map(|indicator| indicator.health.track().bad.as_ref())
        .map(|run| run.from)
        .min();
    let sentence = bad_sentence(now, named, run);
    let reason = if alone { sentence } else { format!("{}: {sentence}", named.sli.display_name) };
    Some(HealthVerdict { health: Health::Degraded, since, reason })
}

/// Neither good nor confirmed bad: a single bad result is all there is.
fn undecided(now: Instant, fresh: &[Fresh<'_>]) -> Option<HealthVerdict> {
    let mut first = None;
    for indicator in fresh {
        match indicator.condition {
            Condition::Undecided(run) => first = first.or(Some((indicator, run))),
            Condition::NoTraffic => {}
            _ => return None,
        }
    }
    let (indicator, run) = first?;
    let reason = format!("{} at {}, not confirmed yet", cause(indicator, run), moment(now, run.from));
    Some(HealthVerdict { health: Health::Unknown, since: Some(run.from), reason })
}

fn up(now: Instant, slis: &[(&Sli, &SliHealth)], fresh: &[Fresh<'_>]) -> HealthVerdict {
    let tracks = || fresh.iter().map(|indicator| indicator.health.track());
    let recovered = tracks().filter_map(|track| track.recovered).max();
    let since = recovered.or_else(|| tracks().filter_map(|track| track.first).min());
    let good = fresh.iter().filter(|indicator| indicator.condition == Condition::Good).count();
    let mut reason = match (good, slis.len()) {
        (1, 1) => "its indicator is good".to_owned(),
        (good, all) if good == all => format!("all {all} indicators good"),
        (0, _) => "nothing fails".to_owned(),
        (good, all) => format!("{good} of {all} indicators good"),
    };
    if let Some(remark) = slis.iter().find_map(|(sli, health)| remark(now, sli, health)) {
        reason = format!("{reason}; {remark}");
    }
    HealthVerdict { health: Health::Up, since, reason }
}

/// What keeps an indicator of a service that is up from being plainly good.
fn remark(now: Instant, sli: &Sli, health: &SliHealth) -> Option<String> {
    let name = &sli.display_name;
    if !is_fresh(now, sli, health) {
        return Some(match health.latest() {
            Some(latest) => format!("{name}: no result since {}", moment(now, latest)),
            None => format!("{name}: no result yet"),
        });
    }
    let condition = health.track().condition();
    match condition {
        Condition::Blip(run) | Condition::Undecided(run) => {
            let cause = cause(&Fresh { sli, health, condition }, run);
            Some(format!("{name}: {cause} at {}, not confirmed", moment(now, run.from)))
        }
        Condition::NoTraffic => Some(format!("{name}: no traffic")),
        Condition::Failing(_) | Condition::Impaired(_) | Condition::Good => None,
    }
}

/// E.g. `HTTP 500 from 12:00:05 UTC, 2 results in a row`.
fn bad_sentence(now: Instant, indicator: &Fresh<'_>, run: &Run) -> String {
    let cause = cause(indicator, run);
    format!("{cause} from {}, {} results in a row", moment(now, run.from), run.results)
}

/// The latest result's own reason, else its figures.
fn cause(indicator: &Fresh<'_>, run: &Run) -> String {
    let Observation { good, total, reason, .. } = &run.latest;
    if let Some(reason) = reason {
        return reason.clone();
    }
    if *good == 0 {
        return "nothing good".to_owned();
    }
    let target = indicator.health.lowest_target();
    format!(
        "{} good, below {target} %,",
        sli_percent(Some(Count::whole(*good)), Some(Count::whole(*total)), target)
    )
}

/// Time of day in UTC, with the day unless it is today.
fn moment(now: Instant, at: Instant) -> String {
    let time = time_of_day(at);
    if now.floor_to(86_400) == at.floor_to(86_400) {
        format!("{time} UTC")
    } else {
        format!("{} {time} UTC", date(at))
    }
}

#[cfg(test)]
mod tests;
