//! Slices from counters, as whoever collects them would ask `domain::measure` for them.

use std::collections::{BTreeMap, BTreeSet};

use domain::measure::{
    Amount, Counter, Counts, Reading, Sample, Side, Sides, Slicing, SlicingError, Timestamp, sum_increases,
};
use domain::slice::{Measured, Measurement, Slice};
use domain::time::Instant;

use crate::raw::counters::{Counters, Flags, MILLIONTHS, Sides as Declared, Value};

/// The known slices in order of time, and the flags of all.
///
/// # Errors
///
/// Lengths that `Slicing` refuses.
pub(super) fn slices(counters: &Counters) -> Result<(Vec<Slice>, Flags), SlicingError> {
    let mut slicing = Slicing::new(counters.slice_seconds, counters.cadence_seconds)?;
    if let Some(from) = counters.covered_from {
        slicing = slicing.covered_from(Timestamp::from_millis(from));
    }
    let [first, second] = [false, true].map(|second| sum_increases(&series(counters, second), &slicing));
    let starts: BTreeSet<Instant> = first.slices().chain(second.slices()).map(|(start, _)| start).collect();
    let slices = starts.into_iter().filter_map(|start| slice(counters, [&first, &second], start)).collect();
    let (mut all, other) = (first.flags(), second.flags());
    all.add(&other);
    let flags = Flags {
        resets: all.resets,
        gaps: all.gaps,
        conflicts: all.conflicts,
        invalid: all.invalid,
        unseen_starts: all.unseen_starts,
    };
    Ok((slices, flags))
}

/// The series of a side, each with its samples in the order of their arrival.
fn series(counters: &Counters, second: bool) -> Vec<Counter> {
    let mut series: BTreeMap<u8, Counter> = BTreeMap::new();
    for sample in counters.samples.iter().filter(|sample| sample.second == second) {
        let reading = match sample.value {
            Value::Millionths(value) if value.is_multiple_of(MILLIONTHS) => {
                Reading::from_u64(value / MILLIONTHS)
            }
            Value::Millionths(value) => Reading::Value(Amount::from_millionths(value.into())),
            Value::End => Reading::from_f64(f64::NAN),
            Value::Invalid => Reading::from_i64(-1),
        };
        let (at, created) = (Timestamp::from_millis(sample.at), sample.created.map(Timestamp::from_millis));
        series.entry(sample.series).or_default().add(Sample { at, created, reading });
    }
    series.into_values().collect()
}

fn slice(counters: &Counters, [first, second]: [&Counts<Amount>; 2], start: Instant) -> Option<Slice> {
    let [one, two] = [first, second].map(|counts| Side::of(counts, start, Amount::whole));
    let sides = match counters.sides {
        Declared::GoodTotal => Sides::GoodTotal { good: one, total: two },
        Declared::BadTotal => Sides::BadTotal { bad: one, total: two },
        Declared::GoodBad => Sides::GoodBad { good: one, bad: two },
    };
    let both = sides.combine()?;
    let mut counted = second.get(start).cloned().unwrap_or_default();
    if let (Declared::GoodBad, Some(good)) = (counters.sides, first.get(start)) {
        counted.measured.union(&good.measured);
    }
    let measured: Measured = counted.to_measured(start, both.good, both.total);
    Some(Slice { start, seconds: counters.slice_seconds, measurement: Measurement::Measured(measured) })
}
