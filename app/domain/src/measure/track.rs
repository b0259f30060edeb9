//! The samples of one series, by time.
//!
//! Invariants: a set, so the order of arrival does not matter; of two different samples at one instant the first to
//! arrive stays, and the instant counts as one conflict however many disagree; forgetting the past changes no later
//! slice.

use std::collections::BTreeMap;

use super::spans::Timestamp;

/// Samples that one series may hold: a day of one sample a second. Past it the owner has to forget first.
pub const MAX_SAMPLES: usize = 90_000;

/// What a sample says.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading<V> {
    /// A value.
    Value(V),
    /// NaN, a stale marker, OTLP's "no recorded value": the series' continuity ends here.
    End,
    /// Something that cannot be a value of this kind, such as a negative count: ends continuity and is flagged.
    Invalid,
}

/// One sample of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample<V> {
    /// When it was taken.
    pub at: Timestamp,
    /// When the series was zero, where the source says so (OTLP `start_time_unix_nano`, `OpenMetrics` `_created`).
    pub created: Option<Timestamp>,
    /// What it says.
    pub reading: Reading<V>,
}

/// What became of an added sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// Kept.
    New,
    /// The same sample was there.
    Same,
    /// Another sample was there at this instant, and stays.
    Conflict,
    /// It lies before what was forgotten; dropped.
    TooLate,
    /// [`MAX_SAMPLES`] are there; dropped.
    Full,
}

/// A kept sample.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kept<V> {
    pub(super) created: Option<Timestamp>,
    pub(super) reading: Reading<V>,
    pub(super) conflict: bool,
}

/// The samples of one series. One series: a sum of several must not be put in, its resets could not be seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Track<V> {
    pub(super) samples: BTreeMap<Timestamp, Kept<V>>,
    forgotten_before: Option<Timestamp>,
}

impl<V> Default for Track<V> {
    fn default() -> Self {
        Self { samples: BTreeMap::new(), forgotten_before: None }
    }
}

impl<V: PartialEq + Clone> Track<V> {
    /// Adds a sample, in any order.
    pub fn add(&mut self, sample: Sample<V>) -> Added {
        let Sample { at, created, reading } = sample;
        if self.forgotten_before.is_some_and(|before| at < before) {
            return Added::TooLate;
        }
        if let Some(kept) = self.samples.get_mut(&at) {
            if kept.created == created && kept.reading == reading {
                return Added::Same;
            }
            kept.conflict = true;
            return Added::Conflict;
        }
        if self.samples.len() >= MAX_SAMPLES {
            return Added::Full;
        }
        self.samples.insert(at, Kept { created, reading, conflict: false });
        Added::New
    }

    /// Forgets what no slice that starts at or after `before` needs. Samples before it are refused from now on.
    ///
    /// The last value before `before` stays as the baseline, with the mark that ended it, if there is one.
    pub fn forget(&mut self, before: Timestamp) {
        let before = self.forgotten_before.map_or(before, |forgotten| forgotten.max(before));
        let later = self.samples.split_off(&before);
        let past = std::mem::replace(&mut self.samples, later);
        let mut mark = None;
        for (at, kept) in past.into_iter().rev() {
            if matches!(kept.reading, Reading::Value(_)) {
                self.samples.extend(mark);
                self.samples.insert(at, kept);
                break;
            }
            mark = Some((at, kept));
        }
        self.forgotten_before = Some(before);
    }

    /// The newest value and its time, which a restarted process adds again first to go on from; none before one.
    pub fn newest(&self) -> Option<Sample<V>> {
        self.samples.iter().rev().find_map(|(at, kept)| {
            let is_value = matches!(kept.reading, Reading::Value(_));
            is_value.then(|| Sample { at: *at, created: kept.created, reading: kept.reading.clone() })
        })
    }

    /// Samples held.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether no sample is held.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }
}

impl<V: PartialEq + Clone> Extend<Sample<V>> for Track<V> {
    fn extend<I: IntoIterator<Item = Sample<V>>>(&mut self, samples: I) {
        for sample in samples {
            self.add(sample);
        }
    }
}

impl<V: PartialEq + Clone> FromIterator<Sample<V>> for Track<V> {
    fn from_iter<I: IntoIterator<Item = Sample<V>>>(samples: I) -> Self {
        let mut track = Self::default();
        track.extend(samples);
        track
    }
}
