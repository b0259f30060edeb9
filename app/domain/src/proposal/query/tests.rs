//! An address reads back as the change that it was written from.

use super::*;
use proptest::prelude::*;

fn percent(text: &str) -> Target {
    Target::parse_percent(text).unwrap()
}

#[test]
fn an_address_is_short_and_reads_back() {
    let change = Change {
        target: Some(percent("99.5")),
        slice_target: Some(percent("95")),
        slice_seconds: Some(300),
        method: Some(Method::Timeslices),
        window: Some(Window::Rolling { seconds: 7 * 86_400 }),
    };
    assert_eq!(change.to_query(), "target=99.5&window=7d&method=Timeslices&slice=5m&slice-target=95");
    let calendar = Change {
        window: Some(Window::Calendar(CalendarWindow {
            count: 2,
            unit: CalendarUnit::Week,
            start: LocalTime { hour: 6, ..ANCHOR },
            zone: "Etc/GMT+5".into(),
        })),
        ..Change::default()
    };
    assert_eq!(calendar.to_query(), "window=2week&zone=Etc/GMT%2B5&start=2024-01-01T06:00:00");
    for change in [change, calendar, Change::default()] {
        assert_eq!(Change::from_query(&change.to_query()), Ok(change));
    }
}

#[test]
fn forms_send_blanks_and_other_fields() {
    let read = |query: &str| Change::from_query(query).unwrap();
    assert!(read("").is_empty() && read("?").is_empty());
    assert!(read("target=&window=&zone=Europe%2FParis&start=&objective=99.9&at=now&slice").is_empty());
    let month = read("?window=month&zone=Europe%2FParis&start=2026-01-01+09%3A30&target=99.9%25");
    let Some(Window::Calendar(window)) = month.window else { panic!("{month:?}") };
    assert_eq!((window.zone.as_str(), local(window.start)), ("Europe/Paris", "2026-01-01T09:30:00".into()));
    assert_eq!(month.target, Some(percent("99.9")));
    assert_eq!(read("window=4w").window, Some(Window::Rolling { seconds: 28 * 86_400 }));
    let Some(Window::Calendar(window)) = read("window=quarter").window else { panic!() };
    assert_eq!((window.zone.as_str(), window.start), ("UTC", ANCHOR));
}

#[test]
fn what_cannot_be_read_says_why() {
    let refused = |query: &str| Change::from_query(query).unwrap_err();
    for value in ["0", "100.1", "-1", "99.99999999", "nines", "1e2"] {
        let expected = QueryError::Target { key: "target", value: value.into() };
        assert_eq!(refused(&format!("target={value}")), expected);
    }
    for window in ["7", "d", "-7d", "7days", "fortnight", "99999999999d", "50000d", "month2"] {
        assert_eq!(refused(&format!("window={window}")), QueryError::Window(window.into()));
    }
    assert_eq!(refused("slice=5"), QueryError::Slice("5".into()));
    assert_eq!(refused("method=timeslices"), QueryError::Method("timeslices".into()));
    assert_eq!(refused("window=day&start=2024-1"), QueryError::Start("2024-1".into()));
    assert_eq!(refused("target=99&target=98"), QueryError::Twice("target".into()));
    assert_eq!(refused("window=%zz"), QueryError::Encoding("window".into()));
    assert_eq!(refused("window=%ff"), QueryError::Encoding("window".into()));
    assert_eq!(refused(&"x".repeat(MAX_QUERY_BYTES + 1)), QueryError::TooLong);
}

fn window() -> impl Strategy<Value = Window> {
    let unit = (0_usize..UNITS.len()).prop_map(|index| UNITS[index]);
    let start = (any::<i16>(), any::<[u8; 5]>()).prop_map(|(year, [month, day, hour, minute, second])| {
        LocalTime { year, month, day, hour, minute, second }
    });
    prop_oneof![
        any::<u32>().prop_map(|seconds| Window::Rolling { seconds }),
        (0_u32..400).prop_map(|days| Window::Rolling { seconds: days * 86_400 }),
        (any::<u32>(), unit, start, ".{1,30}").prop_map(|(count, unit, start, zone)| Window::Calendar(
            CalendarWindow { count, unit, start, zone }
        )),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    use proptest::option::of;
    let target = || of((1_u32..=1_000_000_000).prop_map(|parts| Target::from_parts(parts).unwrap()));
    let method =
        prop_oneof![Just(Method::Occurrences), Just(Method::Timeslices), Just(Method::RatioTimeslices)];
    (target(), target(), of(any::<u32>()), of(method), of(window())).prop_map(
        |(target, slice_target, slice_seconds, method, window)| Change {
            target,
            slice_target,
            slice_seconds,
            method,
            window,
        },
    )
}

proptest! {
    #[test]
    fn every_change_reads_back(change in change()) {
        let query = change.to_query();
        prop_assert!(query.is_ascii() && query.len() <= MAX_QUERY_BYTES, "{}", query);
        prop_assert_eq!(Change::from_query(&query), Ok(change));
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}", value in "[-+%.:0-9a-zA-Z]{0,20}") {
        let _ = Change::from_query(&text);
        for key in ["target", "window", "slice", "method", "window=day&start", "window=day&zone"] {
            if let Ok(change) = Change::from_query(&format!("{key}={value}")) {
                prop_assert_eq!(Change::from_query(&change.to_query()), Ok(change));
            }
        }
    }
}
