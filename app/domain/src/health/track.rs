//! What is remembered of one SLI's results: enough to say in constant time how it stands and since when.
//!
//! Invariants: memory is bounded; the order in which the latest results arrive changes nothing; the same result twice
//! counts once.

use std::collections::VecDeque;

use crate::ratio::{ONE, Target};
use crate::time::Instant;

/// Results that may still arrive out of order; what is older than all of these when it arrives is left out.
pub const REORDER_RESULTS: usize = 16;

/// Consecutive bad results that confirm a failure or an impairment; fewer are a blip.
pub const CONFIRM_RESULTS: u32 = 2;

/// Characters kept of a reason.
pub const MAX_REASON_CHARS: usize = 200;

/// One result of an SLI's source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// When it came about. A later result of the same instant replaces the earlier one.
    pub at: Instant,
    /// Good events.
    pub good: u64,
    /// All events; 0 is no evidence either way.
    pub total: u64,
    /// Why it is not good, for people, e.g. `HTTP 500`.
    pub reason: Option<String>,
}

/// The latest results of one SLI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SliHealth {
    lowest_target: Target,
    /// The latest results, oldest first, at most `REORDER_RESULTS`.
    pub(super) recent: VecDeque<Observation>,
    /// All results before `recent`.
    settled: Track,
    /// All results.
    current: Track,
}

/// Consecutive results, without regard to those that had no traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) from: Instant,
    pub(super) results: u32,
    pub(super) latest: Observation,
}

/// A sequence of results, boiled down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Track {
    pub(super) first: Option<Instant>,
    pub(super) latest: Option<Instant>,
    /// Whether any result was good.
    pub(super) was_good: bool,
    /// The first good result after the last confirmed run of bad ones.
    pub(super) recovered: Option<Instant>,
    /// The bad (failing or impaired) results at the end.
    pub(super) bad: Option<Run>,
    /// The failing results at the end.
    pub(super) failing: Option<Run>,
}

/// How an SLI stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition<'a> {
    /// Its last `CONFIRM_RESULTS` results or more had traffic and nothing good.
    Failing(&'a Run),
    /// Its last `CONFIRM_RESULTS` results or more were bad.
    Impaired(&'a Run),
    /// Its last result was bad, and those before were good.
    Blip(&'a Run),
    /// Its only result with traffic was bad.
    Undecided(&'a Run),
    /// Its last result with traffic was good.
    Good,
    /// No result had traffic.
    NoTraffic,
}

impl SliHealth {
    /// Nothing seen yet. A result below `lowest_target`, the lowest of all objectives on the SLI, is impaired.
    pub fn new(lowest_target: Target) -> Self {
        Self {
            lowest_target,
            recent: VecDeque::with_capacity(REORDER_RESULTS + 1),
            settled: Track::default(),
            current: Track::default(),
        }
    }

    /// Takes in a result, in any order among the latest `REORDER_RESULTS`.
    pub fn observe(&mut self, mut observation: Observation) {
        if let Some(reason) = &mut observation.reason
            && let Some((end, _)) = reason.char_indices().nth(MAX_REASON_CHARS)
        {
            reason.truncate(end);
        }
        if self.settled.latest.is_some_and(|settled| observation.at <= settled) {
            return;
        }
        let in_order = self.current.latest.is_none_or(|latest| latest < observation.at);
        if in_order {
            self.current.add(&observation, self.lowest_target);
        }
        let place = self.recent.partition_point(|other| other.at < observation.at);
        match self.recent.get_mut(place) {
            Some(other) if other.at == observation.at => *other = observation,
            _ => self.recent.insert(place, observation),
        }
        if self.recent.len() > REORDER_RESULTS
            && let Some(oldest) = self.recent.pop_front()
        {
            self.settled.add(&oldest, self.lowest_target);
        }
        if !in_order {
            self.current = self.settled.clone();
            for observation in &self.recent {
                self.current.add(observation, self.lowest_target);
            }
        }
    }

    /// When the latest result came about.
    pub fn latest(&self) -> Option<Instant> {
        self.current.latest
    }

    /// The target below which a result is impaired.
    pub fn lowest_target(&self) -> Target {
        self.lowest_target
    }

    pub(super) fn track(&self) -> &Track {
        &self.current
    }
}

impl Run {
    fn extend(run: &mut Option<Self>, observation: &Observation) {
        let (from, results) = run.take().map_or((observation.at, 0), |run| (run.from, run.results));
        *run = Some(Self { from, results: results.saturating_add(1), latest: observation.clone() });
    }

    fn is_confirmed(&self) -> bool {
        self.results >= CONFIRM_RESULTS
    }
}

impl Track {
    fn add(&mut self, observation: &Observation, lowest_target: Target) {
        self.first.get_or_insert(observation.at);
        self.latest = Some(observation.at);
        if observation.total == 0 {
            return;
        }
        let good = i128::from(observation.good.min(observation.total)) * ONE;
        if good >= i128::from(observation.total) * i128::from(lowest_target.parts()) {
            if self.bad.as_ref().is_some_and(Run::is_confirmed) {
                self.recovered = Some(observation.at);
            }
            (self.was_good, self.bad, self.failing) = (true, None, None);
            return;
        }
        Run::extend(&mut self.bad, observation);
        if good == 0 {
            Run::extend(&mut self.failing, observation);
        } else {
            self.failing = None;
        }
    }

    pub(super) fn condition(&self) -> Condition<'_> {
        match (&self.bad, &self.failing) {
            (_, Some(run)) if run.is_confirmed() => Condition::Failing(run),
            (Some(run), _) if run.is_confirmed() => Condition::Impaired(run),
            (Some(run), _) if self.was_good => Condition::Blip(run),
            (Some(run), _) => Condition::Undecided(run),
            (None, _) if self.was_good => Condition::Good,
            (None, _) => Condition::NoTraffic,
        }
    }
}
