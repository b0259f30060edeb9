//! Our own metrics: what this process did, for a Prometheus to scrape.
//!
//! A small registry of ours and no crate: a dozen families whose label values are words of the program, so that their
//! number is bounded by the program's text, written by one function of forty lines. A crate would bring dynamic
//! registration, which nothing here needs, and `OpenMetrics`, which every scraper of ours would have to negotiate.
//!
//! Invariants: a label's value is `&'static str`, never text from outside; a counter never falls while the process lives.

mod text;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use text::{Gauge, Text};

/// Upper bounds of the buckets of durations, in seconds: from a cached answer to a request that is given up.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// Requests by what was asked for and how it was answered.
pub static REQUESTS: Counters<2> = Counters::new(
    "nines_http_requests_total",
    "Requests answered, by what was asked for and the first digit of the status.",
    ["kind", "code"],
);
/// How long answers took.
pub static REQUEST_SECONDS: Durations<1> = Durations::new(
    "nines_http_request_seconds",
    "Time from a request's headers to those of its answer.",
    ["kind"],
);
/// What was taken in.
pub static ACCEPTED: Counters<1> = Counters::new(
    "nines_ingest_accepted_total",
    "Lines or events that were committed and acknowledged, by the way they came in.",
    ["way"],
);
/// What was not.
pub static REFUSED: Counters<2> = Counters::new(
    "nines_ingest_refused_total",
    "Bodies that were refused, by the way they came in and the reason.",
    ["way", "reason"],
);
/// Attempts of probes.
pub static PROBES: Counters<1> =
    Counters::new("nines_probe_attempts_total", "Attempts of probes, by what came of them.", ["outcome"]);
/// Passes of loops.
pub static PASSES: Counters<1> =
    Counters::new("nines_loop_passes_total", "Passes that a loop has ended.", ["loop"]);
/// How long rounds of the engine take.
pub static ROUND_SECONDS: Durations<0> =
    Durations::new("nines_round_seconds", "Time that a round of evaluation takes.", []);
/// How long the store takes.
pub static STORE_SECONDS: Durations<1> = Durations::new(
    "nines_store_seconds",
    "Time of an operation of the store, from asking for a connection to its end, by what came of it.",
    ["outcome"],
);

/// Everything that counts, in the order of an exposition.
pub(crate) fn write_all(text: &mut Text) {
    for family in [&REQUESTS, &REFUSED] {
        family.write(text);
    }
    for family in [&ACCEPTED, &PROBES, &PASSES] {
        family.write(text);
    }
    REQUEST_SECONDS.write(text);
    STORE_SECONDS.write(text);
    ROUND_SECONDS.write(text);
}

/// A family of counters with `L` labels.
#[derive(Debug)]
pub struct Counters<const L: usize> {
    name: &'static str,
    help: &'static str,
    labels: [&'static str; L],
    cells: Mutex<BTreeMap<[&'static str; L], u64>>,
}

impl<const L: usize> Counters<L> {
    const fn new(name: &'static str, help: &'static str, labels: [&'static str; L]) -> Self {
        Self { name, help, labels, cells: Mutex::new(BTreeMap::new()) }
    }

    /// Counts `more` under these values.
    pub fn add(&self, values: [&'static str; L], more: u64) {
        let mut cells = lock(&self.cells);
        let cell = cells.entry(values).or_default();
        *cell = cell.saturating_add(more);
    }

    /// What was counted under these values.
    pub fn get(&self, values: [&'static str; L]) -> u64 {
        lock(&self.cells).get(&values).copied().unwrap_or(0)
    }

    fn write(&self, text: &mut Text) {
        text.family(self.name, self.help, "counter");
        for (values, count) in &*lock(&self.cells) {
            let labels: Vec<_> = self.labels.into_iter().zip(*values).collect();
            text.sample(self.name, &labels, *count);
        }
    }
}

/// A family of histograms of durations with `L` labels.
#[derive(Debug)]
pub struct Durations<const L: usize> {
    name: &'static str,
    help: &'static str,
    labels: [&'static str; L],
    cells: Mutex<BTreeMap<[&'static str; L], Histogram>>,
}

#[derive(Debug, Clone, Default)]
struct Histogram {
    /// Of each bucket alone; the last one has no upper bound.
    counts: [u64; BUCKETS.len() + 1],
    sum: Duration,
}

impl<const L: usize> Durations<L> {
    const fn new(name: &'static str, help: &'static str, labels: [&'static str; L]) -> Self {
        Self { name, help, labels, cells: Mutex::new(BTreeMap::new()) }
    }

    /// Notes that something took so long.
    pub fn observe(&self, values: [&'static str; L], took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = BUCKETS.iter().position(|bound| seconds <= *bound).unwrap_or(BUCKETS.len());
        let mut cells = lock(&self.cells);
        let histogram = cells.entry(values).or_default();
        if let Some(count) = histogram.counts.get_mut(bucket) {
            *count = count.saturating_add(1);
        }
        histogram.sum = histogram.sum.saturating_add(took);
    }

    fn write(&self, text: &mut Text) {
        text.family(self.name, self.help, "histogram");
        for (values, histogram) in &*lock(&self.cells) {
            let labels: Vec<_> = self.labels.into_iter().zip(*values).collect();
            let bounds = BUCKETS.iter().map(ToString::to_string).chain(["+Inf".to_owned()]);
            let mut below = 0_u64;
            for (bound, count) in bounds.zip(histogram.counts) {
                below = below.saturating_add(count);
                let with_bound: Vec<_> = labels.iter().copied().chain([("le", bound.as_str())]).collect();
                text.sample(&format!("{}_bucket", self.name), &with_bound, below);
            }
            text.sample(&format!("{}_sum", self.name), &labels, histogram.sum.as_secs_f64());
            text.sample(&format!("{}_count", self.name), &labels, below);
        }
    }
}

/// A panic while the lock was held leaves counts that are whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_up_to_each_bound_inclusive() {
        static FAMILY: Durations<1> = Durations::new("x_seconds", "X.", ["a"]);
        for millis in [1, 2, 3, 60_000] {
            FAMILY.observe(["b"], Duration::from_millis(millis));
        }
        let mut text = Text::default();
        FAMILY.write(&mut text);
        let text = text.finish();
        for line in [
            "# TYPE x_seconds histogram",
            r#"x_seconds_bucket{a="b",le="0.001"} 1"#,
            r#"x_seconds_bucket{a="b",le="0.0025"} 2"#,
            r#"x_seconds_bucket{a="b",le="30"} 3"#,
            r#"x_seconds_bucket{a="b",le="+Inf"} 4"#,
            r#"x_seconds_sum{a="b"} 60.006"#,
            r#"x_seconds_count{a="b"} 4"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
