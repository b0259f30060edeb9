//! Hands changed slices to the sink: every second while running, once more at the end.
//!
//! Invariant: a slice counts as committed only after the sink said so; whatever fails is offered again, newer by then.

use std::time::Duration;

use domain::estate::SLICE_SECONDS;
use domain::{Instant, Slice};
use tokio::time;
use tokio_util::sync::CancellationToken;

use super::{Shared, SinkError, spool};

/// Pause between two passes; what was shown survives a kill if it is at most 2 s old.
const PASS_EVERY: Duration = Duration::from_secs(1);
/// Slices in one call of the sink; after an outage of the store there are many.
const SLICES_MAX: usize = 10_000;
/// A call of the sink that takes longer is given up and made again. The sink has a bound of its own; this is for a sink
/// that hangs in spite of it.
const CALL_MAX: Duration = Duration::from_secs(30);
/// The last commit is tried for this long.
const LAST_MAX: Duration = Duration::from_secs(5);
/// Pause between two tries of the last commit.
const LAST_PAUSE: Duration = Duration::from_millis(250);

/// A pass that takes longer is one whose results are better written to the disk meanwhile.
const SLOW: Duration = Duration::from_millis(1_500);

/// Passes until `ends`; `started` is when this collector did.
pub(super) async fn run(shared: &Shared, started: Instant, ends: &CancellationToken) {
    let mut failing = false;
    loop {
        tokio::select! {
            () = ends.cancelled() => return,
            () = time::sleep(PASS_EVERY) => {}
        }
        let result = tokio::select! {
            () = ends.cancelled() => return,
            result = watched(shared, pass(shared, started, shared.clock.now())) => result,
        };
        match &result {
            Ok(_) => shared.spool.store_has_all().await,
            Err(_) => shared.spool.store_is_away(),
        }
        match result {
            Err(error) if !failing => {
                failing = true;
                tracing::warn!(error = %text(&error), "results cannot be committed and are spooled");
            }
            Ok(slices) if failing => {
                failing = false;
                tracing::info!(slices, "results are committed again");
            }
            _ => {}
        }
        shared.sink.progress();
    }
}

/// Commits what is left after the last attempt.
pub(super) async fn last(shared: &Shared, started: Instant) {
    // Up, not down: the second of the stop may hold a result, and after a restart nobody would write it.
    let now = Instant::from_unix((shared.clock.now_millis() + 999).div_euclid(1_000));
    let tries = async {
        while let Err(error) = pass(shared, started, now).await {
            tracing::warn!(error = %text(&error), "the last results could not be committed yet");
            time::sleep(LAST_PAUSE).await;
        }
    };
    match time::timeout(LAST_MAX, tries).await {
        Ok(()) => shared.spool.store_has_all().await,
        Err(_) if spool::flush(shared, start_of(started)).await => {
            tracing::warn!("the last results could not be committed and are spooled for the next start");
        }
        Err(_) => tracing::error!("the last results could not be committed and are lost"),
    }
}

/// The outcome of a pass; when it takes long the spool is told.
async fn watched<T>(shared: &Shared, pass: impl Future<Output = T>) -> T {
    let mut pass = std::pin::pin!(pass);
    if let Ok(result) = time::timeout(SLOW, &mut pass).await {
        return result;
    }
    shared.spool.store_is_away();
    pass.await
}

/// The slice in which this collector started.
pub(super) fn start_of(started: Instant) -> Instant {
    started.floor_to(i64::from(SLICE_SECONDS))
}

/// Offers the sink everything that changed; how many slices it took.
async fn pass(shared: &Shared, started: Instant, now: Instant) -> Result<usize, SinkError> {
    let start = start_of(started);
    let mut resumed = false;
    for (number, sli, starts) in shared.ledger.to_resume(start) {
        let mut stored = Vec::with_capacity(starts.len());
        for start in starts {
            stored.push((start, bounded(shared.sink.running(&sli, start)).await?));
        }
        shared.ledger.resume(number, &stored);
        resumed = true;
    }
    if resumed && shared.spool.holds_anything() {
        spool::flush(shared, start).await;
    }
    let changed = shared.ledger.changed(now);
    for part in changed.chunks(SLICES_MAX) {
        let slices: Vec<(String, Slice)> =
            part.iter().map(|(_, sli, slice)| (sli.clone(), slice.clone())).collect();
        bounded(shared.sink.commit(slices)).await?;
        shared.ledger.committed(part);
    }
    Ok(changed.len())
}

async fn bounded<T>(call: impl Future<Output = Result<T, SinkError>>) -> Result<T, SinkError> {
    let hangs = |_| Err(SinkError("no answer in time".into()));
    time::timeout(CALL_MAX, call).await.unwrap_or_else(hangs)
}

/// The error with its sources, for the log.
fn text(error: &SinkError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}
