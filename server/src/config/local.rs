//! Local times and time zones, as windows and exclusions name them.
//!
//! Invariant: what passes here passes `domain::calendar`, which has the zones.

use domain::calendar::{CalendarError, check_window};
use domain::estate::{CalendarUnit, CalendarWindow, LocalTime};

use super::finding::{Place, Report, quote};
use super::read::Field;

pub(super) const START_TIME: &str = "\"2026-01-01 00:00:00\"";
pub(super) const TIME_ZONE: &str = "Europe/Paris";
/// A Monday, and the first day of a month, a quarter and a year: where the periods of short forms begin.
pub(super) const ANCHOR: LocalTime =
    LocalTime { year: 2024, month: 1, day: 1, hour: 0, minute: 0, second: 0 };

/// `YYYY-MM-DD hh:mm:ss` by the clocks of a zone that is named beside it.
pub(super) fn read_time(field: &Field<'_>, report: &mut Report) -> Option<(LocalTime, Place)> {
    let text = field.text(START_TIME, report)?;
    let place = field.place();
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    let shown = time.trim();
    // An offset or `Z` would contradict the zone that stands beside it.
    let bare =
        shown.find(['Z', 'z', '+', '-']).map_or(shown, |end| shown.get(..end).unwrap_or_default()).trim_end();
    if bare != shown {
        let message = format!(
            "`{}`: {} names an offset, but it is a local time in `timeZone`: write `\"{date} {bare}\"` by the clocks there",
            field.path,
            quote(text)
        );
        report.error(place, message);
        return None;
    }
    let parsed = parse(date, if bare.is_empty() { "00:00:00" } else { bare });
    let Some(local) = parsed.filter(|local| is_valid(*local)) else {
        let message = format!(
            "`{}`: {} is no date and time from 1970 on: write e.g. `{START_TIME}`",
            field.path,
            quote(text)
        );
        report.error(place, message);
        return None;
    };
    let written = text_of(local);
    if text != written {
        let message = format!("`{}` is taken for `{written}`: write it so, as OpenSLO has it", field.path);
        report.warning(place, message);
    }
    if local.second != 0 {
        let message = format!(
            "`{}` is not on a whole minute, but measurements are: write `\"{}\"`",
            field.path,
            text_of(LocalTime { second: 0, ..local })
        );
        report.warning(place, message);
    }
    Some((local, place))
}

/// The name of a zone that the bundled database has.
pub(super) fn read_zone(field: &Field<'_>, report: &mut Report) -> Option<String> {
    let text = field.text(TIME_ZONE, report)?;
    check_zone(text, field.place(), &field.path, report).then(|| text.to_owned())
}

/// Whether there is such a zone; else a finding.
pub(super) fn check_zone(zone: &str, place: Place, path: &str, report: &mut Report) -> bool {
    if is_zone(zone) {
        return true;
    }
    let near = [zone.to_ascii_uppercase(), capitalized(zone)].into_iter().find(|near| is_zone(near));
    let fix =
        near.map_or_else(|| format!("write e.g. `{TIME_ZONE}`"), |near| format!("did you mean `{near}`?"));
    report.error(place, format!("`{path}`: {} is no IANA time zone: {fix}", quote(zone)));
    false
}

/// As OpenSLO writes it.
pub(super) fn text_of(local: LocalTime) -> String {
    let LocalTime { year, month, day, hour, minute, second } = local;
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

fn is_zone(zone: &str) -> bool {
    !matches!(check_window(&day(ANCHOR, zone)), Err(CalendarError::UnknownZone(_)))
}

fn is_valid(local: LocalTime) -> bool {
    check_window(&day(local, "UTC")).is_ok()
}

fn day(start: LocalTime, zone: &str) -> CalendarWindow {
    CalendarWindow { count: 1, unit: CalendarUnit::Day, start, zone: zone.to_owned() }
}

/// `america/new_york` as `America/New_York`.
fn capitalized(zone: &str) -> String {
    let mut begins = true;
    let letter = |c: char| {
        let cased = if begins { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        begins = matches!(c, '/' | '_' | '-');
        cased
    };
    zone.chars().map(letter).collect()
}

/// A date `2026-01-01` and a time `00:00` or `00:00:00`; ranges are not checked.
fn parse(date: &str, time: &str) -> Option<LocalTime> {
    let mut dates = date.split('-');
    let (year, month, day) =
        (digits(dates.next()?, 4)?, digits(dates.next()?, 2)?, digits(dates.next()?, 2)?);
    let mut times = time.split(':');
    let (hour, minute) = (digits(times.next()?, 2)?, digits(times.next()?, 2)?);
    let second = times.next().map_or(Some(0), |second| digits(second, 2))?;
    if dates.next().is_some() || times.next().is_some() {
        return None;
    }
    let small = |number: i16| u8::try_from(number).ok();
    Some(LocalTime {
        year,
        month: small(month)?,
        day: small(day)?,
        hour: small(hour)?,
        minute: small(minute)?,
        second: small(second)?,
    })
}

fn digits(text: &str, length: usize) -> Option<i16> {
    let all_digits = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| all_digits)
}
