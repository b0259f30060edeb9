//! Instants as whole seconds since 1970-01-01T00:00:00Z, and their RFC 3339 text.
//!
//! Time is always a parameter: nothing in this package asks what time it is. Only UTC lives here; the client links
//! no time zones. Calendar arithmetic is the proleptic Gregorian one of Howard Hinnant's `days_from_civil`.

use std::fmt;
use std::ops::{Add, Sub};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time, in whole seconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(i64);

/// A calendar date and wall-clock time in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// Year, e.g. 2026.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59.
    pub second: u8,
}

/// A text that is no RFC 3339 instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no RFC 3339 instant such as 2026-10-01T00:00:00Z")]
pub struct InstantError(pub String);

const DAY_SECONDS: i64 = 86_400;
/// Years outside 0001 to 9999 have no RFC 3339 text.
const MIN_SECONDS: i64 = -62_135_596_800;
const MAX_SECONDS: i64 = 253_402_300_799;

impl Instant {
    /// From seconds since 1970, clamped to the years that RFC 3339 can write.
    pub const fn from_unix(seconds: i64) -> Self {
        if seconds < MIN_SECONDS {
            Self(MIN_SECONDS)
        } else if seconds > MAX_SECONDS {
            Self(MAX_SECONDS)
        } else {
            Self(seconds)
        }
    }

    /// Seconds since 1970.
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// The latest multiple of `step_seconds` (counted from 1970) that is not after this instant.
    #[must_use]
    pub const fn floor_to(self, step_seconds: i64) -> Self {
        if step_seconds <= 0 {
            return self;
        }
        Self::from_unix(self.0 - self.0.rem_euclid(step_seconds))
    }

    /// The earliest multiple of `step_seconds` (counted from 1970) that is not before this instant.
    #[must_use]
    pub const fn ceil_to(self, step_seconds: i64) -> Self {
        if step_seconds <= 0 {
            return self;
        }
        let over = self.0.rem_euclid(step_seconds);
        if over == 0 { self } else { Self::from_unix(self.0 + step_seconds - over) }
    }

    /// Seconds from `earlier` to this instant; negative if it is later.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// Calendar date and time in UTC.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "each field is in its calendar range"
    )]
    pub const fn civil(self) -> Civil {
        let days = self.0.div_euclid(DAY_SECONDS);
        let rest = self.0.rem_euclid(DAY_SECONDS);
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_index = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_index + 2) / 5 + 1;
        let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        Civil {
            year,
            month: month as u8,
            day: day as u8,
            hour: (rest / 3_600) as u8,
            minute: (rest / 60 % 60) as u8,
            second: (rest % 60) as u8,
        }
    }

    /// Reads RFC 3339, any offset; a fraction of a second is dropped (floored).
    pub fn parse(text: &str) -> Result<Self, InstantError> {
        parse(text).ok_or_else(|| InstantError(text.to_owned()))
    }
}

impl Add<i64> for Instant {
    type Output = Self;
    fn add(self, seconds: i64) -> Self {
        Self::from_unix(self.0.saturating_add(seconds))
    }
}

impl Sub<i64> for Instant {
    type Output = Self;
    fn sub(self, seconds: i64) -> Self {
        Self::from_unix(self.0.saturating_sub(seconds))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day, hour, minute, second } = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// Seconds since 1970 of a UTC date and time whose fields are in range.
fn unix_from_civil(year: i64, month: i64, day: i64, seconds_of_day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era - 719_468) * DAY_SECONDS + seconds_of_day
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
        2 => 28,
        _ => 31,
    }
}

fn parse(text: &str) -> Option<Instant> {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| -> Option<i64> {
        let part = bytes.get(from..to)?;
        part.iter().try_fold(0_i64, |sum, b| b.is_ascii_digit().then(|| sum * 10 + i64::from(b - b'0')))
    };
    let is = |at: usize, allowed: &[u8]| bytes.get(at).is_some_and(|b| allowed.contains(b));
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let (hour, minute, second) = (digits(11, 13)?, digits(14, 16)?, digits(17, 19)?);
    let separated = is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":");
    let in_range = year >= 1
        && (1..=12).contains(&month)
        && day >= 1
        && day <= days_in_month(year, month)
        && hour <= 23
        && minute <= 59
        && second <= 60;
    if !separated || !in_range {
        return None;
    }
    let mut rest = bytes.get(19..)?;
    if rest.first() == Some(&b'.') {
        let fraction = rest.iter().skip(1).take_while(|b| b.is_ascii_digit()).count();
        if fraction == 0 {
            return None;
        }
        rest = rest.get(1 + fraction..)?;
    }
    let offset_seconds = match rest {
        b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), ..] if rest.len() == 6 && rest.get(3) == Some(&b':') => {
            let start = bytes.len() - 6;
            let (hours, minutes) = (digits(start + 1, start + 3)?, digits(start + 4, start + 6)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let size = hours * 3_600 + minutes * 60;
            if *sign == b'-' { -size } else { size }
        }
        _ => return None,
    };
    // A leap second (":60") has no place of its own in Unix time; it counts as the second before.
    let seconds_of_day = hour * 3_600 + minute * 60 + second.min(59);
    let unix = unix_from_civil(year, month, day, seconds_of_day) - offset_seconds;
    (MIN_SECONDS..=MAX_SECONDS).contains(&unix).then_some(Instant(unix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_offsets_fractions_and_refuses_impossible_dates() {
        assert_eq!(Instant::parse("1970-01-01T00:00:00Z"), Ok(Instant(0)));
        assert_eq!(
            Instant::parse("2026-11-23T10:00:00.999+02:00").unwrap().to_string(),
            "2026-11-23T08:00:00Z"
        );
        assert_eq!(Instant::parse("2024-02-29t23:59:60z").unwrap().to_string(), "2024-02-29T23:59:59Z");
        for bad in [
            "2026-02-29T00:00:00Z",
            "2026-01-01",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00",
            "",
            "2026-01-01T00:00:00.Z",
        ] {
            assert!(Instant::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn floor_and_ceil_go_the_right_way_before_1970() {
        assert_eq!(Instant(-1).floor_to(60), Instant(-60));
        assert_eq!(Instant(-1).ceil_to(60), Instant(0));
        assert_eq!(Instant(60).ceil_to(60), Instant(60));
    }

    proptest! {
        #[test]
        fn text_and_instant_are_inverse(unix in MIN_SECONDS..=MAX_SECONDS) {
            let at = Instant(unix);
            prop_assert_eq!(Instant::parse(&at.to_string()), Ok(at));
        }
    }
}
