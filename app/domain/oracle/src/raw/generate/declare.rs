//! Random declarations: methods, windows, targets, gap policies and alert rules.

use domain::estate::{
    CalendarUnit, CalendarWindow, GapPolicy, LocalTime, Method, Objective, Origin, PastTarget, Sli,
    SliceRule, Slo, Window,
};
use domain::ratio::Target;
use domain::rules::{AlertRule, Condition, Severity};

use super::instant;
use crate::random::Random;
use crate::zone;

/// A billion parts are 1.
const ONE: u32 = 1_000_000_000;
/// Targets in parts per 10^9, among them the smallest and the largest.
const TARGETS: [u32; 14] = [
    ONE,
    ONE - 1,
    999_990_000,
    999_000_000,
    990_000_000,
    990_000_000,
    950_000_000,
    900_000_000,
    900_000_000,
    750_000_000,
    500_000_000,
    100_000_000,
    333_333_333,
    1,
];
/// Lengths of judged slices: all divide an hour, some do not fit a minute.
const SLICES: [u32; 12] = [60, 60, 120, 300, 300, 600, 900, 1_800, 3_600, 90, 72, 450];
/// Lengths of look-backs.
const LOOK_BACKS: [u32; 9] = [60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400];
/// Thresholds of burn rates in thousandths.
const THRESHOLDS: [u32; 7] = [1, 500, 1_000, 1_001, 2_000, 6_000, 14_400];
/// Most rules of an SLO.
const MAX_RULES: u64 = 6;

/// An SLO and its indicator, for data of `span` seconds and a question at `at`.
pub(super) fn slo(random: &mut Random, at: i64, span: i64) -> (Slo, Sli) {
    let method = random.pick(
        &[Method::Occurrences, Method::Occurrences, Method::Timeslices, Method::RatioTimeslices],
        Method::Timeslices,
    );
    let gap =
        random.pick(&[GapPolicy::Gap, GapPolicy::Good, GapPolicy::Bad, GapPolicy::Hold], GapPolicy::Gap);
    let gap = if random.one_in(2) { GapPolicy::Gap } else { gap };
    let count = random.pick(&[1, 1, 1, 2, 3], 1_u64);
    let objectives = (0..count).map(|index| objective(random, method, at, index)).collect();
    let floor = random.pick(&[900_000_000, 900_000_000, 500_000_000, ONE, 1, 100_000_000], ONE);
    let window = window(random, at, span);
    let slo = Slo {
        name: "slo".to_owned(),
        display_name: "SLO".to_owned(),
        description: None,
        service: "service".to_owned(),
        sli: "sli".to_owned(),
        window,
        method,
        gap,
        objectives,
        coverage_floor: target(floor),
        rules: if random.one_in(2) { None } else { Some(rules(random)) },
        revision: 1,
        origin: Origin::default(),
    };
    let sli = Sli {
        name: "sli".to_owned(),
        interval_seconds: random.pick(&[1, 15, 60, 60, 300, 3_600, 86_400], 60),
        timeout_seconds: random.pick(&[0, 0, 1, 5, 60], 0),
        ..Sli::default()
    };
    (slo, sli)
}

#[expect(clippy::expect_used, reason = "parts are between 1 and a billion")]
fn target(parts: u32) -> Target {
    Target::from_parts(parts).expect("parts of a target")
}

fn any_target(random: &mut Random) -> Target {
    if random.one_in(4) {
        target(u32::try_from(random.between(1, i64::from(ONE))).unwrap_or(ONE))
    } else {
        target(random.pick(&TARGETS, ONE))
    }
}

fn objective(random: &mut Random, method: Method, at: i64, index: u64) -> Objective {
    let seconds = random.pick(&SLICES, 60);
    let slices = match method {
        Method::Occurrences => None,
        Method::Timeslices => Some(SliceRule { seconds, target: Some(any_target(random)) }),
        Method::RatioTimeslices => Some(SliceRule { seconds, target: None }),
    };
    let mut past_targets = Vec::new();
    if random.one_in(4) {
        let mut until = at + random.between(-7_200, 7_200);
        for _ in 0..=random.below(2) {
            until += random.pick(&[0, 1, 60, 3_600], 60);
            past_targets.push(PastTarget { until: instant(until), target: any_target(random) });
        }
        past_targets.dedup_by_key(|past| past.until);
    }
    Objective { name: format!("objective {index}"), target: any_target(random), slices, past_targets }
}

