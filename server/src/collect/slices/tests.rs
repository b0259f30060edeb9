//! The builder against a model that remembers every second, in any order of results.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// A full minute well after 1970.
const START: i64 = 1_700_000_040;

fn at(offset: i64) -> Instant {
    Instant::from_unix(START + offset)
}

fn measured(slice: &Slice) -> Measured {
    match &slice.measurement {
        Measurement::Measured(measured) => *measured,
        Measurement::Unknown(reason) => panic!("unknown: {reason}"),
    }
}

fn only(slices: &[Slice]) -> Measured {
    assert_eq!(slices.len(), 1, "{slices:?}");
    measured(&slices[0])
}

#[test]
fn a_running_slice_grows_with_time_and_counts_at_once() {
    let mut builder = SliceBuilder::new(15);
    assert!(builder.result(at(5), true));
    let early = only(&builder.changed(at(8)));
    assert_eq!(early, Measured { good: 1, total: 1, measured_seconds: 3, from: at(5), to: at(8) });
    builder.committed(&builder.changed(at(8)));
    assert_eq!(builder.changed(at(8)), vec![]);
    assert!(builder.result(at(20), false));
    let late = only(&builder.changed(at(60)));
    assert_eq!(late, Measured { good: 1, total: 2, measured_seconds: 30, from: at(5), to: at(35) });
}

#[test]
fn a_long_interval_reaches_into_minutes_without_results() {
    let mut builder = SliceBuilder::new(150);
    builder.result(at(30), true);
    let slices = builder.changed(at(600));
    let found: Vec<_> = slices.iter().map(|s| (measured(s).total, measured(s).measured_seconds)).collect();
    assert_eq!(found, [(1, 30), (0, 60), (0, 60)]);
    assert_eq!(only(&builder.changed(at(60))).to, at(60), "nothing after now");
}

#[test]
fn an_attempt_that_was_not_made_leaves_its_time_unknown() {
    let mut builder = SliceBuilder::new(20);
    builder.result(at(0), true);
    builder.result(at(40), true);
    let found = only(&builder.changed(at(60)));
    assert_eq!(found, Measured { good: 2, total: 2, measured_seconds: 40, from: at(0), to: at(60) });
}

#[test]
fn a_late_result_changes_the_earlier_slice() {
    let mut builder = SliceBuilder::new(60);
    builder.result(at(0), true);
    builder.committed(&builder.changed(at(60)));
    builder.result(at(60), true);
    builder.result(at(30), false);
    let slices = builder.changed(at(90));
    assert_eq!(
        slices.iter().map(|s| (s.start, measured(s).total)).collect::<Vec<_>>(),
        [(at(0), 2), (at(60), 1)]
    );
}

#[test]
fn a_restart_adds_to_what_is_stored_and_leaves_the_stop_unknown() {
    let stored = Measured { good: 9, total: 10, measured_seconds: 10, from: at(0), to: at(10) };
    let mut builder = SliceBuilder::new(1);
    // The result came before the store answered: the order does not matter. Second 9 was counted by the earlier run.
    builder.result(at(9), true);
    builder.result(at(20), true);
    builder.resume(at(0), Some(stored));
    let found = only(&builder.changed(at(30)));
    assert_eq!(found, Measured { good: 11, total: 12, measured_seconds: 11, from: at(0), to: at(21) });
}

#[test]
fn a_resumed_slice_without_news_is_not_written_again() {
    let stored = Measured { good: 9, total: 10, measured_seconds: 10, from: at(0), to: at(10) };
    let mut builder = SliceBuilder::new(1);
    builder.resume(at(0), Some(stored));
    assert_eq!(builder.changed(at(30)), vec![]);
}

#[test]
fn committed_slices_are_forgotten_and_never_built_again() {
    let mut builder = SliceBuilder::new(60);
    for minute in 0..100 {
        builder.result(at(minute * 60), true);
        builder.committed(&builder.changed(at(minute * 60 + 60)));
    }
    assert!(builder.minutes.len() < 20, "{}", builder.minutes.len());
    assert!(!builder.result(at(0), false), "the fragment would replace what is stored");
    assert_eq!(builder.changed(at(6_000)), vec![]);
}

#[test]
fn without_commits_the_oldest_of_six_hours_are_lost() {
    let mut builder = SliceBuilder::new(60);
    let mut lost = 0;
    for minute in 0..400 {
        builder.result(at(minute * 60), true);
        lost += builder.trim(at(minute * 60 + 60));
    }
    let slices = builder.changed(at(400 * 60));
    // What is lost is told as unknown, and then forgotten.
    let (gone, slices): (Vec<Slice>, Vec<Slice>) =
        slices.into_iter().partition(|slice| matches!(slice.measurement, Measurement::Unknown(_)));
    assert_eq!((lost, slices.len()), (400 - UNCOMMITTED_SLICES_MAX, UNCOMMITTED_SLICES_MAX));
    assert_eq!(slices[0].start, at(40 * 60));
    assert_eq!((gone.len(), gone[39].start), (40, at(39 * 60)));
}

