//! Zones and wall clocks: an instant to the time that a zone's clocks show, and back.
//!
//! Invariant: both directions are total, and from wall clock to instant later never becomes earlier.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeZone, Timelike};
use chrono_tz::{GapInfo, Tz};

use crate::time::Instant;
use crate::window::LocalTime;

pub(super) const DAY_SECONDS: i64 = 86_400;
/// Days from 0001-01-01, which is day 1, to 1970-01-01.
const EPOCH_DAY: i64 = 719_163;
/// Wall clocks are kept within some 12,000 years of 1970: outside all instants, inside what dates can be computed for.
const WALL_LIMIT_SECONDS: i64 = 12_000 * 366 * DAY_SECONDS;
/// Likewise, in months since the year 0.
const MONTH_LIMITS: (i64, i64) = (-12, 10_001 * 12);

/// What the clocks of a zone show at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Local {
    /// Date and time of day.
    pub time: LocalTime,
    /// Seconds that the clocks are ahead of UTC; negative west of it.
    pub offset_seconds: i32,
}

/// What the clocks of a zone show at an instant; none if there is no such zone.
pub fn local(zone: &str, at: Instant) -> Option<Local> {
    let zone = Zone::named(zone)?;
    let offset = zone.offset_seconds(at.unix());
    let time = Wall(at.unix() + i64::from(offset)).local_time();
    Some(Local { time, offset_seconds: offset })
}

/// A zone of the compiled-in database.
#[derive(Debug, Clone, Copy)]
pub(super) struct Zone(Tz);

impl Zone {
    pub(super) fn named(name: &str) -> Option<Self> {
        name.parse().ok().map(Self)
    }

    /// Unknown names are refused where configuration is read; a figure in UTC is then the least surprise.
    pub(super) fn named_or_utc(name: &str) -> Self {
        Self::named(name).unwrap_or(Self(Tz::UTC))
    }

    /// Seconds ahead of UTC at a Unix time.
    pub(super) fn offset_seconds(self, unix: i64) -> i32 {
        self.0.offset_from_utc_datetime(&naive(unix)).fix().local_minus_utc()
    }

    pub(super) fn wall(self, unix: i64) -> Wall {
        Wall(unix + i64::from(self.offset_seconds(unix)))
    }

    /// The Unix time at which the clocks show `wall`: the first if they do so twice; if they skip it, as if they had
    /// not been put forward yet, which is later by the gap.
    pub(super) fn unix(self, wall: Wall) -> i64 {
        let shown = naive(wall.0);
        let offset = self.0.offset_from_local_datetime(&shown).earliest().or_else(|| {
            let gap = GapInfo::new(&shown, &self.0)?;
            gap.begin.map(|(_, before)| before)
        });
        wall.0 - offset.map_or(0, |offset| i64::from(offset.fix().local_minus_utc()))
    }
}

/// What a clock shows, as the seconds since 1970 that it would be in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wall(pub(super) i64);

impl Wall {
    /// Fields out of range are clamped.
    pub(super) fn of(time: LocalTime) -> Self {
        let month = month_number(i64::from(time.year), i64::from(time.month.clamp(1, 12)));
        Self::in_month(month, u32::from(time.day.max(1)), seconds_of_day(time))
    }

    /// A day of a month, clamped to its last.
    pub(super) fn in_month(month: i64, day: u32, seconds_of_day: i64) -> Self {
        let month = month.clamp(MONTH_LIMITS.0, MONTH_LIMITS.1);
        let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
        let date = i32::try_from(year).ok().zip(u32::try_from(month).ok()).and_then(|(year, month)| {
            NaiveDate::from_ymd_opt(year, month, day.min(days_in_month(year, month)))
        });
        let days = date.map_or(0, |date| i64::from(date.num_days_from_ce()) - EPOCH_DAY);
        Self(days * DAY_SECONDS + seconds_of_day)
    }

    /// Later by so many seconds, within the limits of what can be computed.
    pub(super) fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds).clamp(-WALL_LIMIT_SECONDS, WALL_LIMIT_SECONDS))
    }

    pub(super) fn naive(self) -> NaiveDateTime {
        naive(self.0)
    }

    /// Number of its month.
    pub(super) fn month(self) -> i64 {
        let date = naive(self.0);
        month_number(i64::from(date.year()), i64::from(date.month()))
    }

    pub(super) fn seconds_of_day(self) -> i64 {
        self.0.rem_euclid(DAY_SECONDS)
    }

    fn local_time(self) -> LocalTime {
        let shown = naive(self.0);
        let small = |field: u32| u8::try_from(field).unwrap_or(u8::MAX);
        LocalTime {
            year: i16::try_from(shown.year()).unwrap_or(i16::MAX),
            month: small(shown.month()),
            day: small(shown.day()),
            hour: small(shown.hour()),
            minute: small(shown.minute()),
            second: small(shown.second()),
        }
    }
}

/// Whether every field is in its documented range and the month has the day.
pub(super) fn is_valid(time: LocalTime) -> bool {
    (1970..=9999).contains(&time.year)
        && time.hour < 24
        && time.minute < 60
        && time.second < 60
        && NaiveDate::from_ymd_opt(i32::from(time.year), u32::from(time.month), u32::from(time.day)).is_some()
}

fn seconds_of_day(time: LocalTime) -> i64 {
    let (hour, minute, second) = (time.hour.min(23), time.minute.min(59), time.second.min(59));
    i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second)
}

/// Months since January of the year 0.
const fn month_number(year: i64, month: i64) -> i64 {
    year * 12 + month - 1
}

const fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
        2 => 28,
        _ => 31,
    }
}

/// The fallback, 1970, is for times that walls and instants are clamped away from.
fn naive(seconds: i64) -> NaiveDateTime {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default().naive_utc()
}
