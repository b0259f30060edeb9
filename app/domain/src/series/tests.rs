//! Sums do not depend on order or on how finely time is cut.

use super::*;
use crate::testing::{coarse, slice};
use proptest::prelude::*;

fn bounds(from: i64, to: i64) -> Bounds {
    Bounds { from: Instant::from_unix(from), to: Instant::from_unix(to) }
}

/// Slices on the minute grid, not everywhere, some measured in part.
fn slices() -> impl Strategy<Value = Vec<Block>> {
    let minute = (any::<bool>(), 1_u32..=60, 0_u64..50, 0_u64..50);
    proptest::collection::vec(minute, 0..300).prop_map(|minutes| {
        let placed = minutes.into_iter().zip(0_i64..).filter(|((there, ..), _)| *there);
        placed
            .map(|((_, measured, good, total), index)| slice(index * 60, 60, measured, good, total))
            .collect()
    })
}

#[test]
fn an_empty_series_has_no_data() {
    let series = Series::new(Vec::new());
    assert_eq!(series.sum(bounds(i64::MIN, i64::MAX)), Sum::default());
    assert_eq!(series.data_until(Instant::from_unix(0)), None);
}

#[test]
fn unknown_blocks_move_neither_first_nor_last() {
    let unknown = |start| Block { start: Instant::from_unix(start), seconds: 60, sum: Sum::default() };
    let series = Series::new(vec![unknown(0), slice(60, 60, 60, 1, 1), unknown(120)]);
    let sum = series.sum(bounds(0, 180));
    assert_eq!((sum.first, sum.last), (Some(Instant::from_unix(60)), Some(Instant::from_unix(120))));
    assert_eq!(series.data_until(Instant::from_unix(60)), None);
    assert_eq!(series.data_until(Instant::from_unix(61)), Some(Instant::from_unix(61)));
    assert_eq!(series.data_until(Instant::from_unix(999)), Some(Instant::from_unix(120)));
}

#[test]
fn the_end_of_the_data_can_be_that_of_a_stretch() {
    let series = Series::new(vec![slice(0, 60, 60, 1, 1), slice(60, 300, 300, 1, 1)]);
    let until = |from, to| series.data_until_in(bounds(from, to)).map(Instant::unix);
    assert_eq!(until(0, 999), Some(360));
    assert_eq!(until(60, 120), Some(120));
    // What starts before is not in it, however long it is.
    assert_eq!(until(61, 999), None);
    assert_eq!(until(999, 0), None);
}

#[test]
fn fine_hours_are_those_cut_in_two() {
    let hours = fine_hours(&[bounds(3_600, 7_201), bounds(7_260, 3_599), bounds(0, 10_800)]);
    assert_eq!(hours, [Instant::from_unix(0), Instant::from_unix(7_200)]);
}

#[test]
fn sums_saturate() {
    let most = slice(0, 60, 60, u64::MAX, u64::MAX);
    let series = Series::new(vec![most, Block { start: Instant::from_unix(60), ..most }]);
    assert_eq!(series.sum(bounds(0, 120)).total, u64::MAX);
}

proptest! {
    #[test]
    fn a_sum_is_that_of_its_slices(slices in slices(), from in -100_i64..20_000, length in -100_i64..20_000) {
        let window = bounds(from, from + length);
        let mut expected = Sum::default();
        for slice in slices.iter().filter(|slice| window.from <= slice.start && slice.start < window.to) {
            expected.add(&slice.sum);
        }
        prop_assert_eq!(Series::new(slices.clone()).sum(window), expected);
        let mut reversed = slices.clone();
        reversed.reverse();
        prop_assert_eq!(Series::new(reversed).sum(window), expected);
        prop_assert_eq!(Series::new(coarse(&slices, &[window])).sum(window), expected);
    }

    #[test]
    fn splitting_a_window_changes_nothing(slices in slices(), cut in 0_i64..20_000) {
        let series = Series::new(slices);
        let mut parts = series.sum(bounds(0, cut));
        parts.add(&series.sum(bounds(cut, 20_000)));
        prop_assert_eq!(parts, series.sum(bounds(0, 20_000)));
    }

    #[test]
    fn the_end_of_the_data_is_never_ahead(slices in slices(), at in -100_i64..20_000) {
        let at = Instant::from_unix(at);
        let latest = slices.iter().rfind(|slice| slice.start < at);
        let expected = latest.and_then(|slice| slice.sum.last).map(|last| last.min(at));
        prop_assert_eq!(Series::new(slices).data_until(at), expected);
    }
}
