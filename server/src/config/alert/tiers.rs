//! `nines/v1` `BurnRatePolicy`: burn-rate tiers, and conditions on the budget itself.
//!
//! ```yaml
//! spec:
//!   tiers:
//!     - {burn: 14.4, long: 1h, short: 5m, severity: page, minEvents: 100}   # short: a twelfth of long by default
//!   conditions:
//!     - {budgetConsumed: 80%, severity: ticket}                             # spent so far, or by projection
//!     - {budgetDrop: 10%, over: 6h, severity: page}                         # spent within the last six hours
//!     - {exhaustion: 3d, severity: ticket}                                  # gone in three days at the present rate
//!     - {absoluteBudget: 2%, over: 1h, severity: page, minEvents: 10}       # for low traffic
//! ```
//!
//! A rule's `name` is optional and says by default what the rule says. `tiers: []` alone is no rule, so no alert.

use std::time::Duration;

use domain::burn::burn_name;
use domain::{AlertRule, Condition, Severity};

use super::{MAX_RULES, PolicyRule, severity, short_of, threshold};
use crate::config::duration::{self, people};
use crate::config::finding::Report;
use crate::config::number::{percent, read_share, read_whole};
use crate::config::read::{Field, Fields};

const SPEC: &str = "{tiers: [{burn: 14.4, long: 1h, severity: page}]}";
const TIER: &str = "{burn: 14.4, long: 1h, severity: page}";
const CONDITION: &str = "{budgetConsumed: 80%, severity: ticket}";
/// Characters of a rule's name.
const MAX_NAME: usize = 63;
/// As many events as a slice may count.
const MAX_EVENTS: u64 = 1_000_000_000_000;
/// The conditions, one of which each item names.
const CONDITIONS: [&str; 4] = ["budgetConsumed", "budgetDrop", "exhaustion", "absoluteBudget"];

/// Reads the `spec` of a `BurnRatePolicy`; none if any of its rules is wrong.
pub(in crate::config) fn policy(object: &mut Fields<'_>, report: &mut Report) -> Option<Vec<PolicyRule>> {
    let mut spec = object.spec(SPEC, report)?;
    spec.text("description", "text", report);
    let (tiers, conditions) = (spec.get("tiers"), spec.get("conditions"));
    if tiers.is_none() && conditions.is_none() {
        spec.need("tiers", "[{burn: 14.4, long: 1h, severity: page}]", report);
    }
    let lists = [(tiers, TIER, tier as ReadRule), (conditions, CONDITION, condition as ReadRule)];
    let mut rules = Some(Vec::new());
    for (field, example, read) in lists {
        let Some(field) = field else { continue };
        let read = list(&field, example, read, report);
        rules = rules.zip(read).map(|(rules, read)| [rules, read].concat());
    }
    spec.finish(report);
    rules
}

