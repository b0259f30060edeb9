//! What holds for every zone, window and rule.

use super::*;
use proptest::prelude::*;

/// Cases of each property of periods.
const CASES: u32 = 1_000;
/// Of each property of rules: one that never occurs takes the crate that expands it a second to find out, unoptimised.
const RULE_CASES: u32 = 150;

const ZONES: [&str; 16] = [
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "Pacific/Kiritimati",
    "Antarctica/Troll",
    "Asia/Manila",
    "America/Juneau",
    "Africa/Monrovia",
    "Europe/Dublin",
    "Nowhere/AtAll",
];

fn start() -> impl Strategy<Value = LocalTime> {
    (1970_i16..=2100, 1_u8..=12, 1_u8..=31, 0_u8..24, 0_u8..60, 0_u8..60).prop_map(
        |(year, month, day, hour, minute, second)| LocalTime { year, month, day, hour, minute, second },
    )
}

fn windows() -> impl Strategy<Value = CalendarWindow> {
    use CalendarUnit::{Day, Month, Quarter, Week, Year};
    let unit = prop::sample::select(vec![Day, Week, Month, Quarter, Year]);
    (prop_oneof![3 => Just(1_u32), 2 => 1_u32..=60], unit, start(), prop::sample::select(ZONES.to_vec()))
        .prop_map(|(count, unit, start, zone)| CalendarWindow { count, unit, start, zone: zone.to_owned() })
}

/// Years 1000 to 3000, and often the years with the oddest changes.
fn instants() -> impl Strategy<Value = Instant> {
    prop_oneof![
        -30_610_000_000_i64..32_500_000_000,
        1_325_000_000_i64..1_325_500_000,
        745_700_000_i64..746_200_000,
        788_700_000_i64..789_200_000,
        0_i64..4_102_444_800,
    ]
    .prop_map(Instant::from_unix)
}

