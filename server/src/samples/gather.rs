//! A request's series and samples, checked one by one, as far as some SLI needs them.
//!
//! Invariants: a series with faulty labels, or a sample out of time, is refused by itself; nothing is taken before it is
//! offered to the writer; no memory is taken for labels of a series that is known.

use std::sync::Arc;

use super::intake::Shared;
use super::labels::{self, LabelFault};
use super::registry::{Known, SeriesNumber};
use super::{AHEAD_MAX_MILLIS, LATE_MAX_MILLIS, Label, Sample};

/// Refusals that an answer explains; further ones are counted.
const FAULTS_TOLD: usize = 10;
/// Letters of a metric's name that an answer repeats.
const SHOWN_CHARACTERS: usize = 80;

/// What became of a request's samples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Samples that were taken: those that are kept, and those that are fine but that nobody needs.
    pub taken: u64,
    /// Samples that were refused.
    pub refused: u64,
    /// Series whose labels are faulty; their samples are refused.
    pub refused_series: u64,
    /// Why, of the first of them.
    pub faults: Vec<String>,
}

impl Told {
    /// Whether anything was refused.
    pub fn is_partial(&self) -> bool {
        self.refused > 0 || self.refused_series > 0
    }

    pub(super) fn refuse_samples(&mut self, samples: u64, why: impl FnOnce() -> String) {
        self.refused = self.refused.saturating_add(samples);
        if samples > 0 {
            self.tell(why);
        }
    }

    fn refuse_series(&mut self, why: impl FnOnce() -> String) {
        self.refused_series = self.refused_series.saturating_add(1);
        self.tell(why);
    }

    fn tell(&mut self, why: impl FnOnce() -> String) {
        if self.faults.len() < FAULTS_TOLD {
            self.faults.push(why());
        }
    }
}

/// Which series samples are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// One that is kept.
    Kept(SeriesNumber),
    /// One that is to be kept, by its labels.
    New(Box<[u8]>),
}

/// Samples of one series, as a stretch of the batch's.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) target: Target,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// What is to be kept of one request.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) parts: Vec<Part>,
    pub(super) samples: Vec<Sample>,
}

/// What the series is that samples come for now.
#[derive(Debug)]
enum Current {
    Kept(Target),
    Unneeded,
    Refused,
}

/// Takes in the series and samples of one request.
#[derive(Debug)]
pub struct Gather {
    shared: Arc<Shared>,
    now_millis: i64,
    /// Series so far, to say which one is faulty.
    series: u64,
    key: Vec<u8>,
    metric: String,
    fingerprint: u64,
    current: Current,
    /// Samples of the present series: where they begin in the batch, how many are fine, refused as late, as early.
    from: usize,
    fine: u64,
    late: (u64, i64),
    early: (u64, i64),
    told: Told,
    batch: Batch,
}

impl Gather {
    pub(super) fn new(shared: Arc<Shared>, now_millis: i64) -> Self {
        Self {
            shared,
            now_millis,
            series: 0,
            key: Vec::new(),
            metric: String::new(),
            fingerprint: 0,
            current: Current::Refused,
            from: 0,
            fine: 0,
            late: (0, 0),
            early: (0, 0),
            told: Told::default(),
            batch: Batch::default(),
        }
    }

    /// A series begins: the samples that follow are its. Faulty labels refuse it and them.
    pub fn series(&mut self, labels: &[Label<'_>]) {
        self.end();
        self.series += 1;
        match labels::key_of(labels, &mut self.key) {
            Err(fault) => self.refuse(labels::metric(labels), &fault),
            Ok(metric) => {
                self.metric.clear();
                self.metric.push_str(metric);
                self.current = self.needed(metric, labels);
            }
        }
    }

    /// A series begins whose labels cannot be told at all, and why.
    pub fn nameless(&mut self, reason: &'static str) {
        self.end();
        self.series += 1;
        self.refuse("", &LabelFault::Unreadable(reason));
    }

    /// A sample of the series that began last.
    #[inline]
    pub fn sample(&mut self, sample: Sample) {
        if matches!(self.current, Current::Refused) {
            self.told.refused += 1;
        } else if sample.millis > self.now_millis.saturating_add(AHEAD_MAX_MILLIS) {
            self.early = (self.early.0 + 1, sample.millis);
        } else if sample.millis < self.now_millis.saturating_sub(LATE_MAX_MILLIS) {
            self.late = (self.late.0 + 1, sample.millis);
        } else {
            self.fine += 1;
            if matches!(self.current, Current::Kept(_)) {
                self.batch.samples.push(sample);
            }
        }
    }

    /// What was refused so far, and what is to be offered.
    pub(super) fn finish(mut self) -> (Told, Batch) {
        self.end();
        (self.told, self.batch)
    }

    fn needed(&mut self, metric: &str, labels: &[Label<'_>]) -> Current {
        if !self.shared.selectors.names(metric) {
            self.fingerprint = self.shared.registry().hash(&self.key);
            return Current::Unneeded;
        }
        let (hash, known) = {
            let registry = self.shared.registry();
            let hash = registry.hash(&self.key);
            (hash, registry.find(hash, &self.key))
        };
        self.fingerprint = hash;
        match known {
            Known::Kept(number) => Current::Kept(Target::Kept(number)),
            Known::Passed => Current::Unneeded,
            Known::New if self.shared.selectors.feeds(metric, labels).is_empty() => {
                self.shared.registry_mut().pass(hash, &self.key);
                Current::Unneeded
            }
            Known::New => Current::Kept(Target::New(self.key.as_slice().into())),
        }
    }

    fn refuse(&mut self, metric: &str, fault: &LabelFault) {
        self.current = Current::Refused;
        let place = self.place(metric);
        self.told.refuse_series(|| format!("{place}: {fault}"));
    }

    /// Which series it is, for the sender.
    fn place(&self, metric: &str) -> String {
        let metric: String = metric.chars().take(SHOWN_CHARACTERS).collect();
        let number = self.series;
        if metric.is_empty() { format!("series {number}") } else { format!("series {number} (`{metric}`)") }
    }

    /// The samples of the present series are all there.
    fn end(&mut self) {
        let (late, early, fine) = (self.late, self.early, self.fine);
        if late.0 + early.0 > 0 {
            let place = self.place(&self.metric);
            let told = &mut self.told;
            told.refuse_samples(early.0, || {
                let ahead = AHEAD_MAX_MILLIS / 60_000;
                format!(
                    "{place}: {} samples are more than {ahead} min in the future, such as the one at {} ms",
                    early.0, early.1
                )
            });
            told.refuse_samples(late.0, || {
                let hours = LATE_MAX_MILLIS / 3_600_000;
                format!(
                    "{place}: {} samples are more than {hours} h old, such as the one at {} ms",
                    late.0, late.1
                )
            });
        }
        (self.late, self.early, self.fine) = ((0, 0), (0, 0), 0);
        self.told.taken += fine;
        match std::mem::replace(&mut self.current, Current::Refused) {
            Current::Refused => {}
            Current::Unneeded => {
                self.shared.unneeded.note(&self.metric, self.fingerprint, fine, self.now_millis);
            }
            Current::Kept(target) => {
                let to = self.batch.samples.len();
                if self.from < to {
                    self.batch.parts.push(Part { target, from: self.from, to });
                }
                self.from = to;
            }
        }
    }
}
