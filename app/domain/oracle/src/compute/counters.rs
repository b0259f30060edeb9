//! Slices from raw samples of counters (C1 to C8).

use std::collections::BTreeMap;

use domain::slice::{Measured, Measurement, Slice};
use domain::time::Instant;

use crate::raw::counters::{Counters, Flags, MILLIONTHS, Sample, Sides, Value};

const MILLIS: i64 = 1_000;

/// What a side has of a slice.
#[derive(Debug, Clone, Default)]
struct Part {
    /// Millionths of an event.
    events: u128,
    /// Stretches that some series measured, in milliseconds; they may overlap.
    measured: Vec<(i64, i64)>,
    /// Whether a series lost time here.
    lost: bool,
    flagged: bool,
}

/// What a side says of a slice (C7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Counted(u64),
    Absent,
    Unknown,
}

/// The parts of a side, by the start of their slice in milliseconds.
#[derive(Debug)]
struct Side<'a> {
    counters: &'a Counters,
    parts: BTreeMap<i64, Part>,
    flags: Flags,
}

/// The known slices in order of time, and the flags of all.
pub(super) fn slices(counters: &Counters) -> (Vec<Slice>, Flags) {
    let [first, second] = [false, true].map(|second| Side::new(counters, second));
    let mut starts: Vec<i64> = first.parts.keys().chain(second.parts.keys()).copied().collect();
    starts.sort_unstable();
    starts.dedup();
    let slices = starts.into_iter().filter_map(|start| slice(&first, &second, start)).collect();
    let (one, two) = (first.flags, second.flags);
    let flags = Flags {
        resets: one.resets + two.resets,
        gaps: one.gaps + two.gaps,
        conflicts: one.conflicts + two.conflicts,
        invalid: one.invalid + two.invalid,
        unseen_starts: one.unseen_starts + two.unseen_starts,
    };
    (slices, flags)
}

/// Both sides of a slice put together (C8).
fn slice(first: &Side<'_>, second: &Side<'_>, start: i64) -> Option<Slice> {
    let (one, two) = (first.said(start), second.said(start));
    let count = |said: Said| match said {
        Said::Counted(count) => Some(count),
        Said::Absent => Some(0),
        Said::Unknown => None,
    };
    let (left, right) = (count(one)?, count(two)?);
    let (good, total) = match first.counters.sides {
        Sides::GoodTotal | Sides::BadTotal if two == Said::Absent => return None,
        Sides::GoodBad if (one, two) == (Said::Absent, Said::Absent) => return None,
        Sides::GoodTotal => (left, right),
        Sides::BadTotal => (right.saturating_sub(left), right),
        Sides::GoodBad => (left, left.saturating_add(right)),
    };
    let stretches =
        |side: &Side<'_>| side.parts.get(&start).map(|part| part.measured.clone()).unwrap_or_default();
    let mut measured = stretches(second);
    if first.counters.sides == Sides::GoodBad {
        measured.extend(stretches(first));
    }
    let second_of = |millis: i64| Instant::from_unix(millis.div_euclid(MILLIS));
    let from = measured.iter().map(|stretch| stretch.0).min().unwrap_or(start);
    let to = measured.iter().map(|stretch| stretch.1).max().unwrap_or(start);
    Some(Slice {
        start: second_of(start),
        seconds: first.counters.slice_seconds,
        measurement: Measurement::Measured(Measured {
            good,
            total,
            measured_seconds: u32::try_from(covered(&measured) / MILLIS).unwrap_or(u32::MAX),
            from: second_of(from),
            to: second_of(to),
        }),
    })
}

/// Milliseconds that are in any stretch: between two neighbouring ends either all of them are, or none.
fn covered(stretches: &[(i64, i64)]) -> i64 {
    let mut ends: Vec<i64> = stretches.iter().flat_map(|(from, to)| [*from, *to]).collect();
    ends.sort_unstable();
    let pieces = ends.iter().zip(ends.iter().skip(1));
    let is_in = |at: i64| stretches.iter().any(|(from, to)| *from <= at && at < *to);
    pieces.filter(|(from, to)| from < to && is_in(**from)).map(|(from, to)| to - from).sum()
}

impl<'a> Side<'a> {
    fn new(counters: &'a Counters, second: bool) -> Self {
        let mut side = Self { counters, parts: BTreeMap::new(), flags: Flags::default() };
        let mut series: BTreeMap<u8, BTreeMap<i64, (Sample, bool)>> = BTreeMap::new();
        for sample in counters.samples.iter().filter(|sample| sample.second == second) {
            // Of several at one instant the first to arrive stays (C1).
            let kept = series.entry(sample.series).or_default();
            let (first, conflict) = kept.entry(sample.at).or_insert((*sample, false));
            *conflict |= first != sample;
        }
        for samples in series.into_values() {
            side.series(samples.into_values());
        }
        side
    }

