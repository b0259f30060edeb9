//! The window of an SLO: rolling, or the periods of a calendar.
//!
//! OpenSLO's trap: `m` is minutes and `M` is months, and its own examples write `1m` for one month. In a calendar
//! window minutes are an error; a rolling window of minutes is allowed, and a short one gives a warning.

use domain::Window;
use domain::estate::{CalendarUnit, CalendarWindow, LocalTime};

use super::finding::{Place, Report, quote};
use super::read::Field;
use super::{duration, local};

const ROLLING: &str = "{duration: 30d, isRolling: true}";
const CALENDAR: &str = "{startTime: \"2026-01-01 00:00:00\", timeZone: Europe/Paris}";
/// Each unit as OpenSLO writes it, with the most days that it can have.
const UNITS: [(&str, CalendarUnit, u32); 5] = [
    ("d", CalendarUnit::Day, 1),
    ("w", CalendarUnit::Week, 7),
    ("M", CalendarUnit::Month, 31),
    ("Q", CalendarUnit::Quarter, 92),
    ("Y", CalendarUnit::Year, 366),
];
/// Slices are kept this long.
const MAX_DAYS: u32 = 400;

/// `timeWindow`: a list of one.
pub(super) fn read(field: &Field<'_>, report: &mut Report) -> Option<(Window, Place)> {
    let items = field.items(&format!("[{ROLLING}]"), report)?;
    let [window] = items.as_slice() else {
        let message =
            format!("`{}` holds {} windows and must hold one: write `[{ROLLING}]`", field.path, items.len());
        report.error(field.place(), message);
        return None;
    };
    let mut fields = window.fields(ROLLING, report)?;
    let rolling = fields.get("isRolling").map(|field| (field.boolean(report), field.place()));
    let calendar = fields.present("calendar");
    let length = fields.need("duration", if calendar.is_some() { "1M" } else { "30d" }, report);
    let window = match (rolling, &calendar) {
        (Some((Some(true), place)), Some(_)) => {
            report.error(place, "both `isRolling: true` and `calendar` are given: keep one");
            None
        }
        (_, Some(calendar)) => read_calendar(length.as_ref(), calendar, report).map(Window::Calendar),
        (Some((Some(true), _)), None) => {
            let fix = "give the window a `calendar`";
            let seconds = length.as_ref().and_then(|field| duration::read_window(field, fix, report));
            seconds.map(|seconds| Window::Rolling { seconds })
        }
        (Some((Some(false), place)), None) => {
            let message = format!("a window that does not roll needs a calendar: add `calendar: {CALENDAR}`");
            report.error(place, message);
            None
        }
        (Some((None, _)), None) => None,
        (None, None) => {
            fields.need("isRolling", "true", report);
            None
        }
    };
    fields.finish(report);
    Some((window?, length?.place()))
}

/// `30d`, `month` or `month Europe/Paris`, as the short form has it; a calendar without a zone is that of UTC.
pub(super) fn read_short(field: &Field<'_>, report: &mut Report) -> Option<(Window, Place)> {
    let text = field.text("30d", report)?;
    let place = field.place();
    if text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains(' ') {
        let fix = "name a unit of the calendar, such as `month` or `month Europe/Paris`";
        let seconds = duration::read_window(field, fix, report)?;
        return Some((Window::Rolling { seconds }, place));
    }
    let (word, zone) = text.split_once(' ').unwrap_or((text, "UTC"));
    let Some((_, unit, _)) = UNITS.iter().find(|(_, unit, _)| unit.word() == word) else {
        let hint = report.did_you_mean(word, UNITS.map(|(_, unit, _)| unit.word()));
        let message = format!(
            "`{}`: {} is neither a duration nor a unit of the calendar: write e.g. `30d`, `month` or \
             `month Europe/Paris`{hint}",
            field.path,
            quote(text)
        );
        report.error(place, message);
        return None;
    };
    let zone = zone.trim();
    let known = local::check_zone(zone, place, &field.path, report);
    let window = CalendarWindow { count: 1, unit: *unit, start: local::ANCHOR, zone: zone.to_owned() };
    known.then_some((Window::Calendar(window), place))
}

