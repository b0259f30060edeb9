//! Calendar periods and recurring exclusions: from declarations in local time to bounds in UTC.
//!
//! Zones come from the database that is compiled in, never from the machine, and nothing reads a clock. Every function
//! but the two checks is total: what the checks refuse gets a defined answer here, too.
//!
//! **Local times.** A local time that the zone's clocks skip moves forward by the length of the gap (02:30 becomes
//! 03:30 where 02:00 jumps to 03:00; a day skipped at the date line becomes the next one). One that happens twice is
//! the first of the two. So the bounds of consecutive periods never run backwards, and meet.
//!
//! The database lists changes of clocks up to 2099; later years keep each zone's last offset.

mod label;
mod local;
mod occurrence;
mod period;
mod rule;
#[cfg(test)]
mod tests;

use crate::exclusion::When;
use crate::window::{CalendarWindow, LocalTime};

pub use label::label;
pub use local::{Local, local};
pub use occurrence::{MAX_OCCURRENCES, Occurrences, occurrences, occurrences_up_to_limit};
pub use period::{closed_period, neighbour, period};

use local::{Zone, is_valid};
use rule::Rule;

/// An exclusion that holds longer than this at a time (366 days) is a mistake; it also bounds how far back a question
/// about occurrences looks.
pub const MAX_OCCURRENCE_SECONDS: u32 = 366 * 86_400;

/// Why a window or an exclusion cannot be placed in time. Texts are for people who write configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// No such zone in the database; names are case-sensitive.
    #[error("`{0}` is no IANA time zone such as Europe/Paris")]
    UnknownZone(String),
    /// A field is out of range, or the month has no such day.
    #[error("{0} is no date and time of the calendar from 1970 on")]
    BadLocalTime(String),
    /// A window of no units.
    #[error("a calendar window has at least one unit")]
    NoUnits,
    /// An exclusion that ends when or before it begins.
    #[error("an exclusion ends after it begins")]
    EmptyStretch,
    /// An occurrence longer than `MAX_OCCURRENCE_SECONDS`.
    #[error("an occurrence of {0} s is longer than 366 days")]
    TooLong(u32),
    /// A rule that RFC 5545 or this program does not allow.
    #[error("recurrence rule `{rule}`: {message}")]
    BadRule {
        /// As written, cut to a readable length.
        rule: String,
        /// What is wrong with it.
        message: String,
    },
    /// A rule that recurs more often than once a day.
    #[error("recurrence rule `{rule}`: {part} recurs more often than daily; DAILY is the most frequent")]
    TooFrequent {
        /// As written, cut to a readable length.
        rule: String,
        /// The part that does, e.g. `FREQ=HOURLY`.
        part: String,
    },
    /// A rule without a single occurrence, e.g. every 30th of February, or until before its start.
    #[error("recurrence rule `{rule}` never occurs from its start on")]
    NeverOccurs {
        /// As written, cut to a readable length.
        rule: String,
    },
}

/// Whether a window can be placed in time: its zone is known, its start exists in the calendar, it has units. A start
/// that the zone's clocks skip is allowed and moves forward.
pub fn check_window(window: &CalendarWindow) -> Result<(), CalendarError> {
    check_place(&window.zone, window.start)?;
    if window.count == 0 { Err(CalendarError::NoUnits) } else { Ok(()) }
}

/// Whether an exclusion can be placed in time: neither empty nor longer than `MAX_OCCURRENCE_SECONDS` each time it
/// recurs, zone and start as in `check_window`, and a rule that is understood and occurs at least once.
pub fn check_when(when: &When) -> Result<(), CalendarError> {
    match when {
        When::Once { from, to } if from < to => Ok(()),
        When::Once { .. } | When::Recurring { seconds: 0, .. } => Err(CalendarError::EmptyStretch),
        When::Recurring { seconds, .. } if *seconds > MAX_OCCURRENCE_SECONDS => {
            Err(CalendarError::TooLong(*seconds))
        }
        When::Recurring { start, zone, rule, .. } => {
            check_place(zone, *start)?;
            occurrence::check(&Rule::parse(rule, *start)?, rule, *start, Zone::named_or_utc(zone))
        }
    }
}

fn check_place(zone: &str, start: LocalTime) -> Result<(), CalendarError> {
    if Zone::named(zone).is_none() {
        return Err(CalendarError::UnknownZone(zone.to_owned()));
    }
    if is_valid(start) {
        return Ok(());
    }
    let LocalTime { year, month, day, hour, minute, second } = start;
    Err(CalendarError::BadLocalTime(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
    )))
}
