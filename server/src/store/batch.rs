//! A batch of slices before it is written: without doubles, without overlaps, column by column.

use std::collections::BTreeMap;

use domain::{Instant, Measurement, Slice};

use super::{SliId, SliSlice};

/// A batch without its doubles: per place the last one of the batch, with its index.
pub(super) type Batch = BTreeMap<(SliId, Instant), (usize, Slice)>;

/// A measured slice of a batch that overlaps a measured one with different bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Place of the refused slice in the batch that was handed in.
    pub index: usize,
    /// Start of the slice that was there first.
    pub start: Instant,
    /// Its length.
    pub seconds: u32,
}

/// Keeps the last slice of each place, lets unknown slices give way to measured ones and to later unknown ones, and
/// names the measured slices of the batch that overlap each other.
pub(super) fn disjoint(slices: Vec<SliSlice>) -> (Batch, Vec<Conflict>) {
    let mut batch = Batch::new();
    for (index, SliSlice { sli, slice }) in slices.into_iter().enumerate() {
        batch.insert((sli, slice.start), (index, slice));
    }
    let mut conflicts = Vec::new();
    let mut gives_way = Vec::new();
    let mut previous: Option<((SliId, Instant), usize, Slice)> = None;
    for (place, (index, slice)) in &batch {
        if let Some((before, before_index, earlier)) = &previous
            && before.0 == place.0
            && earlier.end() > slice.start
        {
            match (&earlier.measurement, &slice.measurement) {
                (Measurement::Measured(_), Measurement::Measured(_)) => conflicts.push(Conflict {
                    index: *index.max(before_index),
                    start: if index > before_index { earlier.start } else { slice.start },
                    seconds: if index > before_index { earlier.seconds } else { slice.seconds },
                }),
                (Measurement::Unknown(_), Measurement::Measured(_)) => gives_way.push(*before),
                (Measurement::Unknown(_), Measurement::Unknown(_)) if index > before_index => {
                    gives_way.push(*before);
                }
                (_, Measurement::Unknown(_)) => {
                    gives_way.push(*place);
                    continue;
                }
            }
        }
        previous = Some((*place, *index, slice.clone()));
    }
    for place in gives_way {
        batch.remove(&place);
    }
    (batch, conflicts)
}

/// A batch, column by column, as `unnest` takes it.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) sli_id: Vec<i32>,
    pub(super) start_unix: Vec<i64>,
    pub(super) seconds: Vec<i32>,
    pub(super) measured: Vec<bool>,
    pub(super) index: Vec<i64>,
    pub(super) good: Vec<Option<i64>>,
    pub(super) total: Vec<Option<i64>>,
    pub(super) measured_seconds: Vec<Option<i32>>,
    pub(super) measured_from: Vec<Option<i32>>,
    pub(super) measured_to: Vec<Option<i32>>,
    pub(super) unknown_reason: Vec<Option<String>>,
}

impl Columns {
    pub(super) fn of(batch: &Batch) -> Self {
        let mut columns = Self::default();
        for ((sli, start), (index, slice)) in batch {
            columns.sli_id.push(sli.0);
            columns.start_unix.push(start.unix());
            columns.seconds.push(saturated(i64::from(slice.seconds)));
            columns.index.push(i64::try_from(*index).unwrap_or(i64::MAX));
            let (measured, reason) = match &slice.measurement {
                Measurement::Measured(measured) => (Some(measured), None),
                Measurement::Unknown(reason) => (None, Some(reason.clone())),
            };
            columns.measured.push(measured.is_some());
            columns.good.push(measured.map(|m| i64::try_from(m.good).unwrap_or(i64::MAX)));
            columns.total.push(measured.map(|m| i64::try_from(m.total).unwrap_or(i64::MAX)));
            columns.measured_seconds.push(measured.map(|m| saturated(i64::from(m.measured_seconds))));
            columns.measured_from.push(measured.map(|m| saturated(m.from.seconds_since(*start))));
            columns.measured_to.push(measured.map(|m| saturated(m.to.seconds_since(*start))));
            columns.unknown_reason.push(reason);
        }
        columns
    }
}

fn saturated(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}
