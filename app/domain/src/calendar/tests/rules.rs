//! Recurring exclusions: what is refused, and how each part of a rule reads.

use super::*;

fn recurring(start: &str, zone: &str, seconds: u32, rule: &str) -> When {
    When::Recurring { start: wall(start), zone: zone.to_owned(), seconds, rule: rule.to_owned() }
}

/// Begins of the occurrences in a stretch of time, without their dates' common ends.
fn begins(when: &When, from: &str, to: &str) -> Vec<String> {
    let found = occurrences(when, Bounds { from: at(from), to: at(to) });
    found.iter().map(|stretch| stretch.from.to_string()).collect()
}

fn refusal(rule: &str) -> String {
    check_when(&recurring("2026-01-31T02:00:00", "Europe/Paris", 3_600, rule)).unwrap_err().to_string()
}

#[test]
fn the_clock_on_the_wall_decides() {
    let weekly = recurring("2020-01-05T02:30:00", "Europe/Paris", 3_600, "FREQ=WEEKLY;BYDAY=SU");
    assert_eq!(check_when(&weekly), Ok(()));
    assert_eq!(
        begins(&weekly, "2025-03-17T00:00:00Z", "2025-04-07T00:00:00Z"),
        ["2025-03-23T01:30:00Z", "2025-03-30T01:30:00Z", "2025-04-06T00:30:00Z"],
        "02:30 is skipped on the 30th and becomes 03:30"
    );
    assert_eq!(
        begins(&weekly, "2025-03-30T02:00:00Z", "2025-03-30T02:01:00Z"),
        ["2025-03-30T01:30:00Z"],
        "still going on, though by its own clock it was over"
    );
    assert_eq!(
        begins(&weekly, "2025-10-26T00:00:00Z", "2025-10-27T00:00:00Z"),
        ["2025-10-26T00:30:00Z"],
        "the first 02:30, and only it"
    );
    let daily = recurring("2011-12-28T09:00:00", "Pacific/Apia", 60, "FREQ=DAILY");
    assert_eq!(
        begins(&daily, "2011-12-29T00:00:00Z", "2012-01-01T00:00:00Z"),
        ["2011-12-29T19:00:00Z", "2011-12-30T19:00:00Z", "2011-12-31T19:00:00Z"],
        "the day that was skipped does not recur twice"
    );
}

#[test]
fn stretches_are_not_clipped_and_their_ends_do_not_touch() {
    let daily = recurring("2026-01-01T22:00:00", "UTC", 7_200, "FREQ=DAILY");
    let inside = Bounds { from: at("2026-05-01T23:00:00Z"), to: at("2026-05-01T23:01:00Z") };
    let whole = Bounds { from: at("2026-05-01T22:00:00Z"), to: at("2026-05-02T00:00:00Z") };
    assert_eq!(occurrences(&daily, inside), [whole]);
    assert!(begins(&daily, "2026-05-02T00:00:00Z", "2026-05-02T22:00:00Z").is_empty());
    let once = When::Once { from: whole.from, to: whole.to };
    assert_eq!(occurrences(&once, inside), [whole]);
    assert!(occurrences(&once, Bounds { from: whole.to, to: whole.to + 1 }).is_empty());
}

#[test]
fn until_is_inclusive_local_or_utc() {
    let last = |until: &str| {
        let rule = format!("FREQ=DAILY;UNTIL={until}");
        begins(
            &recurring("2026-06-01T01:00:00", "Europe/Paris", 60, &rule),
            "2026-06-09T00:00:00Z",
            "2026-07-01T00:00:00Z",
        )
        .pop()
    };
    assert_eq!(last("20260610T010000").as_deref(), Some("2026-06-09T23:00:00Z"));
    assert_eq!(last("20260609T230000Z").as_deref(), Some("2026-06-09T23:00:00Z"));
    assert_eq!(last("20260609T225959Z"), None, "the one before began on the 8th");
    assert_eq!(last("20260610").as_deref(), Some("2026-06-09T23:00:00Z"), "the whole day");
}

