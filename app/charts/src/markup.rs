//! The little that all markup here is made of: integers, percentages of a ten-thousandth, escaped text.
//!
//! No float is ever formatted, so that the bytes cannot differ between platforms.

use std::fmt::Write as _;

/// Units along each side of the abstract square: more than the widest screen has pixels.
pub(crate) const SIDE: i32 = 10_000;

/// Appends `value` as decimal digits.
pub(crate) fn push_integer(out: &mut String, value: i64) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{value}");
}

/// Units of [`SIDE`] as a percentage such as `12.5%`.
pub(crate) fn percent(units: i32) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let magnitude = units.unsigned_abs();
    let (whole, hundredths) = (magnitude / 100, magnitude % 100);
    match (hundredths, hundredths % 10) {
        (0, _) => format!("{sign}{whole}%"),
        (_, 0) => format!("{sign}{whole}.{}%", hundredths / 10),
        _ => format!("{sign}{whole}.{hundredths:02}%"),
    }
}

/// A fraction of a side in units, held inside the square; a fraction that is no number is 0.
#[expect(clippy::cast_possible_truncation, reason = "held between 0 and SIDE")]
pub(crate) fn units(fraction: f64) -> i32 {
    (fraction.clamp(0.0, 1.0) * f64::from(SIDE)).round() as i32
}

/// Text as the content of an element or of an attribute.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_exact_and_short() {
        assert_eq!(percent(0), "0%");
        assert_eq!(percent(1), "0.01%");
        assert_eq!(percent(1_250), "12.5%");
        assert_eq!(percent(10_000), "100%");
        assert_eq!(percent(-205), "-2.05%");
    }

    #[test]
    fn units_stay_inside() {
        assert_eq!([units(-1.0), units(0.5), units(7.0), units(f64::NAN)], [0, 5_000, 10_000, 0]);
    }

    #[test]
    fn markup_in_text_is_harmless() {
        assert_eq!(escape("<a b=\"c\">&'"), "&lt;a b=&quot;c&quot;&gt;&amp;&#39;");
    }
}
