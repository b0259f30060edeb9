//! `nines/v1` `Exclusion`: time that must not count as it was measured.
//!
//! ```yaml
//! spec:
//!   category: maintenance          # or deployment, outside-hours, measurement, other
//!   author: platform-team
//!   reason: The database moves to new disks.
//!   effect: remove-time            # or drop-events, count-as-good
//!   services: [checkout]           # and slos: […]; without both, all
//!   once: {from: "2026-10-01T22:00:00Z", to: "2026-10-02T00:00:00Z"}
//!   # or: recurring: {start: "2026-01-04 02:00:00", timeZone: Europe/Paris, duration: 2h, rule: FREQ=WEEKLY;BYDAY=SU}
//! ```

use domain::calendar::{CalendarError, check_when};
use domain::exclusion::{Category, When};
use domain::{Effect, Exclusion, Instant};

use super::declared::{Declared, DeclaredExclusion, Kind};
use super::duration;
use super::finding::{Place, Report, quote};
use super::local;
use super::metadata::{self, Metadata, Named};
use super::object::Object;
use super::read::{Field, Fields};

/// Services or SLOs that one exclusion names.
const MAX_NAMES: usize = 1_000;
/// Recurring exclusions in one configuration: to find that a rule never occurs takes up to 20 ms.
const MAX_RECURRING: usize = 500;
/// Longest occurrence that is read; the calendar has a tighter bound.
const MAX_OCCURRENCE_SECONDS: u32 = 400 * 86_400;
/// Measurements begin on multiples of this.
const MINUTE: i64 = 60;
const SPEC: &str = "{category: maintenance, author: my-team, reason: text, effect: remove-time, once: …}";
const ONCE: &str = "{from: \"2026-10-01T22:00:00Z\", to: \"2026-10-02T00:00:00Z\"}";
const RECURRING: &str =
    "{start: \"2026-01-04 02:00:00\", timeZone: Europe/Paris, duration: 2h, rule: FREQ=WEEKLY;BYDAY=SU}";
const CATEGORIES: [(&str, Category); 5] = [
    ("maintenance", Category::Maintenance),
    ("deployment", Category::Deployment),
    ("outside-hours", Category::OutsideHours),
    ("measurement", Category::Measurement),
    ("other", Category::Other),
];
const EFFECTS: [(&str, Effect); 3] = [
    ("remove-time", Effect::RemoveTime),
    ("drop-events", Effect::DropEvents),
    ("count-as-good", Effect::CountAsGood),
];

/// Reads an exclusion into `declared`.
pub(super) fn read(object: Object<'_>, declared: &mut Declared, report: &mut Report) {
    let is_new = declared.register(Kind::Exclusion, &object.meta.name, report);
    let exclusion = object.read(is_new, SPEC, declared, report, read_spec);
    declared.exclusions.extend(exclusion);
}

fn read_spec(
    mut spec: Fields<'_>,
    meta: Metadata,
    declared: &mut Declared,
    report: &mut Report,
) -> Option<DeclaredExclusion> {
    let category = spec.need("category", "maintenance", report);
    let category = category.and_then(|field| field.one_of(&CATEGORIES, report));
    let author = spec.need("author", "my-team", report);
    let author = author.and_then(|field| field.text("my-team", report));
    let reason = spec.need("reason", "why, in a sentence", report);
    let reason = reason.and_then(|field| field.text("why, in a sentence", report));
    let effect = spec.need("effect", "remove-time", report);
    let effect = effect.and_then(|field| field.one_of(&EFFECTS, report));
    let services = names(&mut spec, "services", report);
    let slos = names(&mut spec, "slos", report);
    let when = when(&mut spec, &mut declared.recurring, report);
    spec.finish(report);
    Some(DeclaredExclusion {
        services: services?,
        slos: slos?,
        exclusion: Exclusion {
            display_name: meta.display_name(),
            category: category?,
            author: author?.to_owned(),
            reason: reason?.to_owned(),
            effect: effect?,
            services: Vec::new(),
            slos: Vec::new(),
            when: when?,
            origin: report.origin(meta.name.place),
            name: meta.name.name,
        },
    })
}

/// The names in a list that may be missing; one that is there but empty could mean all or nothing.
fn names(spec: &mut Fields<'_>, name: &'static str, report: &mut Report) -> Option<Vec<Named>> {
    let Some(field) = spec.get(name) else { return Some(Vec::new()) };
    let items = field.items("[my-name]", report)?;
    if items.is_empty() || items.len() > MAX_NAMES {
        let message = format!(
            "`{}` must name 1 to {MAX_NAMES}: without `services` and `slos` the exclusion is about all SLOs",
            field.path
        );
        report.error(field.place(), message);
        return None;
    }
    let count = items.len();
    let names: Vec<Named> = items.iter().filter_map(|item| metadata::reference(item, report)).collect();
    (names.len() == count).then_some(names)
}

