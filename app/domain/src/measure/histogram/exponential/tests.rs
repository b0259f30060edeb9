//! Exponential histograms: where a threshold lies, and deltas between scales.

use proptest::prelude::*;

use super::Place::{Bound, Inside};
use super::*;

fn otlp(scale: i32, offset: i32, counts: &[u64]) -> Exponential {
    Exponential::from_otlp(scale, 0.0, 0, (offset, counts), (0, &[]), counts.iter().sum()).unwrap()
}

fn good(histogram: &Exponential, threshold: f64) -> (u64, u64) {
    let count = histogram.at_most(threshold);
    (count.good.lower, count.good.upper)
}

#[test]
fn powers_of_two_are_bounds_exactly() {
    assert_eq!(place(1.0, 0), Some(Bound(-1)));
    assert_eq!(place(2.0, 0), Some(Bound(0)));
    assert_eq!(place(2.0_f64.next_up(), 0), Some(Inside(1)), "a power of two has no tolerance");
    assert_eq!(place(2.0_f64.next_down(), 0), Some(Inside(0)));
    assert_eq!(place(3.0, 0), Some(Inside(1)));
    assert_eq!(place(4.0, -1), Some(Bound(0)));
    assert_eq!(place(2.0, -1), Some(Inside(0)));
    assert_eq!(place(0.25, -1), Some(Bound(-2)));
    assert_eq!(place(0.5, 20), Some(Bound(-(1 << 20) - 1)));
    assert_eq!(place(1.0_f64.next_up(), 20), Some(Inside(0)));
    assert_eq!(place(1.0_f64.next_down(), 20), Some(Inside(-1)));
    assert_eq!(place(f64::from_bits(1), 0), Some(Bound(-1_075)));
    assert_eq!(place(f64::from_bits(3), 0), Some(Inside(-1_073)));
    assert_eq!(place(f64::MAX, -10), Some(Inside(0)));
    for none in [0.0, -1.0, f64::INFINITY, f64::NAN] {
        assert_eq!(place(none, 3), None);
    }
}

#[test]
fn bounds_as_prometheus_prints_them_are_bounds() {
    // Schema 3, as in Prometheus' table of bounds.
    let table = [
        (0.545_253_866_332_628_8, -8),
        (0.594_603_557_501_360_5, -7),
        (0.917_004_043_204_671_2, -2),
        (1.090_507_732_665_257_7, 0),
        (std::f64::consts::SQRT_2, 3),
    ];
    for (bound, index) in table {
        assert_eq!(place(bound, 3), Some(Bound(index)), "{bound}");
    }
    assert_eq!(place(1.0905, 3), Some(Inside(0)), "four digits are another number");
    assert_eq!(place(1.0906, 3), Some(Inside(1)));
}

#[test]
fn upper_bounds_are_inclusive_and_a_cut_bucket_is_bounded() {
    let histogram = otlp(0, 0, &[5, 7, 11]); // (1, 2], (2, 4], (4, 8]
    assert_eq!(good(&histogram, 2.0), (5, 5));
    assert_eq!(good(&histogram, 4.0), (12, 12));
    assert_eq!(good(&histogram, 3.0), (5, 12));
    assert_eq!(good(&histogram, 1.0), (0, 0));
    assert_eq!(good(&histogram, 100.0), (23, 23));
    assert_eq!(good(&histogram, f64::INFINITY), (23, 23));
    assert_eq!(good(&histogram, f64::NAN), (0, 23));
    assert_eq!(good(&histogram, 0.0), (0, 0));
}

#[test]
fn prometheus_counts_its_indexes_from_one() {
    let native = Exponential::from_prometheus(0, 0.0, 0, &[(1, 5), (2, 7), (3, 11)], &[], 23).unwrap();
    assert_eq!(native, otlp(0, 0, &[5, 7, 11]));
    assert_eq!(Exponential::from_prometheus(-53, 0.0, 0, &[], &[], 0), Err(HistogramError::Scale(-53)));
}

