//! The lines of counters: `counters good/total 60 15 -`, then a line a sample in the order of arrival,
//! `sample first 0 1700000000000 - 7000000`, with times in milliseconds and `-` for what is not known.

use std::fmt;
use std::str::SplitWhitespace;

use super::next;
use crate::raw::counters::{Counters, Sample, Sides, Value};

const SIDES: [(&str, Sides); 3] =
    [("good/total", Sides::GoodTotal), ("bad/total", Sides::BadTotal), ("good/bad", Sides::GoodBad)];

impl fmt::Display for Counters {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = |time: Option<i64>| time.map_or_else(|| "-".to_owned(), |time| time.to_string());
        let sides = SIDES.iter().find(|(_, sides)| *sides == self.sides).map_or("", |(word, _)| word);
        let covered = said(self.covered_from);
        writeln!(to, "counters {sides} {} {} {covered}", self.slice_seconds, self.cadence_seconds)?;
        for Sample { second, series, at, created, value } in &self.samples {
            let side = if *second { "second" } else { "first" };
            let value = match value {
                Value::Millionths(value) => value.to_string(),
                Value::End => "end".to_owned(),
                Value::Invalid => "invalid".to_owned(),
            };
            writeln!(to, "sample {side} {series} {at} {} {value}", said(*created))?;
        }
        Ok(())
    }
}

/// What follows `counters`.
pub(super) fn counters(words: &mut SplitWhitespace<'_>) -> Result<Counters, String> {
    let word = words.next();
    let sides = SIDES.iter().find(|(name, _)| Some(*name) == word).ok_or(format!("no sides: {word:?}"))?.1;
    let (slice_seconds, cadence_seconds) = (next(words)?, next(words)?);
    Ok(Counters { sides, slice_seconds, cadence_seconds, covered_from: time(words)?, samples: Vec::new() })
}

/// What follows `sample`.
pub(super) fn sample(words: &mut SplitWhitespace<'_>) -> Result<Sample, String> {
    let second = match words.next() {
        Some("first") => false,
        Some("second") => true,
        other => return Err(format!("no side: {other:?}")),
    };
    let (series, at, created) = (next(words)?, next(words)?, time(words)?);
    let value = match words.clone().next() {
        Some("end") => Value::End,
        Some("invalid") => Value::Invalid,
        _ => Value::Millionths(next(words)?),
    };
    Ok(Sample { second, series, at, created, value })
}

/// A time, or `-` for none.
fn time(words: &mut SplitWhitespace<'_>) -> Result<Option<i64>, String> {
    let time: String = next(words)?;
    if time == "-" { Ok(None) } else { time.parse().map(Some).map_err(|_| format!("`{time}` is no time")) }
}
