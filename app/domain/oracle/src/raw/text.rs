//! The text of a case: one fact a line, the declarations as JSON. `oracle --case FILE` reads it back.

mod counters;

use std::fmt;
use std::str::FromStr;

use domain::estate::{Sli, Slo};
use domain::exclusion::Effect;
use domain::slice::{Measured, Measurement, Slice};
use domain::time::Instant;

use super::Case;
use super::counters::Counters;
use counters::{counters, sample};

/// A line that is no part of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseError {
    /// The line, from 1; 0 if one is missing.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for CaseError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for CaseError {}

impl fmt::Display for Case {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = |value: Result<String, serde_json::Error>| value.unwrap_or_else(|error| error.to_string());
        writeln!(to, "slo {}", json(serde_json::to_string(&self.slo)))?;
        writeln!(to, "sli {}", json(serde_json::to_string(&self.sli)))?;
        writeln!(to, "at {}", self.at)?;
        writeln!(to, "closed {}", self.closed)?;
        for (from, until, effect) in &self.exclusions {
            let word = match effect {
                Effect::RemoveTime => "remove",
                Effect::DropEvents => "drop",
                Effect::CountAsGood => "good",
            };
            writeln!(to, "exclude {word} {from} {until}")?;
        }
        for Slice { start, seconds, measurement } in &self.slices {
            let start = start.unix();
            match measurement {
                Measurement::Unknown(reason) => writeln!(to, "unknown {start} {seconds} {reason}")?,
                Measurement::Measured(Measured { good, total, measured_seconds, from, to: until }) => {
                    let (from, until) = (from.unix(), until.unix());
                    writeln!(to, "slice {start} {seconds} {good} {total} {measured_seconds} {from} {until}")?;
                }
            }
        }
        if let Some(counters) = &self.counters {
            write!(to, "{counters}")?;
        }
        Ok(())
    }
}

/// The next word of a line, as whatever is asked for.
pub(super) fn next<'a, T: FromStr>(words: &mut impl Iterator<Item = &'a str>) -> Result<T, String> {
    let word = words.next().ok_or_else(|| "ends too early".to_owned())?;
    word.parse().map_err(|_| format!("`{word}` cannot be read"))
}

fn slice(words: &mut std::str::SplitWhitespace<'_>) -> Result<Slice, String> {
    let (start, seconds) = (Instant::from_unix(next(words)?), next(words)?);
    let (good, total, measured_seconds) = (next(words)?, next(words)?, next(words)?);
    let (from, to) = (Instant::from_unix(next(words)?), Instant::from_unix(next(words)?));
    let measurement = Measurement::Measured(Measured { good, total, measured_seconds, from, to });
    Ok(Slice { start, seconds, measurement })
}

/// What lines have said so far.
#[derive(Default)]
struct Reading {
    slo: Option<Slo>,
    sli: Option<Sli>,
    at: Option<i64>,
    closed: bool,
    exclusions: Vec<(i64, i64, Effect)>,
    slices: Vec<Slice>,
    counters: Option<Counters>,
}

impl Reading {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let words = &mut rest.split_whitespace();
        match verb {
            "" | "#" => {}
            "slo" => self.slo = Some(serde_json::from_str(rest).map_err(|error| error.to_string())?),
            "sli" => self.sli = Some(serde_json::from_str(rest).map_err(|error| error.to_string())?),
            "at" => self.at = Some(next(words)?),
            "closed" => self.closed = next(words)?,
            "exclude" => {
                let effect = match words.next() {
                    Some("remove") => Effect::RemoveTime,
                    Some("drop") => Effect::DropEvents,
                    Some("good") => Effect::CountAsGood,
                    other => return Err(format!("no effect: {other:?}")),
                };
                self.exclusions.push((next(words)?, next(words)?, effect));
            }
            "slice" => self.slices.push(slice(words)?),
            "counters" => self.counters = Some(counters(words)?),
            "sample" => {
                let counters = self.counters.as_mut().ok_or("a sample before its counters")?;
                counters.samples.push(sample(words)?);
            }
            "unknown" => {
                let (start, seconds) = (Instant::from_unix(next(words)?), next(words)?);
                let measurement = Measurement::Unknown(words.collect::<Vec<_>>().join(" "));
                self.slices.push(Slice { start, seconds, measurement });
            }
            other => return Err(format!("`{other}` begins no line of a case")),
        }
        Ok(())
    }
}

impl FromStr for Case {
    type Err = CaseError;

    fn from_str(text: &str) -> Result<Self, CaseError> {
        let mut reading = Reading::default();
        for (index, line) in text.lines().enumerate() {
            reading.line(line).map_err(|message| CaseError { line: index + 1, message })?;
        }
        let missing = |what: &str| CaseError { line: 0, message: format!("no line `{what}`") };
        Ok(Self {
            slo: reading.slo.ok_or_else(|| missing("slo"))?,
            sli: reading.sli.ok_or_else(|| missing("sli"))?,
            at: reading.at.ok_or_else(|| missing("at"))?,
            closed: reading.closed,
            exclusions: reading.exclusions,
            slices: reading.slices,
            counters: reading.counters,
        })
    }
}
