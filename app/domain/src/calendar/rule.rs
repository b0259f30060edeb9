//! Recurrence rules of RFC 5545, section 3.3.10, as text: what is allowed, and what a rule leaves to its start.
//!
//! Invariants: what passes is daily at the most frequent and bounded in length, interval and count; it names every day
//! that it would otherwise take from its start, so that it means the same from a later start of the same phase. Ranges
//! of numbers are left to the crate that expands it.

use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};
use rrule::{Frequency, RRule, Unvalidated};

use crate::time::Instant;
use crate::window::LocalTime;

use super::CalendarError;
use super::local::Wall;

/// Longest text of a rule: room for every list that makes sense.
const MAX_RULE_BYTES: usize = 500;
/// Largest INTERVAL: a thousand years are enough.
const MAX_INTERVAL: u16 = 1_000;
/// Largest COUNT: a rule that counts is counted from its start at every question. 10,000 days are 27 years.
const MAX_COUNT: u32 = 10_000;
/// How much of a rule an error repeats.
const QUOTED_CHARS: usize = 100;

/// The last moment at which an occurrence may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// By the clocks of the zone.
    Wall(Wall),
    /// Ending in `Z`.
    Instant(Instant),
}

/// A rule that passed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    pub(super) frequency: Frequency,
    pub(super) interval: u16,
    pub(super) counted: bool,
    pub(super) until: Option<Until>,
    /// Without UNTIL, to be validated at a start.
    pub(super) expandable: RRule<Unvalidated>,
}

impl Rule {
    pub(super) fn parse(text: &str, start: LocalTime) -> Result<Self, CalendarError> {
        Parts::read(text)?.rule(text, start)
    }
}

/// An error about a rule, which it quotes.
pub(super) fn bad(text: &str, message: impl Into<String>) -> CalendarError {
    CalendarError::BadRule { rule: quote(text), message: message.into() }
}

/// What the parser found, as a part of a sentence.
fn said(error: &rrule::RRuleError) -> String {
    let text = error.to_string();
    text.trim_start_matches("RRule parsing error: ").trim_end_matches('.').to_owned()
}

pub(super) fn quote(text: &str) -> String {
    let mut quoted: String = text.chars().take(QUOTED_CHARS).collect();
    if quoted.len() < text.len() {
        quoted.push('…');
    }
    quoted
}

/// `NAME=VALUE` pairs in upper case, each name once.
struct Parts(Vec<(String, String)>);

