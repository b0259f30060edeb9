//! Milliseconds since 1970, and sets of time made of half-open stretches.
//!
//! Invariants of [`Spans`]: stretches are sorted, not empty, and neither overlap nor touch.

use crate::time::Instant;

const MILLIS: i64 = 1_000;
const NANOS_PER_MILLI: u64 = 1_000_000;

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z, within the years that [`Instant`] has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970 (as Prometheus has them), clamped to the years 1 to 9999.
    pub const fn from_millis(millis: i64) -> Self {
        let (min, max) =
            (Instant::from_unix(i64::MIN).unix() * MILLIS, Instant::from_unix(i64::MAX).unix() * MILLIS);
        if millis < min {
            Self(min)
        } else if millis > max {
            Self(max)
        } else {
            Self(millis)
        }
    }

    /// From nanoseconds since 1970 (as OTLP has them), floored; OTLP's 0, "not known", is none.
    pub const fn from_nanos(nanos: u64) -> Option<Self> {
        if nanos == 0 {
            return None;
        }
        // u64::MAX / 10^6 is far below i64::MAX.
        Some(Self::from_millis((nanos / NANOS_PER_MILLI).cast_signed()))
    }

    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The whole second that contains this instant.
    pub const fn instant(self) -> Instant {
        Instant::from_unix(self.0.div_euclid(MILLIS))
    }

    /// Later by `millis` (earlier if negative), clamped.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this instant; negative if it is later. Cannot overflow.
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }
}

impl From<Instant> for Timestamp {
    fn from(instant: Instant) -> Self {
        Self(instant.unix() * MILLIS)
    }
}

/// A set of instants, as disjoint half-open stretches `[from, to)`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spans(Vec<(Timestamp, Timestamp)>);

impl Spans {
    /// One stretch; empty if `from >= to`.
    pub fn one(from: Timestamp, to: Timestamp) -> Self {
        let mut spans = Self::default();
        spans.insert(from, to);
        spans
    }

    /// Adds `[from, to)`; nothing if `from >= to`.
    pub fn insert(&mut self, from: Timestamp, to: Timestamp) {
        if from >= to {
            return;
        }
        // Those that overlap or touch: from the first that does not end before, to the last that begins in time.
        let low = self.0.partition_point(|span| span.1 < from);
        let high = self.0.partition_point(|span| span.0 <= to);
        let touched = self.0.iter().take(high).skip(low);
        let merged = touched.fold((from, to), |sum, span| (sum.0.min(span.0), sum.1.max(span.1)));
        self.0.splice(low..high.max(low), [merged]);
    }

    /// Adds every stretch of `other`.
    pub fn union(&mut self, other: &Self) {
        for span in &other.0 {
            self.insert(span.0, span.1);
        }
    }

    /// The part within `[from, to)`.
    #[must_use]
    pub fn clip(&self, from: Timestamp, to: Timestamp) -> Self {
        let low = self.0.partition_point(|span| span.1 <= from);
        let inside = self.0.iter().skip(low).take_while(|span| span.0 < to);
        Self(inside.map(|span| (span.0.max(from), span.1.min(to))).filter(|span| span.0 < span.1).collect())
    }

    /// Whether all of `[from, to)` is in the set; true if that is empty.
    pub fn covers(&self, from: Timestamp, to: Timestamp) -> bool {
        if from >= to {
            return true;
        }
        let low = self.0.partition_point(|span| span.1 < to);
        self.0.get(low).is_some_and(|span| span.0 <= from)
    }

    /// Whether any of `[from, to)` is in the set.
    pub fn touches(&self, from: Timestamp, to: Timestamp) -> bool {
        let low = self.0.partition_point(|span| span.1 <= from);
        from < to && self.0.get(low).is_some_and(|span| span.0 < to)
    }

    /// Milliseconds in the set.
    pub fn millis(&self) -> i64 {
        self.0.iter().map(|span| span.1.millis_since(span.0)).sum()
    }

    /// The first instant; none of an empty set.
    pub fn first(&self) -> Option<Timestamp> {
        self.0.first().map(|span| span.0)
    }

    /// The end of the last stretch, exclusive; none of an empty set.
    pub fn last(&self) -> Option<Timestamp> {
        self.0.last().map(|span| span.1)
    }

    /// Whether nothing is in the set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The stretches, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<(Timestamp, Timestamp)> for Spans {
    fn from_iter<I: IntoIterator<Item = (Timestamp, Timestamp)>>(spans: I) -> Self {
        let mut all = Self::default();
        for (from, to) in spans {
            all.insert(from, to);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        let (first, last) = (at(i64::MIN), at(i64::MAX));
        assert!(last.millis_since(first) > 0);
        assert_eq!(last.plus_millis(i64::MAX), last);
        assert_eq!(first.plus_millis(i64::MIN), first);
        assert_eq!(Timestamp::from_nanos(0), None);
        assert_eq!(Timestamp::from_nanos(1_999_999), Some(at(1)));
        assert!(Timestamp::from_nanos(u64::MAX).is_some());
        assert_eq!(at(-1).instant().unix(), -1);
    }

    proptest! {
        #[test]
        fn spans_are_the_set_of_their_milliseconds(
            spans in proptest::collection::vec((0_i64..60, 0_i64..60), 0..12),
            (from, to) in (0_i64..60, 0_i64..60),
        ) {
            let set = |t: i64| spans.iter().any(|(a, b)| *a <= t && t < *b);
            let built: Spans = spans.iter().map(|(a, b)| (at(*a), at(*b))).collect();
            let inside: Vec<i64> = (0..60).filter(|t| set(*t)).collect();
            prop_assert_eq!(built.millis(), i64::try_from(inside.len()).unwrap());
            prop_assert_eq!(built.first(), inside.first().map(|t| at(*t)));
            prop_assert_eq!(built.last(), inside.last().map(|t| at(*t + 1)));
            prop_assert!(built.0.windows(2).all(|pair| pair[0].1 < pair[1].0));
            let clipped = inside.iter().filter(|t| from <= **t && **t < to).count();
            prop_assert_eq!(built.clip(at(from), at(to)).millis(), i64::try_from(clipped).unwrap());
            prop_assert_eq!(built.covers(at(from), at(to)), (from..to).all(set));
            prop_assert_eq!(built.touches(at(from), at(to)), (from..to).any(set));
        }
    }
}
