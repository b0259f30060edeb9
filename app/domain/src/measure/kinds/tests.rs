//! Freshness, throughput and heartbeats: silence is bad while the collector ran, unknown while it did not.

use proptest::prelude::*;

use super::*;
use crate::measure::amount::Amount;
use crate::measure::counts::{Counts, Judged};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

fn bounds(from: i64, to: i64) -> Bounds {
    Bounds { from: Instant::from_unix(from), to: Instant::from_unix(to) }
}

fn ran(spans: &[(i64, i64)]) -> Spans {
    spans.iter().map(|(from, to)| (at(*from), at(*to))).collect()
}

/// Start, good and total of each slice with an event.
fn events(counts: &Counts<Judged>) -> Vec<(i64, u64, u64)> {
    counts
        .slices()
        .filter(|(_, slice)| slice.events.total > 0)
        .map(|(start, slice)| (start.unix(), slice.events.good, slice.events.total))
        .collect()
}

#[test]
fn silence_is_bad_as_long_as_the_collector_ran() {
    let counts = freshness(&[at(30)], 120, &ran(&[(-600, 600)]), bounds(0, 300), 60);
    assert_eq!(events(&counts), [(0, 1, 1), (60, 1, 1), (120, 0, 1), (180, 0, 1), (240, 0, 1)]);
    let never = freshness(&[], 60, &ran(&[(0, 600)]), bounds(0, 120), 60);
    assert_eq!(events(&never), [(0, 0, 1), (60, 0, 1)]);
}

#[test]
fn silence_is_unknown_while_the_collector_did_not_run() {
    let counts = freshness(&[at(30)], 120, &ran(&[(0, 100), (200, 600)]), bounds(0, 420), 60);
    // 120: not there at its end. 180 and 240: an item may have come while we were away.
    assert_eq!(events(&counts), [(0, 1, 1), (300, 0, 1), (360, 0, 1)]);
    let back = freshness(&[at(30), at(210)], 120, &ran(&[(0, 100), (200, 600)]), bounds(0, 420), 60);
    assert_eq!(events(&back), [(0, 1, 1), (180, 1, 1), (240, 1, 1), (300, 0, 1), (360, 0, 1)]);
    assert_eq!(back.get(Instant::from_unix(180)).unwrap().measured_seconds(), 40);
}

#[test]
fn an_item_is_fresh_up_to_its_bound_and_one_from_the_future_is_not_there_yet() {
    let all = ran(&[(-600, 600)]);
    assert_eq!(events(&freshness(&[at(0)], 60, &all, bounds(0, 120), 60)), [(0, 1, 1), (60, 0, 1)]);
    assert_eq!(events(&freshness(&[at(500)], 60, &all, bounds(0, 60), 60)), [(0, 0, 1)]);
}

#[test]
fn throughput_is_judged_by_the_slice_and_nothing_is_too_little() {
    let mut counted = Counts::<Amount>::new(60);
    for (second, events) in [(0, 5), (60, 4), (185, 9), (245, 2)] {
        counted.add_events(at(second), &Amount::from_u64(events));
    }
    counted.add_measured(at(180), at(300));
    let minimum = Amount::from_u64(5);
    let judge =
        |counted: &Counts<Amount>, ran: &Spans| events(&throughput(counted, minimum, ran, bounds(0, 300)));
    assert_eq!(
        judge(&counted, &ran(&[(0, 300)])),
        [(0, 1, 1), (60, 0, 1), (120, 0, 1), (180, 1, 1), (240, 0, 1)]
    );
    assert_eq!(
        judge(&counted, &ran(&[(0, 90)])),
        [(0, 1, 1), (180, 1, 1)],
        "enough is enough, too little may be our fault"
    );
    counted.add_gap(at(70), at(80));
    assert_eq!(judge(&counted, &ran(&[(0, 180)])), [(0, 1, 1), (120, 0, 1), (180, 1, 1)]);
}

#[test]
fn only_whole_slices_are_judged_and_at_most_a_month_of_them() {
    assert_eq!(whole_slices(bounds(1, 179), 60).map(|slice| slice.0.unix()).collect::<Vec<_>>(), [60]);
    assert_eq!(whole_slices(bounds(60, 0), 60).count(), 0);
    assert_eq!(whole_slices(bounds(i64::MIN, i64::MAX), 60).count(), MAX_SLICES);
    assert!(whole_slices(bounds(253_402_300_000, i64::MAX), 60).count() < 14);
    assert_eq!(whole_slices(bounds(0, 3), 0).count(), 3);
}

fn messages(all: &[(i64, MessageKind)]) -> Vec<Message> {
    all.iter().map(|(seconds, kind)| Message { at: at(*seconds), kind: *kind }).collect()
}

/// Due, resolved and outcome of each beat of a job that reports every minute, ten seconds late at most, from 0 on.
fn beats(all: &[(i64, MessageKind)], ran: &Spans, until: i64) -> Vec<(i64, i64, Outcome)> {
    let heartbeat = Heartbeat::new(60, 10);
    let found = heartbeat.resolve(heartbeat.expect_from(at(0)), &messages(all), ran, at(until));
    assert!(!found.more);
    found
        .beats
        .iter()
        .map(|beat| (beat.due.millis() / 1_000, beat.at.millis() / 1_000, beat.outcome))
        .collect()
}

use MessageKind::{Fail, Start, Success};
use Outcome::{Bad, Good, Unknown};

