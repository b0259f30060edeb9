//! A change as the query of an address, e.g.
//! `target=99.5&window=7d&method=Timeslices&slice=5m&slice-target=95` or
//! `window=2week&zone=Europe/Paris&start=2024-01-01T00:00:00`.
//!
//! Writing is total and reading gives back what was written. Other keys of the address are passed over, and a key
//! without a value (a field of a form that was left blank) is as good as none.

use std::fmt::Write as _;

use super::Change;
use crate::estate::{CalendarUnit, CalendarWindow, LocalTime, Method, Window};
use crate::ratio::Target;

/// A longer query is no change; the longest that is written has a fraction of this.
pub const MAX_QUERY_BYTES: usize = 4_096;

/// Where a calendar window begins that says nothing about it: a Monday, and the first day of a month and a year.
const ANCHOR: LocalTime = LocalTime { year: 2024, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
const UNITS: [CalendarUnit; 5] =
    [CalendarUnit::Day, CalendarUnit::Week, CalendarUnit::Month, CalendarUnit::Quarter, CalendarUnit::Year];
/// From long to short, so that a length is written in the longest unit that divides it; weeks are read only.
const LENGTHS: [(&str, u32); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
const WEEK: (&str, u32) = ("w", 604_800);

/// Why a query is no change. Texts are for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Longer than `MAX_QUERY_BYTES`.
    #[error("the address is too long")]
    TooLong,
    /// A key is given more than once.
    #[error("`{0}` is given twice")]
    Twice(String),
    /// Percent signs that do not stand for UTF-8.
    #[error("`{0}` is not well encoded")]
    Encoding(String),
    /// Not above 0 and up to 100, or too fine.
    #[error(
        "`{key}` is `{value}`, which is no percentage above 0 and up to 100 with at most 7 decimal places"
    )]
    Target {
        /// `target` or `slice-target`.
        key: &'static str,
        /// As given.
        value: String,
    },
    /// No length of time.
    #[error("`slice` is `{0}`, which is no length of time such as `60s`, `5m` or `1h`")]
    Slice(String),
    /// Neither a length of time nor periods of the calendar.
    #[error(
        "`window` is `{0}`, which is neither a length of time such as `30d` nor `day`, `week`, `month`, `quarter`, `year` or several such as `2week`"
    )]
    Window(String),
    /// Not one of the three.
    #[error("`method` is `{0}`, which is none of `Occurrences`, `Timeslices` and `RatioTimeslices`")]
    Method(String),
    /// No date and time.
    #[error("`start` is `{0}`, which is no local time such as `2024-01-01T00:00:00`")]
    Start(String),
}

impl Change {
    /// The query without a leading `?`; empty if nothing changes. Total.
    pub fn to_query(&self) -> String {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        pairs.extend(self.target.map(|target| ("target", target.percent())));
        match &self.window {
            Some(Window::Rolling { seconds }) => pairs.push(("window", length(*seconds))),
            Some(Window::Calendar(CalendarWindow { count, unit, start, zone })) => {
                let count = if *count == 1 { String::new() } else { count.to_string() };
                pairs.push(("window", format!("{count}{}", unit.word())));
                pairs.push(("zone", zone.clone()));
                pairs.push(("start", local(*start)));
            }
            None => {}
        }
        pairs.extend(self.method.map(|method| ("method", method.name().to_owned())));
        pairs.extend(self.slice_seconds.map(|seconds| ("slice", length(seconds))));
        pairs.extend(self.slice_target.map(|target| ("slice-target", target.percent())));
        let pairs: Vec<String> =
            pairs.iter().map(|(key, value)| format!("{key}={}", encoded(value))).collect();
        pairs.join("&")
    }

