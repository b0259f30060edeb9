//! The alert rules of an SLO: its policies with their conditions, put together and checked against its objectives.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::burn::{can_burn, unreachable_tiers};
use domain::{AlertRule, Condition, Target, Window};

use super::dangling;
use crate::config::alert::{AlertUse, PolicyRule};
use crate::config::declared::{Declared, DeclaredSlo, Kind};
use crate::config::duration::people;
use crate::config::finding::{Place, Report, quote};

/// Rules of one SLO, all its policies together.
const MAX_RULES: usize = 64;

/// A rule, where it stands, and where the SLO asks for it.
struct Placed {
    rule: AlertRule,
    declared: Place,
    used: Place,
}

/// What was referred to.
#[derive(Default)]
pub(super) struct Used {
    policies: BTreeSet<String>,
}

impl Used {
    /// Warns of policies and conditions that nobody refers to; every SLO must have been looked at.
    pub(super) fn warn_of_others(&self, declared: &Declared, report: &mut Report) {
        let mut conditions = BTreeSet::new();
        for policy in declared.policies.values() {
            for rule in &policy.rules {
                if let PolicyRule::Condition(named) = rule {
                    conditions.insert(named.name.as_str());
                }
            }
            if !self.policies.contains(&policy.name.name) {
                let message = format!(
                    "no SLO uses the alert policy {}, so it alerts nobody: name it in `alertPolicies` or in the \
                     annotation `nines/alerts`, or remove it",
                    quote(&policy.name.name)
                );
                report.warning(policy.name.place, message);
            }
        }
        for (name, (_, place)) in &declared.conditions {
            if !conditions.contains(name.as_str()) {
                let message = format!(
                    "no AlertPolicy uses the AlertCondition {}: refer to it, or remove it",
                    quote(name)
                );
                report.warning(*place, message);
            }
        }
    }
}

/// References of policies to conditions that are not declared.
pub(super) fn check_policies(declared: &Declared, report: &mut Report) {
    for policy in declared.policies.values() {
        for rule in &policy.rules {
            if let PolicyRule::Condition(named) = rule {
                dangling(Kind::AlertCondition, named, CONDITION_FIX, declared, report);
            }
        }
    }
}

const CONDITION_FIX: &str = "declare it with `kind: AlertCondition`, or write the condition in the policy";
const POLICY_FIX: &str = "declare it with `kind: BurnRatePolicy` or `kind: AlertPolicy`";

/// The rules of an SLO, most urgent first. None if they are wrong; none inside if it declares none.
#[expect(clippy::option_option, reason = "wrong and not declared differ")]
pub(super) fn of(
    slo: &DeclaredSlo,
    declared: &Declared,
    used: &mut Used,
    report: &mut Report,
) -> Option<Option<Vec<AlertRule>>> {
    if slo.alerts.is_empty() {
        default_tiers(slo, report);
        return Some(None);
    }
    let mut rules = Some(Vec::new());
    for each in &slo.alerts {
        let found = match each {
            AlertUse::Inline(rules, place) => {
                for rule in rules {
                    if let PolicyRule::Condition(named) = rule {
                        dangling(Kind::AlertCondition, named, CONDITION_FIX, declared, report);
                    }
                }
                resolve(rules, *place, declared)
            }
            AlertUse::Policy(named) => {
                used.policies.insert(named.name.clone());
                dangling(Kind::AlertPolicy, named, POLICY_FIX, declared, report);
                let policy = declared.policies.get(&named.name);
                policy.and_then(|policy| resolve(&policy.rules, named.place, declared))
            }
        };
        rules = rules.zip(found).map(|(mut rules, found)| {
            rules.extend(found);
            rules
        });
    }
    let mut rules = rules?;
    let (named_apart, can_fire) = (are_named_apart(slo, &rules, report), can_fire(slo, &rules, report));
    if !named_apart || !can_fire {
        return None;
    }
    look_backs(slo, &rules, report);
    rules.sort_by_key(|placed| urgency(&placed.rule));
    Some(Some(rules.into_iter().map(|placed| placed.rule).collect()))
}

/// The rules of a policy; none if a condition is wrong, which has its finding already.
fn resolve(rules: &[PolicyRule], used: Place, declared: &Declared) -> Option<Vec<Placed>> {
    let placed = |rule: &PolicyRule| {
        let (rule, declared) = match rule {
            PolicyRule::Own(rule, place) => (rule.clone(), *place),
            PolicyRule::Condition(named) => declared.conditions.get(&named.name).cloned()?,
        };
        Some(Placed { rule, declared, used })
    };
    rules.iter().map(placed).collect()
}

