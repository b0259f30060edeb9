//! Classic histograms, and histogram series of both kinds.

use proptest::prelude::*;

use super::*;
use crate::measure::counts::Flags;
use crate::measure::spans::Timestamp;
use crate::measure::track::{Reading, Sample};

fn classic(buckets: &[(&str, u64)]) -> Classic {
    let parsed = buckets.iter().map(|(le, count)| (parse_bound(le).unwrap(), *count));
    Classic::from_cumulative(parsed, None).unwrap()
}

fn good(histogram: &Classic, threshold: f64) -> (u64, u64) {
    let count = histogram.at_most(threshold);
    (count.good.lower, count.good.upper)
}

#[test]
fn trap_le_1_and_1_0_and_1e0_are_the_same_bound() {
    for text in ["1", "1.0", "1e0", "+1", "0.1e1", " 1 "] {
        assert_eq!(parse_bound(text), Some(1.0), "{text}");
        assert!(classic(&[("0.5", 2), (text, 5), ("+Inf", 9)]).at_most(1.0).good.is_exact());
    }
    for text in ["+Inf", "Inf", "inf", "+inf", "Infinity"] {
        assert_eq!(parse_bound(text), Some(f64::INFINITY), "{text}");
    }
    for text in ["", "NaN", "1,0", "one"] {
        assert_eq!(parse_bound(text), None, "{text}");
    }
}

#[test]
fn trap_a_threshold_inside_a_bucket_is_bounded_never_interpolated() {
    let histogram = classic(&[("0.1", 10), ("0.5", 60), ("+Inf", 100)]);
    assert_eq!(good(&histogram, 0.5), (60, 60), "le is inclusive");
    assert_eq!(good(&histogram, 0.3), (10, 60));
    assert_eq!(good(&histogram, 0.05), (0, 10));
    assert_eq!(good(&histogram, f64::NAN), (0, 100));
    assert_eq!(good(&histogram, f64::NEG_INFINITY), (0, 10), "all of them could be minus infinity");
    assert_eq!(good(&histogram, f64::INFINITY), (100, 100));
}

#[test]
fn trap_a_threshold_above_the_last_finite_bucket_is_bounded() {
    assert_eq!(good(&classic(&[("5", 90), ("10", 95), ("+Inf", 100)]), 30.0), (95, 100));
}

#[test]
fn a_bound_written_from_f32_is_another_bound() {
    assert_eq!(good(&classic(&[("0.30000001192092896", 5), ("+Inf", 9)]), 0.3), (0, 5));
}

#[test]
fn buckets_that_are_no_histogram_are_refused() {
    let from = |buckets: &[(f64, u64)], count| Classic::from_cumulative(buckets.iter().copied(), count);
    assert_eq!(from(&[(1.0, 5)], None), Err(HistogramError::NoTotal));
    assert_eq!(from(&[(1.0, 5)], Some(7)), from(&[(f64::INFINITY, 7), (1.0, 5)], None));
    assert_eq!(from(&[(f64::INFINITY, 7)], Some(8)), Err(HistogramError::CountMismatch));
    assert_eq!(from(&[(1.0, 5), (2.0, 4), (f64::INFINITY, 9)], None), Err(HistogramError::NotCumulative));
    assert_eq!(from(&[(1.0, 5), (1.0, 5), (f64::INFINITY, 9)], None), Err(HistogramError::DuplicateBound));
    assert_eq!(from(&[(-0.0, 5), (0.0, 5), (f64::INFINITY, 9)], None), Err(HistogramError::DuplicateBound));
    assert_eq!(from(&[(f64::NAN, 5)], Some(9)), Err(HistogramError::BoundNotANumber));
    let many: Vec<(f64, u64)> = (0..5_000).map(|i| (f64::from(i), 0)).collect();
    assert_eq!(from(&many, Some(0)), Err(HistogramError::TooManyBuckets));
}

#[test]
fn otlp_bounds_have_one_count_more() {
    let histogram = Classic::from_counts(&[0.1, 0.5], &[10, 50, 40], 100).unwrap();
    assert_eq!(good(&histogram, 0.5), (60, 60));
    assert_eq!(Classic::from_counts(&[0.1], &[1], 1), Err(HistogramError::BucketCount));
    assert_eq!(Classic::from_counts(&[0.1], &[1, 1], 3), Err(HistogramError::CountMismatch));
    assert_eq!(Classic::from_counts(&[0.5, 0.1], &[1, 1, 1], 3), Err(HistogramError::DuplicateBound));
    assert_eq!(good(&Classic::from_counts(&[], &[], 9).unwrap(), 1.0), (0, 9), "a sum and a count only");
    assert_eq!(good(&Classic::from_counts(&[1.0, f64::INFINITY], &[3, 4, 0], 7).unwrap(), 1.0), (3, 3));
}

fn track(samples: Vec<(i64, Histogram)>) -> HistogramTrack {
    let sample = |(seconds, histogram): (i64, Histogram)| Sample {
        at: Timestamp::from_millis(seconds * 1_000),
        created: None,
        reading: Reading::Value(histogram),
    };
    samples.into_iter().map(sample).collect()
}

