//! Alert policies: rules that an SLO uses instead of the default burn-rate tiers.
//!
//! Two kinds of document say the same: OpenSLO's `AlertPolicy` with its `AlertCondition`s, which knows burn rates only,
//! and our `BurnRatePolicy`. An SLO names either in `alertPolicies` or in the annotation `nines/alerts`. Where several
//! are named, their rules are put together.

mod openslo;
mod tiers;

use domain::{AlertRule, Severity};

use super::annotations::Bearer;
use super::finding::{Place, Report};
use super::metadata::{self, Named};
use super::number::scaled;
use super::read::Field;
use super::tree::Value;

pub(super) use openslo::{condition, policy};
pub(super) use tiers::policy as burn_rate_policy;

/// Alert policies on one SLO.
const MAX_USES: usize = 16;
/// Rules of one policy.
const MAX_RULES: usize = 16;
/// Highest burn rate: more thousandths are not held. What can fire is below 1 / (1 - target).
const MAX_BURN: u64 = 4_294_967;
const SEVERITIES: [Severity; 2] = [Severity::Page, Severity::Ticket];

/// An alert policy that an SLO uses.
#[derive(Debug)]
pub(super) enum AlertUse {
    /// By name.
    Policy(Named),
    /// One that stands in the SLO.
    Inline(Vec<PolicyRule>, Place),
}

/// A rule of a policy.
#[derive(Debug, Clone)]
pub(super) enum PolicyRule {
    /// That stands in it.
    Own(AlertRule, Place),
    /// That an `AlertCondition` declares.
    Condition(Named),
}

/// `alertPolicies` of an SLO: names, references or inline policies, which bear the SLO's name unless they have one.
pub(super) fn uses(field: &Field<'_>, slo: &Named, report: &mut Report) -> Option<Vec<AlertUse>> {
    let items = field.items("[my-policy]", report)?;
    if items.len() > MAX_USES {
        report.error(field.place(), format!("`{}` holds more than {MAX_USES}: remove some", field.path));
        return None;
    }
    let count = items.len();
    let uses: Vec<AlertUse> = items.iter().filter_map(|item| one_use(item, slo, report)).collect();
    (uses.len() == count).then_some(uses)
}

fn one_use(item: &Field<'_>, slo: &Named, report: &mut Report) -> Option<AlertUse> {
    if !matches!(item.node.value, Value::Map(_)) {
        return metadata::reference(item, report).map(AlertUse::Policy);
    }
    let mut fields = item.fields("{alertPolicyRef: my-policy}", report)?;
    if let Some(reference) = fields.get("alertPolicyRef") {
        fields.finish(report);
        return metadata::reference(&reference, report).map(AlertUse::Policy);
    }
    if fields.get("spec").is_none() {
        // Mostly a reference by another word.
        fields.need("alertPolicyRef", "my-policy", report);
        fields.finish(report);
        return None;
    }
    let place = item.place();
    if !fields.inline("AlertPolicy", report) {
        return None;
    }
    let meta = metadata::read(&mut fields, Bearer::Other, Some(slo), report);
    let rules = policy(&mut fields, &meta, report);
    fields.finish(report);
    rules.filter(|_| meta.sound).map(|rules| AlertUse::Inline(rules, place))
}

/// `page` or `ticket`.
fn severity(text: &str) -> Option<Severity> {
    SEVERITIES.into_iter().find(|severity| severity.word().eq_ignore_ascii_case(text))
}

/// A burn-rate threshold in thousandths.
fn threshold(field: &Field<'_>, report: &mut Report) -> Option<u32> {
    let text = field.text("14.4", report)?;
    let thousandths = scaled(text, 3).filter(|thousandths| (1..=1_000 * MAX_BURN).contains(thousandths));
    let found = thousandths.and_then(|thousandths| u32::try_from(thousandths).ok());
    if found.is_none() {
        let problem = format!(
            "is no burn rate above 0 and up to {MAX_BURN} with at most 3 decimal places: write e.g. 14.4"
        );
        field.wrong(text, &problem, report);
    }
    found
}

/// The short look-back that goes with a long one: a twelfth of it, in whole minutes.
fn short_of(long_seconds: u32) -> u32 {
    (long_seconds / domain::burn::SHORT_PARTS / 60 * 60).max(60)
}
