//! Two sides of a ratio become good and total, also where one of them is missing.
//!
//! | declared | missing | result |
//! |---|---|---|
//! | bad, total | bad | nothing was bad |
//! | good, total | good | everything was bad |
//! | either | total | unknown |
//! | good, bad | one | it counts 0; total is the sum |
//! | good, bad | both | unknown |
//!
//! Missing means that the side's series do not exist. A side whose samples were lost is unknown, and so is the
//! result: guessing there would turn a lost scrape into an outage, or hide one.

use super::amount::Amount;
use super::counts::Counts;
use super::spans::Timestamp;
use crate::time::Instant;

/// What one side of a ratio has for a slice, in events or in millionths; both sides in the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// This many.
    Counted(u64),
    /// No series has anything for the slice.
    Absent,
    /// There is a series, but what it counted in the slice was lost.
    Unknown,
}

/// The two sides as declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// Good events of all.
    GoodTotal {
        /// Good events.
        good: Side,
        /// All events.
        total: Side,
    },
    /// Bad events of all.
    BadTotal {
        /// Bad events.
        bad: Side,
        /// All events.
        total: Side,
    },
    /// Good events and bad ones.
    GoodBad {
        /// Good events.
        good: Side,
        /// Bad events.
        bad: Side,
    },
}

/// What both sides make together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Combined {
    /// Good events; more than `total` if delivered so.
    pub good: u64,
    /// All events.
    pub total: u64,
    /// One side contradicts the other: more good, or more bad, than there are (or a sum that does not fit).
    pub contradicts: bool,
}

impl Sides {
    /// Good and total; none if unknown.
    pub fn combine(self) -> Option<Combined> {
        match self {
            Self::GoodTotal { good, total } => {
                let (good, total) = (good.or_zero()?, total.counted()?);
                Some(Combined { good, total, contradicts: good > total })
            }
            Self::BadTotal { bad, total } => {
                let (bad, total) = (bad.or_zero()?, total.counted()?);
                Some(Combined { good: total.saturating_sub(bad), total, contradicts: bad > total })
            }
            Self::GoodBad { good: Side::Absent, bad: Side::Absent } => None,
            Self::GoodBad { good, bad } => {
                let (good, bad) = (good.or_zero()?, bad.or_zero()?);
                let sum = good.checked_add(bad);
                Some(Combined { good, total: sum.unwrap_or(u64::MAX), contradicts: sum.is_none() })
            }
        }
    }
}

impl Side {
    /// This side's part of the slice that starts at `start`, in the unit that `number` gives (events with
    /// [`Amount::whole`]); an amount without a number is unknown.
    ///
    /// A slice without measured time and without events is unknown where a series has samples on both sides of it, or
    /// flags in it, and absent elsewhere.
    pub fn of(counts: &Counts<Amount>, start: Instant, number: impl Fn(Amount) -> Option<u64>) -> Self {
        let end = start + i64::from(counts.slice_seconds());
        let lost = || counts.gaps().touches(Timestamp::from(start), Timestamp::from(end));
        match counts.get(start) {
            Some(slice) if !slice.measured.is_empty() || slice.events != Amount::default() => {
                number(slice.events).map_or(Self::Unknown, Self::Counted)
            }
            Some(slice) if !slice.flags.is_clean() => Self::Unknown,
            _ if lost() => Self::Unknown,
            _ => Self::Absent,
        }
    }

    const fn counted(self) -> Option<u64> {
        match self {
            Self::Counted(count) => Some(count),
            Self::Absent | Self::Unknown => None,
        }
    }

    const fn or_zero(self) -> Option<u64> {
        match self {
            Self::Counted(count) => Some(count),
            Self::Absent => Some(0),
            Self::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Side::{Absent, Counted, Unknown};
    use super::*;
    use proptest::prelude::*;

    fn of(sides: Sides) -> Option<(u64, u64, bool)> {
        sides.combine().map(|both| (both.good, both.total, both.contradicts))
    }

    #[test]
    fn a_missing_bad_side_means_nothing_was_bad() {
        assert_eq!(of(Sides::BadTotal { bad: Absent, total: Counted(7) }), Some((7, 7, false)));
    }

    #[test]
    fn a_missing_good_side_means_everything_was_bad() {
        assert_eq!(of(Sides::GoodTotal { good: Absent, total: Counted(7) }), Some((0, 7, false)));
    }

    #[test]
    fn a_missing_total_is_unknown_not_zero() {
        assert_eq!(of(Sides::GoodTotal { good: Counted(7), total: Absent }), None);
        assert_eq!(of(Sides::BadTotal { bad: Absent, total: Absent }), None);
    }

    #[test]
    fn good_and_bad_add_up_and_either_may_be_missing() {
        assert_eq!(of(Sides::GoodBad { good: Counted(3), bad: Counted(4) }), Some((3, 7, false)));
        assert_eq!(of(Sides::GoodBad { good: Absent, bad: Counted(4) }), Some((0, 4, false)));
        assert_eq!(of(Sides::GoodBad { good: Counted(3), bad: Absent }), Some((3, 3, false)));
        assert_eq!(of(Sides::GoodBad { good: Absent, bad: Absent }), None);
        assert_eq!(
            of(Sides::GoodBad { good: Counted(u64::MAX), bad: Counted(1) }),
            Some((u64::MAX, u64::MAX, true))
        );
    }

    #[test]
    fn more_good_than_total_is_kept_raw_and_flagged() {
        assert_eq!(of(Sides::GoodTotal { good: Counted(9_999), total: Counted(9) }), Some((9_999, 9, true)));
    }

    #[test]
    fn more_bad_than_total_leaves_nothing_good_and_is_flagged() {
        assert_eq!(of(Sides::BadTotal { bad: Counted(10), total: Counted(9) }), Some((0, 9, true)));
    }

    #[test]
    fn a_lost_scrape_is_neither_an_outage_nor_a_good_minute() {
        assert_eq!(of(Sides::GoodTotal { good: Unknown, total: Counted(7) }), None);
        assert_eq!(of(Sides::BadTotal { bad: Unknown, total: Counted(7) }), None);
        let mut counts = Counts::<Amount>::new(60);
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1_000);
        counts.add_measured(at(0), at(60));
        counts.add_gap(at(60), at(150));
        let side = |start| Side::of(&counts, Instant::from_unix(start), Amount::whole);
        assert_eq!(
            [side(-60), side(0), side(60), side(120), side(180)],
            [Absent, Counted(0), Unknown, Unknown, Absent]
        );
        counts.add_events(at(0), &Amount::from_millionths(1));
        assert_eq!(
            Side::of(&counts, Instant::from_unix(0), Amount::whole),
            Unknown,
            "a fraction is no whole number"
        );
    }

    fn side() -> impl Strategy<Value = Side> {
        prop_oneof![any::<u64>().prop_map(Counted), (0_u64..9).prop_map(Counted), Just(Absent), Just(Unknown)]
    }

    proptest! {
        #[test]
        fn only_more_good_than_declared_exceeds_the_total(a in side(), b in side()) {
            for sides in [Sides::BadTotal { bad: a, total: b }, Sides::GoodBad { good: a, bad: b }] {
                prop_assert!(sides.combine().is_none_or(|both| both.good <= both.total));
            }
            let both = Sides::GoodTotal { good: a, total: b }.combine();
            prop_assert!(both.is_none_or(|both| both.contradicts == (both.good > both.total)));
        }
    }
}
