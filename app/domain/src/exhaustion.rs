//! When an error budget will be gone at the present rate.
//!
//! In units of seconds of neutral spending (at which the budget lasts exactly one window), with consumed ratio `c`,
//! burn rate `b` over the last six hours, and an effective window of `E` out of `W` nominal seconds:
//!
//! - left now: `(1 - c) x E`.
//! - While a rolling window is not full, for the next `F = W - E` seconds, nothing falls out of it, but traffic earns
//!   new budget at the neutral rate, so it is spent at `b - 1`. If that is enough: `(1 - c) x E / (b - 1)`.
//! - Once it is full, what falls out gives back at the window's average rate, `c' = (c x E + b x F) / W`, so it is
//!   spent at `b - c' = (b - c) x E / W`: `F + ((1 - c) x E - (b - 1) x F) x W / ((b - c) x E)`.
//! - A running period has its projected budget from the start, and nothing is given back. What is left lasts for
//!   `(1 - c) x N / b` of the `N` events that the period is expected to bring, and these come at the rate of its rest,
//!   `X` in `R` seconds: `(1 - c) x N x R / (X x b)`. Projected linearly, `N x R / X` is `P`, the period's seconds.
//!   With the mean rate of the whole period instead, a budget that outlives a quiet rest would be called exhausted.
//!
//! For a full rolling window that is remaining / (6-hour spend rate - the window's average spend rate), and it ends
//! inside the window exactly if `b > 1`. Rates are burn rates, not bad events per second, so that a daily peak in
//! traffic with the usual share of errors is no alarm. Never: nothing left, `b <= c`, or too little data.

use std::cmp::Ordering;

use crate::budget::Budget;
use crate::ratio::compare_products;

/// A date further off than a hundred years is none.
const MAX_SECONDS: f64 = 100.0 * 365.25 * 86_400.0;

/// Seconds, to the nearest, until the budget of a rolling window is gone; none if never.
///
/// `effective_seconds` of the `window_seconds` are measured or lie between measurements; `recent` is what the last six
/// hours spent.
pub fn rolling(budget: Budget, recent: Budget, effective_seconds: i64, window_seconds: i64) -> Option<i64> {
    let faster =
        compare_products(recent.bad.into(), budget.total.into(), budget.bad.into(), recent.total.into());
    if budget.is_spent() || faster != Ordering::Greater || effective_seconds <= 0 {
        return None;
    }
    let (left, spent, burn) = (budget.remaining()?, budget.consumed()?, recent.consumed()?);
    let (effective, window) = (seconds(effective_seconds), seconds(window_seconds.max(effective_seconds)));
    let filling = window - effective;
    let left_seconds = left * effective;
    let while_filling = left_seconds / (burn - 1.0);
    let total = if burn > 1.0 && while_filling <= filling {
        while_filling
    } else {
        filling + (left_seconds - (burn - 1.0) * filling) * window / ((burn - spent) * effective)
    };
    rounded(total)
}

/// Seconds, to the nearest, until the projected budget of a running period is gone, of which all would last for
/// `neutral_seconds` at a burn rate of 1 and the traffic that is to come.
pub fn running(projected: Budget, recent: Budget, neutral_seconds: f64) -> Option<i64> {
    if projected.is_spent() || recent.bad == 0 {
        return None;
    }
    rounded(projected.remaining()? * neutral_seconds / recent.consumed()?)
}

fn rounded(total: f64) -> Option<i64> {
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
