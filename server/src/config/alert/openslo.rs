//! OpenSLO's `AlertPolicy` and `AlertCondition`, as burn rules.
//!
//! A condition has one look-back; the short one that ends an alert soon after the trouble is a twelfth of it.
//! Read but without effect: `alertWhenResolved` and targets of notifications.

use std::time::Duration;

use domain::{AlertRule, Condition, Severity};

use super::{MAX_RULES, PolicyRule, severity, short_of, threshold};
use crate::config::annotations::Bearer;
use crate::config::duration::{self, people};
use crate::config::finding::{Report, quote};
use crate::config::metadata::{self, Metadata, Named};
use crate::config::read::{Field, Fields};

const POLICY: &str = "{conditions: [{conditionRef: my-condition}]}";
const CONDITION: &str =
    "{severity: page, condition: {kind: burnrate, op: gte, threshold: 14.4, lookbackWindow: 1h}}";
const BURN: &str = "{kind: burnrate, op: gte, threshold: 14.4, lookbackWindow: 1h}";

/// Reads the `spec` of an `AlertPolicy`; none if any of its conditions is wrong.
pub(in crate::config) fn policy(
    object: &mut Fields<'_>,
    meta: &Metadata,
    report: &mut Report,
) -> Option<Vec<PolicyRule>> {
    let mut spec = object.spec(POLICY, report)?;
    spec.text("description", "text", report);
    when(&mut spec, report);
    let why = "is not carried out yet, so nobody is notified: alerts stand on pages and in the API";
    spec.ignore(&["notificationTargets"], why, report);
    let conditions = spec.need("conditions", "[{conditionRef: my-condition}]", report);
    let rules = conditions.and_then(|field| {
        let items = field.items("[{conditionRef: my-condition}]", report)?;
        if items.is_empty() || items.len() > MAX_RULES {
            let message = format!(
                "`{}` must hold 1 to {MAX_RULES}: write e.g. `[{{conditionRef: my-condition}}]`",
                field.path
            );
            report.error(field.place(), message);
            return None;
        }
        let count = items.len();
        let rules: Vec<PolicyRule> =
            items.iter().filter_map(|item| policy_condition(item, &meta.name, report)).collect();
        (rules.len() == count).then_some(rules)
    });
    spec.finish(report);
    rules
}

/// Warns where a policy asks for what is not done.
fn when(spec: &mut Fields<'_>, report: &mut Report) {
    let ignored = [
        ("alertWhenNoData", true, "without data alerts freeze, and the state says `no_data`"),
        ("alertWhenBreaching", false, "every rule fires while its condition holds"),
    ];
    for (name, unlike, why) in ignored {
        if let Some(field) = spec.get(name)
            && field.boolean(report) == Some(unlike)
        {
            report.warning(field.place(), format!("`{}` is ignored: {why}; remove it", field.path));
        }
    }
    if let Some(field) = spec.get("alertWhenResolved") {
        field.boolean(report);
    }
}

fn policy_condition(item: &Field<'_>, policy: &Named, report: &mut Report) -> Option<PolicyRule> {
    let mut fields = item.fields("{conditionRef: my-condition}", report)?;
    if let Some(reference) = fields.get("conditionRef") {
        fields.finish(report);
        return metadata::reference(&reference, report).map(PolicyRule::Condition);
    }
    if fields.get("spec").is_none() {
        // Mostly a reference by another word.
        fields.need("conditionRef", "my-condition", report);
        fields.finish(report);
        return None;
    }
    if !fields.inline("AlertCondition", report) {
        return None;
    }
    let place = item.place();
    let meta = metadata::read(&mut fields, Bearer::Other, Some(policy), report);
    let rule = condition(&mut fields, &meta, report);
    fields.finish(report);
    rule.filter(|_| meta.sound).map(|rule| PolicyRule::Own(rule, place))
}

/// Reads the `spec` of an `AlertCondition`; the rule bears its name.
pub(in crate::config) fn condition(
    object: &mut Fields<'_>,
    meta: &Metadata,
    report: &mut Report,
) -> Option<AlertRule> {
    let mut spec = object.spec(CONDITION, report)?;
    spec.text("description", "text", report);
    let severity = lenient_severity(&mut spec, report);
    let burn = spec.need("condition", BURN, report);
    let burn = burn.and_then(|field| burn_rate(field.fields(BURN, report)?, report));
    spec.finish(report);
    Some(AlertRule { name: meta.name.name.clone(), severity: severity?, condition: burn?, min_events: 0 })
}

/// Words of other tools are tickets: to wake somebody must be asked for.
fn lenient_severity(spec: &mut Fields<'_>, report: &mut Report) -> Option<Severity> {
    let Some(field) = spec.get("severity") else {
        let path = spec.below("severity");
        report
            .warning(spec.place, format!("`{path}` is missing and taken for ticket: add `severity: ticket`"));
        return Some(Severity::Ticket);
    };
    let text = field.text("page", report)?;
    let found = severity(text);
    if found.is_none() {
        let message =
            format!("`{}`: {} is taken for ticket: write `page` or `ticket`", field.path, quote(text));
        report.warning(field.place(), message);
    }
    Some(found.unwrap_or(Severity::Ticket))
}

fn burn_rate(mut fields: Fields<'_>, report: &mut Report) -> Option<Condition> {
    let kind = fields.get("kind").map(|field| is_burn_rate(&field, report));
    let op = if let Some(field) = fields.get("op") {
        fires_above(&field, report)
    } else {
        let path = fields.below("op");
        report.warning(fields.place, format!("`{path}` is missing and taken for gte: add `op: gte`"));
        Some(())
    };
    let threshold = fields.need("threshold", "14.4", report).and_then(|field| threshold(&field, report));
    let long = fields.need("lookbackWindow", "1h", report);
    let long = long.and_then(|field| duration::read_minutes(&field, "1h", report));
    if let Some(field) = fields.get("alertAfter")
        && let Some(text) = field.text("0m", report)
        && duration::split(text).0.bytes().any(|digit| digit != b'0')
    {
        let short = long.map_or_else(String::new, |long| format!(" of {}", minutes(short_of(long))));
        let message = format!(
            "`{}` is ignored: outages that are shorter and come again would spend the budget unseen; the short \
             look-back{short} keeps the alert from firing on what is over; remove it",
            field.path
        );
        report.warning(field.place(), message);
    }
    fields.finish(report);
    let long_seconds = long?;
    op?;
    let condition = Condition::Burn {
        threshold_thousandths: threshold?,
        long_seconds,
        short_seconds: short_of(long_seconds),
    };
    kind.unwrap_or(Some(())).map(|()| condition)
}

fn minutes(seconds: u32) -> String {
    people(Duration::from_secs(seconds.into()))
}

fn is_burn_rate(field: &Field<'_>, report: &mut Report) -> Option<()> {
    let text = field.text("burnrate", report)?;
    if text.eq_ignore_ascii_case("burnrate") {
        return Some(());
    }
    let problem =
        "is no kind of condition here: write `burnrate`, or a `nines/v1` BurnRatePolicy for other conditions";
    field.wrong(text, problem, report);
    None
}

/// `gte`; `gt` differs from it only where a rate is exactly the threshold.
fn fires_above(field: &Field<'_>, report: &mut Report) -> Option<()> {
    let text = field.text("gte", report)?;
    let problem = match text {
        "gte" | "gt" => return Some(()),
        "lte" | "lt" => {
            "would fire while all is well: a burn rate is too high, never too low, so write `gte`"
        }
        _ => "is no operator: write `gte`",
    };
    field.wrong(text, problem, report);
    None
}
