//! Freezes calendar periods that have ended, and what is corrected in them later, as revisions.
//!
//! Invariants: what is frozen is never changed or removed; without a change of what bears on a period there is no
//! further revision of it. The work is bounded: so many periods a pass, and passes at a fixed pace. At a start
//! everything within retention is looked at again, so that nothing is lost that was not yet looked at when the server
//! ended. Figures are read from the store alone, without the engine's memory of hours, which another server on the same
//! database does not keep up to date.

mod agenda;
mod notes;
mod reason;
mod record;

use std::collections::HashMap;
use std::time::{Duration, Instant as Moment};

use app::view::{FrozenObjective, FrozenPeriod, FrozenRevision};
use domain::window::CalendarWindow;
use domain::{Bounds, GapPolicy, Instant, Slo, SloStatus, Window, calendar};
use tokio_util::sync::CancellationToken;

use super::evaluate::Sources;
use super::{Engine, views};
use crate::clock;
use crate::ingest::slices::RETENTION_SECONDS;
use crate::store::{ClosedPeriod, MeasuredInPeriod, StoreError};
use agenda::Agenda;
pub(super) use notes::Notes;
use record::{Figures, Policy, Record};

/// Pause between two passes.
const PASS_EVERY: Duration = Duration::from_secs(2);
/// Periods looked at in a pass: judged slices of a month are 43,200 rows, and figures must go on.
const PERIODS_PER_PASS: usize = 8;
/// SLOs that get a turn in a pass, whether or not a period of theirs is due.
const TURNS_PER_PASS: usize = 1_000;
/// A period is frozen so long after its end, whatever its data reach to.
const CLOSE_AFTER_SECONDS: i64 = 900;
/// Where data reach a period's end, results that were under way then, and their commit, get so much more time than the
/// source may take.
const SETTLE_SECONDS: i64 = 5;
/// Revisions of a period follow each other at least 2 s apart, then 4 s, 8 s and so on up to this: corrections that
/// do not end are gathered.
const REVISION_PAUSE_SECONDS_MAX: i64 = 3_600;
/// A period that changed while it was looked at is looked at again after so long.
const AGAIN_SECONDS: i64 = 2;

/// Why a period could not be looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PeriodError {
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is frozen was written by a version that this one does not know.
    #[error("what is frozen cannot be read")]
    Unreadable(#[from] serde_json::Error),
}

/// What came of looking at a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It is frozen as it is known now.
    Settled,
    /// Nothing was measured before its end.
    BeforeData,
    /// It is to be looked at again, but not before.
    Later(Instant),
}