    /// Reads a query, with or without its `?`. A calendar window without a zone is that of UTC, one without a start
    /// begins at 2024-01-01, a Monday; without a calendar window both are passed over.
    pub fn from_query(query: &str) -> Result<Self, QueryError> {
        if query.len() > MAX_QUERY_BYTES {
            return Err(QueryError::TooLong);
        }
        let pairs: Vec<(&str, &str)> = query
            .trim_start_matches('?')
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .collect();
        let value = |key: &str| -> Result<Option<String>, QueryError> {
            let mut found = pairs.iter().filter(|(its, value)| *its == key && !value.is_empty());
            let Some((_, value)) = found.next() else { return Ok(None) };
            if found.next().is_some() {
                return Err(QueryError::Twice(key.to_owned()));
            }
            decoded(value).map(Some).ok_or_else(|| QueryError::Encoding(key.to_owned()))
        };
        let target = |key: &'static str| {
            let percent = |text: String| {
                let number = text.trim().trim_end_matches('%').trim_end();
                Target::parse_percent(number).map_err(|_| QueryError::Target { key, value: text.clone() })
            };
            value(key)?.map(percent).transpose()
        };
        let slice = |text: String| seconds(&text).ok_or(QueryError::Slice(text));
        let method = |text: String| {
            let all = [Method::Occurrences, Method::Timeslices, Method::RatioTimeslices];
            all.into_iter().find(|method| method.name() == text).ok_or(QueryError::Method(text))
        };
        let start = |text: String| parse_local(&text).ok_or(QueryError::Start(text));
        let window = match value("window")? {
            None => None,
            Some(text) => Some(match (seconds(&text), periods(&text)) {
                (Some(seconds), _) => Window::Rolling { seconds },
                (None, Some((count, unit))) => Window::Calendar(CalendarWindow {
                    count,
                    unit,
                    start: value("start")?.map(start).transpose()?.unwrap_or(ANCHOR),
                    zone: value("zone")?.unwrap_or_else(|| "UTC".to_owned()),
                }),
                (None, None) => return Err(QueryError::Window(text)),
            }),
        };
        Ok(Self {
            target: target("target")?,
            slice_target: target("slice-target")?,
            slice_seconds: value("slice")?.map(slice).transpose()?,
            method: value("method")?.map(method).transpose()?,
            window,
        })
    }
}

/// `7d`, `36h`, `90m` or `1s`.
fn length(seconds: u32) -> String {
    let unit = LENGTHS.into_iter().find(|(_, unit)| seconds > 0 && seconds.is_multiple_of(*unit));
    let (name, unit) = unit.unwrap_or(("s", 1));
    format!("{}{name}", seconds / unit)
}

fn seconds(text: &str) -> Option<u32> {
    let (number, (_, unit)) =
        LENGTHS.into_iter().chain([WEEK]).find_map(|unit| Some((text.strip_suffix(unit.0)?, unit)))?;
    whole(number)?.checked_mul(unit)
}

/// `month`, `2week`.
fn periods(text: &str) -> Option<(u32, CalendarUnit)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, word) = text.split_at_checked(digits)?;
    let unit = UNITS.into_iter().find(|unit| unit.word() == word)?;
    Some((if number.is_empty() { 1 } else { whole(number)? }, unit))
}

fn whole(digits: &str) -> Option<u32> {
    digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn local(time: LocalTime) -> String {
    let LocalTime { year, month, day, hour, minute, second } = time;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

/// As `local` writes it; a space may stand for the `T`. Whether the month has such a day is not asked here.
fn parse_local(text: &str) -> Option<LocalTime> {
    let (date, time) = text.trim().split_once(['T', ' '])?;
    // A year before 0 has a sign, too.
    let (sign, date) = date.strip_prefix('-').map_or((1, date), |date| (-1, date));
    let mut date = date.splitn(3, '-').map(whole);
    let mut time = time.splitn(3, ':').map(whole);
    let year = i32::try_from(date.next()??).ok()?.checked_mul(sign)?;
    let field = |part: Option<Option<u32>>| u8::try_from(part??).ok();
    let (month, day) = (field(date.next())?, field(date.next())?);
    let (hour, minute) = (field(time.next())?, field(time.next())?);
    // A browser's field leaves seconds of zero out.
    let second = match time.next() {
        Some(second) => u8::try_from(second?).ok()?,
        None => 0,
    };
    Some(LocalTime { year: i16::try_from(year).ok()?, month, day, hour, minute, second })
}

/// Percent-encodes what may not stand in a query as it is; `/` and `:` may.
fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// The reverse, with `+` for a space, as forms send it; none if it is not well formed.
fn decoded(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests;
