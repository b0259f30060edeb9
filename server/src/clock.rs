//! The one place that asks the machine what time it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::Instant;

/// The machine's wall clock, in whole seconds, rounded down.
pub fn now() -> Instant {
    Instant::from_unix(i64::try_from(since_epoch().as_secs()).unwrap_or(i64::MAX))
}

/// Time since 1970 with fractions, for schedules.
#[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is told to use")]
pub fn since_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
