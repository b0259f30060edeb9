//! How burn rates and alert rules come about.

use super::{Term, term};
use crate::estate::Slo;
use crate::format::{self, counted, duration};
use crate::rules::Condition;
use crate::status::{Alert, AlertState, BurnRate, ObjectiveStatus};

pub(super) fn terms(objective: &ObjectiveStatus, slo: &Slo) -> Vec<Term> {
    let rates = objective.burn_rates.iter().map(|rate| burn_rate(objective, rate));
    rates.chain(objective.alerts.iter().map(|alert| rule(alert, slo))).collect()
}

fn burn_rate(objective: &ObjectiveStatus, rate: &BurnRate) -> Term {
    let coverage = format::percent_down(rate.coverage, 1);
    let (bad, total) = (counted(rate.bad), counted(rate.total));
    term(
        format!("Burn rate over {}", duration(i64::from(rate.window_seconds))),
        format!(
            "(bad ÷ total) ÷ (1 − target) = ({bad} ÷ {total}) ÷ {} %, rounded up, coverage {coverage}",
            objective.target.budget_percent()
        ),
        format::burn(rate.burn_rate),
    )
}

fn rule(alert: &Alert, slo: &Slo) -> Term {
    let value = match (alert.state, &alert.suppressed_by) {
        (AlertState::Ok, _) => "ok".to_owned(),
        (AlertState::Firing, None) => format!("firing, {}", alert.severity.word()),
        (AlertState::Firing, Some(other)) => format!("firing, {other} speaks for it"),
        (AlertState::Frozen, _) => format!("frozen, coverage below {} %", slo.coverage_floor),
    };
    term(format!("Rule {}", alert.policy), condition(alert.condition), value)
}

/// What must be true, in words.
pub(super) fn condition(condition: Condition) -> String {
    let share = |parts: u64| {
        let text = format!("{}.{:07}", parts / 10_000_000, parts % 10_000_000);
        format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
    };
    let over = |seconds: u32| duration(i64::from(seconds));
    match condition {
        Condition::Burn { threshold_thousandths, long_seconds, short_seconds } => {
            let times = f64::from(threshold_thousandths) / 1_000.0;
            format!("fires at {times}× over both {} and {}", over(long_seconds), over(short_seconds))
        }
        Condition::BudgetConsumed { share_parts } => {
            format!("fires when {} of the budget is spent", share(share_parts))
        }
        Condition::BudgetDrop { share_parts, seconds } => {
            format!(
                "fires when what remains fell by {} of the budget in {}",
                share(share_parts),
                over(seconds)
            )
        }
        Condition::Exhaustion { within_seconds } => {
            format!("fires when the budget is gone or will be within {}", over(within_seconds))
        }
        Condition::AbsoluteBudget { share_parts, seconds } => {
            format!(
                "fires when {} alone spent {} of a whole window's budget",
                over(seconds),
                share(share_parts)
            )
        }
    }
}
