//! Health: confirmation, back-dating, recovery, freshness, and the bounds of what is remembered.

use super::*;
use crate::ratio::Target;
use proptest::prelude::*;

/// 2026-11-23T12:00:00Z.
const NOON: i64 = 1_795_435_200;

fn at(seconds: i64) -> Instant {
    Instant::from_unix(NOON + seconds)
}

fn sli(name: &str) -> Sli {
    Sli {
        name: name.into(),
        display_name: name.into(),
        interval_seconds: 5,
        timeout_seconds: 1,
        ..Sli::default()
    }
}

fn result(seconds: i64, good: u64, total: u64) -> Observation {
    let reason = (good == 0 && total > 0).then(|| "HTTP 500".to_owned());
    Observation { at: at(seconds), good, total, reason }
}

fn fed(results: &[(i64, u64, u64)]) -> SliHealth {
    let mut health = SliHealth::new(Target::parse("0.9").unwrap());
    for &(seconds, good, total) in results {
        health.observe(result(seconds, good, total));
    }
    health
}

fn judge(now: i64, results: &[(i64, u64, u64)]) -> HealthVerdict {
    service_health(at(now), &[(&sli("a"), &fed(results))])
}

#[test]
fn two_failures_in_a_row_are_down_since_the_first() {
    let verdict = judge(16, &[(0, 1, 1), (5, 0, 1), (10, 0, 1)]);
    assert_eq!(verdict.health, Health::Down);
    assert_eq!(verdict.since, Some(at(5)));
    assert_eq!(verdict.reason, "HTTP 500 from 12:00:05 UTC, 2 results in a row");
}

#[test]
fn one_failure_is_a_blip_and_keeps_up_and_its_since() {
    let verdict = judge(11, &[(0, 1, 1), (5, 1, 1), (10, 0, 1)]);
    assert_eq!((verdict.health, verdict.since), (Health::Up, Some(at(0))));
    assert_eq!(verdict.reason, "nothing fails; a: HTTP 500 at 12:00:10 UTC, not confirmed");
    let after = judge(16, &[(0, 1, 1), (5, 1, 1), (10, 0, 1), (15, 1, 1)]);
    assert_eq!((after.health, after.since), (Health::Up, Some(at(0))));
    assert_eq!(after.reason, "its indicator is good");
}

#[test]
fn one_good_result_ends_it() {
    let verdict = judge(16, &[(0, 0, 1), (5, 0, 1), (10, 0, 1), (15, 1, 1)]);
    assert_eq!((verdict.health, verdict.since), (Health::Up, Some(at(15))));
}

#[test]
fn a_first_failure_alone_is_no_verdict() {
    let verdict = judge(1, &[(0, 0, 1)]);
    assert_eq!(verdict.health, Health::Unknown);
    assert_eq!(verdict.reason, "HTTP 500 at 12:00:00 UTC, not confirmed yet");
}

#[test]
fn below_the_lowest_target_is_impaired_at_it_is_not() {
    let verdict = judge(11, &[(0, 90, 100), (5, 89, 100), (10, 40, 100)]);
    assert_eq!((verdict.health, verdict.since), (Health::Degraded, Some(at(5))));
    assert_eq!(verdict.reason, "40.0 % good, below 90 %, from 12:00:05 UTC, 2 results in a row");
    assert_eq!(judge(11, &[(0, 90, 100), (5, 90, 100)]).health, Health::Up);
}

#[test]
fn impaired_then_failing_is_degraded_until_the_failure_is_confirmed() {
    let results = [(0, 50, 100), (5, 0, 100), (10, 0, 100)];
    let degraded = judge(6, &results[..2]);
    assert_eq!((degraded.health, degraded.since), (Health::Degraded, Some(at(0))));
    let down = judge(11, &results);
    assert_eq!((down.health, down.since), (Health::Down, Some(at(5))));
}

