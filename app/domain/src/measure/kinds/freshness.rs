//! Freshness: how old the newest item is at the end of each slice.

use super::{ran_until, whole_slices};
use crate::measure::counts::{Counts, Judged};
use crate::measure::spans::{Spans, Timestamp};
use crate::slice::Bounds;

/// One event for each slice that lies in `bounds` whole: good if at its end the newest item is at most
/// `age_seconds` old.
///
/// `items` are the times of the items, in any order; one that is dated after the slice's end does not count for it.
/// `ran` is the time in which the collector ran. A slice is unknown if the collector did not run at its end; or if the
/// newest known item is too old, and the collector did not run all the time in which a younger one could have come.
pub fn freshness(
    items: &[Timestamp],
    age_seconds: u32,
    ran: &Spans,
    bounds: Bounds,
    slice_seconds: u32,
) -> Counts<Judged> {
    let mut sorted = items.to_vec();
    sorted.sort_unstable();
    let age_millis = i64::from(age_seconds) * 1_000;
    let mut counts = Counts::new(slice_seconds);
    for (_, start, end) in whole_slices(bounds, slice_seconds) {
        let newest =
            sorted.partition_point(|item| *item <= end).checked_sub(1).and_then(|last| sorted.get(last));
        let fresh = newest.is_some_and(|newest| end.millis_since(*newest) <= age_millis);
        if !ran_until(ran, end) || (!fresh && !ran.covers(end.plus_millis(-age_millis), end)) {
            continue;
        }
        counts.add_events(start, &Judged::one(fresh));
        for (from, to) in ran.clip(start, end).iter() {
            counts.add_measured(from, to);
        }
    }
    counts
}
