//! Makes slices from the samples of the head: the rules of `domain::measure`, over the stretch that changed.
//!
//! Invariant: a slice depends on the samples alone, not on when or how often it was made.

use std::collections::BTreeSet;

use domain::estate::SLICE_SECONDS;
use domain::measure::{
    Amount, Counter, Counts, Sample as Counted, Side, Sides, Slicing, Timestamp, sum_increases,
};
use domain::{Instant, Measurement, Slice};

use super::head::{Head, Point, SliState};
use super::selectors::{Feed, Selectors, SliNumber};
use crate::source::Ratio;

/// Why a slice is unknown that samples fell into.
const LOST: &str = "samples are missing or cannot be counted";
/// Likewise, where a side has no series.
const NO_TOTAL: &str = "no series of the total arrived";

const SLICE: i64 = SLICE_SECONDS as i64;

/// Makes the slices of an SLI that lie in or touch `[from, to]` (milliseconds since 1970). One that was made before and
/// of which nothing is known any more, because a late sample ended what measured it, is unknown; others of which
/// nothing is known are left alone, for somebody else may have measured them.
pub(super) fn make(
    head: &mut Head,
    selectors: &Selectors,
    sli: SliNumber,
    touched: (i64, i64),
) -> Vec<Slice> {
    let mut made = slices(head, selectors, sli, touched);
    let Some(state) = head.slis_mut().get_mut(sli) else { return made };
    let from = Timestamp::from_millis(touched.0).instant().floor_to(SLICE);
    let to = Timestamp::from_millis(touched.1).instant();
    let starts: BTreeSet<Instant> = made.iter().map(|slice| slice.start).collect();
    let measurement = Measurement::Unknown(LOST.to_owned());
    let gone = state.made.range(from..=to).filter(|start| !starts.contains(start));
    made.extend(gone.map(|start| Slice {
        start: *start,
        seconds: SLICE_SECONDS,
        measurement: measurement.clone(),
    }));
    state.made.extend(starts);
    made
}

/// The slices of an SLI that lie in or touch `[from, to]` (milliseconds since 1970), made from what the head holds; those
/// of which nothing is known are left out.
fn slices(head: &Head, selectors: &Selectors, sli: SliNumber, touched: (i64, i64)) -> Vec<Slice> {
    let (Some(source), Some(state)) = (selectors.sources().get(sli), head.slis().get(sli)) else {
        return Vec::new();
    };
    let Ok(slicing) = Slicing::new(SLICE_SECONDS, source.cadence_seconds) else { return Vec::new() };
    let first = Timestamp::from_millis(touched.0).instant().floor_to(SLICE);
    let known = head.cut_millis.map(|cut| Timestamp::from_millis(cut + 999).instant().ceil_to(SLICE));
    let first = [known, state.began.map(|began| began.ceil_to(SLICE))]
        .into_iter()
        .flatten()
        .fold(first, Instant::max);
    let end = Timestamp::from_millis(touched.1).instant().floor_to(SLICE) + SLICE;
    let mut made = Vec::new();
    let mut at = first;
    while at < end {
        // The slices up to where the next run begins see their series begin in this one.
        let (covered, next) = run_of(state, at);
        let until = next.map_or(end, |next| next.instant().floor_to(SLICE).max(at + SLICE).min(end));
        let slicing = covered.map_or(slicing, |covered| slicing.covered_from(covered));
        let side = |second: bool| counts(head, state, second, (at, until), &slicing);
        let (one, two) = (side(false), side(true));
        // Time is that of the total; where the two sides are the total, of both.
        let both = (source.ratio == Ratio::GoodBad).then(|| {
            let mut both = one.clone();
            both.add(&two);
            both
        });
        let time = both.as_ref().unwrap_or(&two);
        let lacks = [false, true].map(|second| selectors.lacks_bucket(Feed { sli, second }));
        let mut start = at;
        while start < until {
            made.extend(slice(source.ratio, start, [&one, &two, time], lacks));
            start = start + SLICE;
        }
        at = until;
    }
    made
}