impl Engine {
    /// Freezes until cancelled.
    pub async fn close_periods(self: std::sync::Arc<Self>, cancel: CancellationToken) {
        tokio::select! {
            () = cancel.cancelled() => return,
            _ = self.recollected.wait() => {}
        }
        let mut agenda = Agenda::default();
        let mut failing = false;
        loop {
            let passed = tokio::select! {
                () = cancel.cancelled() => return,
                passed = self.pass(&mut agenda, clock::now()) => passed,
            };
            match passed {
                Err(error) if !failing => {
                    failing = true;
                    tracing::warn!(error = ?error, "periods cannot be closed: the store cannot be used");
                }
                Ok(()) if failing => {
                    failing = false;
                    tracing::info!("periods are closed again");
                }
                _ => {}
            }
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(PASS_EVERY) => {}
            }
        }
    }

    /// Looks at some periods; what an error keeps from being looked at stays on the agenda.
    async fn pass(&self, agenda: &mut Agenda, now: Instant) -> Result<(), StoreError> {
        let since = now - RETENTION_SECONDS;
        self.gather(agenda, now, since);
        let mut left = PERIODS_PER_PASS;
        let awaited: Vec<(String, Bounds)> =
            agenda.awaited().map(|(slo, period)| (slo.clone(), period)).collect();
        for (name, period) in awaited {
            let Some(slo) = self.catalog.slo(&name) else {
                agenda.forget(&name);
                continue;
            };
            if left == 0 {
                return Ok(());
            }
            if self.is_over(slo, period, now) && !self.periods.is_unsettled(&slo.sli) {
                left -= 1;
                self.visit(agenda, slo, period, now).await?;
            }
        }
        for _ in 0..TURNS_PER_PASS {
            let free =
                |name: &str| self.catalog.slo(name).is_none_or(|slo| !self.periods.is_unsettled(&slo.sli));
            if left == 0 {
                break;
            }
            let Some(name) = agenda.turn(free) else { break };
            let Some((slo, window)) = self.catalog.slo(&name).and_then(by_calendar) else {
                agenda.forget(&name);
                continue;
            };
            let Some(period) = agenda.period(&name, window, now, since) else {
                agenda.nothing_due(&name);
                continue;
            };
            left -= 1;
            self.visit(agenda, slo, period, now).await?;
        }
        Ok(())
    }

    /// Puts on the agenda what time, and writes since the last pass, have brought.
    fn gather(&self, agenda: &mut Agenda, now: Instant, since: Instant) {
        let mut ended: HashMap<String, Instant> = HashMap::new();
        for (slo, window) in self.catalog.estate.slos.iter().filter_map(by_calendar) {
            let newest = calendar::closed_period(window, now);
            agenda.advance(&slo.name, newest, since);
            let end = ended.entry(slo.sli.clone()).or_insert(newest.to);
            *end = newest.to.max(*end);
        }
        // What is written before this is seen by what is read after it.
        self.periods.watch(ended);
        for (sli, written) in self.periods.ripe(Moment::now()) {
            let judging = self.catalog.estate.slos.iter().filter(|slo| slo.sli == sli);
            for (slo, _) in judging.filter_map(by_calendar) {
                // A judged slice belongs to the period that it begins in; what is held reaches on.
                let to = if slo.gap == GapPolicy::Hold { now } else { written.to };
                agenda.add(&slo.name, Bounds { from: written.from.floor_to(3_600), to });
            }
        }
        agenda.wake(now);
    }

    /// Whether a period that has ended gets no more data in the ordinary course of things.
    fn is_over(&self, slo: &Slo, period: Bounds, now: Instant) -> bool {
        let timeout = self.catalog.sli(&slo.sli).map_or(0, |sli| i64::from(sli.timeout_seconds));
        let snapshot = self.snapshot();
        let until = snapshot.row(&slo.name).and_then(|found| found.row.status.data_until);
        let waited = now.seconds_since(period.to);
        waited >= CLOSE_AFTER_SECONDS
            || (waited >= timeout + SETTLE_SECONDS && until.is_some_and(|until| until >= period.to))
    }

    async fn visit(
        &self,
        agenda: &mut Agenda,
        slo: &Slo,
        period: Bounds,
        now: Instant,
    ) -> Result<(), StoreError> {
        let hours = views::Hours::default();
        let sources = Sources { hours: &hours, ..self.sources() };
        match sources.freeze(slo, period, now).await {
            Ok(Outcome::Settled) => {}
            // Older periods end even earlier.
            Ok(Outcome::BeforeData) => agenda.nothing_due(&slo.name),
            Ok(Outcome::Later(at)) => agenda.put_off(&slo.name, period, at),
            Err(PeriodError::Store(error)) => return Err(error),
            Err(error @ PeriodError::Unreadable(_)) => {
                tracing::warn!(error = ?error, slo = slo.name, from = %period.from, "a period stays as it is frozen");
            }
        }
        agenda.done(&slo.name, period);
        Ok(())
    }
}

