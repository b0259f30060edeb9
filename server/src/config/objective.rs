//! Objectives: a target, read from its digits, its name, and how slices are judged.

use domain::estate::Objective;
use domain::{Method, Target};

use super::finding::{Place, Report, quote};
use super::method::{self, Wrong};
use super::read::{Field, Fields};

/// Objectives in one SLO.
const MAX_OBJECTIVES: usize = 16;
/// Characters of an objective's name, which stands in addresses.
const MAX_NAME: usize = 63;

/// Reads `objectives`; none if any of them is wrong.
pub(super) fn read(
    field: &Field<'_>,
    method: Method,
    report: &mut Report,
) -> Option<Vec<(Objective, Place)>> {
    let items = field.items("[{target: 0.999}]", report)?;
    if items.is_empty() || items.len() > MAX_OBJECTIVES {
        let message =
            format!("`{}` must hold 1 to {MAX_OBJECTIVES}: write e.g. `[{{target: 0.999}}]`", field.path);
        report.error(field.place(), message);
        return None;
    }
    let mut objectives: Vec<(Objective, Place)> = Vec::new();
    let count = items.len();
    for item in items {
        let Some(fields) = item.fields("{target: 0.999}", report) else { continue };
        let Some((objective, place)) = one(fields, method, report) else { continue };
        if objectives.iter().any(|(other, _)| other.name == objective.name) {
            let message = format!(
                "two objectives are named {}: give one another `displayName`",
                quote(&objective.name)
            );
            report.error(place, message);
            continue;
        }
        objectives.push((objective, place));
    }
    (objectives.len() == count).then_some(objectives)
}

fn one(mut fields: Fields<'_>, method: Method, report: &mut Report) -> Option<(Objective, Place)> {
    let name = fields.get("displayName").map(|field| (field.text("99.9", report), field.place()));
    let fraction = fields.get("target");
    let percent = fields.get("targetPercent");
    let why = "is ignored: a ratio has no threshold to compare with; remove it";
    fields.ignore(&["op"], why, report);
    let why = "compares a measured value, which no source of this version delivers: let the SLI judge (`status` and \
               `within` of a probe, or counts of good and total that are pushed), and remove it";
    let threshold = fields.refuse(&["value"], why, report);
    let slices = method::slices(&mut fields, method, report);
    let why = "is not supported: an SLO has one indicator, so write one SLO for each, and a `nines/v1` Composite of them";
    let composite = fields.refuse(&["indicator", "indicatorRef", "compositeWeight"], why, report);
    let place = fraction.as_ref().or(percent.as_ref()).map_or(fields.place, Field::place);
    let target = match (&fraction, &percent) {
        (Some(field), None) => read_fraction(field, report),
        (None, Some(field)) => read_percent(field, report),
        (Some(_), Some(field)) => {
            report.error(field.key, "both `target` and `targetPercent` are given: keep one");
            None
        }
        (None, None) => {
            fields.need("target", "0.999", report);
            None
        }
    };
    fields.finish(report);
    let name = match name {
        Some((name, place)) => {
            let name = name?;
            if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
                report.error(
                    place,
                    format!("`displayName` must be one line of at most {MAX_NAME} characters: shorten it"),
                );
                return None;
            }
            name.to_owned()
        }
        None => target?.percent(),
    };
    let target = target.filter(|_| !composite && !threshold)?;
    match slices {
        Ok(slices) => Some((Objective { slices, ..Objective::new(name, target) }, place)),
        Err(Wrong) => None,
    }
}

/// `0.999`.
fn read_fraction(field: &Field<'_>, report: &mut Report) -> Option<Target> {
    let text = field.text("0.999", report)?;
    match Target::parse(text) {
        Ok(target) => Some(target),
        Err(error) => {
            let digits = text.trim_end_matches('%').trim_end();
            let fix = match Target::parse_percent(digits) {
                Ok(meant) => format!("write {} or `targetPercent: {digits}`", fraction(meant)),
                Err(_) => "write e.g. 0.999".to_owned(),
            };
            report.error(field.place(), format!("`{}`: {error}: {fix}", field.path));
            None
        }
    }
}

/// `99.9`.
fn read_percent(field: &Field<'_>, report: &mut Report) -> Option<Target> {
    let text = field.text("99.9", report)?;
    let Ok(target) = Target::parse_percent(text.trim_end_matches('%').trim_end()) else {
        let message = format!(
            "`{}`: {} is no percentage above 0 and at most 100 with at most 7 decimal places: write e.g. 99.9",
            field.path,
            quote(text)
        );
        report.error(field.place(), message);
        return None;
    };
    if target.parts() <= 10_000_000 {
        let message = format!(
            "`{}`: {} is at most 1 %: if it is a fraction, write it as `target`",
            field.path,
            quote(text)
        );
        report.warning(field.place(), message);
    }
    Some(target)
}

/// `99.9%` or `0.999`, as the short form has it.
pub(super) fn read_either(field: &Field<'_>, report: &mut Report) -> Option<Target> {
    let text = field.text("99.9%", report)?;
    if text.ends_with('%') {
        return read_percent(field, report);
    }
    match Target::parse(text) {
        Ok(target) => Some(target),
        Err(error) => {
            let fix = match Target::parse_percent(text) {
                Ok(meant) => format!("write {text}% or {}", fraction(meant)),
                Err(_) => "write e.g. 99.9%".to_owned(),
            };
            report.error(field.place(), format!("`{}`: {error}: {fix}", field.path));
            None
        }
    }
}

/// A target as a fraction, exactly: `0.999`.
pub(super) fn fraction(target: Target) -> String {
    if target.is_zero_tolerance() {
        return "1".to_owned();
    }
    let digits = format!("{:09}", target.parts());
    format!("0.{}", digits.trim_end_matches('0'))
}
