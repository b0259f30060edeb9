//! Coverage: how much of a window was measured at all.
//!
//! Measured seconds over the seconds of the *effective* window, which begins with the first measured second inside
//! the nominal one: a young SLI is not a gap. Compared in integers, rounded once.

use crate::ratio::{ONE, Target, ratio};
use crate::slice::{Bounds, Sum};

/// Measured seconds out of the seconds of an effective window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// Measured, at most `seconds`.
    pub measured_seconds: i64,
    /// Length of the effective window, at least 1.
    pub seconds: i64,
}

impl Coverage {
    /// Coverage of a window that added up to `sum`; none if nothing was measured before its end.
    ///
    /// A slice counts whole in the window that holds its start, so the seconds of one that reaches beyond the end can
    /// outnumber the window: hence the cap.
    pub fn of(sum: &Sum, window: Bounds) -> Option<Self> {
        let seconds = window.to.seconds_since(sum.first?.max(window.from));
        (seconds > 0).then(|| Self {
            measured_seconds: i64::try_from(sum.measured_seconds).unwrap_or(i64::MAX).min(seconds),
            seconds,
        })
    }

    /// Between 0 and 1.
    pub fn ratio(self) -> Option<f64> {
        ratio(i128::from(self.measured_seconds), i128::from(self.seconds))
    }

    /// Whether it is less than `floor`, exactly.
    pub fn is_below(self, floor: Target) -> bool {
        i128::from(self.measured_seconds) * ONE < i128::from(self.seconds) * i128::from(floor.parts())
    }
}
