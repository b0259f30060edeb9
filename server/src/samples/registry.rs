//! Series by their labels: those that are kept have a number, those that are not are remembered for a while.
//!
//! Invariants: labels are compared whole, so that two series with the same hash are two; a number is never given twice;
//! memory is bounded.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::labels;
use super::selectors::{Feed, Selectors};

/// Series that are kept at once. Each has some hundred samples in memory.
pub(super) const SERIES_MAX: usize = 50_000;
/// Bytes of labels of series that are not needed though their metric is; past it they are looked at anew each time.
const PASSED_BYTES_MAX: usize = 32 * 1_024 * 1_024;

/// The number of a series that is kept, for as long as this process runs.
pub(super) type SeriesNumber = usize;

/// What is known of a series by its labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It is kept.
    Kept(SeriesNumber),
    /// It feeds nothing.
    Passed,
    /// It was not seen before, or was forgotten.
    New,
}

/// A series that is kept.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its labels.
    pub(super) key: Box<[u8]>,
    /// The store's number.
    pub(super) id: i64,
    /// What it feeds.
    pub(super) feeds: Box<[Feed]>,
}

/// All series that were seen.
#[derive(Debug, Default)]
pub(super) struct Registry {
    hasher: DefaultHashBuilder,
    kept: HashTable<SeriesNumber>,
    /// By number; a series that was forgotten leaves its place empty.
    entries: Vec<Option<Entry>>,
    /// By the store's number, of which a series may have several.
    numbers: HashMap<i64, SeriesNumber>,
    passed: HashTable<Box<[u8]>>,
    passed_bytes: usize,
}

impl Registry {
    /// The hash of labels by which they are found here.
    #[inline]
    pub(super) fn hash(&self, key: &[u8]) -> u64 {
        self.hasher.hash_one(key)
    }

    /// What is known of these labels.
    #[inline]
    pub(super) fn find(&self, hash: u64, key: &[u8]) -> Known {
        let is_it = |number: &SeriesNumber| self.entry(*number).is_some_and(|entry| *entry.key == *key);
        if let Some(number) = self.kept.find(hash, is_it) {
            return Known::Kept(*number);
        }
        if self.passed.find(hash, |passed| **passed == *key).is_some() { Known::Passed } else { Known::New }
    }

    /// The series of that number; none if it was forgotten.
    #[inline]
    pub(super) fn entry(&self, number: SeriesNumber) -> Option<&Entry> {
        self.entries.get(number)?.as_ref()
    }

    /// The series that bears the store's number.
    pub(super) fn number(&self, id: i64) -> Option<SeriesNumber> {
        self.numbers.get(&id).copied()
    }

    /// Each series with the store's number under which it is written.
    pub(super) fn by_id(&self) -> impl Iterator<Item = (i64, SeriesNumber)> + '_ {
        let entries = self.entries.iter().enumerate();
        entries.filter_map(|(number, entry)| Some((entry.as_ref()?.id, number)))
    }

    /// Series that are kept.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Remembers that nobody needs these labels.
    pub(super) fn pass(&mut self, hash: u64, key: &[u8]) {
        if self.passed_bytes.saturating_add(key.len()) > PASSED_BYTES_MAX
            || self.find(hash, key) != Known::New
        {
            return;
        }
        self.passed_bytes += key.len();
        let hasher = &self.hasher;
        self.passed.insert_unique(hash, key.into(), |passed| hasher.hash_one(&**passed));
    }

    /// Keeps a series under a number of the store; the same labels under another one are the same series. Its number,
    /// and whether it is new here; none if its labels feed nothing (any more).
    pub(super) fn keep(
        &mut self,
        id: i64,
        key: &[u8],
        selectors: &Selectors,
    ) -> Option<(SeriesNumber, bool)> {
        let hash = self.hash(key);
        if let Known::Kept(number) = self.find(hash, key) {
            self.numbers.insert(id, number);
            return Some((number, false));
        }
        let labels = labels::of_key(key)?;
        let feeds = selectors.feeds(labels::metric(&labels), &labels);
        if feeds.is_empty() {
            return None;
        }
        let number = self.entries.len();
        self.entries.push(Some(Entry { key: key.into(), id, feeds: feeds.into() }));
        self.numbers.insert(id, number);
        let Self { hasher, kept, entries, .. } = self;
        kept.insert_unique(hash, number, |other| {
            let entry = entries.get(*other).and_then(Option::as_ref);
            entry.map_or(0, |entry| hasher.hash_one(&*entry.key))
        });
        Some((number, true))
    }

    /// Forgets series; the store's numbers of them.
    pub(super) fn forget(&mut self, gone: &HashSet<SeriesNumber>) -> Vec<i64> {
        for number in gone {
            let Some(entry) = self.entries.get_mut(*number).and_then(Option::take) else { continue };
            let hash = self.hasher.hash_one(&*entry.key);
            if let Ok(found) = self.kept.find_entry(hash, |other| other == number) {
                found.remove();
            }
        }
        let ids: Vec<i64> =
            self.numbers.iter().filter(|pair| gone.contains(pair.1)).map(|pair| *pair.0).collect();
        for id in &ids {
            self.numbers.remove(id);
        }
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Label;
    use crate::source::{MetricSource, Ratio, Selector};

    fn selectors() -> Selectors {
        let all = Selector { metric: "m".to_owned(), matchers: Vec::new(), le: None };
        let (first, second) = (all.clone(), all);
        let ratio = Ratio::GoodTotal;
        Selectors::new(vec![MetricSource { sli: "s".to_owned(), cadence_seconds: 60, ratio, first, second }])
    }

    fn key(labels: &[Label<'_>]) -> Vec<u8> {
        let mut key = Vec::new();
        labels::key_of(labels, &mut key).unwrap();
        key
    }

    #[test]
    fn two_series_of_one_hash_are_two() {
        let mut registry = Registry::default();
        let (a, b) = (key(&[("__name__", "m"), ("a", "1")]), key(&[("__name__", "m"), ("a", "2")]));
        let c = key(&[("__name__", "m"), ("a", "3")]);
        let (kept, _) = registry.keep(7, &a, &selectors()).unwrap();
        // As if all labels had the hash of the first.
        let hash = registry.hash(&a);
        assert_eq!((registry.find(hash, &a), registry.find(hash, &b)), (Known::Kept(kept), Known::New));
        registry.pass(hash, &b);
        assert_eq!((registry.find(hash, &b), registry.find(hash, &c)), (Known::Passed, Known::New));
        assert_eq!(registry.find(hash, &a), Known::Kept(kept));
    }

    #[test]
    fn rows_of_the_same_labels_are_one_series_and_numbers_are_never_given_twice() {
        let mut registry = Registry::default();
        let labels = key(&[("__name__", "m"), ("a", "1")]);
        assert_eq!(registry.keep(7, &labels, &selectors()), Some((0, true)));
        assert_eq!(registry.keep(9, &labels, &selectors()), Some((0, false)));
        assert_eq!((registry.number(7), registry.number(9), registry.len()), (Some(0), Some(0), 1));
        let mut ids = registry.forget(&HashSet::from([0]));
        ids.sort_unstable();
        assert_eq!((ids, registry.number(9), registry.len()), (vec![7, 9], None, 0));
        assert_eq!(registry.keep(10, &labels, &selectors()), Some((1, true)));
        assert_eq!(registry.keep(11, &key(&[("__name__", "other")]), &selectors()), None);
    }
}
