//! Limits that an operator may set: each a constant here, a flag and a variable of the environment. What passes one is
//! answered with a status that says so and a text that names the limit.
//!
//! Limits of protocols and of time are constants where they are used: nobody gains by another value.

use clap::Args;

/// Bytes of a body of slices: a day of a thousand SLIs at five minutes.
const IMPORT_BYTES: usize = 16 * 1_024 * 1_024;
/// Lines of a body of slices: a minute of a hundred thousand SLIs, or one transaction of about a second.
const IMPORT_LINES: usize = 100_000;
/// Bytes of a body of events as they arrive, compressed or not.
const EVENT_BYTES: usize = 4 * 1_024 * 1_024;
/// Bytes of a body of events once it is decompressed: text that counts something seldom shrinks to less than a fourth.
const EVENT_BYTES_DECOMPRESSED: usize = 16 * 1_024 * 1_024;
/// Events of a body: more than a minute of a busy service.
const EVENTS: usize = 100_000;
/// Points of a history: about one for each pixel of a wide screen.
const POINTS: usize = domain::MAX_HISTORY_POINTS;
/// Requests that are answered at a time: a page waits for a processor long before so many are under way.
const REQUESTS: usize = 2_048;
/// Bodies that are taken in at a time: each may hold all of its bytes and what is decoded from them.
const BODIES: usize = 4;
/// Connections at a time: each open page holds one for its stream.
const CONNECTIONS: usize = 12_000;

/// The limits of a server, as flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Bytes of a body of slices; more is 413
    #[arg(long = "limit-import-bytes", env = "NINES_LIMIT_IMPORT_BYTES", value_name = "N", default_value_t = IMPORT_BYTES, value_parser = positive)]
    pub import_bytes: usize,
    /// Lines of a body of slices; more is 400
    #[arg(long = "limit-import-lines", env = "NINES_LIMIT_IMPORT_LINES", value_name = "N", default_value_t = IMPORT_LINES, value_parser = positive)]
    pub import_lines: usize,
    /// Bytes of a body of events as it arrives; more is 413
    #[arg(long = "limit-event-bytes", env = "NINES_LIMIT_EVENT_BYTES", value_name = "N", default_value_t = EVENT_BYTES, value_parser = positive)]
    pub event_bytes: usize,
    /// Bytes of a body of events once decompressed; more is 413
    #[arg(long = "limit-event-bytes-decompressed", env = "NINES_LIMIT_EVENT_BYTES_DECOMPRESSED", value_name = "N", default_value_t = EVENT_BYTES_DECOMPRESSED, value_parser = positive)]
    pub event_bytes_decompressed: usize,
    /// Events of a body; more is 400
    #[arg(long = "limit-events", env = "NINES_LIMIT_EVENTS", value_name = "N", default_value_t = EVENTS, value_parser = positive)]
    pub events: usize,
    /// Points of a history, at most 1500; more is 400
    #[arg(long = "limit-points", env = "NINES_LIMIT_POINTS", value_name = "N", default_value_t = POINTS, value_parser = points)]
    pub points: usize,
    /// Requests that are answered at a time, streams and health apart; more is 503
    #[arg(long = "limit-requests", env = "NINES_LIMIT_REQUESTS", value_name = "N", default_value_t = REQUESTS, value_parser = concurrency)]
    pub requests: usize,
    /// Bodies that are taken in at a time; more wait, and after 10 s it is 503
    #[arg(long = "limit-bodies", env = "NINES_LIMIT_BODIES", value_name = "N", default_value_t = BODIES, value_parser = concurrency)]
    pub bodies: usize,
    /// Connections at a time; more wait until one ends
    #[arg(long = "limit-connections", env = "NINES_LIMIT_CONNECTIONS", value_name = "N", default_value_t = CONNECTIONS, value_parser = concurrency)]
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            import_bytes: IMPORT_BYTES,
            import_lines: IMPORT_LINES,
            event_bytes: EVENT_BYTES,
            event_bytes_decompressed: EVENT_BYTES_DECOMPRESSED,
            events: EVENTS,
            points: POINTS,
            requests: REQUESTS,
            bodies: BODIES,
            connections: CONNECTIONS,
        }
    }
}

fn positive(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "a whole number above 0".to_owned())
}

/// What is drawn, and kept for it, is made for so many.
fn points(text: &str) -> Result<usize, String> {
    positive(text)
        .ok()
        .filter(|number| *number <= POINTS)
        .ok_or_else(|| format!("a whole number from 1 to {POINTS}"))
}

/// A semaphore counts no further than this.
fn concurrency(text: &str) -> Result<usize, String> {
    positive(text)
        .ok()
        .filter(|number| *number <= tokio::sync::Semaphore::MAX_PERMITS)
        .ok_or_else(|| "a whole number above 0 that a counter can hold".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::{Command, FromArgMatches};

    use super::*;

    /// The rows of the table in CONTRIBUTING.md, from the flags themselves.
    fn rows() -> Vec<String> {
        let command = Limits::augment_args(Command::new("nines"));
        let flags = command
            .get_arguments()
            .filter(|flag| flag.get_long().is_some_and(|name| name.starts_with("limit-")));
        flags
            .map(|flag| {
                let (name, env) = (flag.get_long().unwrap(), flag.get_env().unwrap().to_str().unwrap());
                let default = flag.get_default_values()[0].to_str().unwrap();
                format!("| `--{name}`, `{env}` | {default} | {} |", flag.get_help().unwrap())
            })
            .collect()
    }

    #[test]
    fn the_documented_table_is_that_of_the_flags() {
        let document = include_str!("../../CONTRIBUTING.md");
        for row in rows() {
            assert!(document.lines().any(|line| line == row), "CONTRIBUTING.md lacks this row:\n{row}");
        }
        let documented = document.lines().filter(|line| line.starts_with("| `--limit-")).count();
        assert_eq!(documented, rows().len());
    }

    #[test]
    fn the_defaults_of_the_flags_are_those_of_the_type() {
        let matches = Limits::augment_args(Command::new("nines")).get_matches_from(["nines"]);
        assert_eq!(Limits::from_arg_matches(&matches).unwrap(), Limits::default());
    }
}
