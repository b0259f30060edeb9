//! Durations as `OpenSLO` writes them, one number and one unit, and how people read them.
//!
//! `OpenSLO`'s trap: `m` is minutes and `M` is months, and its own examples write `1m` for one month. Months, quarters
//! and years have no fixed length and are refused with the fix.

use std::time::Duration;

use super::finding::{Report, quote};
use super::read::Field;

/// Units of fixed length, in milliseconds.
const UNITS: [(&str, u64); 6] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];
/// Longest duration that is read at all; each use has a tighter bound of its own.
const MAX_MILLIS: u64 = 36_500 * 86_400_000;
/// Slices are kept this long.
const MAX_WINDOW_SECONDS: u64 = 400 * 86_400;
/// Fewer slices than this and each of them is a tenth of the figure.
const MIN_WINDOW_SLICES: u64 = 10;
/// Up to here a window in minutes may be one meant in months.
const MAX_MONTHS: u64 = 12;

/// A duration above zero, with a finding if it is none.
pub(super) fn read(field: &Field<'_>, example: &str, report: &mut Report) -> Option<Duration> {
    let text = field.text(example, report)?;
    match parse(text) {
        Ok(duration) => Some(duration),
        Err(fix) => {
            report.error(field.place(), format!("`{}`: {} is no duration: {fix}", field.path, quote(text)));
            None
        }
    }
}

/// A duration of whole seconds from 1 to `max_seconds`.
pub(super) fn read_seconds(
    field: &Field<'_>,
    example: &str,
    max_seconds: u32,
    report: &mut Report,
) -> Option<u32> {
    let duration = read(field, example, report)?;
    match u32::try_from(duration.as_secs()) {
        Ok(seconds @ 1..) if seconds <= max_seconds && duration.subsec_nanos() == 0 => Some(seconds),
        _ => {
            let most = people(Duration::from_secs(max_seconds.into()));
            let message =
                format!("`{}` must be whole seconds, from 1 s to {most}: write e.g. `{example}`", field.path);
            report.error(field.place(), message);
            None
        }
    }
}

/// A look-back or the like: whole minutes within what is kept, in seconds.
pub(super) fn read_minutes(field: &Field<'_>, example: &str, report: &mut Report) -> Option<u32> {
    let length = read(field, example, report)?;
    let seconds = length.as_secs();
    if length.subsec_nanos() != 0 || seconds % 60 != 0 || seconds > MAX_WINDOW_SECONDS {
        let message =
            format!("`{}` must be whole minutes, at most 400 d: write e.g. `{example}`", field.path);
        report.error(field.place(), message);
        return None;
    }
    u32::try_from(seconds).ok()
}

/// A rolling window in seconds: a multiple of 60 within what is kept. `calendar` is what to write instead of a length
/// in months.
pub(super) fn read_window(field: &Field<'_>, calendar: &str, report: &mut Report) -> Option<u32> {
    let text = field.text("30d", report)?;
    if matches!(split(text).1, "M" | "Q" | "Y" | "y")
        && let Err(fix) = parse(text)
    {
        let message = format!("`{}`: {} is no duration: {fix}; or {calendar}", field.path, quote(text));
        report.error(field.place(), message);
        return None;
    }
    let window = read(field, "30d", report)?;
    let seconds = window.as_secs();
    let (place, path) = (field.place(), &field.path);
    if window.subsec_nanos() != 0 || seconds % 60 != 0 {
        report.error(place, format!("`{path}`: {} is not whole minutes: write e.g. `30d`", quote(text)));
        return None;
    }
    if seconds > MAX_WINDOW_SECONDS {
        let message = format!(
            "`{path}`: {} is longer than the 400 days that are kept: write `400d` or less",
            quote(text)
        );
        report.error(place, message);
        return None;
    }
    let minutes = seconds / 60;
    if text.ends_with('m') && minutes <= MAX_MONTHS {
        let message =
            format!("`{path}`: {} is minutes, not months: for months write days, such as `30d`", quote(text));
        report.warning(place, message);
    } else if minutes < MIN_WINDOW_SLICES {
        let message = format!(
            "`{path}`: {} holds fewer than {MIN_WINDOW_SLICES} slices of a minute, so one decides the figure: write a \
             longer window, such as `30d`",
            quote(text)
        );
        report.warning(place, message);
    }
    u32::try_from(seconds).ok()
}