impl Parts {
    fn read(text: &str) -> Result<Self, CalendarError> {
        if text.len() > MAX_RULE_BYTES {
            return Err(bad(text, format!("it is longer than {MAX_RULE_BYTES} bytes")));
        }
        let upper = text.trim().to_ascii_uppercase();
        if upper.contains("DTSTART") {
            return Err(bad(
                text,
                "DTSTART does not belong here: the start and the time zone beside the rule say when it first occurs",
            ));
        }
        let body = upper.strip_prefix("RRULE:").unwrap_or(&upper);
        let mut parts: Vec<(String, String)> = Vec::new();
        for part in body.split(';') {
            let Some((name, value)) = part.split_once('=').filter(|(name, value)| is_plain(name, value))
            else {
                return Err(bad(text, format!("`{}` is not of the form NAME=VALUE", quote(part))));
            };
            if parts.iter().any(|(known, _)| known == name) {
                return Err(bad(text, format!("{name} stands there twice")));
            }
            parts.push((name.to_owned(), value.to_owned()));
        }
        Ok(Self(parts))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn rule(mut self, text: &str, start: LocalTime) -> Result<Rule, CalendarError> {
        let frequency = self.frequency(text)?;
        let interval = self.number(text, "INTERVAL", MAX_INTERVAL)?.unwrap_or(1);
        let counted = self.number(text, "COUNT", MAX_COUNT)?.is_some();
        let until = self.get("UNTIL").map(|value| read_until(text, value)).transpose()?;
        if counted && until.is_some() {
            return Err(bad(text, "COUNT and UNTIL exclude each other"));
        }
        self.check_names(text)?;
        self.check_times(text, start)?;
        self.check_days(text, frequency)?;
        self.name_days(frequency, start);
        self.0.retain(|(name, _)| name != "UNTIL");
        let plain: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let expandable =
            plain.join(";").parse().map_err(|error: rrule::RRuleError| bad(text, said(&error)))?;
        Ok(Rule { frequency, interval, counted, until, expandable })
    }

    fn frequency(&self, text: &str) -> Result<Frequency, CalendarError> {
        match self.get("FREQ") {
            Some("DAILY") => Ok(Frequency::Daily),
            Some("WEEKLY") => Ok(Frequency::Weekly),
            Some("MONTHLY") => Ok(Frequency::Monthly),
            Some("YEARLY") => Ok(Frequency::Yearly),
            Some(value @ ("HOURLY" | "MINUTELY" | "SECONDLY")) => Err(too_frequent(text, "FREQ", value)),
            Some(_) => Err(bad(text, "FREQ is one of DAILY, WEEKLY, MONTHLY and YEARLY")),
            None => Err(bad(text, "FREQ is missing, as in FREQ=WEEKLY")),
        }
    }

    /// A whole number from 1 to `largest`.
    fn number<N>(&self, text: &str, name: &str, largest: N) -> Result<Option<N>, CalendarError>
    where
        N: std::str::FromStr + PartialOrd + From<u8> + std::fmt::Display,
    {
        let Some(value) = self.get(name) else { return Ok(None) };
        let number = value.parse().ok().filter(|number| *number >= N::from(1) && *number <= largest);
        match number {
            Some(number) if value.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Some(number)),
            _ => Err(bad(text, format!("{name} is a whole number from 1 to {largest}"))),
        }
    }

    fn check_names(&self, text: &str) -> Result<(), CalendarError> {
        for (name, _) in &self.0 {
            match name.as_str() {
                "FREQ" | "INTERVAL" | "COUNT" | "UNTIL" | "WKST" | "BYDAY" | "BYMONTHDAY" | "BYMONTH"
                | "BYYEARDAY" | "BYWEEKNO" | "BYSETPOS" | "BYHOUR" | "BYMINUTE" | "BYSECOND" => {}
                _ => return Err(bad(text, format!("{} is not supported", quote(name)))),
            }
        }
        if self.has("BYSETPOS") && !self.names_days() && !self.has("BYMONTH") {
            return Err(bad(text, "BYSETPOS chooses among the days of another BY part, which is missing"));
        }
        Ok(())
    }

    /// The time of day is that of the start. Calendars write it into the rule, too, where it must agree.
    fn check_times(&mut self, text: &str, start: LocalTime) -> Result<(), CalendarError> {
        for (name, of_start) in
            [("BYHOUR", start.hour), ("BYMINUTE", start.minute), ("BYSECOND", start.second)]
        {
            match self.get(name) {
                Some(list) if list.contains(',') => return Err(too_frequent(text, name, list)),
                Some(value) if value.parse() != Ok(of_start) => {
                    return Err(bad(
                        text,
                        format!("{name} is not that of the start, which gives the time of day"),
                    ));
                }
                _ => {}
            }
        }
        self.0.retain(|(name, _)| !matches!(name.as_str(), "BYHOUR" | "BYMINUTE" | "BYSECOND"));
        Ok(())
    }

