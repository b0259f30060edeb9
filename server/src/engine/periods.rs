//! Freezes calendar periods that have ended, and what is corrected in them later, as revisions.
//!
//! Invariants: what is frozen is never changed or removed; without a change of what bears on a period there is no
//! further revision of it. The work is bounded: so many periods a pass, and passes at a fixed pace. At a start
//! everything within retention is looked at again, so that nothing is lost that was not yet looked at when the server
//! ended. Figures are read from the store alone, without the engine's memory of hours, which another server on the same
//! database does not keep up to date.

mod agenda;
mod freeze;
mod listed;
mod notes;
mod reason;
mod record;

use std::collections::HashMap;
use std::time::{Duration, Instant as Moment};

use domain::window::CalendarWindow;
use domain::{Bounds, Estate, GapPolicy, Instant, Slo, Window, calendar};
use tokio_util::sync::CancellationToken;

use super::evaluate::Sources;
use super::{Engine, views};
use crate::clock;
use crate::ingest::slices::RETENTION_SECONDS;
use crate::metrics;
use crate::store::StoreError;
use agenda::Agenda;
use freeze::{Outcome, PeriodError};
pub(crate) use listed::differs;
pub(super) use notes::Notes;

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

impl Engine {
    /// Freezes until cancelled.
    pub async fn close_periods(self: std::sync::Arc<Self>, cancel: CancellationToken) {
        tokio::select! {
            () = cancel.cancelled() => return,
            &() = self.recollected.wait() => {}
        }
        let mut agenda = Agenda::default();
        let mut failing = false;
        loop {
            let passed = tokio::select! {
                () = cancel.cancelled() => return,
                passed = self.pass(&mut agenda, clock::now()) => passed,
            };
            self.last_pass.store(clock::now().unix(), std::sync::atomic::Ordering::Relaxed);
            metrics::PASSES.add(["periods"], 1);
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
        let sources = self.sources();
        let estate = &sources.estate;
        self.gather(agenda, estate, now, since);
        let is_free = |slo: &Slo| !self.periods.is_unsettled(&slo.sli);
        let mut left = PERIODS_PER_PASS;
        let awaited: Vec<(String, Bounds)> =
            agenda.awaited().map(|(slo, period)| (slo.clone(), period)).collect();
        for (name, period) in awaited {
            let Some((slo, _)) = named(estate, &name) else {
                agenda.forget(&name);
                continue;
            };
            if left > 0 && self.is_over(estate, slo, period, now) && is_free(slo) {
                left -= 1;
                visit(&sources, agenda, slo, period, now).await?;
            }
        }
        for _ in 0..TURNS_PER_PASS {
            let free = |name: &str| named(estate, name).is_none_or(|(slo, _)| is_free(slo));
            if left == 0 {
                break;
            }
            let Some(name) = agenda.turn(free) else { break };
            let Some((slo, window)) = named(estate, &name) else {
                agenda.forget(&name);
                continue;
            };
            let Some(period) = agenda.period(&name, window, now, since) else {
                agenda.nothing_due(&name);
                continue;
            };
            left -= 1;
            visit(&sources, agenda, slo, period, now).await?;
        }
        Ok(())
    }

    /// Puts on the agenda what time, and writes since the last pass, have brought.
    fn gather(&self, agenda: &mut Agenda, estate: &Estate, now: Instant, since: Instant) {
        let mut ended: HashMap<String, Instant> = HashMap::new();
        for (slo, window) in estate.slos.iter().filter_map(by_calendar) {
            let newest = calendar::closed_period(window, now);
            agenda.advance(&slo.name, newest, since);
            let end = ended.entry(slo.sli.clone()).or_insert(newest.to);
            *end = newest.to.max(*end);
        }
        // What is written before this is seen by what is read after it.
        self.periods.watch(ended);
        for (sli, written) in self.periods.ripe(Moment::now()) {
            let judging = estate.slos.iter().filter(|slo| slo.sli == sli);
            for (slo, _) in judging.filter_map(by_calendar) {
                // A judged slice belongs to the period that it begins in; what is held reaches on.
                let to = if slo.gap == GapPolicy::Hold { now } else { written.to };
                agenda.add(&slo.name, Bounds { from: written.from.floor_to(3_600), to });
            }
        }
        agenda.wake(now);
    }

    /// Whether a period that has ended gets no more data in the ordinary course of things.
    fn is_over(&self, estate: &Estate, slo: &Slo, period: Bounds, now: Instant) -> bool {
        let sli = estate.slis.iter().find(|sli| sli.name == slo.sli);
        let timeout = sli.map_or(0, |sli| i64::from(sli.timeout_seconds));
        let snapshot = self.snapshot();
        let until = snapshot.row(&slo.name).and_then(|found| found.row.status.data_until);
        let waited = now.seconds_since(period.to);
        waited >= CLOSE_AFTER_SECONDS
            || (waited >= timeout + SETTLE_SECONDS && until.is_some_and(|until| until >= period.to))
    }
}

/// Looks at a period; an error leaves it on the agenda.
async fn visit(
    sources: &Sources<'_>,
    agenda: &mut Agenda,
    slo: &Slo,
    period: Bounds,
    now: Instant,
) -> Result<(), StoreError> {
    let hours = views::Hours::default();
    let sources = Sources { hours: &hours, ..sources.clone() };
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

/// The SLO of that name, if its window is a calendar's.
fn named<'a>(estate: &'a Estate, name: &str) -> Option<(&'a Slo, &'a CalendarWindow)> {
    estate.slos.iter().find(|slo| slo.name == name).and_then(by_calendar)
}

fn by_calendar(slo: &Slo) -> Option<(&Slo, &CalendarWindow)> {
    match &slo.window {
        Window::Calendar(window) => Some((slo, window)),
        Window::Rolling { .. } => None,
    }
}
