//! The windows that targets are about, as declared. Bounds come from `calendar`, which knows time zones.

use serde::{Deserialize, Serialize};

/// The window of an SLO.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Window {
    /// The last so many seconds, up to the latest data.
    Rolling {
        /// Length, a multiple of 60.
        seconds: u32,
    },
    /// Periods of the calendar, one after the other.
    Calendar(CalendarWindow),
}

impl Window {
    /// Length in seconds: exact of a rolling window; of a calendar one that of a usual period (day 24 h, month 30 d,
    /// quarter 91 d, year 365 d), for choosing scales only.
    pub const fn usual_seconds(&self) -> i64 {
        match self {
            Self::Rolling { seconds } => *seconds as i64,
            Self::Calendar(calendar) => calendar.count as i64 * calendar.unit.usual_days() * 86_400,
        }
    }

    /// Whether its periods are those of a calendar.
    pub const fn is_calendar(&self) -> bool {
        matches!(self, Self::Calendar(_))
    }
}

/// Periods of `count` units, one after the other in both directions from a local start time in a zone: period `k`
/// begins at `start` + k x count units in the local calendar, is start inclusive and end exclusive, and is 23 or 25
/// hours long where the zone's clocks change. A day that a month does not have is clamped to its last one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarWindow {
    /// How many units a period has, at least 1.
    pub count: u32,
    /// The unit.
    pub unit: CalendarUnit,
    /// The first second of one of the periods, by the clocks of the zone.
    pub start: LocalTime,
    /// IANA name of the zone, e.g. `Europe/Paris`.
    pub zone: String,
}

/// A unit of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarUnit {
    /// From midnight to midnight, or from start time to start time.
    Day,
    /// Seven days.
    Week,
    /// A calendar month.
    Month,
    /// Three months.
    Quarter,
    /// Twelve months.
    Year,
}

impl CalendarUnit {
    /// Days of a usual one.
    const fn usual_days(self) -> i64 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 91,
            Self::Year => 365,
        }
    }

    /// The word, in the singular.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }
}

/// A date and time of day without a zone; validated where it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LocalTime {
    /// Year, 1970 to 9999.
    pub year: i16,
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
