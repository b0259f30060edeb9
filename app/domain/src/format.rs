//! Numbers for people: the same strings on server and client, rounded against us, and `—` for unknown.
//!
//! SLI and remaining go down, consumed and burn go up; nothing but a flawless window reads 100 %. Decimal digits come
//! from integers or from the shortest decimal of an `f64`, never from float arithmetic, so 0.9995 is 99.95 %.

use crate::count::Count;
use crate::ratio::Target;
use crate::time::{Civil, Instant};

/// What stands for an unknown figure.
pub const UNKNOWN: &str = "—";

/// Digits after the point for an SLI against `target`: one more than the target itself has in percent.
pub fn decimals(target: Target) -> usize {
    target.percent().split_once('.').map_or(0, |(_, fraction)| fraction.len()) + 1
}

/// good / total in percent, rounded down, with [`decimals`] of the target, e.g. `99.947 %`; `100 %` only if all were
/// good, `—` without events.
pub fn sli_percent(good: Option<Count>, total: Option<Count>, target: Target) -> String {
    let (Some(good), Some(total)) = (good, total.filter(|total| !total.is_zero())) else {
        return UNKNOWN.to_owned();
    };
    let places = decimals(target);
    let scale = 10_u128.pow(u32::try_from(places).unwrap_or(0));
    // Counts are below 2^64 x 10^9, so the product stays below 2^128.
    let scaled = (good.min(total).parts()).saturating_mul(100 * scale) / total.parts();
    percent_text(false, scaled, places)
}

/// A ratio in percent, rounded down (towards minus infinity), e.g. `21.3 %` or `−100 %`.
pub fn percent_down(ratio: Option<f64>, decimals: usize) -> String {
    percent(ratio, decimals, false)
}

/// A ratio in percent, rounded up (towards plus infinity).
pub fn percent_up(ratio: Option<f64>, decimals: usize) -> String {
    percent(ratio, decimals, true)
}

/// Digits after the point of consumed and remaining budget.
pub const BUDGET_DECIMALS: usize = 1;

/// Remaining budget, rounded down: `21.3 %`.
pub fn remaining(ratio: Option<f64>) -> String {
    percent_down(ratio, BUDGET_DECIMALS)
}

/// Consumed budget, rounded up: `78.8 %`.
pub fn consumed(ratio: Option<f64>) -> String {
    percent_up(ratio, BUDGET_DECIMALS)
}