#[test]
fn what_came_while_a_commit_was_under_way_is_still_due() {
    let mut builder = SliceBuilder::new(1);
    builder.result(at(0), true);
    let taken = builder.changed(at(1));
    builder.result(at(1), true);
    builder.committed(&taken);
    assert_eq!(only(&builder.changed(at(2))).total, 2);
}

/// Every measured second, kept one by one.
fn model(results: &[(i64, bool)], reach: i64, now: i64) -> BTreeSet<i64> {
    results.iter().flat_map(|(from, _)| *from..from + reach).filter(|second| *second < now).collect()
}

proptest! {
    #[test]
    fn agrees_with_the_model_in_any_order(
        results in prop::collection::vec((0_i64..500, any::<bool>()), 0..60),
        interval in 1_i64..200,
        now in 0_i64..590,
        commits in prop::collection::vec(any::<bool>(), 60),
    ) {
        let mut builder = SliceBuilder::new(interval);
        let mut backwards = SliceBuilder::new(interval);
        let mut store = BTreeMap::new();
        for ((second, good), commit) in results.iter().zip(commits) {
            prop_assert!(builder.result(at(*second), *good));
            if commit {
                let taken = builder.changed(at(now));
                store.extend(taken.iter().map(|slice| (slice.start, slice.clone())));
                builder.committed(&taken);
            }
        }
        for (second, good) in results.iter().rev() {
            backwards.result(at(*second), *good);
        }
        store.extend(builder.changed(at(now)).into_iter().map(|slice| (slice.start, slice)));
        let slices: Vec<Slice> = store.into_values().collect();
        prop_assert_eq!(&slices, &backwards.changed(at(now)));
        let seconds = model(&results, interval, now);
        let in_slice = |second: &&i64, slice: &Slice| (slice.start..slice.end()).contains(&at(**second));
        for slice in &slices {
            let (found, own) = (measured(slice), seconds.iter().filter(|s| in_slice(s, slice)).collect::<Vec<_>>());
            prop_assert!(found.measured_seconds <= 60 && found.good <= found.total && found.to <= at(now));
            prop_assert_eq!(usize::try_from(found.measured_seconds).unwrap(), own.len());
            prop_assert_eq!(Some(found.from), own.first().map(|s| at(**s)));
            prop_assert_eq!(Some(found.to), own.last().map(|s| at(**s + 1)));
        }
        let total = |slices: &[Slice]| slices.iter().map(|slice| measured(slice).total).sum::<u64>();
        let good = |slices: &[Slice]| slices.iter().map(|slice| measured(slice).good).sum::<u64>();
        let all = backwards.changed(at(2_000));
        prop_assert_eq!(total(&all), results.len() as u64);
        prop_assert_eq!(good(&all), results.iter().filter(|(_, good)| *good).count() as u64);
        prop_assert_eq!(slices.len(), seconds.iter().map(|s| s.div_euclid(60)).collect::<BTreeSet<_>>().len());
    }

    #[test]
    fn a_restart_never_claims_more_seconds_than_were_measured(
        first in prop::collection::btree_set(0_i64..60, 1..30),
        second in prop::collection::btree_set(0_i64..60, 0..30),
        split in 1_i64..60,
    ) {
        let (first, second): (BTreeSet<_>, BTreeSet<_>) =
            (first.into_iter().filter(|s| *s < split).collect(), second.into_iter().filter(|s| *s >= split).collect());
        let mut before = SliceBuilder::new(1);
        for s in &first {
            prop_assert!(before.result(at(*s), true));
        }
        let mut after = SliceBuilder::new(1);
        if let [stored] = before.changed(at(split)).as_slice() {
            after.resume(stored.start, Some(measured(stored)));
        }
        for s in &second {
            prop_assert!(after.result(at(*s), true));
        }
        if let [found] = after.changed(at(60)).as_slice() {
            prop_assert_eq!(usize::try_from(measured(found).measured_seconds).unwrap(), first.len() + second.len());
            prop_assert_eq!(usize::try_from(measured(found).total).unwrap(), first.len() + second.len());
        }
    }
}

/// What another process takes up of a builder, as it is written down.
fn handed_over(builder: &mut SliceBuilder, unasked: Option<Instant>) -> SliceBuilder {
    let mut next = SliceBuilder::new(1);
    for waiting in builder.waiting(unasked, true) {
        let text = serde_json::to_string(&waiting).unwrap();
        next.carry(serde_json::from_str(&text).unwrap());
    }
    next
}

