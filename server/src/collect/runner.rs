//! One source: waits for its instants, asks, and hands the result to each of its SLIs.
//!
//! Invariant: one attempt of a source at a time, because the next instant is looked at after it has ended.

use std::sync::Arc;
use std::time::Duration;

use domain::{Instant, Observation};
use tokio::time;
use tokio_util::task::AbortOnDropHandle;

use super::Shared;
use super::judge;
use super::lanes::{OVERLOAD, Pace};
use super::latest::Latest;
use super::probe::{self, Attempt, Outcome};
use super::schedule::{LATE_MAX_MILLIS, Timetable};
use crate::metrics;
use crate::source::ProbeSource;

/// The longest sleep before the wall clock is looked at again, because it may step meanwhile.
const NAP_MAX: Duration = Duration::from_secs(1);
/// The wall clock and the monotonic one may differ by this much over an attempt. More, and the machine was suspended
/// or its clock set: what happened to the connection meanwhile says nothing about the target.
const CLOCKS_APART_MAX_MILLIS: u64 = 1_000;

/// Collects from `source` until cancelled; an attempt under way is awaited.
pub(super) async fn run(shared: &Shared, source: &Arc<ProbeSource>) {
    let interval_seconds = i64::try_from(source.interval.as_secs()).unwrap_or(i64::MAX);
    let mut timetable = Timetable::new(&source.name, interval_seconds, shared.clock.now_millis());
    let (mut measuring, pace) = (true, Pace::default());
    while let Some(scheduled) = due(shared, &timetable).await {
        timetable.used(scheduled);
        let latest_millis = timetable.due_millis(scheduled) + LATE_MAX_MILLIS;
        let attempt = made(shared, source, &pace, scheduled, latest_millis).await;
        note(source, &attempt, &mut measuring);
        record(shared, source, scheduled, &attempt);
    }
}

/// Sleeps until an instant is due; none after a cancel.
async fn due(shared: &Shared, timetable: &Timetable) -> Option<Instant> {
    while !shared.cancel.is_cancelled() {
        let now_millis = shared.clock.now_millis();
        let next = timetable.next(now_millis);
        let Ok(wait_millis) = u64::try_from(timetable.due_millis(next) - now_millis) else {
            return Some(next);
        };
        if wait_millis == 0 {
            return Some(next);
        }
        tokio::select! {
            () = shared.cancel.cancelled() => {}
            () = time::sleep(Duration::from_millis(wait_millis).min(NAP_MAX)) => {}
        }
    }
    None
}

/// The attempt for `scheduled`, in a task of its own, if the bound on attempts leaves room for it until `latest_millis`.
pub(super) async fn made(
    shared: &Shared,
    source: &Arc<ProbeSource>,
    pace: &Pace,
    scheduled: Instant,
    latest_millis: i64,
) -> Attempt {
    let left_millis = latest_millis - shared.clock.now_millis();
    let patience = Duration::from_millis(u64::try_from(left_millis).unwrap_or(0));
    let Some(room) = shared.lanes.place(pace, patience).await else {
        return Attempt::not_made(OVERLOAD);
    };
    let (request, network, begun) = (Arc::clone(source), shared.network.clone(), time::Instant::now());
    let source = Arc::clone(source);
    let wall_before_millis = shared.clock.now_millis();
    // Dropped with this loop when a stop takes too long.
    let task = AbortOnDropHandle::new(tokio::spawn(async move {
        let deadline = source.timeout.min(source.interval);
        let attempt = probe::attempt(&source.request, scheduled, deadline, &network).await;
        drop(room);
        attempt
    }));
    // A panic in the attempt was ours: hostile answers and certificates are read there.
    let attempt = task.await.unwrap_or_else(|_| Attempt::not_made("collector"));
    let wall_millis = shared.clock.now_millis() - wall_before_millis;
    let elapsed_millis = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
    if wall_millis.abs_diff(elapsed_millis) > CLOCKS_APART_MAX_MILLIS {
        return Attempt::not_made("the machine was suspended, or its clock was set");
    }
    pace.took(begun.elapsed());
    shared.self_check.judged(&request.request, attempt, &shared.network).await
}

/// Logs when a source stops being measured and when it is measured again, not each attempt.
fn note(source: &ProbeSource, attempt: &Attempt, measuring: &mut bool) {
    match &attempt.outcome {
        Outcome::NotMade(reason) if *measuring => {
            *measuring = false;
            tracing::warn!(source.name, reason, "a probe cannot be measured; its time is unknown");
        }
        Outcome::Answered(_) | Outcome::Failed(_) if !*measuring => {
            *measuring = true;
            tracing::info!(source.name, "a probe is measured again");
        }
        _ => {}
    }
}

fn record(shared: &Shared, source: &ProbeSource, scheduled: Instant, attempt: &Attempt) {
    metrics::PROBES.add([attempt.outcome.word()], 1);
    for sli in &source.slis {
        let verdict = judge::judge(sli, scheduled, attempt);
        shared.sink.attempted(&sli.sli, &Latest::new(source, scheduled, attempt, verdict.as_ref()));
        let Some(verdict) = verdict else {
            if let Outcome::NotMade(reason) = &attempt.outcome {
                shared.ledger.unmeasured(&sli.sli, scheduled, reason);
            }
            continue;
        };
        shared.ledger.result(&sli.sli, scheduled, verdict.good);
        shared.spool.result();
        let good = u64::from(verdict.good);
        shared.sink.observe(&sli.sli, Observation { at: scheduled, good, total: 1, reason: verdict.reason });
    }
}
