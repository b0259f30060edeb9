//! Slice import: a body of NDJSON lines, all of them valid or none stored.

use domain::estate::SLICE_SECONDS;
use domain::{Instant, Measured, Measurement, Slice};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Number;

use crate::engine::Catalog;
use crate::store::{Conflict, SliSlice};

/// How long slices are kept, and so how far back they are taken.
pub const RETENTION_SECONDS: i64 = 400 * 86_400;
/// A count above this is a mistake of the sender.
const COUNT_MAX: u64 = 1_000_000_000_000;
/// A slice longer than a month of 31 days is a mistake of the sender.
const SECONDS_MAX: u64 = 31 * 86_400;
/// Letters of the reason of an unknown slice.
const REASON_CHARACTERS_MAX: usize = 100;
/// Letters of an undeclared name that an answer repeats.
const NAME_CHARACTERS_ECHOED: usize = 63;
/// Letters of serde's message that an answer repeats: it may quote the input.
const MESSAGE_CHARACTERS_ECHOED: usize = 200;
/// Findings that one answer lists; the rest are counted.
pub const FINDINGS_MAX: usize = 100;

/// What is wrong with a line of a body.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LineError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// A decoded body: the slices, and the line that each came from.
#[derive(Debug, Default)]
pub struct Import {
    /// In the order of the body.
    pub slices: Vec<SliSlice>,
    /// Names of the SLIs, in the same order.
    pub names: Vec<String>,
    lines: Vec<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    sli: String,
    start: Start,
    seconds: Number,
    good: Option<Number>,
    total: Option<Number>,
    measured_seconds: Option<Number>,
    unknown: Option<String>,
}

/// An instant, and whether its text named a fraction of a second: an [`Instant`] alone would have dropped that.
struct Start {
    at: Instant,
    has_fraction: bool,
}

impl<'de> Deserialize<'de> for Start {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let at = Instant::parse(&text).map_err(Error::custom)?;
        // Many senders write `.000`, which is no fraction.
        let has_fraction = text
            .split_once('.')
            .is_some_and(|(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).any(|digit| digit != b'0'));
        Ok(Self { at, has_fraction })
    }
}

impl Import {
    /// Decodes a body of at most `lines_max` lines; every faulty one is named.
    pub fn parse(
        body: &[u8],
        catalog: &Catalog,
        now: Instant,
        lines_max: usize,
    ) -> Result<Self, Vec<LineError>> {
        let mut import = Self::default();
        let mut errors = Vec::new();
        for (index, line) in body.split(|byte| *byte == b'\n').enumerate() {
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let number = index + 1;
            if import.lines.len() >= lines_max {
                errors.push(LineError {
                    line: number,
                    message: format!("more than {lines_max} lines (limit-import-lines); send them in parts"),
                });
                break;
            }
            match parse_line(line, catalog, now) {
                Ok((name, slice)) => {
                    import.slices.push(slice);
                    import.names.push(name);
                }
                Err(message) => errors.push(LineError { line: number, message }),
            }
            import.lines.push(number);
        }
        if errors.is_empty() { Ok(import) } else { Err(errors) }
    }

    /// Lines taken.
    pub fn accepted(&self) -> usize {
        self.slices.len()
    }

    /// Lines of body that overlap something, in words.
    pub fn conflicts(&self, conflicts: &[Conflict]) -> Vec<LineError> {
        let of_line = |conflict: &Conflict| LineError {
            line: self.lines.get(conflict.index).copied().unwrap_or(0),
            message: format!(
                "overlaps the measured slice at {} of {} seconds; use the same bounds to replace it",
                conflict.start, conflict.seconds
            ),
        };
        conflicts.iter().map(of_line).collect()
    }
}

fn parse_line(text: &[u8], catalog: &Catalog, now: Instant) -> Result<(String, SliSlice), String> {
    let line: Line = serde_json::from_slice(text).map_err(|error| json_message(&error))?;
    let Some(sli) = catalog.id(&line.sli) else {
        let name: String = line.sli.chars().take(NAME_CHARACTERS_ECHOED).collect();
        return Err(format!("the SLI `{name}` is not declared; add it to the configuration"));
    };
    let start = line.start.at;
    let grid = u64::from(SLICE_SECONDS);
    let seconds = whole("seconds", &line.seconds, SECONDS_MAX)?;
    let on_grid = !line.start.has_fraction && start.floor_to(i64::from(SLICE_SECONDS)) == start;
    if seconds == 0 || seconds % grid != 0 || !on_grid {
        return Err(
            "bad bounds: `start` and `seconds` must be multiples of 60 s, `seconds` above 0".to_owned()
        );
    }
    if start > now {
        return Err(format!("`start` lies in the future; it is {now} here"));
    }
    if start < now - RETENTION_SECONDS {
        return Err("`start` lies beyond the retention of 400 days".to_owned());
    }
    let seconds = u32::try_from(seconds).map_err(|_| "bad bounds: `seconds` is too large".to_owned())?;
    let measurement = measurement(&line, start, seconds)?;
    Ok((line.sli, SliSlice { sli, slice: Slice { start, seconds, measurement } }))
}

fn measurement(line: &Line, start: Instant, seconds: u32) -> Result<Measurement, String> {
    if let Some(reason) = &line.unknown {
        if line.good.is_some() || line.total.is_some() || line.measured_seconds.is_some() {
            return Err("`unknown` stands beside counts; a slice is measured or unknown".to_owned());
        }
        if reason.chars().count() > REASON_CHARACTERS_MAX {
            return Err(format!("`unknown` is longer than {REASON_CHARACTERS_MAX} characters"));
        }
        if reason.contains('\0') {
            return Err("`unknown` holds a NUL character".to_owned());
        }
        return Ok(Measurement::Unknown(reason.clone()));
    }
    let (Some(good), Some(total)) = (&line.good, &line.total) else {
        return Err("`good` and `total` are missing; or give `unknown` with a reason".to_owned());
    };
    let (good, total) = (whole("good", good, COUNT_MAX)?, whole("total", total, COUNT_MAX)?);
    let measured_seconds = match &line.measured_seconds {
        Some(measured) => {
            u32::try_from(whole("measured_seconds", measured, SECONDS_MAX)?).unwrap_or(u32::MAX)
        }
        None => seconds,
    };
    if measured_seconds > seconds {
        return Err("`measured_seconds` is above `seconds`".to_owned());
    }
    // Where in the slice a part was measured is not said, so the slice stands for all of its time.
    Ok(Measurement::Measured(Measured {
        good,
        total,
        measured_seconds,
        from: start,
        to: start + i64::from(seconds),
    }))
}

fn whole(field: &str, number: &Number, max: u64) -> Result<u64, String> {
    let Some(value) = number.as_u64() else {
        return Err(format!(
            "`{field}` is {number}; it must be a whole number, not negative and not fractional"
        ));
    };
    if value > max {
        return Err(format!("`{field}` is {value}; at most {max} is taken"));
    }
    Ok(value)
}

/// serde's message without its "line 1" of our one-line text.
fn json_message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what: String =
        text.split(" at line ").next().unwrap_or_default().chars().take(MESSAGE_CHARACTERS_ECHOED).collect();
    format!("no valid slice at column {}: {what}", error.column())
}