/// A number of events, rounded down to three decimals, without trailing zeros: `1,000` or `0.432`.
pub fn events_down(events: f64) -> String {
    let Some((negative, thousandths)) = scaled(events, 3, false) else {
        return UNKNOWN.to_owned();
    };
    fixed(negative, thousandths, 3).trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A burn rate rounded up to a tenth, e.g. `6.2×`.
pub fn burn(rate: Option<f64>) -> String {
    match rate.and_then(|rate| scaled(rate, 1, true)) {
        Some((negative, tenths)) => format!("{}×", fixed(negative, tenths, 1)),
        None => UNKNOWN.to_owned(),
    }
}

fn percent(ratio: Option<f64>, decimals: usize, up: bool) -> String {
    match ratio.and_then(|ratio| scaled(ratio, decimals + 2, up)) {
        Some((negative, scaled)) => percent_text(negative, scaled, decimals),
        None => UNKNOWN.to_owned(),
    }
}

/// Exactly 0 %, 100 % and further hundreds are written without a fraction.
fn percent_text(negative: bool, scaled: u128, places: usize) -> String {
    let one = 10_u128.saturating_pow(u32::try_from(places).unwrap_or(u32::MAX));
    if scaled.is_multiple_of(one) && (scaled / one).is_multiple_of(100) {
        return format!("{} %", fixed(negative, scaled / one, 0));
    }
    format!("{} %", fixed(negative, scaled, places))
}

/// `value` x 10^`places` as sign and whole magnitude, rounded up or down; none for what is no finite number.
fn scaled(value: f64, places: usize, up: bool) -> Option<(bool, u128)> {
    if !value.is_finite() {
        return None;
    }
    let negative = value < 0.0;
    // `Display` of an f64 is its shortest decimal, without an exponent.
    let text = value.abs().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let kept: String = fraction.chars().chain(std::iter::repeat('0')).take(places).collect();
    let rest_is_zero = fraction.bytes().skip(places).all(|digit| digit == b'0');
    let magnitude = format!("{whole}{kept}").parse::<u128>().unwrap_or(u128::MAX);
    let away_from_zero = !rest_is_zero && up != negative;
    let magnitude = if away_from_zero { magnitude.saturating_add(1) } else { magnitude };
    Some((negative && magnitude != 0, magnitude))
}

fn fixed(negative: bool, scaled: u128, places: usize) -> String {
    let sign = if negative { "−" } else { "" };
    if places == 0 {
        return format!("{sign}{}", separated(scaled));
    }
    let one = 10_u128.saturating_pow(u32::try_from(places).unwrap_or(u32::MAX));
    format!("{sign}{}.{:0places$}", separated(scaled / one), scaled % one)
}

/// A count with separators, e.g. `1,000,000`, or of slices counted by their ratio `1,439.5`; `—` if unknown.
pub fn counted(count: Option<Count>) -> String {
    let Some(count) = count else { return UNKNOWN.to_owned() };
    let text = count.to_string();
    let (_, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let whole = separated(u128::from(count.floor()));
    if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") }
}

/// A count with separators, e.g. `1,000,000`.
pub fn count(count: u64) -> String {
    separated(u128::from(count))
}

fn separated(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A length of time in its two largest units, rounded down: `43 min 12 s`, `2 h 5 min`, `3 d 4 h`; from ten days on
/// in days.
pub fn duration(seconds: i64) -> String {
    let sign = if seconds < 0 { "−" } else { "" };
    let seconds = seconds.unsigned_abs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let two = |large: u64, large_unit: &str, small: u64, small_unit: &str| {
        if small == 0 {
            format!("{sign}{large} {large_unit}")
        } else {
            format!("{sign}{large} {large_unit} {small} {small_unit}")
        }
    };
    match (days, hours, minutes) {
        (10.., ..) => format!("{sign}{} d", count(days)),
        (1.., ..) => two(days, "d", hours, "h"),
        (0, 1.., _) => two(hours, "h", minutes, "min"),
        (0, 0, 1..) => two(minutes, "min", seconds % 60, "s"),
        _ => format!("{sign}{seconds} s"),
    }
}

/// The age of data, e.g. `8 s`, `2 h 23 min`; `—` if there are none. What is from the future is `0 s` old.
pub fn age(seconds: Option<i64>) -> String {
    seconds.map_or_else(|| UNKNOWN.to_owned(), |seconds| duration(seconds.max(0)))
}

/// Day and time in UTC: `23 Nov 14:05 UTC`.
pub fn clock(at: Instant) -> String {
    let Civil { hour, minute, .. } = at.civil();
    format!("{} {hour:02}:{minute:02} UTC", date(at))
}

/// Day in UTC: `23 Nov`.
pub fn date(at: Instant) -> String {
    let Civil { day, month, .. } = at.civil();
    format!("{day} {}", month_name(month))
}

/// Day and year in UTC: `23 Nov 2026`.
pub fn date_year(at: Instant) -> String {
    format!("{} {}", date(at), at.civil().year)
}

/// Time of day in UTC to the second: `14:05:07`.
pub fn time_of_day(at: Instant) -> String {
    let Civil { hour, minute, second, .. } = at.civil();
    format!("{hour:02}:{minute:02}:{second:02}")
}

fn month_name(month: u8) -> &'static str {
    const NAMES: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    NAMES.get(usize::from(month).wrapping_sub(1)).copied().unwrap_or(UNKNOWN)
}

#[cfg(test)]
mod tests;
