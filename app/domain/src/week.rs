//! The week before an instant, as the measure of what is still to come of a period.
//!
//! Of what follows the instant, every whole week is expected to be like the week before it, and the last part of a week
//! like the same part of that week. A week is 168 hours: where clocks change, the hours of the day are one off.

use crate::slice::Bounds;
use crate::time::Instant;

/// A week of 168 hours.
pub const WEEK_SECONDS: i64 = 7 * 86_400;

/// The week before a horizon, and how often it fits between the horizon and the end of the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Week {
    /// `[horizon - 7 d, horizon)`.
    pub whole: Bounds,
    /// Its begin, as long as what is left of the period after whole weeks; empty if nothing is.
    pub part: Bounds,
    /// How many whole weeks are left.
    pub times: u64,
}

impl Week {
    /// The week before `horizon`, for a period that ends at `to`; nothing is left of one that ended before.
    pub fn before(horizon: Instant, to: Instant) -> Self {
        let rest = to.seconds_since(horizon).max(0);
        let from = horizon - WEEK_SECONDS;
        Self {
            whole: Bounds { from, to: horizon },
            part: Bounds { from, to: from + rest % WEEK_SECONDS },
            times: u64::try_from(rest / WEEK_SECONDS).unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_cut_into_weeks_and_a_part() {
        let at = Instant::from_unix;
        let week = Week::before(at(0), at(2 * WEEK_SECONDS + 60));
        assert_eq!(week.whole, Bounds { from: at(-WEEK_SECONDS), to: at(0) });
        assert_eq!(week.part, Bounds { from: at(-WEEK_SECONDS), to: at(60 - WEEK_SECONDS) });
        assert_eq!(week.times, 2);
        let none = Week::before(at(0), at(-1));
        assert_eq!((none.part.from, none.times), (none.part.to, 0));
    }
}