impl Sources<'_> {
    /// Freezes a period that has ended, unless it is frozen as it is known now.
    async fn freeze(&self, slo: &Slo, period: Bounds, now: Instant) -> Result<Outcome, PeriodError> {
        let id = self.catalog.id(&slo.sli).ok_or(StoreError::NotReady)?;
        let first = self.store.first_measured(id, now - RETENTION_SECONDS).await?;
        if first.is_none_or(|first| first >= period.to) {
            return Ok(Outcome::BeforeData);
        }
        let latest = self.store.closed_period(&slo.name, period.from, None).await?;
        let measured = self.measured(slo, period).await?;
        let status = self.status(slo, period.to, true).await?;
        if self.measured(slo, period).await? != measured {
            return Ok(Outcome::Later(now + AGAIN_SECONDS));
        }
        let policy = Policy::of(slo, &self.catalog.estate, period);
        let text = serde_json::to_string(&policy)?;
        let found = Record { bounds: period, measured, policy, objectives: Figures::of(&status)? };
        let (revision, reason) = match &latest {
            None => (1, reason::CLOSED.to_owned()),
            Some(latest) => {
                let Some(reason) = reason::reason(&Record::read(latest)?, &found) else {
                    return Ok(Outcome::Settled);
                };
                let earliest = latest.frozen_at + pause_seconds(latest.revision);
                if now < earliest {
                    return Ok(Outcome::Later(earliest));
                }
                (latest.revision.saturating_add(1), reason)
            }
        };
        let frozen = ClosedPeriod {
            slo: slo.name.clone(),
            bounds: period,
            revision,
            frozen_at: now,
            reason,
            measured,
            policy: text,
            status: serde_json::to_string(&status)?,
        };
        if !self.store.freeze(&frozen).await? {
            // Another server was first: what it froze is to be compared with.
            return Ok(Outcome::Later(now + AGAIN_SECONDS));
        }
        tracing::info!(slo = slo.name, from = %period.from, revision, reason = frozen.reason, "a period is frozen");
        Ok(Outcome::Settled)
    }

    async fn measured(&self, slo: &Slo, period: Bounds) -> Result<MeasuredInPeriod, StoreError> {
        let id = self.catalog.id(&slo.sli).ok_or(StoreError::NotReady)?;
        let sum = self.store.sums(id, &[period]).await?.into_iter().next().unwrap_or_default();
        Ok(MeasuredInPeriod { good: sum.good, total: sum.total, seconds: sum.measured_seconds })
    }

    /// What is frozen of an SLO: the newest `periods` of those that begin before `before`, newest first, and of each the
    /// newest `revisions`, oldest first. A revision that cannot be read any more lists no objectives.
    pub(crate) async fn frozen(
        &self,
        slo: &str,
        before: Option<Instant>,
        periods: u32,
        revisions: u32,
    ) -> Result<Vec<FrozenPeriod>, StoreError> {
        let mut found: Vec<FrozenPeriod> = Vec::new();
        for frozen in self.store.closed_periods(slo, before, periods, revisions).await? {
            // The latest revision says where the period ends, and what it is called.
            let (bounds, label) = (frozen.bounds, label(&frozen));
            match found.last_mut().filter(|last| last.from == bounds.from) {
                Some(period) => {
                    (period.to, period.label) = (bounds.to, label);
                    period.revisions.push(listed(frozen));
                }
                None => found.push(FrozenPeriod {
                    from: bounds.from,
                    to: bounds.to,
                    label,
                    revisions: vec![listed(frozen)],
                }),
            }
        }
        Ok(found)
    }
}

/// Whether what is known now gives other figures than a revision of the same period; names and their order are none.
pub(crate) fn differs(status: &SloStatus, frozen: &FrozenRevision) -> bool {
    let known: Vec<FrozenObjective> =
        Figures::of(status).unwrap_or_default().into_iter().map(objective).collect();
    let is_known = |old: &FrozenObjective| {
        known.iter().any(|new| FrozenObjective { name: old.name.clone(), ..new.clone() } == *old)
    };
    known.len() != frozen.objectives.len() || !frozen.objectives.iter().all(is_known)
}

fn by_calendar(slo: &Slo) -> Option<(&Slo, &CalendarWindow)> {
    match &slo.window {
        Window::Calendar(window) => Some((slo, window)),
        Window::Rolling { .. } => None,
    }
}

/// How long a revision stands at least.
fn pause_seconds(revision: u32) -> i64 {
    // 2^12 s are more than the most.
    (1_i64 << revision.min(12)).min(REVISION_PAUSE_SECONDS_MAX)
}

fn listed(frozen: ClosedPeriod) -> FrozenRevision {
    let figures = Figures::read(&frozen.status).unwrap_or_default();
    FrozenRevision {
        revision: frozen.revision,
        frozen_at: frozen.frozen_at,
        reason: frozen.reason,
        objectives: figures.into_iter().map(objective).collect(),
    }
}

fn objective(figures: Figures) -> FrozenObjective {
    FrozenObjective {
        name: figures.name,
        target: figures.target,
        state: figures.state,
        good: figures.good,
        total: figures.total,
        sli: figures.sli,
        coverage: figures.coverage,
        consumed_ratio: figures.error_budget.consumed_ratio,
    }
}

/// The name of a frozen period in the calendar that it was declared in.
fn label(frozen: &ClosedPeriod) -> String {
    match serde_json::from_str::<Policy>(&frozen.policy).map(|policy| policy.window) {
        Ok(Window::Calendar(window)) => calendar::label(&window, frozen.bounds),
        _ => format!("{} to {}", frozen.bounds.from, frozen.bounds.to),
    }
}

#[cfg(test)]
mod tests {
    use super::pause_seconds;

    #[test]
    fn revisions_follow_each_other_ever_more_slowly() {
        let pauses: Vec<i64> = [1, 2, 11, 12, 63, 64, u32::MAX].map(pause_seconds).into();
        assert_eq!(pauses, [2, 4, 2_048, 3_600, 3_600, 3_600, 3_600]);
    }
}