/// Pages before tickets; then burn rates, fastest first, because the first that fires suppresses the others.
fn urgency(rule: &AlertRule) -> (domain::Severity, std::cmp::Reverse<u32>) {
    let burn = match rule.condition {
        Condition::Burn { threshold_thousandths, .. } => threshold_thousandths,
        _ => 0,
    };
    (rule.severity, std::cmp::Reverse(burn))
}

fn are_named_apart(slo: &DeclaredSlo, rules: &[Placed], report: &mut Report) -> bool {
    if let Some(last) = rules.get(MAX_RULES) {
        let message =
            format!("the SLO {} has more than {MAX_RULES} alert rules: remove some", quote(&slo.name.name));
        report.error(last.used, message);
        return false;
    }
    let mut names: BTreeMap<&str, Place> = BTreeMap::new();
    for Placed { rule, declared, used } in rules {
        if let Some(first) = names.insert(&rule.name, *declared) {
            let (slo, name, here) =
                (quote(&slo.name.name), quote(&rule.name), report.file_and_line(*declared));
            let message = if first == *declared {
                format!("the SLO {slo} uses the alert rule {name} at {here} twice: remove one use")
            } else {
                let first = report.file_and_line(first);
                format!(
                    "two alert rules of the SLO {slo} are named {name}, at {first} and {here}: name them apart, or use one"
                )
            };
            report.error(*used, message);
            return false;
        }
    }
    true
}

/// Whether every burn rule can fire for every objective.
fn can_fire(slo: &DeclaredSlo, rules: &[Placed], report: &mut Report) -> bool {
    let mut all = true;
    for Placed { rule, declared, used } in rules {
        let Condition::Burn { threshold_thousandths, .. } = rule.condition else { continue };
        let mut targets = slo.objectives.iter().map(|(objective, _)| objective.target);
        let Some(target) = targets.find(|target| !can_burn(threshold_thousandths, *target)) else { continue };
        all = false;
        let (name, place) = (quote(&rule.name), report.file_and_line(*declared));
        let message = match most(target) {
            Some(most) => format!(
                "the alert rule {name} at {place} can never fire for the target {target} %, at which a total outage \
                 burns {most} times the neutral rate: write at most {most}, or a higher target"
            ),
            None => format!(
                "the alert rule {name} at {place} can never fire for the target 100 %, which has no burn rate: give \
                 this target an SLO of its own, without burn rates"
            ),
        };
        report.error(*used, message);
    }
    all
}

/// The burn rate of a total outage, rounded down to thousandths; none for a target of 1.
fn most(target: Target) -> Option<String> {
    let thousandths = 1_000_000_000_000_u64.checked_div(target.budget_parts().into())?;
    let text = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// Warns of default tiers that cannot fire. That some look back further than a short window is no fault of the file:
/// nothing in it asks for them.
fn default_tiers(slo: &DeclaredSlo, report: &mut Report) {
    for (objective, place) in &slo.objectives {
        let left_out = unreachable_tiers(objective.target);
        let names: Vec<String> = left_out.iter().map(|tier| quote(&tier.rule().name)).collect();
        if let Some(most) = most(objective.target).filter(|_| !names.is_empty()) {
            let message = format!(
                "the default alert rules {} are left out, because at the target {} % a total outage burns {most} times \
                 the neutral rate: use a `nines/v1` BurnRatePolicy to choose others",
                names.join(", "),
                objective.target
            );
            report.warning(*place, message);
        }
    }
}

/// Warns of rules that look back further than a rolling window.
fn look_backs(slo: &DeclaredSlo, rules: &[Placed], report: &mut Report) {
    for Placed { rule, declared, used } in rules {
        if let Some((seconds, window)) = outlasts(rule, &slo.window.0) {
            let shown = |seconds: u32| people(Duration::from_secs(seconds.into()));
            let message = format!(
                "the alert rule {} at {} looks back {}, further than the window of {}, so it fires about what is \
                 outside it: shorten it, or write a longer window",
                quote(&rule.name),
                report.file_and_line(*declared),
                shown(seconds),
                shown(window)
            );
            report.warning(*used, message);
        }
    }
}

/// The look-back of a rule and the rolling window that it exceeds.
fn outlasts(rule: &AlertRule, window: &Window) -> Option<(u32, u32)> {
    let Window::Rolling { seconds: window } = *window else { return None };
    let seconds = match rule.condition {
        Condition::Burn { long_seconds: seconds, .. }
        | Condition::BudgetDrop { seconds, .. }
        | Condition::AbsoluteBudget { seconds, .. } => seconds,
        Condition::BudgetConsumed { .. } | Condition::Exhaustion { .. } => return None,
    };
    (seconds > window).then_some((seconds, window))
}
