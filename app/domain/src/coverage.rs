//! Coverage: how much of a window was measured at all.
//!
//! Measured seconds over the seconds of the *effective* window, which begins with the first measured second inside
//! the nominal one: a young SLI is not a gap. Excluded time is left out of both. Compared in integers, rounded once.

use crate::ratio::{ONE, Target, ratio};

/// Measured seconds out of the seconds of an effective window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// Measured, at most `seconds`.
    pub measured_seconds: i64,
    /// Length of the effective window without excluded time, at least 1.
    pub seconds: i64,
}

impl Coverage {
    /// None unless there are seconds to cover.
    ///
    /// A slice counts whole in the window that holds its start, so the seconds of one that reaches beyond the end can
    /// outnumber the window: hence the cap.
    pub fn new(measured_seconds: u64, seconds: i64) -> Option<Self> {
        let measured_seconds = i64::try_from(measured_seconds).unwrap_or(i64::MAX).min(seconds);
        (seconds > 0).then_some(Self { measured_seconds, seconds })
    }

    /// Between 0 and 1.
    pub fn ratio(self) -> Option<f64> {
        ratio(i128::from(self.measured_seconds), i128::from(self.seconds))
    }

    /// Whether it is less than `floor`, exactly.
    pub fn is_below(self, floor: Target) -> bool {
        i128::from(self.measured_seconds) * ONE < i128::from(self.seconds) * i128::from(floor.parts())
    }

    /// Seconds in which nothing was measured.
    pub const fn gap_seconds(self) -> i64 {
        self.seconds - self.measured_seconds
    }
}
