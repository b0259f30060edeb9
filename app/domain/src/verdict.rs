//! The state of an objective: the first rule that applies, and its name.
//!
//! Honesty about data comes first: without enough of them nothing is said about the target.

use crate::budget::Budget;
use crate::coverage::Coverage;
use crate::estate::GapPolicy;
use crate::format;
use crate::ratio::Target;
use crate::rules::Condition;
use crate::status::{Alert, AlertState, State};
use crate::time::Instant;

/// Less than this share of the budget left, in percent, is a risk.
pub const RISK_PERCENT: u8 = 25;

/// All that the rules look at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Evidence<'a> {
    pub(crate) at: Instant,
    pub(crate) data_until: Option<Instant>,
    /// Age at which data are stale; none of a closed period, which waits for no more.
    pub(crate) stale_seconds: Option<i64>,
    pub(crate) coverage: Option<Coverage>,
    /// Whether anything in the window was measured, excluded or not.
    pub(crate) measured: bool,
    /// Whether anything in the window is excluded.
    pub(crate) excluded: bool,
    pub(crate) floor: Target,
    pub(crate) gap: GapPolicy,
    /// What was allowed so far.
    pub(crate) budget: Budget,
    /// Of a running period: what it will have been allowed at its end.
    pub(crate) projected: Option<Budget>,
    pub(crate) alerts: &'a [Alert],
    /// When the budget will be gone, if that is inside the window.
    pub(crate) exhausts_at: Option<Instant>,
}

/// The state and, as a short text, the rule that gave it.
pub(crate) fn verdict(evidence: &Evidence<'_>) -> (State, String) {
    if let Some(reason) = no_data(evidence) {
        return (State::NoData, reason);
    }
    let budget = evidence.projected.unwrap_or(evidence.budget);
    if budget.total == 0 {
        return (State::NoTraffic, "no events in the window".to_owned());
    }
    if budget.is_missed() {
        let reason = if budget.target.is_zero_tolerance() {
            "target 100 % and bad > 0"
        } else if evidence.projected.is_some() {
            "bad > projected budget"
        } else {
            "SLI < target"
        };
        return (State::Breached, reason.to_owned());
    }
    if let Some(reason) = at_risk(evidence) {
        return (State::AtRisk, reason);
    }
    (State::Met, "SLI >= target".to_owned())
}

/// Why nothing can be said, as far as that does not depend on alerts.
pub(crate) fn no_data(evidence: &Evidence<'_>) -> Option<String> {
    let Some(data_until) = evidence.data_until else {
        return Some("no data yet".to_owned());
    };
    if evidence.gap != GapPolicy::Gap {
        return (!evidence.measured).then(|| "nothing measured in the window".to_owned());
    }
    let age = evidence.at.seconds_since(data_until);
    if evidence.stale_seconds.is_some_and(|stale| age > stale) {
        return Some(format!("no data for {}", format::duration(age)));
    }
    let Some(coverage) = evidence.coverage else {
        let reason = if evidence.excluded {
            "all that was measured is excluded"
        } else {
            "nothing measured in the window"
        };
        return Some(reason.to_owned());
    };
    coverage.is_below(evidence.floor).then(|| {
        let measured = format::percent_down(coverage.ratio(), 1);
        format!("coverage {measured} is below the floor {} %", evidence.floor)
    })
}

fn at_risk(evidence: &Evidence<'_>) -> Option<String> {
    let budget = evidence.projected.unwrap_or(evidence.budget);
    if budget.is_below_percent(RISK_PERCENT) {
        let remaining = format::percent_down(budget.remaining(), 1);
        let which =
            if evidence.projected.is_some() { "remaining projected budget" } else { "remaining budget" };
        return Some(format!("{which} {remaining} is below {RISK_PERCENT} %"));
    }
    let burns = |alert: &&Alert| {
        alert.state == AlertState::Firing && matches!(alert.condition, Condition::Burn { .. })
    };
    if let Some(alert) = evidence.alerts.iter().find(burns) {
        return Some(format!("burn rate is at least {}", alert.policy));
    }
    if evidence.projected.is_some() && evidence.budget.is_missed() {
        return Some("bad > budget so far".to_owned());
    }
    let exhausts_at = evidence.exhausts_at?;
    Some(format!("at the present rate the budget is exhausted by {}", format::clock(exhausts_at)))
}