    /// Which "second Tuesday" is meant must be plain, and the crate would pass over it in silence where it is not.
    fn check_days(&mut self, text: &str, frequency: Frequency) -> Result<(), CalendarError> {
        let numbered = self.get("BYDAY").is_some_and(|days| days.bytes().any(|byte| byte.is_ascii_digit()));
        if numbered && !matches!(frequency, Frequency::Monthly | Frequency::Yearly) {
            return Err(bad(text, "a number in BYDAY needs FREQ=MONTHLY or FREQ=YEARLY"));
        }
        if numbered && self.has("BYWEEKNO") {
            return Err(bad(text, "a number in BYDAY and BYWEEKNO exclude each other"));
        }
        for (name, value) in &mut self.0 {
            if name.starts_with("BY") {
                // "+1" is "1" to the RFC and unknown to the crate.
                let items = value.split(',').map(|item| item.strip_prefix('+').unwrap_or(item));
                *value = items.collect::<Vec<_>>().join(",");
            }
        }
        Ok(())
    }

    fn names_days(&self) -> bool {
        ["BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"].iter().any(|name| self.has(name))
    }

    /// Writes down what the rule takes from its start.
    fn name_days(&mut self, frequency: Frequency, start: LocalTime) {
        let weekday =
            NaiveDate::from_ymd_opt(i32::from(start.year), u32::from(start.month), u32::from(start.day))
                .map_or(Weekday::Mon, |date| date.weekday());
        let weekday: String = weekday.to_string().to_ascii_uppercase().chars().take(2).collect();
        let only_weeks =
            self.has("BYWEEKNO") && !["BYDAY", "BYMONTHDAY", "BYYEARDAY"].iter().any(|name| self.has(name));
        let mut named = Vec::new();
        match frequency {
            // The RFC's reading; others take all seven days of the week.
            Frequency::Yearly if only_weeks => named.push(("BYDAY", weekday)),
            _ if self.names_days() => {}
            Frequency::Weekly => named.push(("BYDAY", weekday)),
            Frequency::Monthly => named.push(("BYMONTHDAY", start.day.to_string())),
            Frequency::Yearly => {
                named.push(("BYMONTHDAY", start.day.to_string()));
                if !self.has("BYMONTH") {
                    named.push(("BYMONTH", start.month.to_string()));
                }
            }
            _ => {}
        }
        self.0.extend(named.into_iter().map(|(name, value)| (name.to_owned(), value)));
    }
}

/// Names and values have letters, digits and the signs of lists, so that nothing strange reaches the crate.
fn is_plain(name: &str, value: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-')
        && value.split(',').all(|item| !item.is_empty())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b',' | b'+' | b'-'))
}

fn too_frequent(text: &str, name: &str, value: &str) -> CalendarError {
    CalendarError::TooFrequent { rule: quote(text), part: format!("{name}={value}") }
}

/// `20261231` (the whole day), `20261231T235959` (both by the clocks of the zone) or `20261231T225959Z`.
fn read_until(text: &str, value: &str) -> Result<Until, CalendarError> {
    let (local, utc) = value.strip_suffix('Z').map_or((value, false), |local| (local, true));
    let (date, time) = local.split_once('T').map_or((local, None), |(date, time)| (date, Some(time)));
    let wall = read_digits(date, 8).and_then(|date| {
        let date = NaiveDate::from_ymd_opt(i32::try_from(date / 10_000).ok()?, date / 100 % 100, date % 100)?;
        let end_of_day = NaiveTime::from_hms_opt(23, 59, 59)?;
        let time = match time {
            None => end_of_day,
            Some(time) => {
                let time = read_digits(time, 6)?;
                NaiveTime::from_hms_opt(time / 10_000, time / 100 % 100, time % 100)?
            }
        };
        Some(date.and_time(time).and_utc().timestamp())
    });
    match wall {
        Some(unix) if utc && time.is_some() => Ok(Until::Instant(Instant::from_unix(unix))),
        Some(wall) if !utc => Ok(Until::Wall(Wall(wall))),
        _ => Err(bad(text, "UNTIL is written 20261231, 20261231T235959 (local) or 20261231T225959Z (UTC)")),
    }
}

fn read_digits(text: &str, length: usize) -> Option<u32> {
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}
