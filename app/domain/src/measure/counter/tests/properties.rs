//! What must hold for any samples: no order, batch or cut changes a result, and nothing is counted that did not happen.

use proptest::prelude::*;

use super::*;

/// Samples at distinct instants, in any order, with restarts, births, gaps and ends.
fn samples() -> impl Strategy<Value = Vec<Sample<Amount>>> {
    let reading = prop_oneof![
        12 => (0_u64..50).prop_map(Reading::from_u64),
        2 => (0.0..5.0_f64).prop_map(Reading::from_f64),
        1 => Just(Reading::End),
        1 => Just(Reading::Invalid),
    ];
    let one = (reading, prop_oneof![2 => Just(None), 1 => (-20_i64..400).prop_map(Some)]);
    proptest::collection::btree_map(0_i64..400, one, 0..40)
        .prop_map(|all| {
            let sample = |(t, (reading, created)): (i64, (_, Option<i64>))| Sample {
                at: at(t),
                created: created.map(at),
                reading,
            };
            all.into_iter().map(sample).collect::<Vec<_>>()
        })
        .prop_shuffle()
}

fn any_slicing() -> impl Strategy<Value = Slicing> {
    (1_u32..90, 1_u32..40, proptest::option::of(-30_i64..300)).prop_map(|(slice, cadence, covered)| {
        let slicing = Slicing::new(slice, cadence).unwrap();
        covered.map_or(slicing, |from| slicing.covered_from(at(from)))
    })
}

/// One second of a process, and of the one who watches it.
#[derive(Debug, Clone)]
struct Moment {
    events: u64,
    restarts: bool,
    scraped: bool,
    ends: bool,
}

fn life() -> impl Strategy<Value = Vec<Moment>> {
    let moment = (0_u64..4, 0_u8..30, 0_u8..4, 0_u8..60).prop_map(|(events, restarts, scraped, ends)| {
        Moment { events, restarts: restarts == 0, scraped: scraped == 0, ends: ends == 0 }
    });
    proptest::collection::vec(moment, 0..200)
}

