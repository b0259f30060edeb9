//! What the alert rules of an objective say at an instant.
//!
//! A burn rule fires while the burn rate is at or above its threshold over its long *and* its short look-back; there
//! is no "for" duration, which would let short spikes go unseen for ever. With too little data a rule is frozen, not
//! resolved. Of the burn rules that fire, the first suppresses the others.

use crate::budget::Budget;
use crate::estate::GapPolicy;
use crate::ratio::Target;
use crate::rules::{AlertRule, Condition};
use crate::status::{Alert, AlertState};
use crate::tally::Tally;

/// What a rule may look at.
pub(crate) struct Scene<'a> {
    pub(crate) target: Target,
    pub(crate) scale: u32,
    pub(crate) floor: Target,
    pub(crate) gap: GapPolicy,
    /// The budget that rules speak of: of a running period the projected one.
    pub(crate) budget: Budget,
    /// Whether too little is known of the window for a verdict.
    pub(crate) window_is_thin: bool,
    /// Whether the window is a period that is still running.
    pub(crate) running: bool,
    /// The budget of a whole window.
    pub(crate) whole: Budget,
    /// Seconds from the horizon to the end of the budget at the present rate.
    pub(crate) exhausted_in: Option<i64>,
    pub(crate) look_back: &'a dyn Fn(u32) -> Option<&'a Tally>,
    pub(crate) earlier: &'a dyn Fn(u32) -> Option<Budget>,
}

impl Scene<'_> {
    /// What every rule says, in their order, with suppression.
    pub(crate) fn alerts(&self, rules: Vec<AlertRule>) -> Vec<Alert> {
        let mut suppressor: Option<String> = None;
        let alert = |rule: AlertRule| {
            let (state, burn_rate) = self.judge(&rule)?;
            let burns = matches!(rule.condition, Condition::Burn { .. }) && state == AlertState::Firing;
            let suppressed_by = if burns { suppressor.clone() } else { None };
            if burns && suppressor.is_none() {
                suppressor = Some(rule.name.clone());
            }
            Some(Alert {
                policy: rule.name,
                severity: rule.severity,
                condition: rule.condition,
                state,
                since: None,
                burn_rate,
                suppressed_by,
            })
        };
        rules.into_iter().filter_map(alert).collect()
    }

    /// What a rule says, and the burn rate that governs it; none if its look-backs were not planned.
    fn judge(&self, rule: &AlertRule) -> Option<(AlertState, Option<f64>)> {
        match rule.condition {
            Condition::Burn { threshold_thousandths, long_seconds, short_seconds } => {
                let (long, short) = ((self.look_back)(long_seconds)?, (self.look_back)(short_seconds)?);
                let (slow, fast) = (self.spent(long), self.spent(short));
                let governing = slow.consumed().zip(fast.consumed()).map(|(slow, fast)| slow.min(fast));
                let share_parts = u64::from(threshold_thousandths) * 1_000_000;
                let burns = [slow, fast].iter().all(|past| past.is_consumed_at_least(share_parts));
                let frozen = self.is_thin(long) || self.is_thin(short);
                Some((state(frozen, burns && self.has_events(long, rule)), governing))
            }
            Condition::BudgetConsumed { share_parts } => {
                Some(self.of_window(self.budget.is_consumed_at_least(share_parts)))
            }
            Condition::BudgetDrop { share_parts, seconds } => {
                let earlier = (self.earlier)(seconds)?;
                let fell = if self.running {
                    let since = Budget { bad: self.budget.bad.saturating_sub(earlier.bad), ..self.budget };
                    since.is_consumed_at_least(share_parts)
                } else {
                    self.budget.fell_by(earlier, share_parts)
                };
                Some(self.of_window(fell))
            }
            Condition::Exhaustion { within_seconds } => {
                let soon = self.exhausted_in.is_some_and(|seconds| seconds <= i64::from(within_seconds));
                let spent = self.budget.remaining().is_some() && self.budget.is_spent();
                Some(self.of_window(soon || spent))
            }
            Condition::AbsoluteBudget { share_parts, seconds } => {
                let recent = (self.look_back)(seconds)?;
                let spent = Budget { bad: recent.counts.bad(), ..self.whole };
                let spends = spent.is_consumed_at_least(share_parts) && self.has_events(recent, rule);
                Some(self.of_window(spends))
            }
        }
    }

    fn spent(&self, past: &Tally) -> Budget {
        Budget::new(past.counts.bad(), past.counts.total, self.scale, self.target)
    }

    fn of_window(&self, fires: bool) -> (AlertState, Option<f64>) {
        (state(self.window_is_thin, fires), None)
    }

    fn is_thin(&self, past: &Tally) -> bool {
        is_thin(past, self.floor, self.gap)
    }

    fn has_events(&self, past: &Tally, rule: &AlertRule) -> bool {
        u128::from(past.counts.total) >= u128::from(rule.min_events) * u128::from(self.scale)
    }
}

/// Whether too little was measured in a look-back; never if gaps stand for something.
pub(crate) fn is_thin(past: &Tally, floor: Target, gap: GapPolicy) -> bool {
    gap == GapPolicy::Gap && past.counts.coverage.is_none_or(|coverage| coverage.is_below(floor))
}

const fn state(frozen: bool, fires: bool) -> AlertState {
    match (frozen, fires) {
        (true, _) => AlertState::Frozen,
        (false, true) => AlertState::Firing,
        (false, false) => AlertState::Ok,
    }
}