/// Good, total and measured seconds of the only slice that is to be stored.
fn counts(builder: &SliceBuilder) -> (u64, u64, u32) {
    match builder.changed(at(600)).as_slice() {
        [one] => {
            let found = measured(one);
            (found.good, found.total, found.measured_seconds)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_carried_over_counts_once_whatever_the_store_holds_of_it() {
    let mut first = SliceBuilder::new(1);
    for second in 0..10 {
        first.result(at(second), second != 3);
    }
    let ten = first.changed(at(10));
    for second in 10..30 {
        first.result(at(second), true);
    }
    let thirty = first.changed(at(30));
    // The store may hold nothing, an older state, the same, or a newer one.
    for stored in [None, ten.first(), thirty.first()] {
        let mut second = handed_over(&mut first, None);
        for at_second in 30..40 {
            second.result(at(at_second), true);
        }
        assert_eq!(second.changed(at(60)), [], "not before the store was asked");
        // A third process takes over before the store was ever there.
        let mut third = handed_over(&mut second, None);
        assert_eq!(third.carried().collect::<Vec<_>>(), [at(0)]);
        third.resume(at(0), stored.map(measured));
        assert_eq!(counts(&third), (39, 40, 40));
    }
    let mut later = handed_over(&mut first, None);
    let newer = Measured { good: 40, total: 41, measured_seconds: 41, from: at(0), to: at(41) };
    later.resume(at(0), Some(newer));
    assert_eq!(later.changed(at(60)), [], "the store has it all");
    later.result(at(50), true);
    assert_eq!(counts(&later), (41, 42, 42));
}

#[test]
fn what_was_written_down_before_the_store_was_asked_comes_on_top() {
    let mut before = SliceBuilder::new(1);
    for second in 0..10 {
        before.result(at(second), true);
    }
    let stored = measured(&before.changed(at(10))[0]);
    let mut blind = SliceBuilder::new(1);
    for second in 20..25 {
        blind.result(at(second), false);
    }
    let mut next = handed_over(&mut blind, Some(at(0)));
    next.resume(at(0), Some(stored));
    assert_eq!(counts(&next), (10, 15, 15));
    // From now on the store was asked, and that is written down.
    assert!(next.waiting(None, true).iter().all(|waiting| waiting.settled));
}

#[test]
fn the_spool_is_given_what_changed_and_nothing_twice() {
    let mut builder = SliceBuilder::new(1);
    builder.result(at(0), true);
    builder.result(at(60), true);
    assert_eq!(builder.waiting(None, false).len(), 2);
    assert_eq!(builder.waiting(None, false), []);
    builder.result(at(61), true);
    assert_eq!(builder.waiting(None, false).len(), 1);
    builder.spool_again();
    assert_eq!(builder.waiting(None, false).len(), 2);
    let all = builder.changed(at(120));
    builder.committed(&all);
    assert_eq!(builder.waiting(None, true), []);
}

#[test]
fn what_is_dropped_for_want_of_room_is_unknown_with_a_reason() {
    let mut builder = SliceBuilder::new(60);
    for minute in 0..5 {
        builder.result(at(minute * 60), minute != 0);
    }
    let first = builder.changed(at(30));
    builder.committed(&first);
    assert_eq!(builder.shed(at(180), at(300)), 3);
    let kinds: Vec<(i64, bool)> = builder
        .changed(at(300))
        .iter()
        .map(|slice| {
            let is_lost = slice.measurement == Measurement::Unknown("spool full".to_owned());
            ((slice.start.seconds_since(at(0))) / 60, is_lost)
        })
        .collect();
    // Of the first minute the store has a part, which stays.
    assert_eq!(kinds, [(1, true), (2, true), (3, false), (4, false)]);
    let all = builder.changed(at(300));
    builder.committed(&all);
    assert_eq!(builder.changed(at(300)), []);
}

#[test]
fn a_slice_of_which_no_attempt_was_made_is_unknown_with_its_reason() {
    let mut builder = SliceBuilder::new(5);
    builder.result(at(0), true);
    for second in (5..120).step_by(5) {
        builder.unmeasured(at(second), if second < 90 { "overload" } else { "our own network" });
    }
    assert_eq!(builder.changed(at(119)).len(), 1, "it may still be measured");
    let told = builder.changed(at(120));
    let is_overload = told[0].measurement == Measurement::Unknown("overload".to_owned());
    assert_eq!((told.len(), told[0].start, is_overload), (2, at(60), true));
    builder.committed(&told);
    assert_eq!(builder.changed(at(130)), []);
    // A late result of that minute is stored all the same.
    builder.result(at(110), true);
    assert_eq!(counts(&builder), (1, 1, 5));
}
