//! The latest hours of samples of each series, and which slices they touched since those were last made.
//!
//! Invariants: the points of a series are sorted and their instants differ; the first that arrived at an instant stays,
//! and a different one only marks it; what lies before the cut is forgotten but for the last value, so that every slice
//! after the cut can be made again, to the same figures.

use std::collections::{BTreeSet, HashSet};

use domain::Instant;
use domain::measure::{Amount, Reading, Spans, Timestamp};

use super::Sample;
use super::registry::SeriesNumber;
use super::selectors::{Feed, SliNumber};
use crate::source::MetricSource;

/// Samples of one series: several a second for as long as late ones are taken.
pub(super) const POINTS_MAX: usize = 20_000;
/// Samples of all series, some 32 bytes each.
pub(super) const ALL_POINTS_MAX: usize = 24_000_000;

/// One kept sample.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) sample: Sample,
    /// Another one claimed this instant.
    pub(super) conflict: bool,
}

impl Point {
    /// What it says of a counter.
    pub(super) fn reading(&self) -> Reading<Amount> {
        Reading::from_f64(self.sample.value)
    }

    fn is_value(&self) -> bool {
        matches!(self.reading(), Reading::Value(_))
    }
}

/// What becomes of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is kept.
    New,
    /// It is there.
    Same,
    /// Another was there first and gets a mark.
    Conflict,
    /// Another was there first and has its mark.
    AnotherConflict,
    /// It lies before the cut.
    Late,
    /// There are too many.
    Full,
}

/// What is known of an SLI's samples.
#[derive(Debug)]
pub(super) struct SliState {
    pub(super) cadence_millis: i64,
    /// When samples of any of its series came without an interruption.
    pub(super) runs: Spans,
    /// Slices between these instants are to be made anew.
    pub(super) touched: Option<(i64, i64)>,
    /// Slices that were made since the cut: only they may become unknown again.
    pub(super) made: BTreeSet<Instant>,
    /// Slices that start earlier are not of this meaning of the SLI, whatever is sent of them.
    pub(super) began: Option<Instant>,
    /// The series of the first side, and of the second.
    pub(super) sides: [Vec<SeriesNumber>; 2],
}

/// The samples.
#[derive(Debug)]
pub(super) struct Head {
    /// By number.
    tracks: Vec<Vec<Point>>,
    slis: Vec<SliState>,
    points: usize,
    /// Everything from here on is known.
    pub(super) cut_millis: Option<i64>,
    /// The last row of the log that is in here.
    pub(super) log_id: i64,
}

impl Head {
    pub(super) fn new(sources: &[MetricSource]) -> Self {
        let state = |source: &MetricSource| SliState {
            cadence_millis: i64::from(source.cadence_seconds) * 1_000,
            runs: Spans::default(),
            touched: None,
            made: BTreeSet::new(),
            began: None,
            sides: [Vec::new(), Vec::new()],
        };
        Self {
            tracks: Vec::new(),
            slis: sources.iter().map(state).collect(),
            points: 0,
            cut_millis: None,
            log_id: 0,
        }
    }

    /// The SLIs' states, by number.
    pub(super) fn slis(&self) -> &[SliState] {
        &self.slis
    }

    /// Likewise, to change them.
    pub(super) fn slis_mut(&mut self) -> &mut [SliState] {
        &mut self.slis
    }

    /// The points of a series, by time.
    pub(super) fn points(&self, series: SeriesNumber) -> &[Point] {
        self.tracks.get(series).map(Vec::as_slice).unwrap_or_default()
    }

    /// Makes room for a series that feeds these.
    pub(super) fn begin(&mut self, series: SeriesNumber, feeds: &[Feed]) {
        if self.tracks.len() <= series {
            self.tracks.resize_with(series + 1, Vec::new);
        }
        for feed in feeds {
            if let Some(side) =
                self.slis.get_mut(feed.sli).and_then(|sli| sli.sides.get_mut(usize::from(feed.second)))
            {
                side.push(series);
            }
        }
    }

    /// What would become of a sample.
    #[inline]
    pub(super) fn verdict(&self, series: SeriesNumber, sample: &Sample) -> Verdict {
        if self.cut_millis.is_some_and(|cut| sample.millis < cut) {
            return Verdict::Late;
        }
        let points = self.points(series);
        if points.last().is_none_or(|last| last.sample.millis < sample.millis) {
            return self.room(points.len());
        }
        let place = points.partition_point(|point| point.sample.millis < sample.millis);
        match points.get(place) {
            Some(there) if there.sample.is_same(sample) => Verdict::Same,
            Some(there) if there.sample.millis == sample.millis && there.conflict => Verdict::AnotherConflict,
            Some(there) if there.sample.millis == sample.millis => Verdict::Conflict,
            _ => self.room(points.len()),
        }
    }

    fn room(&self, points: usize) -> Verdict {
        if points >= POINTS_MAX || self.points >= ALL_POINTS_MAX { Verdict::Full } else { Verdict::New }
    }