    /// Adds one series, sample by sample in the order of time.
    fn series(&mut self, samples: impl Iterator<Item = (Sample, bool)>) {
        let mut before: Option<(i64, Option<i64>, u64)> = None;
        let mut ended = false;
        for (sample, conflict) in samples {
            let at = sample.at;
            if conflict {
                self.flags.conflicts += 1;
                self.part(at).flagged = true;
            }
            let Value::Millionths(value) = sample.value else {
                if sample.value == Value::Invalid {
                    self.flags.invalid += 1;
                    self.part(at).flagged = true;
                }
                ended = true;
                continue;
            };
            let created = sample.created.filter(|created| *created < at);
            match before {
                Some(before) if !ended => self.next(before, (at, created, value)),
                _ => self.first(before.map(|(at, ..)| at), (at, created, value)),
            }
            (before, ended) = (Some((at, created, value)), false);
        }
    }

    fn twice(&self) -> i64 {
        2 * i64::from(self.counters.cadence_seconds) * MILLIS
    }

    /// A sample that has none before it, or an end (C3).
    fn first(&mut self, last: Option<i64>, (at, created, value): (i64, Option<i64>, u64)) {
        let covered = self.counters.covered_from;
        let born = created.filter(|created| {
            covered.is_some_and(|covered| covered <= *created) && last.is_none_or(|last| last < *created)
        });
        if let Some(born) = born {
            if last.is_some() {
                self.flags.resets += 1;
                self.part(at).flagged = true;
            }
            self.part(at).events += u128::from(value);
            let from = if at - born > self.twice() { at - self.twice() / 2 } else { born };
            self.measure(from, at);
        } else if value > 0 && covered.is_some_and(|covered| covered < at) {
            self.flags.unseen_starts += 1;
            self.part(at).flagged = true;
        }
    }

    /// A sample after another (C4, C5).
    fn next(
        &mut self,
        (earlier, created_before, value_before): (i64, Option<i64>, u64),
        (at, created, value): (i64, Option<i64>, u64),
    ) {
        let reborn = created.is_some_and(|created| match created_before {
            Some(before) => before != created,
            None => created > earlier,
        });
        let reset = reborn || value < value_before;
        if reset {
            self.flags.resets += 1;
            self.part(at).flagged = true;
        }
        let begin = created.filter(|created| reborn && *created > earlier).unwrap_or(earlier);
        let is_lost = at - begin > self.twice();
        let gap_ends = if is_lost { at } else { begin };
        if gap_ends - earlier > self.twice() {
            self.flags.gaps += 1;
            self.part(at).flagged = true;
            self.lose(earlier, gap_ends);
        }
        if !is_lost {
            self.part(at).events += u128::from(if reset { value } else { value - value_before });
            self.measure(if begin - earlier > self.twice() { begin } else { earlier }, at);
        }
    }

    fn start_of(&self, at: i64) -> i64 {
        at - at.rem_euclid(i64::from(self.counters.slice_seconds) * MILLIS)
    }

    fn part(&mut self, at: i64) -> &mut Part {
        self.parts.entry(self.start_of(at)).or_default()
    }

    /// `[from, to)` cut into slices.
    fn cut(&self, from: i64, to: i64) -> Vec<(i64, i64)> {
        let length = i64::from(self.counters.slice_seconds) * MILLIS;
        let mut cuts = vec![from];
        cuts.extend((self.start_of(from) + length..to).step_by(usize::try_from(length).unwrap_or(1)));
        cuts.push(to);
        let pieces = cuts.iter().zip(cuts.iter().skip(1));
        pieces.filter(|(from, to)| from < to).map(|(from, to)| (*from, *to)).collect()
    }

    fn measure(&mut self, from: i64, to: i64) {
        for piece in self.cut(from, to) {
            self.part(piece.0).measured.push(piece);
        }
    }

    fn lose(&mut self, from: i64, to: i64) {
        for piece in self.cut(from, to) {
            self.part(piece.0).lost = true;
        }
    }

    fn said(&self, start: i64) -> Said {
        let Some(part) = self.parts.get(&start) else { return Said::Absent };
        if part.measured.is_empty() && part.events == 0 {
            return if part.flagged || part.lost { Said::Unknown } else { Said::Absent };
        }
        let events = u64::try_from(part.events / u128::from(MILLIONTHS)).ok();
        let whole = events.filter(|_| part.events.is_multiple_of(MILLIONTHS.into()));
        whole.map_or(Said::Unknown, Said::Counted)
    }
}
