//! Counters: the published oracle and the known traps. What must hold for any samples is in `properties`.

mod properties;

use super::*;
use crate::measure::counts::Flags;
use crate::measure::spans::Timestamp;
use crate::measure::track::{Added, Sample};
use crate::time::Instant;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

fn sample(seconds: i64, value: f64) -> Sample<Amount> {
    Sample { at: at(seconds), created: None, reading: Reading::from_f64(value) }
}

fn born(seconds: i64, created: i64, value: f64) -> Sample<Amount> {
    Sample { created: Some(at(created)), ..sample(seconds, value) }
}

fn every(step: i64, values: &[f64]) -> Counter {
    (0..).zip(values).map(|(i, value)| sample(i * step, *value)).collect()
}

/// Slices of a minute, a cadence of 15 s.
fn minutes() -> Slicing {
    Slicing::new(60, 15).unwrap()
}

/// Start and whole events of each slice, and all flags.
fn found(counts: &Counts<Amount>) -> (Vec<(i64, u64)>, Flags) {
    let events =
        counts.slices().map(|(start, slice)| (start.unix(), slice.events.whole().unwrap())).collect();
    (events, counts.flags())
}

fn total(counts: &Counts<Amount>) -> u64 {
    counts.total().whole().unwrap()
}

#[test]
fn prometheus_oracle_resets_0_1_2_3_2_3_4_increase_by_7() {
    let counts = every(15, &[0.0, 1.0, 2.0, 3.0, 2.0, 3.0, 4.0]).increases(&minutes());
    assert_eq!(total(&counts), 7);
    assert_eq!(counts.flags(), Flags { resets: 1, ..Flags::default() });
}

#[test]
fn trap_extrapolation_to_window_edges_does_not_happen() {
    // Prometheus' own script gives 100 for this series, and 105 or 101 with bounds off the samples.
    let values: Vec<f64> = (0..=10).map(|i| f64::from(i) * 10.0).collect();
    assert_eq!(total(&every(15, &values).increases(&minutes())), 100);
}

#[test]
fn trap_a_delta_across_a_slice_bound_belongs_to_the_later_sample_and_its_time_to_both() {
    let counter: Counter = [sample(50, 5.0), sample(65, 8.0)].into_iter().collect();
    let counts = counter.increases(&minutes());
    assert_eq!(found(&counts).0, [(0, 0), (60, 3)]);
    let seconds: Vec<_> = counts.slices().map(|(_, slice)| slice.measured_seconds()).collect();
    assert_eq!(seconds, [10, 5]);
    let first = counts.get(Instant::from_unix(0)).unwrap();
    assert_eq!((first.from(), first.to()), (Some(Instant::from_unix(50)), Some(Instant::from_unix(60))));
}

#[test]
fn a_sample_on_the_bound_is_in_the_slice_that_begins_there() {
    let counter: Counter = [sample(50, 5.0), sample(60, 8.0)].into_iter().collect();
    let counts = counter.increases(&minutes());
    assert_eq!(found(&counts).0, [(0, 0), (60, 3)]);
    assert_eq!(counts.get(Instant::from_unix(60)).unwrap().measured_seconds(), 0);
}

#[test]
fn trap_first_sample_is_the_baseline_not_an_increase() {
    let counts = every(15, &[1_000.0, 1_001.0]).increases(&minutes());
    assert_eq!(total(&counts), 1);
    assert!(counts.flags().is_clean(), "nothing says that the source was collected before");
}

#[test]
fn trap_reset_right_after_the_first_sample() {
    let counts = every(15, &[1_000.0, 3.0]).increases(&minutes());
    assert_eq!((total(&counts), counts.flags().resets), (3, 1));
}

#[test]
fn trap_series_that_appears_above_zero_counts_from_zero_if_born_while_collected() {
    let slicing = minutes().covered_from(at(0));
    let counter: Counter = [born(100, 90, 5.0), born(115, 90, 7.0)].into_iter().collect();
    let counts = counter.increases(&slicing);
    assert_eq!(found(&counts), (vec![(60, 7)], Flags::default()));
    assert_eq!(counts.get(Instant::from_unix(60)).unwrap().measured_seconds(), 25);
}

#[test]
fn trap_first_error_of_a_process_that_began_long_ago_is_counted() {
    let slicing = minutes().covered_from(at(0));
    let counter: Counter = [born(7_200, 3_600, 1.0)].into_iter().collect();
    let counts = counter.increases(&slicing);
    assert_eq!(total(&counts), 1);
    let measured: u32 = counts.slices().map(|(_, slice)| slice.measured_seconds()).sum();
    assert_eq!(measured, 15, "only the last cadence is claimed");
}

