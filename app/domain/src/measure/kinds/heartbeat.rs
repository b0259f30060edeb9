//! Heartbeats: a job that has to report once in every period.
//!
//! - A beat is due one period after the message that met the one before, or, after silence, one period after the one
//!   that was missed. The first is due one period after the heartbeat began.
//! - Each expected beat is one event: good when a success arrives by the due time + grace, early ones included. A
//!   success after a failure, still in time, is good: the job is done. Only failures, or nothing: bad, at the deadline.
//! - Several messages before the due time meet one beat; so a retried message is not a second event.
//! - A start says that a run began. It meets no beat and excuses none.
//! - An overdue beat is bad if the collector ran from due - grace to the deadline; else it is unknown, no event.
//!
//! Invariants: the result is the same however the time is cut into calls, if the messages of each are complete.

use super::whole_slices;
use crate::measure::counts::{Counts, Judged};
use crate::measure::spans::{Spans, Timestamp};
use crate::slice::Bounds;

/// Beats that one call resolves: a day of one beat a second.
pub const MAX_BEATS: usize = 86_400;

/// What a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageKind {
    /// A run began.
    Start,
    /// A run ended well.
    Success,
    /// A run failed.
    Fail,
}

/// One message that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Message {
    /// When it arrived.
    pub at: Timestamp,
    /// What it says.
    pub kind: MessageKind,
}

/// What became of an expected beat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It came in time.
    Good,
    /// It did not, or only failures came.
    Bad,
    /// It did not, but we were not there.
    Unknown,
}

/// An expected beat that is resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    /// When it was due.
    pub due: Timestamp,
    /// When it was resolved: a good one when it arrived, others at the deadline.
    pub at: Timestamp,
    /// How.
    pub outcome: Outcome,
}

/// The beat that is expected next: what a caller keeps between two calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expectation {
    /// Messages up to here are used up.
    pub after: Timestamp,
    /// When the beat is due.
    pub due: Timestamp,
    /// When it came, if it did; it holds until `due`, so that a retried message meets no second beat.
    pub met: Option<Timestamp>,
}

/// What a call found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beats {
    /// The beats resolved in this call, in order.
    pub beats: Vec<Beat>,
    /// To go on from.
    pub next: Expectation,
    /// [`MAX_BEATS`] were resolved and more can be: call again with `next`.
    pub more: bool,
}

/// How often a job reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    period_millis: i64,
    grace_millis: i64,
}

impl Heartbeat {
    /// A beat every `period_seconds` (0 is taken as 1), at most `grace_seconds` late.
    pub fn new(period_seconds: u32, grace_seconds: u32) -> Self {
        Self {
            period_millis: i64::from(period_seconds.max(1)) * 1_000,
            grace_millis: i64::from(grace_seconds) * 1_000,
        }
    }

    /// The first expectation of a heartbeat that began at `began`: its creation, or its first message.
    pub fn expect_from(&self, began: Timestamp) -> Expectation {
        Expectation { after: began, due: began.plus_millis(self.period_millis), met: None }
    }

    /// When a beat that is due then is overdue.
    pub fn deadline(&self, due: Timestamp) -> Timestamp {
        due.plus_millis(self.grace_millis)
    }

    /// The beats that are resolved by `until`: good ones that came at or before it, others whose deadline is not
    /// after it.
    ///
    /// `messages`, in any order, are all that came after `expected.after` and at or before `until`; more do no harm.
    /// `ran` is the time in which the collector ran.
    pub fn resolve(
        &self,
        expected: Expectation,
        messages: &[Message],
        ran: &Spans,
        until: Timestamp,
    ) -> Beats {
        let mut sorted: Vec<Message> =
            messages.iter().copied().filter(|message| message.at <= until).collect();
        sorted.sort_unstable();
        let mut beats = Vec::new();
        let mut next = expected;
        while beats.len() < MAX_BEATS {
            let Some((beat, then)) = self.advance(next, &sorted, ran, until) else {
                return Beats { beats, next, more: false };
            };
            beats.extend(beat);
            if then == next {
                return Beats { beats, next, more: false };
            }
            next = then;
        }
        Beats { beats, next, more: true }
    }

    /// One step: meets a beat, settles a met one, or misses one. None if that takes time after `until`.
    fn advance(
        &self,
        expected: Expectation,
        sorted: &[Message],
        ran: &Spans,
        until: Timestamp,
    ) -> Option<(Option<Beat>, Expectation)> {
        let Expectation { after, due, met } = expected;
        let within = |to: Timestamp| {
            let low = sorted.partition_point(|message| message.at <= after);
            let high = sorted.partition_point(|message| message.at <= to);
            sorted.get(low..high).unwrap_or_default()
        };
        if let Some(met) = met {
            // Messages up to the due time belong to this beat.
            let settled = due.max(met);
            if settled > until {
                return None;
            }
            let ended = within(settled).iter().rev().find(|message| message.kind != MessageKind::Start);
            let last = ended.map_or(met, |message| message.at);
            let next = Expectation { after: settled, due: last.plus_millis(self.period_millis), met: None };
            return Some((None, next));
        }
        let deadline = self.deadline(due);
        if let Some(success) = within(deadline).iter().find(|message| message.kind == MessageKind::Success) {
            let beat = Beat { due, at: success.at, outcome: Outcome::Good };
            return Some((Some(beat), Expectation { met: Some(success.at), ..expected }));
        }
        if deadline > until {
            return None;
        }
        let failed = within(deadline).iter().rev().find(|message| message.kind == MessageKind::Fail);
        let watched =
            ran.covers(due.plus_millis(-self.grace_millis), deadline) && super::ran_until(ran, deadline);
        let outcome = if failed.is_some() || watched { Outcome::Bad } else { Outcome::Unknown };
        let last = failed.map_or(due, |message| message.at.max(due));
        let next = Expectation { after: deadline, due: last.plus_millis(self.period_millis), met: None };
        Some((Some(Beat { due, at: deadline, outcome }), next))
    }

    /// Resolved beats by slice, with the time in which the collector ran, over the slices that lie in `bounds` whole.
    pub fn counts(beats: &[Beat], ran: &Spans, bounds: Bounds, slice_seconds: u32) -> Counts<Judged> {
        let mut counts = Counts::new(slice_seconds);
        let mut covered = Spans::default();
        for (_, start, end) in whole_slices(bounds, slice_seconds) {
            covered.insert(start, end);
            for (from, to) in ran.clip(start, end).iter() {
                counts.add_measured(from, to);
            }
        }
        for beat in beats.iter().filter(|beat| covered.covers(beat.at, beat.at.plus_millis(1))) {
            if beat.outcome != Outcome::Unknown {
                counts.add_events(beat.at, &Judged::one(beat.outcome == Outcome::Good));
            }
        }
        counts
    }
}