#[test]
fn a_beat_in_time_is_good_up_to_the_last_moment() {
    let always = ran(&[(-600, 6_000)]);
    assert_eq!(beats(&[(60, Success), (125, Success)], &always, 130), [(60, 60, Good), (120, 125, Good)]);
    assert_eq!(beats(&[(70, Success)], &always, 70), [(60, 70, Good)]);
    assert_eq!(beats(&[(71, Success)], &always, 71), [(60, 70, Bad), (120, 71, Good)]);
    assert_eq!(beats(&[(59, Success)], &always, 59), [(60, 59, Good)], "at once, not at the deadline");
    assert_eq!(beats(&[], &always, 69), []);
}

#[test]
fn every_missed_beat_is_one_bad_event() {
    let always = ran(&[(-600, 6_000)]);
    assert_eq!(beats(&[], &always, 200), [(60, 70, Bad), (120, 130, Bad), (180, 190, Bad)]);
}

#[test]
fn an_overdue_beat_is_unknown_while_the_collector_did_not_run() {
    assert_eq!(beats(&[], &ran(&[(0, 65), (75, 600)]), 140), [(60, 70, Unknown), (120, 130, Bad)]);
    assert_eq!(beats(&[], &ran(&[(55, 600)]), 70), [(60, 70, Unknown)], "an early one may have been lost");
    assert_eq!(beats(&[(60, Success)], &Spans::default(), 70), [(60, 60, Good)], "it came, so we were there");
}

#[test]
fn failures_and_starts_are_no_beats() {
    let always = ran(&[(-600, 6_000)]);
    assert_eq!(beats(&[(55, Start), (60, Fail)], &always, 70), [(60, 70, Bad)]);
    assert_eq!(beats(&[(60, Fail)], &Spans::default(), 70), [(60, 70, Bad)], "a failure that came is known");
    assert_eq!(
        beats(&[(60, Fail), (68, Success)], &always, 70),
        [(60, 68, Good)],
        "a retry that worked in time"
    );
    assert_eq!(beats(&[(59, Start)], &always, 70), [(60, 70, Bad)]);
}

#[test]
fn a_retried_message_is_not_a_second_event() {
    let always = ran(&[(-600, 6_000)]);
    assert_eq!(beats(&[(55, Success), (58, Success), (60, Success)], &always, 100), [(60, 55, Good)]);
    let every_second: Vec<_> = (1..=600).map(|second| (second, Success)).collect();
    assert_eq!(beats(&every_second, &always, 600).len(), 10);
}

#[test]
fn slices_hold_the_beats_that_were_resolved_in_them() {
    let heartbeat = Heartbeat::new(60, 10);
    let running = ran(&[(0, 90), (100, 400)]);
    let found =
        heartbeat.resolve(heartbeat.expect_from(at(0)), &messages(&[(61, Success)]), &running, at(240));
    let counts = Heartbeat::counts(&found.beats, &running, bounds(0, 240), 60);
    assert_eq!(events(&counts), [(60, 1, 1), (120, 0, 1), (180, 0, 1)]);
    assert_eq!(counts.get(Instant::from_unix(60)).unwrap().measured_seconds(), 50);
}

#[test]
fn endless_silence_comes_in_parts() {
    let heartbeat = Heartbeat::new(1, 0);
    let found = heartbeat.resolve(heartbeat.expect_from(at(0)), &[], &Spans::default(), at(i64::MAX / 1_000));
    assert!(found.more && found.beats.len() == MAX_BEATS);
    let last = Timestamp::from_millis(i64::MAX);
    let end = heartbeat.resolve(heartbeat.expect_from(last), &[], &Spans::default(), last);
    assert!(!end.more && end.beats.len() <= 2, "{end:?}");
}

fn any_messages() -> impl Strategy<Value = Vec<Message>> {
    let kind = prop_oneof![1 => Just(Start), 4 => Just(Success), 1 => Just(Fail)];
    proptest::collection::vec((0_i64..1_000, kind), 0..40).prop_map(|all| messages(&all))
}

proptest! {
    #[test]
    fn time_may_be_cut_into_calls(
        messages in any_messages(),
        (period, grace) in (1_u32..200, 0_u32..200),
        runs in proptest::collection::vec((0_i64..1_000, 0_i64..1_000), 0..4),
        mut cuts in proptest::collection::vec(0_i64..1_000, 0..6),
    ) {
        let (heartbeat, running) = (Heartbeat::new(period, grace), ran(&runs));
        let begin = heartbeat.expect_from(at(0));
        let whole = heartbeat.resolve(begin, &messages, &running, at(1_000));
        cuts.sort_unstable();
        cuts.push(1_000);
        let (mut beats, mut next) = (Vec::new(), begin);
        for cut in cuts {
            let part = heartbeat.resolve(next, &messages, &running, at(cut));
            beats.extend(part.beats);
            next = part.next;
        }
        prop_assert_eq!((beats, next), (whole.beats.clone(), whole.next));
        prop_assert!(whole.beats.windows(2).all(|pair| pair[0].at <= pair[1].at && pair[0].due < pair[1].due));
        let mut shuffled = messages;
        shuffled.reverse();
        prop_assert_eq!(heartbeat.resolve(begin, &shuffled, &running, at(1_000)).beats, whole.beats);
    }

    #[test]
    fn a_collector_that_never_ran_finds_nothing_bad_in_silence(period in 1_u32..50, age in 0_u32..200) {
        let none = Spans::default();
        let heartbeat = Heartbeat::new(period, 0);
        let found = heartbeat.resolve(heartbeat.expect_from(at(0)), &[], &none, at(1_000));
        prop_assert!(found.beats.iter().all(|beat| beat.outcome == Unknown));
        prop_assert_eq!(freshness(&[], age, &none, bounds(0, 600), 60).slices().count(), 0);
        let nothing = Counts::<Amount>::new(60);
        prop_assert_eq!(throughput(&nothing, Amount::from_u64(1), &none, bounds(0, 600)).slices().count(), 0);
    }
}