#[test]
fn trap_series_that_appears_above_zero_without_a_birth_is_flagged() {
    let slicing = minutes().covered_from(at(0));
    let unseen = |samples: [Sample<Amount>; 1]| {
        let counts = samples.into_iter().collect::<Counter>().increases(&slicing);
        (total(&counts), counts.flags().unseen_starts)
    };
    assert_eq!(unseen([sample(100, 5.0)]), (0, 1));
    assert_eq!(unseen([sample(100, 0.0)]), (0, 0));
    assert_eq!(unseen([born(100, -5, 5.0)]), (0, 1), "born before we looked");
    assert_eq!(unseen([born(100, 100, 5.0)]), (0, 1), "a start equal to the sample's time is not known");
    assert_eq!(unseen([born(100, 200, 5.0)]), (0, 1), "a start after the sample is nonsense");
}

#[test]
fn trap_gap_over_twice_the_cadence_is_unknown_and_flagged_exactly_twice_is_not() {
    let counter = |second| -> Counter { [sample(0, 1.0), sample(second, 9.0)].into_iter().collect() };
    let near = counter(30).increases(&minutes());
    assert_eq!((total(&near), near.flags().is_clean()), (8, true));
    let far = counter(31).increases(&minutes());
    assert_eq!((total(&far), far.flags().gaps), (0, 1));
    assert!(far.slices().all(|(_, slice)| slice.measured.is_empty()));
    assert!(far.gaps().covers(at(0), at(31)));
}

#[test]
fn a_gap_of_a_century_costs_no_slices() {
    let counter: Counter = [sample(0, 1.0), sample(3_153_600_000, 9.0)].into_iter().collect();
    assert_eq!(counter.increases(&minutes()).slices().count(), 1);
}

#[test]
fn trap_duplicate_scrape_counts_once_and_a_conflicting_one_is_flagged() {
    let mut counter = every(15, &[1.0, 4.0]);
    assert_eq!(counter.add(sample(15, 4.0)), Added::Same);
    assert_eq!(counter.increases(&minutes()).flags(), Flags::default());
    assert_eq!(counter.add(sample(15, 9.0)), Added::Conflict);
    assert_eq!(counter.add(sample(15, 8.0)), Added::Conflict);
    let counts = counter.increases(&minutes());
    assert_eq!((total(&counts), counts.flags()), (3, Flags { conflicts: 1, ..Flags::default() }));
}

#[test]
fn trap_two_scrapes_within_one_second_are_two_samples() {
    let mut counter = Counter::default();
    for (millis, value) in [(1_100, 5.0), (1_900, 7.0)] {
        let at = Timestamp::from_millis(millis);
        assert_eq!(counter.add(Sample { at, created: None, reading: Reading::from_f64(value) }), Added::New);
    }
    assert_eq!(total(&counter.increases(&minutes())), 2);
}

#[test]
fn trap_out_of_order_insert_is_no_reset() {
    let counter: Counter = [sample(30, 7.0), sample(0, 1.0), sample(15, 4.0)].into_iter().collect();
    let counts = counter.increases(&minutes());
    assert_eq!((total(&counts), counts.flags().is_clean()), (6, true));
}

#[test]
fn trap_changed_created_time_is_a_reset_even_if_the_value_grew() {
    let counter: Counter = [born(0, -100, 5.0), born(15, 10, 9.0)].into_iter().collect();
    let counts = counter.increases(&minutes());
    assert_eq!((total(&counts), counts.flags().resets), (9, 1));
    let appears: Counter = [sample(0, 5.0), born(15, 10, 9.0)].into_iter().collect();
    assert_eq!(total(&appears.increases(&minutes())), 9, "born after a value that had no birth");
    let known: Counter = [sample(0, 5.0), born(15, -10, 9.0)].into_iter().collect();
    assert_eq!(total(&known.increases(&minutes())), 4, "the birth merely became known");
    let on_it: Counter = [sample(0, 5.0), born(15, 0, 9.0)].into_iter().collect();
    assert_eq!(total(&on_it.increases(&minutes())), 4, "what had counted 5 by then was not born then");
    let future: Counter = [born(0, -100, 5.0), born(15, 99, 9.0)].into_iter().collect();
    assert_eq!(total(&future.increases(&minutes())), 4, "a birth after the sample says nothing");
}

#[test]
fn a_restart_after_a_gap_counts_what_is_certain() {
    let counter: Counter = [born(0, -100, 5.0), born(600, 590, 9.0)].into_iter().collect();
    let counts = counter.increases(&minutes());
    assert_eq!((total(&counts), counts.flags().resets, counts.flags().gaps), (9, 1, 1));
    assert_eq!(counts.gaps().millis(), 590_000);
    let late: Counter = [born(0, -100, 5.0), born(600, 300, 9.0)].into_iter().collect();
    assert_eq!(total(&late.increases(&minutes())), 0, "when in five minutes is not known");
}