fn window(random: &mut Random, at: i64, span: i64) -> Window {
    if random.one_in(2) {
        let near = u32::try_from(span.clamp(60, 4_000_000)).unwrap_or(60);
        let seconds = match random.below(4) {
            0 => random.pick(&[60, 120, 300, 3_600, 21_600, 86_400], 60),
            1 => random.pick(&[7 * 86_400, 28 * 86_400, 30 * 86_400, 90 * 86_400], 86_400),
            2 => near * 2,
            _ => random.between(60, i64::from(near) + 60).unsigned_abs().try_into().unwrap_or(60),
        };
        return Window::Rolling { seconds: seconds.next_multiple_of(60) };
    }
    let units = [
        CalendarUnit::Day,
        CalendarUnit::Day,
        CalendarUnit::Week,
        CalendarUnit::Month,
        CalendarUnit::Quarter,
    ];
    periods(random, at, &units)
}

/// A period that weeks of data fit into.
pub(super) fn long_period(random: &mut Random, at: i64) -> Window {
    periods(
        random,
        at,
        &[CalendarUnit::Week, CalendarUnit::Month, CalendarUnit::Month, CalendarUnit::Quarter],
    )
}

fn periods(random: &mut Random, at: i64, units: &[CalendarUnit]) -> Window {
    let name = random.pick(&zone::ZONES, "UTC");
    let unit = random.pick(units, CalendarUnit::Day);
    // Santiago's clocks followed other rules before 2023, which a year of 2024 can begin in.
    let unit = if random.one_in(8) && name != "America/Santiago" { CalendarUnit::Year } else { unit };
    let date = i16::try_from(1_970 + at / 31_556_952).unwrap_or(2_025) + random.pick(&[-1, 0, 0, 1], 0);
    let month = u8::try_from(random.between(1, 12)).unwrap_or(1);
    let most = zone::month_days(i64::from(date), i64::from(month));
    let day = if random.one_in(2) { 1 } else { random.pick(&[28, 29, 30, 31, 15], 31).min(most) };
    let start = LocalTime {
        year: date,
        month,
        day: u8::try_from(day).unwrap_or(1),
        hour: random.pick(&[0, 0, 0, 1, 2, 9, 23], 0),
        minute: random.pick(&[0, 0, 30, 59], 0),
        second: random.pick(&[0, 0, 0, 59], 0),
    };
    let count = random.pick(&[1, 1, 1, 2, 3], 1);
    Window::Calendar(CalendarWindow { count, unit, start, zone: name.to_owned() })
}

fn rules(random: &mut Random) -> Vec<AlertRule> {
    let rule = |index: u64, random: &mut Random| AlertRule {
        name: format!("rule {index}"),
        severity: random.pick(&[Severity::Page, Severity::Ticket], Severity::Page),
        condition: condition(random),
        min_events: random.pick(&[0, 0, 0, 1, 10, 1_000], 0),
    };
    (0..random.below(MAX_RULES)).map(|index| rule(index, random)).collect()
}

fn condition(random: &mut Random) -> Condition {
    let share_parts = match random.below(4) {
        0 => random.pick(&[1, 20_000_000, 100_000_000, 250_000_000, 1_000_000_000, 2_000_000_000], 1),
        _ => random.below(2_000_000_000),
    };
    let seconds = random.pick(&LOOK_BACKS, 60);
    match random.below(6) {
        0 => Condition::BudgetConsumed { share_parts },
        1 => Condition::BudgetDrop { share_parts, seconds },
        2 => Condition::Exhaustion { within_seconds: random.pick(&[3_600, 86_400, 604_800, 31_536_000], 60) },
        3 => Condition::AbsoluteBudget { share_parts, seconds },
        _ => {
            let other = random.pick(&LOOK_BACKS, 60);
            let threshold_thousandths = match random.below(3) {
                0 => u32::try_from(random.below(100_000)).unwrap_or(1),
                _ => random.pick(&THRESHOLDS, 1_000),
            };
            let (long_seconds, short_seconds) = (seconds.max(other), seconds.min(other));
            Condition::Burn { threshold_thousandths, long_seconds, short_seconds }
        }
    }
}