    /// Adds a sample of a series that feeds these; the slices that it touches become due.
    pub(super) fn add(&mut self, series: SeriesNumber, feeds: &[Feed], sample: Sample) -> Verdict {
        let verdict = self.verdict(series, &sample);
        if !matches!(verdict, Verdict::New | Verdict::Conflict) {
            return verdict;
        }
        let place = self.place(series, sample, verdict);
        let points = self.tracks.get(series).map(Vec::as_slice).unwrap_or_default();
        let (before, after) = points.split_at_checked(place).unwrap_or_default();
        // What the sample says depends on the value before it, and what the value after it says depends on this one.
        let previous = before.iter().rev().find(|point| point.is_value()).map(|point| point.sample.millis);
        let next = after.iter().skip(1).find(|point| point.is_value()).map(|point| point.sample.millis);
        for feed in feeds {
            let Some(sli) = self.slis.get_mut(feed.sli) else { continue };
            // A series that says since when it counts measures back from its first value.
            let from = previous.unwrap_or(sample.millis - 2 * sli.cadence_millis);
            touch(sli, from, next.unwrap_or(sample.millis));
            collect(sli, sample.millis);
        }
        verdict
    }

    /// Adds a sample that came before the cut, to go on from.
    pub(super) fn add_baseline(&mut self, series: SeriesNumber, sample: Sample) {
        if self.verdict(series, &sample) == Verdict::New {
            self.place(series, sample, Verdict::New);
        }
    }

    /// Puts a new sample, or a conflict's mark, where it belongs; the place.
    fn place(&mut self, series: SeriesNumber, sample: Sample, verdict: Verdict) -> usize {
        let Some(points) = self.tracks.get_mut(series) else { return 0 };
        let place = points.partition_point(|point| point.sample.millis < sample.millis);
        if verdict == Verdict::Conflict {
            if let Some(there) = points.get_mut(place) {
                there.conflict = true;
            }
        } else {
            points.insert(place, Point { sample, conflict: false });
            self.points += 1;
        }
        place
    }

    /// Forgets what no slice from `cut_millis` on needs. Of each series what it goes on from: its last value before the
    /// cut, and what ended it.
    pub(super) fn forget(&mut self, cut_millis: i64) {
        for points in &mut self.tracks {
            let later = points.partition_point(|point| point.sample.millis < cut_millis);
            let past = points.get(..later).unwrap_or_default();
            let value = past.iter().rposition(Point::is_value);
            let mark = past.get(value.map_or(later, |value| value + 1)..).and_then(<[Point]>::first).copied();
            let kept: Vec<Point> =
                value.and_then(|value| past.get(value)).copied().into_iter().chain(mark).collect();
            self.points -= later - kept.len();
            drop(points.splice(..later, kept));
            if points.capacity() > 2 * points.len() + 64 {
                points.shrink_to_fit();
            }
        }
        let cut = Timestamp::from_millis(cut_millis).instant();
        for sli in &mut self.slis {
            sli.made = sli.made.split_off(&cut);
        }
        self.cut_millis = Some(cut_millis);
    }

    /// The points of a series before the cut.
    pub(super) fn baseline(&self, series: SeriesNumber) -> &[Point] {
        let points = self.points(series);
        let later =
            self.cut_millis.map_or(0, |cut| points.partition_point(|point| point.sample.millis < cut));
        points.get(..later).unwrap_or_default()
    }

    /// Series whose latest sample is older than `before_millis`.
    pub(super) fn silent_since(&self, before_millis: i64) -> impl Iterator<Item = SeriesNumber> + '_ {
        let silent =
            move |points: &Vec<Point>| points.last().is_none_or(|last| last.sample.millis < before_millis);
        self.tracks.iter().enumerate().filter(move |(_, points)| silent(points)).map(|(series, _)| series)
    }

    /// Drops series whole.
    pub(super) fn drop_series(&mut self, gone: &HashSet<SeriesNumber>) {
        for series in gone {
            if let Some(points) = self.tracks.get_mut(*series) {
                self.points -= points.len();
                *points = Vec::new();
            }
        }
        for side in self.slis.iter_mut().flat_map(|sli| &mut sli.sides) {
            side.retain(|series| !gone.contains(series));
        }
    }

    /// What is due of an SLI, if anything; it counts as done until [`Self::due_again`].
    pub(super) fn take_touched(&mut self, sli: SliNumber) -> Option<(i64, i64)> {
        self.slis.get_mut(sli)?.touched.take()
    }

    /// Slices that could not be stored are due again.
    pub(super) fn due_again(&mut self, sli: SliNumber, (from, to): (i64, i64)) {
        if let Some(sli) = self.slis.get_mut(sli) {
            touch(sli, from, to);
        }
    }
}

fn touch(sli: &mut SliState, from: i64, to: i64) {
    let all = sli.touched.get_or_insert((from, to));
    *all = (all.0.min(from), all.1.max(to));
}

/// Notes that the SLI was collected at this instant, and so up to twice the cadence after it.
fn collect(sli: &mut SliState, millis: i64) {
    let (from, to) = (millis, millis + 2 * sli.cadence_millis);
    let stretch = (Timestamp::from_millis(from), Timestamp::from_millis(to));
    // Most often: other series were asked at the same instant.
    if sli.runs.covers(stretch.0, stretch.1) {
        return;
    }
    let newest = sli.runs.last().map(Timestamp::millis);
    let runs = sli.runs.iter().count();
    let covered = sli.runs.covers(stretch.0, Timestamp::from_millis(from + 1));
    sli.runs.insert(stretch.0, stretch.1);
    // A late sample that begins a run earlier, or closes a gap between two, changes since when the later ones count.
    if let Some(newest) = newest.filter(|newest| to < *newest)
        && (!covered || sli.runs.iter().count() != runs)
    {
        touch(sli, from, newest);
    }
}