type ReadRule = fn(Fields<'_>, &mut Report) -> Option<AlertRule>;

fn list(field: &Field<'_>, example: &str, read: ReadRule, report: &mut Report) -> Option<Vec<PolicyRule>> {
    let items = field.items(&format!("[{example}]"), report)?;
    if items.len() > MAX_RULES {
        report.error(field.place(), format!("`{}` holds more than {MAX_RULES}: remove some", field.path));
        return None;
    }
    let count = items.len();
    let rule =
        |item: &Field<'_>| Some(PolicyRule::Own(read(item.fields(example, report)?, report)?, item.place()));
    let rules: Vec<PolicyRule> = items.iter().filter_map(rule).collect();
    (rules.len() == count).then_some(rules)
}

/// `{burn, long, short, severity, minEvents, name}`.
fn tier(mut fields: Fields<'_>, report: &mut Report) -> Option<AlertRule> {
    let burn = fields.need("burn", "14.4", report).and_then(|field| threshold(&field, report));
    let long = fields.need("long", "1h", report);
    let long = long.and_then(|field| duration::read_minutes(&field, "1h", report));
    let short = match fields.get("short") {
        Some(field) => short_look_back(&field, long, report),
        None => long.map(short_of),
    };
    let common = Common::read(&mut fields, true, report);
    fields.finish(report);
    let (threshold_thousandths, long_seconds, short_seconds) = (burn?, long?, short?);
    let name = burn_name(threshold_thousandths, long_seconds);
    Some(common?.rule(name, Condition::Burn { threshold_thousandths, long_seconds, short_seconds }))
}

fn short_look_back(field: &Field<'_>, long: Option<u32>, report: &mut Report) -> Option<u32> {
    let (short, long) = (duration::read_minutes(field, "5m", report)?, long?);
    if short > long {
        let twelfth = short_of(long) / 60;
        let message =
            format!("`{}` is longer than `long`: write e.g. `{twelfth}m`, a twelfth of it", field.path);
        report.error(field.place(), message);
        return None;
    }
    Some(short)
}

/// One of `CONDITIONS` with its share or time, `over`, `severity`, `minEvents` and `name`.
fn condition(mut fields: Fields<'_>, report: &mut Report) -> Option<AlertRule> {
    let named: Vec<(&str, Field<'_>)> =
        CONDITIONS.into_iter().filter_map(|name| Some((name, fields.get(name)?))).collect();
    let [(kind, value)] = named.as_slice() else {
        match named.get(1) {
            Some((_, second)) => {
                let message = format!(
                    "`{}` is a second condition in one item: give it an item of its own",
                    second.path
                );
                report.error(second.key, message);
            }
            None => unnamed(&mut fields, report),
        }
        return None;
    };
    let looks_back = matches!(*kind, "budgetDrop" | "absoluteBudget");
    if !looks_back {
        fields.ignore(&["over"], "is ignored: the condition is about a whole window; remove it", report);
    }
    let over = looks_back.then(|| {
        let field = fields.need("over", "1h", report)?;
        duration::read_minutes(&field, "1h", report)
    });
    let common = Common::read(&mut fields, *kind == "absoluteBudget", report);
    let built = match *kind {
        "exhaustion" => duration::read_minutes(value, "3d", report).map(|within_seconds| {
            (format!("exhausted within {}", time(within_seconds)), Condition::Exhaustion { within_seconds })
        }),
        kind => read_share(value, report).and_then(|share_parts| share(kind, share_parts, over.flatten())),
    };
    fields.finish(report);
    let (name, condition) = built?;
    Some(common?.rule(name, condition))
}

/// An item that names none of the conditions, or one with nothing in it.
fn unnamed(fields: &mut Fields<'_>, report: &mut Report) {
    if let Some(empty) = CONDITIONS.into_iter().find(|name| fields.present(name).is_some()) {
        fields.need(empty, if empty == "exhaustion" { "3d" } else { "80%" }, report);
        return;
    }
    let keys: Vec<String> = fields.all().map(|(key, _)| key.text.to_string()).collect();
    let hint = keys.iter().map(|key| report.did_you_mean(key, CONDITIONS)).find(|hint| !hint.is_empty());
    let (known, hint) = (CONDITIONS.join("`, `"), hint.unwrap_or_default());
    report.error(
        fields.place,
        format!("no condition is named: write one of `{known}`, e.g. `{CONDITION}`{hint}"),
    );
}

/// A condition about a share of the budget, and its name.
fn share(kind: &str, share_parts: u64, over: Option<u32>) -> Option<(String, Condition)> {
    let shown = percent(share_parts);
    if kind == "budgetConsumed" {
        return Some((format!("{shown} % of the budget spent"), Condition::BudgetConsumed { share_parts }));
    }
    let seconds = over?;
    let over = time(seconds);
    Some(match kind {
        "budgetDrop" => {
            (format!("budget fell by {shown} % over {over}"), Condition::BudgetDrop { share_parts, seconds })
        }
        _ => (
            format!("{shown} % of a usual window's budget over {over}"),
            Condition::AbsoluteBudget { share_parts, seconds },
        ),
    })
}

fn time(seconds: u32) -> String {
    people(Duration::from_secs(seconds.into()))
}

/// What every rule has.
struct Common {
    name: Option<String>,
    severity: Severity,
    min_events: u64,
}

impl Common {
    /// `counts` says whether the rule looks at events, so that a least number of them means something.
    fn read(fields: &mut Fields<'_>, counts: bool, report: &mut Report) -> Option<Self> {
        let name = fields.get("name").map(|field| name(&field, report));
        let severity =
            fields.need("severity", "page", report).and_then(|field| strict_severity(&field, report));
        let min_events = match fields.get("minEvents").filter(|_| counts) {
            Some(field) => read_whole(&field, "100", MAX_EVENTS, report),
            None => Some(0),
        };
        if !counts {
            fields.ignore(
                &["minEvents"],
                "is ignored: the condition is about a whole window; remove it",
                report,
            );
        }
        let name = match name {
            Some(name) => Some(name?),
            None => None,
        };
        Some(Self { name, severity: severity?, min_events: min_events? })
    }

    fn rule(self, default_name: String, condition: Condition) -> AlertRule {
        let Self { name, severity, min_events } = self;
        AlertRule { name: name.unwrap_or(default_name), severity, condition, min_events }
    }
}

fn name(field: &Field<'_>, report: &mut Report) -> Option<String> {
    let text = field.text("fast burn", report)?;
    if text.chars().count() > MAX_NAME || text.chars().any(char::is_control) {
        let message =
            format!("`{}` must be one line of at most {MAX_NAME} characters: shorten it", field.path);
        report.error(field.place(), message);
        return None;
    }
    Some(text.to_owned())
}

fn strict_severity(field: &Field<'_>, report: &mut Report) -> Option<Severity> {
    let text = field.text("page", report)?;
    let found = severity(text);
    if found.is_none() {
        field.wrong(text, "is no severity: write `page` or `ticket`", report);
    }
    found
}