fn when(spec: &mut Fields<'_>, count: &mut usize, report: &mut Report) -> Option<When> {
    match (spec.get("once"), spec.get("recurring")) {
        (Some(_), Some(recurring)) => {
            report.error(recurring.key, "both `once` and `recurring` are given: write an exclusion for each");
            None
        }
        (Some(once), None) => read_once(&once, report),
        (None, Some(recurring)) => {
            *count += 1;
            if *count > MAX_RECURRING {
                let message =
                    format!("is one of more than {MAX_RECURRING} recurring exclusions: put some together");
                report.error(recurring.key, format!("`{}` {message}", recurring.path));
                return None;
            }
            read_recurring(&recurring, report)
        }
        (None, None) => {
            let message = format!("`spec` says not when: add `once: {ONCE}` or `recurring: {RECURRING}`");
            report.error(spec.place, message);
            None
        }
    }
}

fn read_once(field: &Field<'_>, report: &mut Report) -> Option<When> {
    let mut fields = field.fields(ONCE, report)?;
    let from = fields.need("from", "\"2026-10-01T22:00:00Z\"", report);
    let from = from.and_then(|field| instant(&field, report));
    let to = fields.need("to", "\"2026-10-02T00:00:00Z\"", report);
    let to = to.and_then(|field| instant(&field, report));
    fields.finish(report);
    let ((from, from_place), (to, to_place)) = (from?, to?);
    let when = When::Once { from, to };
    if check_when(&when).is_err() {
        report.error(to_place, format!("`to` is not after `from` ({from}): write a later instant"));
        return None;
    }
    let (starts, ends) = (from.ceil_to(MINUTE), to.ceil_to(MINUTE));
    if (starts, ends) != (from, to) {
        let place = if starts == from { to_place } else { from_place };
        let message = format!(
            "the stretch is not on whole minutes, but measurements are, so it takes those from {starts} to {ends}: \
             write these"
        );
        report.warning(place, message);
    }
    Some(when)
}

fn instant(field: &Field<'_>, report: &mut Report) -> Option<(Instant, Place)> {
    let text = field.text("2026-10-01T22:00:00Z", report)?;
    match Instant::parse(text) {
        Ok(instant) => Some((instant, field.place())),
        Err(error) => {
            report.error(field.place(), format!("`{}`: {error}: write it so", field.path));
            None
        }
    }
}

fn read_recurring(field: &Field<'_>, report: &mut Report) -> Option<When> {
    let mut fields = field.fields(RECURRING, report)?;
    let start = fields.need("start", local::START_TIME, report);
    let start = start.and_then(|field| local::read_time(&field, report));
    let zone = fields.need("timeZone", local::TIME_ZONE, report);
    let zone = zone.and_then(|field| local::read_zone(&field, report));
    let length = fields.need("duration", "2h", report);
    let length = length.and_then(|field| occurrence(&field, report));
    let rule = fields.need("rule", "FREQ=WEEKLY;BYDAY=SU", report);
    let rule = rule.and_then(|field| Some((field.text("FREQ=WEEKLY;BYDAY=SU", report)?, field.place())));
    fields.finish(report);
    let ((start, start_place), zone, (seconds, length_place), (rule, rule_place)) =
        (start?, zone?, length?, rule?);
    let when = When::Recurring { start, zone, seconds, rule: rule.to_owned() };
    if let Err(error) = check_when(&when) {
        let place = match error {
            CalendarError::TooLong(_) | CalendarError::EmptyStretch => length_place,
            CalendarError::UnknownZone(_) | CalendarError::BadLocalTime(_) => start_place,
            _ => rule_place,
        };
        report.error(place, format!("{}: write e.g. `FREQ=WEEKLY;BYDAY=SU`", printable(&error.to_string())));
        return None;
    }
    Some(when)
}

/// The texts of the calendar quote a file.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Length of an occurrence in seconds.
fn occurrence(field: &Field<'_>, report: &mut Report) -> Option<(u32, Place)> {
    let seconds = duration::read_seconds(field, "2h", MAX_OCCURRENCE_SECONDS, report)?;
    if seconds % 60 != 0 {
        let text = quote(field.text("2h", report)?);
        let minutes = seconds.div_ceil(60);
        let message = format!(
            "`{}`: {text} is not whole minutes, but measurements are, and those that begin in an occurrence are taken \
             whole: write `{minutes}m`",
            field.path
        );
        report.warning(field.place(), message);
    }
    Some((seconds, field.place()))
}