fn read_calendar(
    length: Option<&Field<'_>>,
    field: &Field<'_>,
    report: &mut Report,
) -> Option<CalendarWindow> {
    let mut fields = field.fields(CALENDAR, report)?;
    let start = fields.need("startTime", local::START_TIME, report);
    let start = start.and_then(|field| local::read_time(&field, report));
    let zone = fields.need("timeZone", local::TIME_ZONE, report);
    let zone = zone.and_then(|field| local::read_zone(&field, report));
    let path = fields.below("startTime");
    fields.finish(report);
    let (count, unit) = length.and_then(|field| periods(field, report))?;
    let ((start, place), zone) = (start?, zone?);
    if let Some(shortest) = shortest_month(start, count, unit).filter(|shortest| start.day > *shortest) {
        let message = format!(
            "`{path}` is on day {}, which not every month has: there a period begins on the last day, as early as day \
             {shortest}; prefer a day up to 28",
            start.day
        );
        report.warning(place, message);
    }
    Some(CalendarWindow { count, unit, start, zone })
}

/// How many of which unit, within what is kept.
fn periods(field: &Field<'_>, report: &mut Report) -> Option<(u32, CalendarUnit)> {
    let text = field.text("1M", report)?;
    let (number, written) = duration::split(text);
    let count = number.parse::<u32>().ok().filter(|count| *count > 0);
    let found = UNITS.iter().find(|(name, ..)| *name == written);
    let problem = match (count, found) {
        (Some(count), Some((_, unit, days))) if count.saturating_mul(*days) <= MAX_DAYS => {
            return Some((count, *unit));
        }
        (Some(_), Some((name, _, days))) => {
            format!("is longer than the {MAX_DAYS} days that are kept: write `{}{name}` or less", MAX_DAYS / days)
        }
        (Some(count), None) => match written {
            "m" => format!("is minutes, not months: write `{count}M`"),
            "" => format!("has no unit: write e.g. `{count}M`"),
            _ => match UNITS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(written)) {
                Some((name, ..)) => format!("has its unit in the wrong case: write `{count}{name}`"),
                None => "counts no days, weeks, months, quarters or years: write e.g. `1d`, `1w`, `1M`, `1Q` or `1Y`"
                    .to_owned(),
            },
        },
        (None, _) => "is no whole number above 0 and a unit: write e.g. `1M`".to_owned(),
    };
    field.wrong(text, &problem, report);
    None
}

/// Days of the shortest month in which a period begins; none if periods are not counted in months.
fn shortest_month(start: LocalTime, count: u32, unit: CalendarUnit) -> Option<u8> {
    let months = match unit {
        CalendarUnit::Day | CalendarUnit::Week => return None,
        CalendarUnit::Month => 1,
        CalendarUnit::Quarter => 3,
        CalendarUnit::Year => 12,
    };
    let first = u32::from(start.month.saturating_sub(1));
    // After twelve periods the months repeat, whatever the step.
    let met = (0..12_u32).map(|period| (first + period.saturating_mul(count).saturating_mul(months)) % 12);
    met.map(|month| match month {
        1 => 28,
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    })
    .min()
}

/// A window for people: `30 d`, `month`, `2 weeks`.
pub(super) fn people(window: &Window) -> String {
    match window {
        Window::Rolling { seconds } => duration::people(std::time::Duration::from_secs((*seconds).into())),
        Window::Calendar(CalendarWindow { count: 1, unit, .. }) => format!("a {}", unit.word()),
        Window::Calendar(CalendarWindow { count, unit, .. }) => format!("{count} {}s", unit.word()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_months_that_are_met_clamp_a_day() {
        let of = |month, count, unit| shortest_month(LocalTime { month, ..local::ANCHOR }, count, unit);
        assert_eq!(of(1, 1, CalendarUnit::Month), Some(28));
        assert_eq!(of(1, 1, CalendarUnit::Quarter), Some(30));
        assert_eq!(of(12, 1, CalendarUnit::Year), Some(31));
        assert_eq!(of(2, 1, CalendarUnit::Year), Some(28));
        assert_eq!(of(1, 6, CalendarUnit::Month), Some(31));
        assert_eq!(of(1, 2, CalendarUnit::Week), None);
    }
}