proptest! {
    #[test]
    fn order_and_batches_never_change_results(samples in samples(), slicing in any_slicing(), cut in 0_usize..40) {
        let whole: Counter = samples.iter().cloned().collect();
        let mut sorted = samples.clone();
        sorted.sort_by_key(|sample| sample.at);
        prop_assert_eq!(sorted.into_iter().collect::<Counter>().increases(&slicing), whole.increases(&slicing));
        let (first, second) = samples.split_at(cut.min(samples.len()));
        let mut batches: Counter = second.iter().cloned().collect();
        batches.extend(first.iter().cloned());
        batches.extend(second.iter().cloned()); // a retried batch
        prop_assert_eq!(batches.increases(&slicing), whole.increases(&slicing));
    }

    #[test]
    fn forgetting_changes_no_later_slice(samples in samples(), slicing in any_slicing(), before in 0_i64..400) {
        let before = at(before).instant().floor_to(i64::from(slicing.slice_seconds()));
        let whole: Counter = samples.iter().cloned().collect();
        let mut kept = whole.clone();
        kept.forget(Timestamp::from(before));
        let later = |counter: &Counter| -> Vec<_> {
            let counts = counter.increases(&slicing);
            counts.slices().filter(|(start, _)| *start >= before).map(|(s, c)| (s, c.clone())).collect()
        };
        prop_assert_eq!(later(&kept), later(&whole));
    }

    #[test]
    fn slices_add_up_to_the_deltas_and_measure_only_themselves(samples in samples(), slicing in any_slicing()) {
        let counts = samples.iter().cloned().collect::<Counter>().increases(&slicing);
        let mut sum = Amount::ZERO;
        for (start, slice) in counts.slices() {
            sum = sum.plus(slice.events);
            let (from, to) = (Timestamp::from(start), Timestamp::from(start + i64::from(slicing.slice_seconds())));
            prop_assert_eq!(&slice.measured.clip(from, to), &slice.measured);
            prop_assert!(slice.measured_seconds() <= slicing.slice_seconds());
            if let (Some(first), Some(last)) = (slice.from(), slice.to()) {
                prop_assert!(last.seconds_since(first) >= i64::from(slice.measured_seconds()));
            }
            prop_assert!(!slice.measured.iter().any(|(a, b)| counts.gaps().touches(a, b)), "one series is not both");
        }
        prop_assert_eq!(sum, counts.total());
    }

    #[test]
    fn slice_length_never_changes_the_total(samples in samples(), cadence in 1_u32..40, slice in 1_u32..90) {
        let counter: Counter = samples.into_iter().collect();
        let sum = |slice| {
            let counts = counter.increases(&Slicing::new(slice, cadence).unwrap());
            (counts.total(), counts.flags(), counts.gaps().clone())
        };
        prop_assert_eq!(sum(slice), sum(86_400));
    }

    #[test]
    fn a_steady_counter_increases_by_last_less_first(steps in proptest::collection::vec(0.0..1e6_f64, 1..60)) {
        let values: Vec<f64> =
            steps.iter().scan(0.0, |sum, step| { *sum += step; Some(*sum) }).collect();
        let ends = (Amount::from_f64(values[0]).unwrap(), Amount::from_f64(*values.last().unwrap()).unwrap());
        prop_assert_eq!(Some(every(15, &values).increases(&minutes()).total()), ends.1.less(ends.0));
    }

    #[test]
    fn never_more_than_happened_and_all_of_it_while_nothing_is_lost(life in life(), births in any::<bool>()) {
        // A process that counts and restarts, as it was, second by second, and what scrapes saw of it.
        let (mut counter, mut lossless) = (Counter::default(), births);
        let (mut value, mut created, mut happened, mut unseen) = (0, 0, 0, 0);
        for (second, moment) in (1..).zip(&life) {
            if moment.restarts {
                lossless &= unseen == 0;
                (value, created, unseen) = (0, second, 0);
            } else {
                (value, happened, unseen) = (value + moment.events, happened + moment.events, unseen + moment.events);
            }
            if moment.scraped || second % 20 == 0 {
                let created = births.then(|| at(created));
                let reading = if moment.ends { Reading::End } else { Reading::from_u64(value) };
                lossless &= !moment.ends;
                counter.add(Sample { at: at(second), created, reading });
                unseen = 0;
            }
        }
        let counts = counter.increases(&Slicing::new(30, 10).unwrap().covered_from(at(0)));
        let counted = total(&counts);
        prop_assert!(counted <= happened, "{counted} of {happened}");
        if lossless {
            prop_assert_eq!(counted + unseen, happened);
            prop_assert!(counts.gaps().is_empty());
        }
    }

    #[test]
    fn the_order_of_series_does_not_matter(a in samples(), b in samples(), slicing in any_slicing()) {
        let (a, b): (Counter, Counter) = (a.into_iter().collect(), b.into_iter().collect());
        let both = sum_increases([&a, &b], &slicing);
        prop_assert_eq!(&both, &sum_increases([&b, &a], &slicing));
        prop_assert_eq!(both.total(), a.increases(&slicing).total().plus(b.increases(&slicing).total()));
    }

    #[test]
    fn nothing_panics(
        raw in proptest::collection::vec((any::<i64>(), proptest::option::of(any::<i64>()), any::<u64>()), 0..20),
        near in any::<i64>(),
    ) {
        let samples = raw.iter().enumerate().map(|(i, (t, created, bits))| Sample {
            at: Timestamp::from_millis(if i % 2 == 0 { *t } else { near.saturating_add(t % 50_000) }),
            created: created.map(Timestamp::from_millis),
            reading: Reading::from_f64(f64::from_bits(*bits)),
        });
        let mut counter: Counter = samples.collect();
        for covered in [i64::MIN, near, i64::MAX] {
            let slicing = minutes().covered_from(Timestamp::from_millis(covered));
            let _ = counter.increases(&slicing).total();
        }
        counter.forget(Timestamp::from_millis(near));
        let _ = counter.increases(&minutes());
    }
}