#[test]
fn otlp_unknown_start_is_a_baseline_and_goes_on_from_there() {
    let slicing = minutes().covered_from(at(-500));
    let counter: Counter = [born(0, 0, 100.0), born(15, 0, 103.0)].into_iter().collect();
    assert_eq!(total(&counter.increases(&slicing)), 3);
    // A collector that restarts no longer knows since when; the process goes on, and must not be counted from zero again.
    let forgotten: Counter =
        [born(0, -900, 100.0), born(15, 15, 103.0), born(30, 15, 104.0)].into_iter().collect();
    let counts = forgotten.increases(&slicing);
    // The 100 before the first sample were not seen; nothing is taken for a reset.
    assert_eq!((total(&counts), counts.flags()), (4, Flags { unseen_starts: 1, ..Flags::default() }));
    let below: Counter = [born(0, -900, 100.0), born(15, 15, 3.0)].into_iter().collect();
    assert_eq!(total(&below.increases(&slicing)), 3, "it began again, whenever");
    let ended: Counter = [born(0, 0, 100.0), sample(5, f64::NAN), born(15, 0, 103.0)].into_iter().collect();
    assert_eq!(total(&ended.increases(&slicing)), 0, "the old life must not count twice");
}

#[test]
fn trap_stale_marker_ends_continuity_and_is_not_a_zero() {
    let stale = f64::from_bits(0x7ff0_0000_0000_0002);
    let counts = every(15, &[10.0, 12.0, stale, 15.0, 16.0]).increases(&minutes());
    assert_eq!((total(&counts), counts.flags()), (3, Flags::default()));
    let slice = counts.get(Instant::from_unix(0)).unwrap();
    assert_eq!(slice.measured_seconds(), 30);
    let reborn: Counter = [born(0, -9, 10.0), sample(15, stale), born(30, 12, 4.0)].into_iter().collect();
    let counts = reborn.increases(&minutes().covered_from(at(-5)));
    assert_eq!((total(&counts), counts.flags().resets), (4, 1));
}

#[test]
fn impossible_values_are_flagged_and_break_the_series() {
    for bad in [-1.0, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
        let counts = every(15, &[10.0, bad, 15.0, 16.0]).increases(&minutes());
        assert_eq!((total(&counts), counts.flags().invalid), (1, 1), "{bad}");
    }
}

#[test]
fn trap_counters_are_never_summed_before_differencing() {
    // One of two pods restarts; their sum still grows: differencing it would give 10.
    let (steady, restarted) = (every(15, &[100.0, 190.0]), every(15, &[100.0, 20.0]));
    let counts = sum_increases([&steady, &restarted], &minutes());
    assert_eq!((total(&counts), counts.flags().resets), (110, 1));
    assert_eq!(counts.get(Instant::from_unix(0)).unwrap().measured_seconds(), 15, "an instant counts once");
}

#[test]
fn trap_fractions_leave_no_residue() {
    let values: Vec<f64> = (0..=1_000).map(|i| f64::from(i) * 0.1).collect();
    let counts = every(15, &values).increases(&minutes());
    assert_eq!(counts.total().whole(), Some(100));
    let thirds: Vec<f64> = (0..=999).map(|i| f64::from(i) / 3.0).collect();
    assert_eq!(every(15, &thirds).increases(&minutes()).total().millionths(), 333_000_000);
}

#[test]
fn large_integers_stay_exact() {
    let reading =
        |seconds, value| Sample { at: at(seconds), created: None, reading: Reading::from_u64(value) };
    let counter: Counter = [reading(0, u64::MAX - 3), reading(15, u64::MAX)].into_iter().collect();
    assert_eq!(total(&counter.increases(&minutes())), 3);
}

#[test]
fn slicing_refuses_what_would_make_any_number_of_slices() {
    assert!(Slicing::new(0, 15).is_err() && Slicing::new(60, 0).is_err() && Slicing::new(86_401, 1).is_err());
    assert!(Slicing::new(1, 1_441).is_err() && Slicing::new(60, 86_401).is_err());
    assert!(Slicing::new(60, 86_400).is_ok() && Slicing::new(86_400, 1).is_ok());
}

#[test]
fn the_past_can_be_forgotten_and_a_restart_goes_on() {
    let mut counter = every(15, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    counter.forget(at(60));
    assert_eq!(counter.len(), 3, "the baseline and two later samples");
    assert_eq!(counter.add(sample(30, 3.0)), Added::TooLate);
    let restarted: Counter = counter.newest().into_iter().chain([sample(90, 9.0)]).collect();
    assert_eq!(total(&restarted.increases(&minutes())), 3);
}