#[test]
fn parts_of_rules() {
    let year = |start: &str, rule: &str| {
        let when = recurring(start, "UTC", 60, rule);
        assert_eq!(check_when(&when), Ok(()), "{rule}");
        let found = begins(&when, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
        found.iter().map(|begin| begin[5..10].to_owned()).collect::<Vec<_>>().join(" ")
    };
    let long_ago = "2004-01-31T02:00:00";
    assert_eq!(year(long_ago, "FREQ=MONTHLY;BYDAY=1TU;BYMONTH=1,2"), "01-06 02-03");
    assert_eq!(year(long_ago, "FREQ=MONTHLY;BYDAY=+1TU;BYMONTH=1"), "01-06");
    assert_eq!(year(long_ago, "freq=monthly;byday=-1fr;bymonth=12"), "12-25");
    assert_eq!(year(long_ago, "RRULE:FREQ=MONTHLY"), "01-31 03-31 05-31 07-31 08-31 10-31 12-31");
    assert_eq!(year(long_ago, "FREQ=MONTHLY;BYMONTHDAY=-1;INTERVAL=6"), "01-31 07-31");
    assert_eq!(year(long_ago, "FREQ=YEARLY"), "01-31");
    assert_eq!(year(long_ago, "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;BYMONTH=2,5"), "02-27 05-29");
    assert_eq!(year(long_ago, "FREQ=YEARLY;BYYEARDAY=1,-1"), "01-01 12-31");
    assert_eq!(year(long_ago, "FREQ=YEARLY;BYWEEKNO=20"), "05-16", "the weekday of the start");
    assert_eq!(year("2025-12-30T02:00:00", "FREQ=DAILY;COUNT=4"), "01-01 01-02");
    let every_other = "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;BYMONTH=1;WKST";
    assert_eq!(year("1997-08-05T09:00:00", &format!("{every_other}=MO")), "01-04 01-13 01-18 01-27");
    assert_eq!(year("1997-08-05T09:00:00", &format!("{every_other}=SU")), "01-11 01-13 01-25 01-27");
    assert_eq!(year(long_ago, "FREQ=DAILY;INTERVAL=100;BYHOUR=2;BYMINUTE=0"), "04-05 07-14 10-22");
}

#[test]
fn refusals_say_what_to_do() {
    for (rule, message) in [
        (
            "FREQ=HOURLY",
            "recurrence rule `FREQ=HOURLY`: FREQ=HOURLY recurs more often than daily; DAILY is the most frequent",
        ),
        (
            "FREQ=DAILY;BYHOUR=1,2",
            "recurrence rule `FREQ=DAILY;BYHOUR=1,2`: BYHOUR=1,2 recurs more often than daily; DAILY is the most frequent",
        ),
        (
            "FREQ=DAILY;BYHOUR=3",
            "recurrence rule `FREQ=DAILY;BYHOUR=3`: BYHOUR is not that of the start, which gives the time of day",
        ),
        (
            "DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY",
            "recurrence rule `DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY`: DTSTART does not belong here: the start and the time zone beside the rule say when it first occurs",
        ),
        ("", "recurrence rule ``: `` is not of the form NAME=VALUE"),
        ("INTERVAL=2", "recurrence rule `INTERVAL=2`: FREQ is missing, as in FREQ=WEEKLY"),
        (
            "FREQ=DAILY;COUNT=2;COUNT=3",
            "recurrence rule `FREQ=DAILY;COUNT=2;COUNT=3`: COUNT stands there twice",
        ),
        (
            "FREQ=DAILY;INTERVAL=0",
            "recurrence rule `FREQ=DAILY;INTERVAL=0`: INTERVAL is a whole number from 1 to 1000",
        ),
        ("FREQ=DAILY;BYEASTER=1", "recurrence rule `FREQ=DAILY;BYEASTER=1`: BYEASTER is not supported"),
        (
            "FREQ=WEEKLY;BYDAY=1MO",
            "recurrence rule `FREQ=WEEKLY;BYDAY=1MO`: a number in BYDAY needs FREQ=MONTHLY or FREQ=YEARLY",
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "recurrence rule `FREQ=MONTHLY;BYMONTHDAY=32`: "),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "recurrence rule `FREQ=WEEKLY;BYMONTHDAY=1`: "),
        ("FREQ=WEEKLY;BYDAY=XX", "recurrence rule `FREQ=WEEKLY;BYDAY=XX`: "),
        ("FREQ=DAILY;UNTIL=20261301", "recurrence rule `FREQ=DAILY;UNTIL=20261301`: UNTIL is written"),
        (
            "FREQ=DAILY;UNTIL=20200101",
            "recurrence rule `FREQ=DAILY;UNTIL=20200101` never occurs from its start on",
        ),
        (
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "recurrence rule `FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30` never occurs from its start on",
        ),
    ] {
        let said = refusal(rule);
        assert!(said.starts_with(message), "{said}");
    }
    let good = "FREQ=DAILY";
    assert_eq!(
        check_when(&recurring("2026-01-01T00:00:00", "Mars/Base", 60, good)),
        Err(CalendarError::UnknownZone("Mars/Base".to_owned()))
    );
    assert_eq!(
        check_when(&recurring("2026-01-01T00:00:00", "UTC", 0, good)),
        Err(CalendarError::EmptyStretch)
    );
    let long = MAX_OCCURRENCE_SECONDS + 1;
    assert_eq!(
        check_when(&recurring("2026-01-01T00:00:00", "UTC", long, good)),
        Err(CalendarError::TooLong(long))
    );
    let moment = at("2026-01-01T00:00:00Z");
    assert_eq!(check_when(&When::Once { from: moment, to: moment }), Err(CalendarError::EmptyStretch));
}

#[test]
fn an_answer_is_bounded_and_says_so() {
    let daily = recurring("1980-01-01T00:00:00", "UTC", 60, "FREQ=DAILY");
    let ages = Bounds { from: at("1970-01-01T00:00:00Z"), to: at("2100-01-01T00:00:00Z") };
    let found = occurrences_up_to_limit(&daily, ages);
    assert_eq!((found.stretches.len(), found.complete), (MAX_OCCURRENCES, false));
    let years = Bounds { from: at("2020-01-01T00:00:00Z"), to: at("2030-01-01T00:00:00Z") };
    let found = occurrences_up_to_limit(&daily, years);
    assert_eq!((found.stretches.len(), found.complete), (3_653, true));
}