#[test]
fn the_zero_bucket_is_around_zero() {
    let histogram = Exponential::from_otlp(0, 0.5, 9, (0, &[5]), (0, &[3]), 17).unwrap();
    assert_eq!(good(&histogram, 0.5), (12, 12));
    assert_eq!(good(&histogram, 0.1), (3, 12));
    assert_eq!(good(&histogram, -0.1), (3, 12));
    assert_eq!(good(&histogram, -0.5), (3, 12), "what sits on the lower end");
    assert_eq!(good(&histogram, -0.6), (3, 3));
    assert_eq!(good(&histogram, -1.0), (3, 3), "the negative bucket is [-2, -1)");
    assert_eq!(good(&histogram, -1.5), (0, 3));
    assert_eq!(good(&histogram, -2.0), (0, 3), "what sits on the lower end");
    assert_eq!(good(&histogram, -2.1), (0, 0));
    assert_eq!(good(&histogram, f64::NEG_INFINITY), (0, 3));
}

#[test]
fn observations_of_nan_are_in_the_total_and_never_good() {
    let histogram = Exponential::from_otlp(0, 0.0, 0, (0, &[5]), (0, &[]), 7).unwrap();
    let count = histogram.at_most(f64::INFINITY);
    assert_eq!((count.good, count.total), (Bounded::exact(5), 7));
    assert_eq!(Exponential::from_otlp(0, 0.0, 0, (0, &[5]), (0, &[]), 4), Err(HistogramError::CountMismatch));
    assert_eq!(
        Exponential::from_otlp(0, 0.0, u64::MAX, (0, &[5]), (0, &[]), 4),
        Err(HistogramError::CountMismatch)
    );
    assert_eq!(
        Exponential::from_otlp(0, f64::NAN, 0, (0, &[]), (0, &[]), 0),
        Err(HistogramError::ZeroThreshold)
    );
}

#[test]
fn trap_a_finer_scale_is_brought_to_the_coarser_not_taken_for_a_reset() {
    let fine = otlp(1, -2, &[1, 2, 3, 4]);
    assert_eq!(fine.downscaled(0), otlp(0, -1, &[3, 7]));
    assert_eq!(fine.downscaled(-1), otlp(-1, -1, &[3, 7]));
    let coarse = otlp(0, -1, &[4, 9]);
    assert_eq!(coarse.since(&fine), Change::Grew(otlp(0, -1, &[1, 2])));
    assert_eq!(otlp(1, -2, &[2, 3, 4, 5]).since(&otlp(0, -1, &[3, 7])), Change::Grew(otlp(0, -1, &[2, 2])));
    let restarted = otlp(0, -1, &[2, 90]);
    assert_eq!(restarted.since(&fine), Change::Reset(restarted.clone()));
}

#[test]
fn a_wider_zero_bucket_takes_the_buckets_that_it_covers() {
    let before = otlp(0, -3, &[1, 2, 3]); // (1/8, 1/4], (1/4, 1/2], (1/2, 1]
    let wide = |threshold| Exponential::from_otlp(0, threshold, 4, (-1, &[5]), (0, &[]), 9).unwrap();
    let Change::Grew(grown) = wide(0.5).since(&before) else { panic!("it grew") };
    assert_eq!((grown.zero_count, grown.positive), (1, Buckets::from([(-1, 2)])));
    assert_eq!(wide(0.3).since(&before), Change::Incomparable, "it cuts (1/4, 1/2]");
}

fn any_histogram() -> impl Strategy<Value = (i32, Vec<f64>)> {
    (MIN_SCALE..=MAX_SCALE, proptest::collection::vec(0.001..1_000.0_f64, 0..40))
}

/// Places observations by `place` itself, so that what is tested is the counting around it.
fn build(scale: i32, observations: &[f64]) -> Exponential {
    let mut positive = Buckets::new();
    for x in observations {
        let Some(Bound(index) | Inside(index)) = place(*x, scale) else { panic!("{x}") };
        add(&mut positive, index, 1);
    }
    Exponential::checked(scale, 0.0, 0, positive, Buckets::new(), observations.len() as u64).unwrap()
}

