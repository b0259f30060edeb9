//! One group: what of it is new, one transaction, then the head.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use super::{Outside, Writer};
use crate::samples::gather::{Target, Told};
use crate::samples::head::{ALL_POINTS_MAX, Head, POINTS_MAX, Verdict};
use crate::samples::intake::Job;
use crate::samples::registry::{Known, Registry, SERIES_MAX, SeriesNumber};
use crate::samples::{Sample, log};
use crate::store::{LogHead, StoreError};

/// Which series a part is of, once the registry was asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It is kept.
    Kept(SeriesNumber, i64),
    /// It is the new series of that number in this group.
    New(usize),
}

/// What a group adds.
#[derive(Default)]
struct Plan {
    /// Labels of new series.
    labels: Vec<Vec<u8>>,
    /// By labels, their place in `labels`.
    new: HashMap<Vec<u8>, usize>,
    /// Samples to write, by series.
    parts: Vec<(Place, Vec<Sample>)>,
    newest_millis: i64,
    duplicates: u64,
    answers: Vec<Told>,
}

impl Writer {
    /// Commits a group; what each of its requests is told.
    pub(super) async fn commit(&mut self, outside: &Outside, group: &[Job]) -> Result<Vec<Told>, StoreError> {
        let Plan { labels, parts, newest_millis, duplicates, answers, .. } = {
            let (registry, head) = (self.shared.registry(), self.shared.head());
            plan(group, &registry, &head)
        };
        self.shared.totals().duplicates += duplicates;
        if parts.is_empty() {
            return Ok(answers);
        }
        let head = LogHead { newest_millis, folded_id: self.shared.folded_id.load(Ordering::Relaxed) };
        let payload = |ids: &[i64]| {
            log::encode(parts.iter().filter_map(|(place, samples)| {
                let id = match place {
                    Place::Kept(_, id) => *id,
                    Place::New(number) => *ids.get(*number)?,
                };
                Some((id, samples.as_slice()))
            }))
        };
        let (ids, log_id) = outside.store.log_samples(&labels, head, payload).await?;
        self.series_id = ids.iter().copied().fold(self.series_id, i64::max);
        let numbers = self.keep(&ids, &labels);
        let (registry, mut head) = (self.shared.registry(), self.shared.head());
        let (mut kept, mut duplicates, mut conflicts) = (0, 0, 0);
        for (place, samples) in parts {
            let number = match place {
                Place::Kept(number, _) => Some(number),
                Place::New(place) => numbers.get(place).copied().flatten(),
            };
            let Some((number, entry)) = number.and_then(|number| Some((number, registry.entry(number)?)))
            else {
                continue;
            };
            for sample in samples {
                match head.add(number, &entry.feeds, sample) {
                    Verdict::New => kept += 1,
                    Verdict::Conflict | Verdict::AnotherConflict => conflicts += 1,
                    Verdict::Same | Verdict::Late | Verdict::Full => duplicates += 1,
                }
            }
        }
        head.log_id = log_id;
        let mut totals = self.shared.totals();
        totals.kept += kept;
        totals.duplicates += duplicates;
        totals.conflicts += conflicts;
        Ok(answers)
    }

    /// Makes new series known; their numbers.
    fn keep(&self, ids: &[i64], labels: &[Vec<u8>]) -> Vec<Option<SeriesNumber>> {
        if ids.is_empty() {
            return Vec::new();
        }
        let (mut registry, mut head) = (self.shared.registry_mut(), self.shared.head());
        let mut numbers = Vec::with_capacity(ids.len());
        for (id, labels) in ids.iter().zip(labels) {
            let kept = registry.keep(*id, labels, &self.shared.selectors);
            if let Some((number, true)) = kept {
                let feeds = registry.entry(number).map(|entry| entry.feeds.clone()).unwrap_or_default();
                head.begin(number, &feeds);
            }
            numbers.push(kept.map(|(number, _)| number));
        }
        numbers
    }
}

/// What of a group's samples is to be written.
fn plan(group: &[Job], registry: &Registry, head: &Head) -> Plan {
    let mut plan = Plan { newest_millis: i64::MIN, ..Plan::default() };
    for job in group {
        let mut told = job.told.clone();
        for part in &job.batch.parts {
            let samples = job.batch.samples.get(part.from..part.to).unwrap_or_default();
            match place(&part.target, registry, &mut plan) {
                Some(Place::Kept(number, id)) => {
                    let (new, full) = plan.unseen(samples, number, head);
                    refuse(&mut told, full, || {
                        format!(
                            "a series may have {POINTS_MAX} samples within the hours that are kept, all together {ALL_POINTS_MAX}"
                        )
                    });
                    plan.put(Place::Kept(number, id), new);
                }
                Some(new @ Place::New(_)) => plan.put(new, samples.to_vec()),
                None => refuse(&mut told, count(samples.len()), || {
                    format!(
                        "more than {SERIES_MAX} series would be kept: match fewer, or sum them before they are sent"
                    )
                }),
            }
        }
        plan.answers.push(told);
    }
    plan
}

/// Which series a part is of; none if there is no room for another.
fn place(target: &Target, registry: &Registry, plan: &mut Plan) -> Option<Place> {
    let kept = |number: SeriesNumber| registry.entry(number).map(|entry| Place::Kept(number, entry.id));
    let key = match target {
        // Series are forgotten after a day of silence only; who speaks at that very moment says it again.
        Target::Kept(number) => return kept(*number),
        Target::New(key) => key,
    };
    if let Known::Kept(number) = registry.find(registry.hash(key), key) {
        return kept(number);
    }
    if let Some(number) = plan.new.get(&**key) {
        return Some(Place::New(*number));
    }
    if registry.len() + plan.labels.len() >= SERIES_MAX {
        return None;
    }
    let number = plan.labels.len();
    plan.labels.push(key.to_vec());
    plan.new.insert(key.to_vec(), number);
    Some(Place::New(number))
}

impl Plan {
    /// The samples that are not in the head yet, and how many have no room there.
    fn unseen(&mut self, samples: &[Sample], number: SeriesNumber, head: &Head) -> (Vec<Sample>, u64) {
        let (mut new, mut full) = (Vec::with_capacity(samples.len()), 0);
        for sample in samples {
            match head.verdict(number, sample) {
                Verdict::New | Verdict::Conflict => new.push(*sample),
                Verdict::Same | Verdict::Late | Verdict::AnotherConflict => self.duplicates += 1,
                Verdict::Full => full += 1,
            }
        }
        (new, full)
    }

    fn put(&mut self, place: Place, samples: Vec<Sample>) {
        if let Some(newest) = samples.iter().map(|sample| sample.millis).max() {
            self.newest_millis = self.newest_millis.max(newest);
            self.parts.push((place, samples));
        }
    }
}

/// Samples that were taken before are refused after all.
fn refuse(told: &mut Told, samples: u64, why: impl FnOnce() -> String) {
    told.taken = told.taken.saturating_sub(samples);
    told.refuse_samples(samples, why);
}

fn count(samples: usize) -> u64 {
    u64::try_from(samples).unwrap_or(u64::MAX)
}