/// The digits at the start, and the rest.
pub(super) fn split(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// A number and a unit; else the fix.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    if number.is_empty() || unit.starts_with('.') {
        return Err("write a whole number and a unit, such as `300ms`, `15s`, `5m`, `1h` or `30d`".to_owned());
    }
    let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(match unit {
            "" => format!("add a unit, such as `{number}s` or `{number}m`"),
            "M" => format!(
                "months differ in length, so write days (`{}`), or `{number}m` for minutes",
                days(number, 30)
            ),
            "Q" => format!("quarters differ in length, so write days (`{}`)", days(number, 90)),
            "Y" | "y" => format!("years differ in length, so write days (`{}`)", days(number, 365)),
            _ => match UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)) {
                Some((name, _)) => format!("units are lower case, so write `{number}{name}`"),
                None => "its unit is none of ms, s, m, h, d, w: write one number and one of these".to_owned(),
            },
        });
    };
    let millis = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*factor));
    match millis {
        Some(0) => Err("it must be longer than nothing".to_owned()),
        Some(millis) if millis <= MAX_MILLIS => Ok(Duration::from_millis(millis)),
        _ => Err("it is too long: write a smaller number".to_owned()),
    }
}

fn days(number: &str, each: u64) -> String {
    let count = number.parse::<u64>().ok().and_then(|number| number.checked_mul(each));
    count.map_or_else(|| "30d".to_owned(), |count| format!("{count}d"))
}

/// A duration for people: `300 ms`, `15 s`, `5 min`, `2 h`, `30 d`.
pub(super) fn people(duration: Duration) -> String {
    let (millis, seconds) = (duration.as_millis(), duration.as_secs());
    if millis % 1_000 != 0 {
        format!("{millis} ms")
    } else if seconds % 86_400 == 0 {
        format!("{} d", seconds / 86_400)
    } else if seconds % 3_600 == 0 {
        format!("{} h", seconds / 3_600)
    } else if seconds % 60 == 0 {
        format!("{} min", seconds / 60)
    } else {
        format!("{seconds} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_and_one_unit() {
        let millis = |text: &str| parse(text).unwrap().as_millis();
        assert_eq!((millis("300ms"), millis("15s"), millis("5m")), (300, 15_000, 300_000));
        assert_eq!((millis("2h"), millis("30d"), millis("4w")), (7_200_000, 2_592_000_000, 2_419_200_000));
    }

    #[test]
    fn what_is_no_duration_says_what_to_write() {
        for (text, fix) in [
            ("15", "`15s`"),
            ("1M", "`30d`"),
            ("1Q", "`90d`"),
            ("2Y", "`730d`"),
            ("15S", "`15s`"),
            ("0s", "longer than nothing"),
            ("1.5s", "whole number"),
            ("-1s", "whole number"),
            ("1h30m", "one number"),
            ("", "whole number"),
            ("99999999999999999999s", "too long"),
            ("18446744073709551615w", "too long"),
            ("٣s", "whole number"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(fix), "{text}: {error}");
        }
    }

    #[test]
    fn people_read_the_largest_whole_unit() {
        let of = |millis| people(Duration::from_millis(millis));
        assert_eq!((of(300), of(1_500), of(15_000)), ("300 ms".into(), "1500 ms".into(), "15 s".into()));
        assert_eq!(
            (of(120_000), of(7_200_000), of(172_800_000)),
            ("2 min".into(), "2 h".into(), "2 d".into())
        );
    }
}
