//! What the calendar does, in examples that people can check by hand; properties and the oracle's cases are beside.

mod oracle;
mod properties;
mod rules;

use super::*;
use crate::slice::Bounds;
use crate::time::Instant;
use crate::window::CalendarUnit;

/// `2026-01-31T09:00:00`, by any clock.
fn wall(text: &str) -> LocalTime {
    let civil = Instant::parse(&format!("{text}Z")).unwrap().civil();
    LocalTime {
        year: i16::try_from(civil.year).unwrap(),
        month: civil.month,
        day: civil.day,
        hour: civil.hour,
        minute: civil.minute,
        second: civil.second,
    }
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn window(count: u32, unit: CalendarUnit, start: &str, zone: &str) -> CalendarWindow {
    CalendarWindow { count, unit, start: wall(start), zone: zone.to_owned() }
}

/// A period as text, `from/to`.
fn shown(bounds: Bounds) -> String {
    format!("{}/{}", bounds.from, bounds.to)
}

#[test]
fn month_ends_are_reckoned_from_the_anchor() {
    let monthly = window(1, CalendarUnit::Month, "2026-01-31T00:00:00", "UTC");
    assert_eq!(
        shown(period(&monthly, at("2026-03-01T00:00:00Z"))),
        "2026-02-28T00:00:00Z/2026-03-31T00:00:00Z"
    );
    assert_eq!(
        shown(period(&monthly, at("2024-03-01T00:00:00Z"))),
        "2024-02-29T00:00:00Z/2024-03-31T00:00:00Z",
        "before the anchor, in a leap year"
    );
    let yearly = window(1, CalendarUnit::Year, "2024-02-29T00:00:00", "UTC");
    assert_eq!(
        shown(neighbour(&yearly, at("2024-02-29T00:00:00Z"), 4)),
        "2028-02-29T00:00:00Z/2029-02-28T00:00:00Z"
    );
}

#[test]
fn days_have_23_and_25_hours_and_begin_by_the_zone() {
    let daily = window(1, CalendarUnit::Day, "2026-01-01T00:00:00", "Europe/Paris");
    let length = |text| {
        let day = period(&daily, at(text));
        day.to.seconds_since(day.from)
    };
    assert_eq!(length("2025-03-30T12:00:00Z"), 23 * 3_600);
    assert_eq!(length("2025-10-26T12:00:00Z"), 25 * 3_600);
    assert_eq!(length("2025-10-27T12:00:00Z"), 24 * 3_600);
    let monthly = window(1, CalendarUnit::Month, "2026-10-01T00:00:00", "Europe/Paris");
    assert_eq!(
        shown(period(&monthly, at("2026-10-31T22:59:59Z"))),
        "2026-09-30T22:00:00Z/2026-10-31T23:00:00Z"
    );
}

#[test]
fn skipped_local_times_move_forward_and_double_ones_are_the_first() {
    let daily = window(1, CalendarUnit::Day, "2026-01-01T02:30:00", "Europe/Paris");
    let day = period(&daily, at("2025-03-30T01:30:00Z"));
    assert_eq!(shown(day), "2025-03-30T01:30:00Z/2025-03-31T00:30:00Z", "03:30 that day");
    let day = period(&daily, at("2025-10-26T00:30:00Z"));
    assert_eq!(shown(day), "2025-10-26T00:30:00Z/2025-10-27T01:30:00Z", "still summer time");
}

#[test]
fn a_day_skipped_at_the_date_line_is_no_period() {
    for start in ["2011-01-01T00:00:00", "2011-01-01T09:00:00"] {
        let daily = window(1, CalendarUnit::Day, start, "Pacific/Apia");
        let last = period(&daily, at("2011-12-30T09:59:59Z"));
        let next = neighbour(&daily, last.from, 1);
        assert_eq!(next.from, last.to, "{start}");
        assert_eq!(next.to.seconds_since(next.from), 86_400, "{start}");
        assert_eq!(neighbour(&daily, next.from, -1), last, "{start}");
        assert_eq!(closed_period(&daily, next.from), last, "{start}");
        for steps in 1..5 {
            assert_eq!(neighbour(&daily, neighbour(&daily, last.from, steps).from, -steps), last, "{start}");
        }
    }
}

#[test]
fn a_period_is_closed_at_its_very_end() {
    let monthly = window(1, CalendarUnit::Month, "2026-01-01T00:00:00", "UTC");
    let october = "2026-10-01T00:00:00Z/2026-11-01T00:00:00Z";
    assert_eq!(shown(closed_period(&monthly, at("2026-11-01T00:00:00Z"))), october);
    assert_eq!(shown(closed_period(&monthly, at("2026-11-30T23:59:59Z"))), october);
    assert_ne!(shown(closed_period(&monthly, at("2026-10-31T23:59:59Z"))), october);
}

#[test]
fn labels_name_what_has_a_name() {
    use CalendarUnit::{Day, Month, Quarter, Week, Year};
    let named = |count, unit, start, zone: &str, text| {
        let window = window(count, unit, start, zone);
        label(&window, period(&window, at(text)))
    };
    let now = "2026-11-05T12:00:00Z";
    assert_eq!(
        named(1, Month, "2026-01-01T00:00:00", "Europe/Paris", "2026-10-31T22:59:59Z"),
        "October 2026"
    );
    assert_eq!(named(1, Quarter, "2026-01-01T00:00:00", "UTC", "2026-09-30T23:59:59Z"), "2026-Q3");
    assert_eq!(named(3, Month, "2020-07-01T00:00:00", "UTC", now), "2026-Q4");
    assert_eq!(named(1, Year, "2026-01-01T00:00:00", "UTC", now), "2026");
    assert_eq!(named(1, Week, "2026-01-05T00:00:00", "UTC", now), "week 45 of 2026");
    assert_eq!(named(1, Week, "2026-01-05T00:00:00", "UTC", "2027-01-02T00:00:00Z"), "week 53 of 2026");
    assert_eq!(named(1, Day, "2026-01-01T00:00:00", "UTC", "2026-11-23T12:00:00Z"), "23 Nov 2026");
    assert_eq!(
        named(1, Week, "2026-01-04T00:00:00", "UTC", now),
        "1 Nov 2026 00:00 to 8 Nov 2026 00:00 UTC",
        "from Sunday"
    );
    assert_eq!(
        named(1, Quarter, "2026-02-01T00:00:00", "UTC", now),
        "1 Nov 2026 00:00 to 1 Feb 2027 00:00 UTC"
    );
    assert_eq!(
        named(1, Month, "2026-01-01T09:00:00", "Europe/Paris", "2026-10-20T00:00:00Z"),
        "1 Oct 2026 09:00 to 1 Nov 2026 09:00 Europe/Paris"
    );
    assert_eq!(
        named(1, Day, "2017-01-01T00:00:00", "America/Sao_Paulo", "2017-10-15T12:00:00Z"),
        "15 Oct 2017",
        "its first hour was skipped"
    );
    assert_eq!(named(1, Day, "2011-01-01T00:00:00", "Pacific/Apia", "2011-12-30T09:59:59Z"), "29 Dec 2011");
    let monthly = window(1, Month, "2026-01-01T00:00:00", "UTC");
    let odd = Bounds { from: at("2026-10-01T00:00:01Z"), to: at("2026-10-02T00:00:00Z") };
    assert_eq!(label(&monthly, odd), "1 Oct 2026 00:00:01 to 2 Oct 2026 00:00 UTC");
}

#[test]
fn local_time_has_its_offset() {
    let paris = local("Europe/Paris", at("2026-07-01T12:00:00Z")).unwrap();
    assert_eq!(paris, Local { time: wall("2026-07-01T14:00:00"), offset_seconds: 7_200 });
    let kathmandu = local("Asia/Kathmandu", at("2026-07-01T23:00:00Z")).unwrap();
    assert_eq!(kathmandu, Local { time: wall("2026-07-02T04:45:00"), offset_seconds: 20_700 });
    assert_eq!(local("Europe/Atlantis", at("2026-07-01T12:00:00Z")), None);
}

#[test]
fn windows_that_cannot_be_placed_are_refused_and_still_total() {
    let good = window(1, CalendarUnit::Month, "2026-01-31T00:00:00", "Europe/Paris");
    assert_eq!(check_window(&good), Ok(()));
    let lost = CalendarWindow { zone: "europe/paris".to_owned(), ..good.clone() };
    assert_eq!(check_window(&lost), Err(CalendarError::UnknownZone("europe/paris".to_owned())));
    assert_eq!(
        period(&lost, at("2026-03-01T00:00:00Z")).from,
        at("2026-02-28T00:00:00Z"),
        "an unknown zone is UTC"
    );
    let no_day = LocalTime { month: 2, ..good.start };
    let late = LocalTime { hour: 24, ..good.start };
    let early = LocalTime { year: 1969, ..good.start };
    for start in [no_day, late, early] {
        let window = CalendarWindow { start, ..good.clone() };
        assert!(matches!(check_window(&window), Err(CalendarError::BadLocalTime(_))), "{start:?}");
    }
    let bad = CalendarWindow { start: no_day, ..good.clone() };
    assert_eq!(
        check_window(&bad).unwrap_err().to_string(),
        "2026-02-31T00:00:00 is no date and time of the calendar from 1970 on"
    );
    assert_eq!(check_window(&CalendarWindow { count: 0, ..good }), Err(CalendarError::NoUnits));
}
