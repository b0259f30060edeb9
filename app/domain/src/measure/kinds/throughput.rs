//! Throughput: whether enough was counted in each slice.

use super::whole_slices;
use crate::measure::amount::Amount;
use crate::measure::counts::{Counts, Judged};
use crate::measure::spans::Spans;
use crate::slice::Bounds;

/// One event for each slice that lies in `bounds` whole: good if at least `minimum` was counted in it.
///
/// `counted` are slices of one length, which is that of the result. `ran` is the time in which the collector ran: a
/// slice through which it ran, and in which no series lost anything, has 0 where nothing was counted. A slice that
/// was not watched whole is good if what was seen of it is enough, else unknown.
pub fn throughput(counted: &Counts<Amount>, minimum: Amount, ran: &Spans, bounds: Bounds) -> Counts<Judged> {
    let mut counts = Counts::new(counted.slice_seconds());
    for (slice, start, end) in whole_slices(bounds, counted.slice_seconds()) {
        let seen = counted.get(slice);
        let enough = seen.map(|seen| seen.events).unwrap_or_default() >= minimum;
        let watched = ran.covers(start, end);
        let measured = seen.is_some_and(|seen| !seen.measured.is_empty());
        if (enough && (watched || measured)) || (watched && !counted.gaps().touches(start, end)) {
            counts.add_events(start, &Judged::one(enough));
            for (from, to) in
                ran.clip(start, end).iter().chain(seen.iter().flat_map(|seen| seen.measured.iter()))
            {
                counts.add_measured(from, to);
            }
        }
    }
    counts
}
