//! When an error budget will be gone at the present rate.
//!
//! In units of seconds of neutral spending (at which the budget lasts exactly one window), with consumed ratio `c`,
//! burn rate `b` over the last six hours, and an effective window of `E` out of `W` nominal seconds:
//!
//! - left now: `(1 - c) x E`.
//! - While the window is not full, for the next `F = W - E` seconds, nothing falls out of it, but traffic earns new
//!   budget at the neutral rate, so it is spent at `b - 1`. If that is enough: `(1 - c) x E / (b - 1)`.
//! - Once it is full, what falls out gives back at the window's average rate, `c' = (c x E + b x F) / W`, so it is
//!   spent at `b - c' = (b - c) x E / W`: `F + ((1 - c) x E - (b - 1) x F) x W / ((b - c) x E)`.
//!
//! For a full window that is remaining / (6-hour spend rate - the window's average spend rate), and it ends inside the
//! window exactly if `b > 1`. Rates are burn rates, not bad events per second, so that a daily peak in traffic with
//! the usual share of errors is no alarm. Never: nothing left, `b <= c`, or too little data in the six hours.

use crate::budget::Budget;
use crate::burn::LookBack;
use crate::ratio::Target;

/// A date further off than a hundred years is none.
const MAX_SECONDS: f64 = 100.0 * 365.25 * 86_400.0;

/// Seconds, to the nearest, until the budget is gone; none if never.
///
/// `effective_seconds` of the `window_seconds` are measured or lie between measurements.
pub fn seconds_left(
    budget: Budget,
    recent: &LookBack,
    floor: Target,
    effective_seconds: i64,
    window_seconds: i64,
) -> Option<i64> {
    let burning = recent.budget(budget.target);
    let faster = u128::from(burning.bad) * u128::from(budget.total)
        > u128::from(budget.bad) * u128::from(burning.total);
    if budget.is_spent() || recent.is_thin(floor) || !faster || effective_seconds <= 0 {
        return None;
    }
    let (left, spent, burn) = (budget.remaining()?, budget.consumed()?, burning.consumed()?);
    let (effective, window) = (seconds(effective_seconds), seconds(window_seconds.max(effective_seconds)));
    let filling = window - effective;
    let left_seconds = left * effective;
    let while_filling = left_seconds / (burn - 1.0);
    let total = if burn > 1.0 && while_filling <= filling {
        while_filling
    } else {
        filling + (left_seconds - (burn - 1.0) * filling) * window / ((burn - spent) * effective)
    };
    if !(0.0..=MAX_SECONDS).contains(&total) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "within a hundred years, as just checked")]
    let rounded = total.round() as i64;
    Some(rounded)
}

#[expect(clippy::cast_precision_loss, reason = "windows are far shorter than 2^53 seconds")]
fn seconds(whole: i64) -> f64 {
    whole as f64
}