#[test]
fn down_needs_every_fresh_indicator() {
    let (a, b) = (sli("a"), sli("b"));
    let failing = fed(&[(0, 0, 1), (5, 0, 1)]);
    let good = fed(&[(5, 1, 1)]);
    let verdict = service_health(at(6), &[(&a, &failing), (&b, &good)]);
    assert_eq!((verdict.health, verdict.since), (Health::Degraded, Some(at(0))));
    assert_eq!(verdict.reason, "a: HTTP 500 from 12:00:00 UTC, 2 results in a row");
    let stale = fed(&[(-60, 1, 1)]);
    assert_eq!(service_health(at(6), &[(&a, &failing), (&b, &stale)]).health, Health::Down);
    let idle = fed(&[(5, 0, 0)]);
    assert_eq!(service_health(at(6), &[(&a, &failing), (&b, &idle)]).health, Health::Degraded);
    let later = fed(&[(0, 1, 1), (2, 0, 1), (5, 0, 1)]);
    let both = service_health(at(6), &[(&a, &failing), (&b, &later)]);
    assert_eq!((both.health, both.since), (Health::Down, Some(at(2))));
}

#[test]
fn freshness_ends_at_two_intervals_and_the_timeout() {
    assert_eq!(judge(10, &[(0, 1, 1)]).health, Health::Up);
    let verdict = judge(11, &[(0, 1, 1)]);
    assert_eq!((verdict.health, verdict.since), (Health::Unknown, Some(at(0))));
    assert_eq!(verdict.reason, "no result since 12:00:00 UTC");
    assert_eq!(judge(86_400, &[(0, 1, 1)]).reason, "no result since 23 Nov 12:00:00 UTC");
    assert_eq!(judge(0, &[]).reason, "no result yet");
    assert_eq!(service_health(at(0), &[]).reason, "no indicator is declared");
}

#[test]
fn no_traffic_is_no_evidence_but_alive() {
    let idle = judge(6, &[(0, 0, 0), (5, 0, 0)]);
    assert_eq!((idle.health, idle.reason.as_str()), (Health::Up, "nothing fails; a: no traffic"));
    let verdict = judge(21, &[(0, 0, 1), (5, 0, 0), (10, 0, 1), (15, 0, 0), (20, 0, 0)]);
    assert_eq!((verdict.health, verdict.since), (Health::Down, Some(at(0))));
}

#[test]
fn all_good_says_how_many() {
    let (a, b) = (sli("a"), sli("b"));
    let (one, two) = (fed(&[(0, 1, 1)]), fed(&[(3, 5, 5)]));
    let verdict = service_health(at(6), &[(&a, &one), (&b, &two)]);
    assert_eq!((verdict.since, verdict.reason.as_str()), (Some(at(0)), "all 2 indicators good"));
    let stale = fed(&[]);
    let partly = service_health(at(6), &[(&a, &one), (&b, &stale)]);
    assert_eq!(partly.reason, "1 of 2 indicators good; b: no result yet");
}

#[test]
fn a_long_outage_keeps_its_beginning_and_little_memory() {
    let mut health = fed(&[(0, 1, 1)]);
    for step in 1..=10_000 {
        health.observe(result(step * 5, 0, 1));
    }
    let verdict = service_health(at(50_001), &[(&sli("a"), &health)]);
    assert_eq!(verdict.since, Some(at(5)));
    assert_eq!(health.recent.len(), REORDER_RESULTS);
    let before = health.clone();
    // The oldest results that are no longer told apart, and anything before, come too late.
    for step in [1, 10_000 - i64::try_from(REORDER_RESULTS).unwrap()] {
        health.observe(result(step * 5, 1, 1));
        assert_eq!(health, before, "{step}");
    }
    let mut long = SliHealth::new(Target::parse("0.9").unwrap());
    long.observe(Observation { at: at(0), good: 0, total: 1, reason: Some("ü".repeat(1_000)) });
    assert_eq!(long.recent[0].reason.as_ref().unwrap().chars().count(), MAX_REASON_CHARS);
}

proptest! {
    #[test]
    fn order_and_repetition_change_nothing(
        results in proptest::collection::vec((0_u64..=2, 0_u64..=2), 1..=REORDER_RESULTS),
        seed in proptest::collection::vec(0_usize..1_000, REORDER_RESULTS),
    ) {
        let in_order: Vec<Observation> =
            results.iter().zip(0_i64..).map(|(&(good, total), step)| result(step * 5, good, total)).collect();
        let mut shuffled: Vec<(usize, Observation)> = seed.iter().copied().zip(in_order.clone()).collect();
        shuffled.sort_by_key(|(key, _)| *key);
        let (mut one, mut two) = (fed(&[]), fed(&[]));
        for observation in &in_order {
            one.observe(observation.clone());
        }
        for (_, observation) in &shuffled {
            two.observe(observation.clone());
        }
        two.observe(shuffled[0].1.clone());
        prop_assert_eq!(&one, &two);
    }
}
