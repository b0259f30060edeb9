//! The alert rules (R14, R15).

use domain::rules::{AlertRule, Condition, Severity};
use domain::status::{Alert, AlertState};

use super::judge::PARTS;
use super::{EXHAUSTION_LOOK_BACK, Kind, Question};
use crate::fraction::Fraction;

/// Thousandths, long and short look-back, severity.
const TIERS: [(u32, u32, u32, Severity); 4] = [
    (14_400, 3_600, 300, Severity::Page),
    (6_000, 21_600, 1_800, Severity::Page),
    (3_000, 86_400, 7_200, Severity::Ticket),
    (1_000, 259_200, 21_600, Severity::Ticket),
];
const TIER_NAMES: [&str; 4] = ["14.4x over 1 h", "6x over 6 h", "3x over 24 h", "1x over 72 h"];

/// The default tiers, whether they can fire or not.
fn tiers() -> Vec<AlertRule> {
    let tier =
        |((threshold_thousandths, long_seconds, short_seconds, severity), name): (_, &str)| AlertRule {
            name: name.to_owned(),
            severity,
            condition: Condition::Burn { threshold_thousandths, long_seconds, short_seconds },
            min_events: 0,
        };
    TIERS.into_iter().zip(TIER_NAMES).map(tier).collect()
}

impl Question<'_> {
    /// The rules of the objective.
    fn rules(&self) -> Vec<AlertRule> {
        let budget = i128::from(self.budget_parts());
        let reachable = |rule: &AlertRule| match rule.condition {
            // Above 1 / (1 - target) not even a total outage would reach it.
            Condition::Burn { threshold_thousandths, .. } => {
                i128::from(threshold_thousandths) * budget <= 1_000 * PARTS
            }
            _ => true,
        };
        self.case.slo.rules.clone().unwrap_or_else(|| tiers().into_iter().filter(reachable).collect())
    }

    /// The look-backs whose burn rates are shown, shortest first.
    pub(super) fn look_backs(&self) -> Vec<u32> {
        let mut seconds = vec![EXHAUSTION_LOOK_BACK];
        for rule in self.rules() {
            match rule.condition {
                Condition::Burn { long_seconds, short_seconds, .. } => {
                    seconds.extend([long_seconds, short_seconds]);
                }
                Condition::AbsoluteBudget { seconds: look_back, .. } => seconds.push(look_back),
                _ => {}
            }
        }
        seconds.sort_unstable();
        seconds.dedup();
        seconds
    }

    /// What every rule says.
    pub(super) fn alerts(&self) -> Vec<Alert> {
        if self.kind == Kind::Closed {
            return Vec::new();
        }
        let mut alerts: Vec<Alert> = Vec::new();
        let mut first: Option<String> = None;
        // Without a budget nothing burns: default tiers are silent, declared rules are not met.
        let rules =
            if self.budget_parts() == 0 && self.case.slo.rules.is_none() { Vec::new() } else { self.rules() };
        for rule in rules {
            let (state, burn_rate, is_burn) = match rule.condition {
                Condition::Burn { threshold_thousandths, long_seconds, short_seconds } => {
                    let (state, rate) =
                        self.burn(threshold_thousandths, long_seconds, short_seconds, rule.min_events);
                    (state, rate, true)
                }
                other => (self.budget_rule(other, rule.min_events), None, false),
            };
            let mut suppressed_by = None;
            if is_burn && state == AlertState::Firing {
                suppressed_by.clone_from(&first);
                first.get_or_insert(rule.name.clone());
            }
            alerts.push(Alert {
                policy: rule.name,
                severity: rule.severity,
                condition: rule.condition,
                state,
                since: None,
                burn_rate: burn_rate.map(|rate| rate.nearest()),
                suppressed_by,
            });
        }
        alerts
    }

    fn burn(&self, thousandths: u32, long: u32, short: u32, least: u64) -> (AlertState, Option<Fraction>) {
        let (long, short) = (self.look_back(long), self.look_back(short));
        let rates = long.burn(self.budget_parts()).zip(short.burn(self.budget_parts()));
        let governing = rates.map(|(long, short)| long.min(short));
        let gap = self.case.slo.gap == domain::estate::GapPolicy::Gap;
        if gap && !(self.is_covered(&long) && self.is_covered(&short)) {
            return (AlertState::Frozen, governing);
        }
        let enough = long.total >= i128::from(least) * self.counting.scale;
        let threshold = Fraction::new(thousandths, 1_000);
        let fires = enough && governing.is_some() && governing >= threshold;
        (if fires { AlertState::Firing } else { AlertState::Ok }, governing)
    }

    fn budget_rule(&self, condition: Condition, least: u64) -> AlertState {
        if self.no_data().is_some() {
            return AlertState::Frozen;
        }
        let share = |parts: u64| Fraction::new(parts, PARTS);
        let reaches = |figure: Option<Fraction>, parts: u64| figure.is_some() && figure >= share(parts);
        let one = Fraction::whole(1);
        let fires = match condition {
            Condition::Burn { .. } => false,
            Condition::BudgetConsumed { share_parts } => reaches(self.governing(), share_parts),
            Condition::BudgetDrop { share_parts, seconds } => {
                reaches(self.drop(i64::from(seconds)), share_parts)
            }
            Condition::Exhaustion { within_seconds } => {
                let spent = self.governing().is_some_and(|consumed| consumed >= one);
                spent || self.exhaustion().is_some_and(|after| after <= Fraction::whole(within_seconds))
            }
            Condition::AbsoluteBudget { share_parts, seconds } => {
                let look_back = self.look_back(seconds);
                let times = self.whole_window().unwrap_or_else(|| Fraction::whole(1));
                let whole = self.projected().unwrap_or_else(|| &self.allowed() * &times);
                let bad = Fraction::new(look_back.bad(), self.counting.scale);
                let of_budget = bad.and_then(|bad| bad.over(&whole));
                look_back.total >= i128::from(least) * self.counting.scale && reaches(of_budget, share_parts)
            }
        };
        if fires { AlertState::Firing } else { AlertState::Ok }
    }

    /// By how much of the budget less remains than so many seconds ago.
    fn drop(&self, seconds: i64) -> Option<Fraction> {
        if self.kind == Kind::Running {
            // Within the period, as a share of the budget of all of it.
            let earlier = self.counting.figures(self.from, (self.horizon - seconds).max(self.from), None);
            let since = (self.figures.bad() - earlier.bad()).max(0);
            let whole = self.projected().unwrap_or_else(|| self.allowed());
            return Fraction::new(since, self.counting.scale)?.over(&whole);
        }
        let earlier = self.counting.figures(self.from - seconds, self.horizon - seconds, None);
        let before = earlier.burn(self.budget_parts())?;
        // What remains is 1 less what is consumed: the difference is the other way round.
        Some(&self.consumed()? - &before)
    }
}