/// A rule of known parts, sense not assured.
fn rules() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        (0_u32..70_000).prop_map(|n| format!("INTERVAL={n}")),
        (1_u32..9).prop_map(|n| format!("INTERVAL={n}")),
        (0_u32..12_000).prop_map(|n| format!("COUNT={n}")),
        (1_u32..13).prop_map(|n| format!("BYMONTH={n}")),
        (-32_i32..33).prop_map(|n| format!("BYMONTHDAY={n}")),
        (-367_i32..368).prop_map(|n| format!("BYYEARDAY={n}")),
        (-54_i32..55).prop_map(|n| format!("BYWEEKNO={n}")),
        (-6_i32..7, "MO|TU|SU").prop_map(|(n, day)| format!("BYDAY={n}{day}")),
        "(MO|TU|WE|TH|FR|SA|SU)(,(MO|TU|SU)){0,2}".prop_map(|days| format!("BYDAY={days}")),
        (-54_i32..55).prop_map(|n| format!("BYDAY={n}FR")),
        (-3_i32..4).prop_map(|n| format!("BYSETPOS={n}")),
        "MO|SU|WE|XX".prop_map(|day| format!("WKST={day}")),
        "(19|20|99)[0-9]{2}(0[1-9]|1[012])([012][0-9])(T[01][0-9]0000Z?)?".prop_map(|t| format!("UNTIL={t}")),
        (0_u32..26).prop_map(|n| format!("BYHOUR={n}")),
    ];
    let frequency = "DAILY|WEEKLY|MONTHLY|YEARLY|HOURLY|MINUTELY|SECONDLY|NEVER";
    (frequency, prop::collection::vec(part, 0..4))
        .prop_map(|(frequency, parts)| format!("FREQ={frequency};{}", parts.join(";")))
        .prop_map(|rule| rule.trim_end_matches(';').to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn periods_hold_their_instant_and_tile_time(window in windows(), at in instants()) {
        let here = period(&window, at);
        prop_assert!(here.from <= at && at < here.to);
        prop_assert_eq!(period(&window, here.from), here);
        prop_assert_eq!(period(&window, here.to - 1), here);
        let (before, after) = (neighbour(&window, at, -1), neighbour(&window, at, 1));
        prop_assert!(before.from < before.to && before.to == here.from);
        prop_assert!(after.from < after.to && after.from == here.to);
        prop_assert_eq!(closed_period(&window, at), before);
        prop_assert_eq!(closed_period(&window, here.to), here);
        prop_assert!(!label(&window, here).is_empty());
    }

    #[test]
    fn steps_there_and_back_lead_home(window in windows(), at in instants(), steps in -60_i64..60) {
        let here = period(&window, at);
        let there = neighbour(&window, at, steps);
        if there.from == Instant::from_unix(i64::MIN) || there.to == Instant::from_unix(i64::MAX) {
            return Ok(()); // Instants end here, and with them the way back.
        }
        prop_assert_eq!(neighbour(&window, there.from, -steps), here);
        let walked = (0..steps.abs()).fold(here, |period, _| neighbour(&window, period.from, steps.signum()));
        prop_assert_eq!(there, walked);
    }

    #[test]
    fn nothing_is_too_far_out(
        count in any::<u32>(), at in any::<i64>(), steps in any::<i64>(), fields in any::<(i16, u8, u8, u8)>(),
    ) {
        let (year, month, day, hour) = fields;
        let start = LocalTime { year, month, day, hour, minute: hour, second: day };
        for unit in [CalendarUnit::Day, CalendarUnit::Month, CalendarUnit::Year] {
            let window = CalendarWindow { count, unit, start, zone: "Pacific/Apia".to_owned() };
            let at = Instant::from_unix(at);
            let there = neighbour(&window, at, steps);
            prop_assert!(there.from <= there.to);
            prop_assert!(period(&window, at).from <= at);
            prop_assert!(!label(&window, there).is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(RULE_CASES))]

    #[test]
    fn garbage_is_refused_without_harm(rule in ".{0,60}", start in start(), at in instants()) {
        let when = When::Recurring { start, zone: "Europe/Paris".to_owned(), seconds: 3_600, rule };
        let is_once_a_rule = check_when(&when).is_ok();
        let found = occurrences(&when, Bounds { from: at, to: at + 86_400 });
        prop_assert!(is_once_a_rule || found.is_empty());
    }

    #[test]
    fn stretches_are_in_order_and_touch_the_question(
        rule in rules(), start in start(), zone in prop::sample::select(ZONES.to_vec()), at in instants(),
        seconds in prop_oneof![1_u32..90_000, 1_u32..5_000_000], length in 1_i64..40_000_000,
    ) {
        let when = When::Recurring { start, zone: zone.to_owned(), seconds, rule };
        let within = Bounds { from: at, to: at + length };
        let found = occurrences(&when, within);
        prop_assert!(found.windows(2).all(|pair| pair[0].from < pair[1].from));
        prop_assert!(found.iter().all(|stretch| stretch.from < within.to && stretch.to > within.from));
        prop_assert!(found.len() <= MAX_OCCURRENCES);
        let _ = check_when(&when);
    }

    #[test]
    fn two_halves_of_a_question_have_the_answers_of_the_whole(
        rule in rules(), start in start(), zone in prop::sample::select(ZONES.to_vec()),
        at in 0_i64..4_000_000_000, seconds in 1_u32..200_000, length in 2_i64..80_000_000,
    ) {
        let when = When::Recurring { start, zone: zone.to_owned(), seconds, rule };
        let (from, middle) = (Instant::from_unix(at), Instant::from_unix(at + length / 2));
        let to = from + length;
        let mut halves = occurrences(&when, Bounds { from, to: middle });
        halves.extend(occurrences(&when, Bounds { from: middle, to }));
        halves.dedup();
        halves.sort_by_key(|stretch| stretch.from);
        halves.dedup();
        prop_assert_eq!(occurrences(&when, Bounds { from, to }), halves);
    }
}
