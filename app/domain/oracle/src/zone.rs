//! A handful of time zones by their published rules, and the periods of calendar windows in them.
//!
//! Written from the rules that the zones' governments published, for the years 2012 to 2029, and from the words of
//! `CalendarWindow`; independent of any time zone database and of the engine's calendar. Seconds are since 1970.

use domain::estate::{CalendarUnit, CalendarWindow, LocalTime};

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

/// The zones that are known here.
pub const ZONES: [&str; 6] =
    ["UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago"];

/// Days since 1970 of a date of the Gregorian calendar, by counting years and months.
pub fn days(year: i64, month: i64, day: i64) -> i64 {
    let leaps_before =
        |year: i64| (year - 1).div_euclid(4) - (year - 1).div_euclid(100) + (year - 1).div_euclid(400);
    let years = (year - 1_970) * 365 + leaps_before(year) - leaps_before(1_970);
    let months: i64 = (1..month).map(|earlier| month_days(year, earlier)).sum();
    years + months + day - 1
}

/// Days of a month.
pub const fn month_days(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The year that a day since 1970 lies in.
fn year_of(day: i64) -> i64 {
    let mut year = 1_970 + day.div_euclid(366);
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    year
}

/// The first Sunday on or after a date, as a day since 1970; that day was a Thursday.
fn sunday(year: i64, month: i64, from_day: i64) -> i64 {
    let day = days(year, month, from_day);
    day + (3 - day).rem_euclid(7)
}

/// Seconds that a zone's clocks are ahead of UTC at an instant.
pub fn offset(zone: &str, at: i64) -> i64 {
    let year = year_of((at + HOUR).div_euclid(DAY));
    let inside = |from: i64, to: i64| from <= at && at < to;
    match zone {
        // CET; summer time from the last Sunday in March to that in October, both at 01:00 UTC.
        "Europe/Paris" => {
            let summer = inside(sunday(year, 3, 25) * DAY + HOUR, sunday(year, 10, 25) * DAY + HOUR);
            if summer { 2 * HOUR } else { HOUR }
        }
        // EST; daylight time from the second Sunday in March 02:00 EST to the first in November 02:00 EDT.
        "America/New_York" => {
            let summer = inside(sunday(year, 3, 8) * DAY + 7 * HOUR, sunday(year, 11, 1) * DAY + 6 * HOUR);
            if summer { -4 * HOUR } else { -5 * HOUR }
        }
        // +10:30; half an hour more from the first Sunday in October 02:00 standard to the first in April 02:00 summer time.
        "Australia/Lord_Howe" => {
            let (half, year) = (HOUR / 2, year_of((at + 11 * HOUR).div_euclid(DAY)));
            let winter_from = sunday(year, 4, 1) * DAY + 2 * HOUR - 11 * HOUR;
            let winter_to = sunday(year, 10, 1) * DAY + 2 * HOUR - 10 * HOUR - half;
            if inside(winter_from, winter_to) { 10 * HOUR + half } else { 11 * HOUR }
        }
        "Asia/Kathmandu" => 5 * HOUR + 45 * 60,
        // Rules of 2023 on: -3 in summer, from the first Sunday after 1 September 04:00 UTC to that after 1 April 03:00
        // UTC: clocks go forward at midnight, so that a day begins at 01:00.
        "America/Santiago" => {
            let year = year_of((at - 4 * HOUR).div_euclid(DAY));
            let winter = inside(sunday(year, 4, 2) * DAY + 3 * HOUR, sunday(year, 9, 2) * DAY + 4 * HOUR);
            if winter { -4 * HOUR } else { -3 * HOUR }
        }
        _ => 0,
    }
}

/// The instant at which a zone's clocks show `clock` (seconds since 1970 as if in UTC): of two the earlier; where the
/// clocks jump over it, as much later as they jump.
fn instant(zone: &str, clock: i64) -> i64 {
    let (before, after) = (offset(zone, clock - DAY), offset(zone, clock + DAY));
    // An instant is right if its own offset leads back to the clock; the larger offset is the earlier instant.
    let right = |ahead: i64| offset(zone, clock - ahead) == ahead;
    match [before.max(after), before.min(after)].into_iter().find(|ahead| right(*ahead)) {
        Some(ahead) => clock - ahead,
        None => clock - before,
    }
}

/// The instant at which period `k` of a calendar window begins; period 0 begins at its start.
fn begin(window: &CalendarWindow, k: i64) -> i64 {
    let start = &window.start;
    let LocalTime { year, month, day, hour, minute, second } = *start;
    let steps = k * i64::from(window.count);
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let time = i64::from(hour) * HOUR + i64::from(minute) * 60 + i64::from(second);
    let by_days = |length: i64| days(year, month, day) + steps * length;
    let by_months = |length: i64| {
        let months = year * 12 + month - 1 + steps * length;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        days(year, month, day.min(month_days(year, month)))
    };
    let date = match window.unit {
        CalendarUnit::Day => by_days(1),
        CalendarUnit::Week => by_days(7),
        CalendarUnit::Month => by_months(1),
        CalendarUnit::Quarter => by_months(3),
        CalendarUnit::Year => by_months(12),
    };
    instant(&window.zone, date * DAY + time)
}

/// The period that contains an instant; with `closed` the last one that ended at or before it. Start inclusive, end
/// exclusive.
pub fn period(window: &CalendarWindow, at: i64, closed: bool) -> (i64, i64) {
    let days = match window.unit {
        CalendarUnit::Day => 1,
        CalendarUnit::Week => 7,
        CalendarUnit::Month => 30,
        CalendarUnit::Quarter => 91,
        CalendarUnit::Year => 365,
    };
    let mut k = (at - begin(window, 0)).div_euclid(days * DAY * i64::from(window.count.max(1)));
    while begin(window, k) > at {
        k -= 1;
    }
    while begin(window, k + 1) <= at {
        k += 1;
    }
    // The period before the one that contains `at` is the last that ended by then.
    let k = if closed { k - 1 } else { k };
    (begin(window, k), begin(window, k + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(unit: CalendarUnit, zone: &str, date: (i16, u8, u8), hour: u8) -> CalendarWindow {
        let start = LocalTime { year: date.0, month: date.1, day: date.2, hour, minute: 0, second: 0 };
        CalendarWindow { count: 1, unit, start, zone: zone.to_owned() }
    }

    /// Seconds since 1970 of a time in UTC.
    fn utc(year: i64, month: i64, day: i64, hour: i64, minute: i64) -> i64 {
        days(year, month, day) * DAY + hour * HOUR + minute * 60
    }

    #[test]
    fn dates_are_counted() {
        assert_eq!(days(1970, 1, 1), 0);
        assert_eq!(days(2000, 3, 1), 11_017);
        assert_eq!(days(2026, 10, 1), 20_727);
        assert_eq!(year_of(days(2024, 12, 31)), 2024);
        assert_eq!(year_of(days(2025, 1, 1)), 2025);
    }

    #[test]
    fn clocks_change_when_they_did() {
        let changes = [
            ("Europe/Paris", utc(2025, 3, 30, 1, 0), 3_600, 7_200),
            ("Europe/Paris", utc(2025, 10, 26, 1, 0), 7_200, 3_600),
            ("America/New_York", utc(2025, 3, 9, 7, 0), -18_000, -14_400),
            ("America/New_York", utc(2025, 11, 2, 6, 0), -14_400, -18_000),
            ("Australia/Lord_Howe", utc(2025, 4, 5, 15, 0), 39_600, 37_800),
            ("Australia/Lord_Howe", utc(2025, 10, 4, 15, 30), 37_800, 39_600),
            ("America/Santiago", utc(2025, 4, 6, 3, 0), -10_800, -14_400),
            ("America/Santiago", utc(2025, 9, 7, 4, 0), -14_400, -10_800),
        ];
        for (zone, at, before, after) in changes {
            assert_eq!((offset(zone, at - 1), offset(zone, at)), (before, after), "{zone}");
        }
    }

    #[test]
    fn days_have_23_24_5_or_25_hours() {
        let length = |zone: &str, at: i64| {
            let (from, to) = period(&window(CalendarUnit::Day, zone, (2020, 1, 1), 0), at, false);
            to - from
        };
        assert_eq!(length("Europe/Paris", utc(2025, 3, 30, 12, 0)), 23 * HOUR);
        assert_eq!(length("Europe/Paris", utc(2025, 10, 26, 12, 0)), 25 * HOUR);
        assert_eq!(length("Australia/Lord_Howe", utc(2025, 10, 5, 0, 0)), 23 * HOUR + HOUR / 2);
        assert_eq!(length("America/Santiago", utc(2025, 9, 7, 12, 0)), 23 * HOUR);
    }

    #[test]
    fn month_ends_are_clamped_from_the_anchor() {
        let monthly = window(CalendarUnit::Month, "UTC", (2024, 1, 31), 0);
        assert_eq!(
            period(&monthly, utc(2024, 3, 5, 0, 0), false),
            (utc(2024, 2, 29, 0, 0), utc(2024, 3, 31, 0, 0))
        );
        assert_eq!(
            period(&monthly, utc(2023, 3, 1, 0, 0), true),
            (utc(2023, 1, 31, 0, 0), utc(2023, 2, 28, 0, 0))
        );
        let (_, to) = period(&monthly, utc(2024, 4, 30, 0, 0), true);
        assert_eq!(to, utc(2024, 4, 30, 0, 0));
    }

    #[test]
    fn a_start_that_the_clocks_jump_over_moves_by_the_jump() {
        let daily = window(CalendarUnit::Day, "Europe/Paris", (2020, 1, 1), 2);
        let (from, _) = period(&daily, utc(2025, 3, 30, 12, 0), false);
        assert_eq!(from, utc(2025, 3, 30, 1, 0)); // 02:00 does not exist, 03:00 does
        let (from, _) = period(&daily, utc(2025, 10, 26, 12, 0), false);
        assert_eq!(from, utc(2025, 10, 26, 0, 0)); // of two 02:00 the first
    }
}