fn after(samples: Vec<Histogram>, threshold: f64) -> (LatencyCount, Flags) {
    let timed = (0..).map(|i| i * 15).zip(samples).collect();
    let counts = track(timed).at_most(threshold, &Slicing::new(60, 15).unwrap());
    (counts.total(), counts.flags())
}

fn three(a: u64, b: u64, c: u64) -> Histogram {
    Histogram::Classic(classic(&[("0.1", a), ("0.5", b), ("+Inf", c)]))
}

#[test]
fn a_growing_histogram_counts_what_was_added() {
    let (count, flags) = after(vec![three(10, 60, 100), three(11, 65, 110)], 0.5);
    assert_eq!(count, LatencyCount { good: Bounded::exact(5), total: 10 });
    assert!(flags.is_clean());
    let (count, _) = after(vec![three(10, 60, 100), three(11, 65, 110)], 0.3);
    assert_eq!(count.good, Bounded { lower: 1, upper: 5 });
}

#[test]
fn trap_one_decreasing_bucket_resets_the_whole_histogram() {
    let (count, flags) = after(vec![three(10, 60, 100), three(5, 70, 120)], 0.5);
    assert_eq!((count.good, count.total, flags.resets), (Bounded::exact(70), 120, 1));
    // Every cumulative count grew, yet the middle bucket went from 50 to 5.
    let (count, flags) = after(vec![three(10, 60, 100), three(70, 75, 120)], 0.5);
    assert_eq!((count.good, count.total, flags.resets), (Bounded::exact(75), 120, 1));
}

#[test]
fn trap_changed_buckets_are_flagged_not_counted() {
    let other = Histogram::Classic(classic(&[("0.1", 11), ("0.6", 65), ("+Inf", 110)]));
    let again = Histogram::Classic(classic(&[("0.1", 12), ("0.6", 67), ("+Inf", 113)]));
    let (count, flags) = after(vec![three(10, 60, 100), other, again], 0.1);
    assert_eq!((count.good, count.total), (Bounded::exact(1), 3), "the new buckets are a new baseline");
    assert_eq!(flags, Flags { layout_changes: 1, ..Flags::default() });
}

#[test]
fn a_histogram_that_changes_its_kind_is_flagged() {
    let exponential = Exponential::from_otlp(0, 0.0, 0, (0, &[500]), (0, &[]), 500).unwrap();
    let (count, flags) = after(vec![three(10, 60, 100), Histogram::Exponential(exponential)], 0.1);
    assert_eq!((count.total, flags.layout_changes), (0, 1));
}

#[test]
fn bounds_add_up_over_series_of_different_buckets() {
    let slicing = Slicing::new(60, 15).unwrap();
    let coarse = |b, c| Histogram::Classic(classic(&[("1", b), ("+Inf", c)]));
    let mut counts = track(vec![(0, three(0, 0, 0)), (15, three(1, 5, 9))]).at_most(0.5, &slicing);
    counts.add(&track(vec![(0, coarse(0, 0)), (15, coarse(4, 6))]).at_most(0.5, &slicing));
    assert_eq!(counts.total(), LatencyCount { good: Bounded { lower: 5, upper: 9 }, total: 15 });
}

proptest! {
    #[test]
    fn bounds_hold_the_true_count(
        observations in proptest::collection::vec(0_u16..40, 0..60),
        bounds in proptest::collection::btree_set(0_u16..40, 0..6),
        threshold in 0_u16..42,
    ) {
        let at_most = |bound: u16| observations.iter().filter(|x| **x <= bound).count() as u64;
        let buckets = bounds.iter().map(|bound| (f64::from(*bound), at_most(*bound)));
        let histogram = Classic::from_cumulative(buckets, Some(observations.len() as u64)).unwrap();
        let count = histogram.at_most(f64::from(threshold));
        prop_assert!(count.good.lower <= at_most(threshold) && at_most(threshold) <= count.good.upper);
        prop_assert!(count.good.upper <= count.total);
        if bounds.contains(&threshold) {
            prop_assert_eq!(count.good, Bounded::exact(at_most(threshold)));
        }
    }

    #[test]
    fn nothing_panics(
        buckets in proptest::collection::vec((any::<u64>(), any::<u64>()), 0..8),
        count in proptest::option::of(any::<u64>()),
        threshold in any::<u64>(),
    ) {
        let pairs = || buckets.iter().map(|(bound, count)| (f64::from_bits(*bound), *count));
        let (bounds, counts): (Vec<f64>, Vec<u64>) = pairs().unzip();
        let built = [
            Classic::from_cumulative(pairs(), count),
            Classic::from_counts(&bounds, &counts, count.unwrap_or(0)),
            Classic::from_counts(bounds.get(1..).unwrap_or_default(), &counts, count.unwrap_or(0)),
        ];
        for histogram in built.into_iter().flatten() {
            let count = histogram.at_most(f64::from_bits(threshold));
            prop_assert!(count.good.lower <= count.good.upper);
        }
    }
}
