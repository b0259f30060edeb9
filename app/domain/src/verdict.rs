//! The state of an objective: the first rule that applies, and its name.
//!
//! Honesty about data comes first: without enough of them nothing is said about the target.

use crate::budget::Budget;
use crate::coverage::Coverage;
use crate::format;
use crate::ratio::Target;
use crate::status::{Alert, AlertState, State};
use crate::time::Instant;

/// Less than this share of the budget left, in percent, is a risk.
pub const RISK_PERCENT: u8 = 25;

/// All that the rules look at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Evidence<'a> {
    pub(crate) at: Instant,
    pub(crate) data_until: Option<Instant>,
    pub(crate) stale_seconds: i64,
    pub(crate) coverage: Option<Coverage>,
    pub(crate) floor: Target,
    pub(crate) budget: Budget,
    pub(crate) alerts: &'a [Alert],
    /// When the budget will be gone, if that is inside the window.
    pub(crate) exhausts_at: Option<Instant>,
}

/// The state and, as a short text, the rule that gave it.
pub(crate) fn verdict(evidence: &Evidence<'_>) -> (State, String) {
    if let Some(reason) = no_data(evidence) {
        return (State::NoData, reason);
    }
    let budget = evidence.budget;
    if budget.total == 0 {
        return (State::NoTraffic, "no events in the window".to_owned());
    }
    if budget.is_missed() {
        let reason =
            if budget.target.is_zero_tolerance() { "target 100 % and bad > 0" } else { "SLI < target" };
        return (State::Breached, reason.to_owned());
    }
    if let Some(reason) = at_risk(evidence) {
        return (State::AtRisk, reason);
    }
    (State::Met, "SLI >= target".to_owned())
}

fn no_data(evidence: &Evidence<'_>) -> Option<String> {
    let Some(data_until) = evidence.data_until else {
        return Some("no data yet".to_owned());
    };
    let age = evidence.at.seconds_since(data_until);
    if age > evidence.stale_seconds {
        return Some(format!("no data for {}", format::duration(age)));
    }
    let Some(coverage) = evidence.coverage else {
        return Some("nothing measured in the window".to_owned());
    };
    coverage.is_below(evidence.floor).then(|| {
        let measured = format::percent_down(coverage.ratio(), 1);
        format!("coverage {measured} is below the floor {} %", evidence.floor)
    })
}

fn at_risk(evidence: &Evidence<'_>) -> Option<String> {
    if evidence.budget.is_below_percent(RISK_PERCENT) {
        let remaining = format::percent_down(evidence.budget.remaining(), 1);
        return Some(format!("remaining budget {remaining} is below {RISK_PERCENT} %"));
    }
    if let Some(alert) = evidence.alerts.iter().find(|alert| alert.state == AlertState::Firing) {
        return Some(format!("burn rate is at least {}", alert.policy));
    }
    let exhausts_at = evidence.exhausts_at?;
    Some(format!("at the present rate the budget is exhausted by {}", format::clock(exhausts_at)))
}