proptest! {
    #[test]
    fn the_place_agrees_with_logarithms(size in 1e-300..1e300_f64, scale in MIN_SCALE..=MAX_SCALE) {
        let Some(Bound(index) | Inside(index)) = place(size, scale) else { panic!("{size}") };
        let position = size.log2() * 2.0_f64.powi(scale);
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let (low, high) = (index as f64, (index + 1) as f64);
        let error = 1e-12 * 2.0_f64.powi(scale).max(1.0) * size.log2().abs().max(1.0);
        prop_assert!(low - error <= position && position <= high + error, "{index} {position}");
    }

    #[test]
    fn the_nearest_f64_of_every_bound_is_that_bound(scale in 1..=MAX_SCALE, index in -2_000_i32..2_000) {
        // exp2 of the C library is within one unit in the last place.
        let bound = (f64::from(index + 1) / 2.0_f64.powi(scale)).exp2();
        prop_assert_eq!(place(bound, scale), Some(Bound(i64::from(index))));
        prop_assert_eq!(place(bound * (1.0 + 1e-14), scale), Some(Inside(i64::from(index) + 1)));
        prop_assert_eq!(place(bound * (1.0 - 1e-14), scale), Some(Inside(i64::from(index))));
    }

    #[test]
    fn bounds_hold_the_true_count((scale, observations) in any_histogram(), threshold in 0.001..1_000.0_f64) {
        let truth = observations.iter().filter(|x| **x <= threshold).count() as u64;
        let count = build(scale, &observations).at_most(threshold);
        prop_assert!(count.good.lower <= truth && truth <= count.good.upper);
    }

    #[test]
    fn downscaling_keeps_the_total_and_widens_the_bounds(
        (scale, observations) in any_histogram(), by in 0..8_i32, threshold in 0.001..1_000.0_f64,
    ) {
        let fine = build(scale, &observations);
        let coarse = fine.downscaled((scale - by).max(MIN_SCALE));
        prop_assert_eq!(coarse.total(), fine.total());
        prop_assert_eq!(&coarse, &build(coarse.scale, &observations));
        let (f, c) = (fine.at_most(threshold).good, coarse.at_most(threshold).good);
        prop_assert!(c.lower <= f.lower && f.upper <= c.upper);
    }

    #[test]
    fn what_was_added_is_what_since_finds(
        (scale, first) in any_histogram(), second in proptest::collection::vec(0.001..1_000.0_f64, 0..40),
    ) {
        let all: Vec<f64> = first.iter().chain(&second).copied().collect();
        prop_assert_eq!(build(scale, &all).since(&build(scale, &first)), Change::Grew(build(scale, &second)));
    }

    #[test]
    fn nothing_panics(
        (scale, zero, threshold) in (any::<i32>(), any::<u64>(), any::<u64>()),
        (a, b) in (any::<i32>(), any::<i32>()),
        counts in proptest::collection::vec(any::<u32>(), 0..6),
        (supported, other) in (MIN_SCALE..=MAX_SCALE, MIN_SCALE..=MAX_SCALE),
    ) {
        let wide: Vec<u64> = counts.iter().map(|n| u64::from(*n)).collect();
        let sum = 2 * wide.iter().sum::<u64>();
        let zero = f64::from_bits(zero);
        let from = |scale, zero| Exponential::from_otlp(scale, zero, 0, (a, &wide), (b, &wide), sum);
        let _ = from(scale, zero);
        let (one, two) = (from(supported, zero.abs()), from(other, 0.0).unwrap());
        for histogram in one.into_iter().chain([two.clone()]) {
            let count = histogram.at_most(f64::from_bits(threshold));
            prop_assert!(count.good.lower <= count.good.upper && count.good.upper <= count.total);
            let _ = (histogram.since(&two), two.since(&histogram));
        }
        let native = [(a, u64::MAX), (a, u64::MAX), (b, 1)];
        let _ = Exponential::from_prometheus(supported, 0.0, u64::MAX, &native, &native, u64::MAX);
    }
}
