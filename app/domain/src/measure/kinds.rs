//! SLIs that are judged by time: freshness, throughput, heartbeats.
//!
//! Invariants: silence is bad, as long as the collector itself ran; where it did not, the slice is unknown. So each of
//! these takes the time in which the collector ran ([`Spans`]) beside what it received.

mod freshness;
mod heartbeat;
mod throughput;

pub use freshness::freshness;
pub use heartbeat::{Beat, Beats, Expectation, Heartbeat, MAX_BEATS, Message, MessageKind, Outcome};
pub use throughput::throughput;

use super::spans::{Spans, Timestamp};
use crate::slice::Bounds;
use crate::time::Instant;

/// Slices that one call judges: 31 days of minutes. Of longer bounds the first ones are judged.
pub const MAX_SLICES: usize = 44_640;

/// The slices of `slice_seconds` that lie in `bounds` whole, with their start and end, at most [`MAX_SLICES`].
fn whole_slices(bounds: Bounds, slice_seconds: u32) -> impl Iterator<Item = (Instant, Timestamp, Timestamp)> {
    let seconds = i64::from(slice_seconds.max(1));
    let next = move |start: &Instant| Some(*start + seconds);
    std::iter::successors(Some(bounds.from.ceil_to(seconds)), next)
        .map(move |start| (start, start + seconds))
        .take_while(move |(start, end)| start < end && *start >= bounds.from && *end <= bounds.to)
        .map(|(start, end)| (start, Timestamp::from(start), Timestamp::from(end)))
        .take(MAX_SLICES)
}

/// Whether the collector ran at the very end of `[.., end)`.
fn ran_until(ran: &Spans, end: Timestamp) -> bool {
    ran.covers(end.plus_millis(-1), end)
}

#[cfg(test)]
mod tests;
