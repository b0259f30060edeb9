//! The names of periods for people.

use chrono::{Datelike, Timelike, Weekday};

use crate::slice::Bounds;
use crate::window::CalendarWindow;

use super::local::{DAY_SECONDS, Wall};
use super::period::Periods;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The name of a period: `2026`, `2026-Q3`, `October 2026`, `week 45 of 2026` (ISO 8601, so from Monday) or
/// `23 Nov 2026` where it is just that by the clocks of its zone, else its bounds and the zone, as in
/// `1 Oct 2026 09:00 to 1 Nov 2026 09:00 Europe/Paris`.
pub fn label(window: &CalendarWindow, bounds: Bounds) -> String {
    let periods = Periods::of(window);
    let (number, period) = periods.containing(bounds.from);
    let shown = (periods.zone.wall(bounds.from.unix()), periods.zone.wall(bounds.to.unix()));
    // Where the clocks skip midnight a day begins at 01:00, and is still that day.
    let nominal = if period == bounds {
        (periods.nominal_start(number), periods.nominal_start(number.saturating_add(1)))
    } else {
        shown
    };
    name(nominal.0, nominal.1).unwrap_or_else(|| {
        format!("{} to {} {}", date_and_time(shown.0), date_and_time(shown.1), window.zone)
    })
}

fn name(from: Wall, to: Wall) -> Option<String> {
    if from.seconds_of_day() != 0 || to.seconds_of_day() != 0 {
        return None;
    }
    let (first, end) = (from.naive(), to.naive());
    let year = first.year();
    match (to.0 - from.0) / DAY_SECONDS {
        1 => return Some(date(from)),
        7 if first.weekday() == Weekday::Mon => {
            let week = first.iso_week();
            return Some(format!("week {} of {}", week.week(), week.year()));
        }
        _ => {}
    }
    if first.day() != 1 || end.day() != 1 {
        return None;
    }
    match (to.month() - from.month(), first.month0()) {
        (1, _) => Some(format!("{} {year}", month_name(from))),
        (3, month @ (0 | 3 | 6 | 9)) => Some(format!("{year}-Q{}", month / 3 + 1)),
        (12, 0) => Some(year.to_string()),
        _ => None,
    }
}

fn month_name(wall: Wall) -> &'static str {
    usize::try_from(wall.naive().month0()).ok().and_then(|month| MONTHS.get(month)).unwrap_or(&"")
}

fn date(wall: Wall) -> String {
    let shown = wall.naive();
    let month: String = month_name(wall).chars().take(3).collect();
    format!("{} {month} {}", shown.day(), shown.year())
}

/// Seconds only where there are any.
fn date_and_time(wall: Wall) -> String {
    let shown = wall.naive();
    let text = format!("{} {:02}:{:02}", date(wall), shown.hour(), shown.minute());
    if shown.second() == 0 { text } else { format!("{text}:{:02}", shown.second()) }
}