/// The begin of the run that was the latest to begin before the end of the slice at `start`, and that of the next.
fn run_of(state: &SliState, start: Instant) -> (Option<Timestamp>, Option<Timestamp>) {
    let end = Timestamp::from(start + SLICE);
    let mut covered = None;
    for (from, _) in state.runs.iter() {
        if from >= end {
            return (covered, Some(from));
        }
        covered = Some(from);
    }
    (covered, None)
}

/// What the series of a side count in the slices of `[from, to)`.
fn counts(
    head: &Head,
    state: &SliState,
    second: bool,
    (from, to): (Instant, Instant),
    slicing: &Slicing,
) -> Counts<Amount> {
    let series = state.sides.get(usize::from(second)).map(Vec::as_slice).unwrap_or_default();
    let bounds = (Timestamp::from(from).millis(), Timestamp::from(to).millis());
    let counters: Vec<Counter> = series.iter().map(|series| counter(head.points(*series), bounds)).collect();
    sum_increases(&counters, slicing)
}

/// The points that bear on `[from, to)`: those in it, the last value before it with what ended it, and what comes after
/// up to the next value.
fn counter(points: &[Point], (from, to): (i64, i64)) -> Counter {
    let is_value = |point: &Point| matches!(point.reading(), domain::measure::Reading::Value(_));
    let inside = points.partition_point(|point| point.sample.millis < from);
    let after = points.partition_point(|point| point.sample.millis < to);
    let begin = points.get(..inside).and_then(|past| past.iter().rposition(is_value)).unwrap_or(0);
    let end = points.get(after..).and_then(|later| later.iter().position(is_value));
    let end = end.map_or(points.len(), |later| after + later + 1);
    let mut counter = Counter::default();
    for point in points.get(begin..end).unwrap_or_default() {
        let at = Timestamp::from_millis(point.sample.millis);
        let created = point.sample.created_millis.map(Timestamp::from_millis);
        counter.add(Counted { at, created, reading: point.reading() });
        if point.conflict {
            // Any other sample at the instant: the first stays, the mark is what is wanted.
            counter.add(Counted { at, created: Some(at), reading: domain::measure::Reading::Invalid });
        }
    }
    counter
}

/// One slice from both sides and whose time is measured; none if neither side has anything in it.
fn slice(
    ratio: Ratio,
    start: Instant,
    [one, two, time]: [&Counts<Amount>; 3],
    lacks: [bool; 2],
) -> Option<Slice> {
    let side = |counts: &Counts<Amount>, lacks: bool| match Side::of(counts, start, Amount::whole) {
        Side::Absent if lacks => Side::Unknown,
        side => side,
    };
    let [first, second] = [side(one, lacks[0]), side(two, lacks[1])];
    let sides = match ratio {
        Ratio::GoodTotal => Sides::GoodTotal { good: first, total: second },
        Ratio::BadTotal => Sides::BadTotal { bad: first, total: second },
        Ratio::GoodBad => Sides::GoodBad { good: first, bad: second },
    };
    let has_time = time.get(start).is_some() || time.gaps().touches(start.into(), (start + SLICE).into());
    if [first, second] == [Side::Absent; 2] || lacks[0] && first == Side::Unknown && !has_time {
        return None;
    }
    let measured = |both: domain::measure::sides::Combined| {
        Some(Measurement::Measured(time.get(start)?.to_measured(start, both.good, both.total)))
    };
    let why = if second == Side::Absent && ratio != Ratio::GoodBad { NO_TOTAL } else { LOST };
    let measurement =
        sides.combine().and_then(measured).unwrap_or_else(|| Measurement::Unknown(why.to_owned()));
    Some(Slice { start, seconds: SLICE_SECONDS, measurement })
}
