//! Upkeep: in the background, days that are over are sealed and what is past its retention is removed.
//!
//! Invariants: a round is bounded, and others get their turn between its transactions; of several servers on one
//! database one does it at a time; a failure is told once and tried again, nobody waits for it.

use std::time::Duration;

use domain::Instant;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::store::{Lease, Store, StoreError};

const DAY_SECONDS: u32 = 86_400;
/// Slices are kept so many days at most, and if nothing else is said: a year, and the month that it is compared with.
const SLICE_DAYS: u32 = 400;
/// The sums of days are kept so many days: five years.
const SUM_DAYS: u32 = 1_827;
/// A day is sealed so long after its end: late data arrive within minutes, and rows are cheaper to change.
const SEAL_AFTER_SECONDS: u32 = 2 * 3_600;
/// The first round comes so long after a start: an earlier release that runs beside this one knows no sealed days, and
/// an upgrade that replaces servers one by one is over by then.
const SEAL_DELAY_SECONDS: u32 = 900;
/// Transactions of a round, of 16 days each.
const TRANSACTIONS_PER_ROUND: usize = 64;
/// Between two transactions, so that figures and writers go first.
const PAUSE: Duration = Duration::from_millis(25);
/// After a failure, which at a start is that the database is not there yet.
const RETRY_PAUSE: Duration = Duration::from_secs(2);
/// Between two rounds when nothing is left to do.
const ROUND_EVERY: Duration = Duration::from_mins(1);
/// Between two looks at what is past its retention.
const EXPIRE_EVERY_SECONDS: i64 = 6 * 3_600;
/// A server that was killed keeps others from the work so long; longer than a transaction may take.
const LEASE: Duration = Duration::from_mins(2);

/// How long data are kept, and when they are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Args)]
pub struct Upkeep {
    /// Days that slices are kept; figures reach back no further
    #[arg(long, env = "NINES_KEEP_SLICES", value_name = "DAYS", default_value_t = SLICE_DAYS,
          value_parser = clap::value_parser!(u32).range(1..=400))]
    pub keep_slices: u32,
    /// Days that the sums of days are kept, at least as long as slices
    #[arg(long, env = "NINES_KEEP_SUMS", value_name = "DAYS", default_value_t = SUM_DAYS,
          value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub keep_sums: u32,
    /// Seconds after a day's end when its slices are sealed into one row
    #[arg(long, value_name = "SECONDS", default_value_t = SEAL_AFTER_SECONDS, hide = true)]
    pub seal_after: u32,
    /// Seconds after a start when the first days are sealed
    #[arg(long, value_name = "SECONDS", default_value_t = SEAL_DELAY_SECONDS, hide = true)]
    pub seal_delay: u32,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self {
            keep_slices: SLICE_DAYS,
            keep_sums: SUM_DAYS,
            seal_after: SEAL_AFTER_SECONDS,
            seal_delay: SEAL_DELAY_SECONDS,
        }
    }
}

/// Works until cancelled.
pub async fn run(upkeep: Upkeep, store: Store, cancel: CancellationToken) {
    tokio::select! {
        () = cancel.cancelled() => return,
        () = tokio::time::sleep(Duration::from_secs(upkeep.seal_delay.into())) => {}
    }
    let lease = Lease::new("upkeep", LEASE);
    let mut keeper = Keeper { upkeep, store, lease, expired_at: None };
    let mut failing = false;
    loop {
        let done = tokio::select! {
            () = cancel.cancelled() => break,
            done = keeper.round(clock::now()) => done,
        };
        let pause = match done {
            Ok(Progress::More) => PAUSE,
            Ok(Progress::Done) => ROUND_EVERY,
            Err(_) => RETRY_PAUSE,
        };
        match done {
            Err(error) if !failing => {
                failing = true;
                tracing::warn!(error = ?error, "days cannot be sealed; trying on");
            }
            Ok(_) if failing => {
                failing = false;
                tracing::info!("days are sealed again");
            }
            _ => {}
        }
        tokio::select! {
            () = cancel.cancelled() => break,
            () = tokio::time::sleep(pause) => {}
        }
    }
    // It expires by itself; given back, another server need not wait for that.
    drop(keeper.store.release(&keeper.lease).await);
}

/// Whether a round left something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    More,
    Done,
}

struct Keeper {
    upkeep: Upkeep,
    store: Store,
    lease: Lease,
    expired_at: Option<Instant>,
}

impl Keeper {
    async fn round(&mut self, now: Instant) -> Result<Progress, StoreError> {
        let until = now - i64::from(self.upkeep.seal_after);
        let mut sealed = 0;
        for _ in 0..TRANSACTIONS_PER_ROUND {
            if !self.store.hold(&self.lease).await? {
                return Ok(Progress::Done);
            }
            let some = self.store.seal(until).await?;
            sealed += some.days;
            if some.days == 0 {
                if sealed > 0 {
                    tracing::info!(days = sealed, "sealed the days that are over");
                }
                return self.expire(now).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
        tracing::info!(days = sealed, "sealed some of the days that are over");
        Ok(Progress::More)
    }

    async fn expire(&mut self, now: Instant) -> Result<Progress, StoreError> {
        if self.expired_at.is_some_and(|at| now.seconds_since(at) < EXPIRE_EVERY_SECONDS) {
            return Ok(Progress::Done);
        }
        let before = |days: u32| now - i64::from(days) * i64::from(DAY_SECONDS);
        let slices = before(self.upkeep.keep_slices);
        let sums = before(self.upkeep.keep_sums.max(self.upkeep.keep_slices));
        let expired = self.store.expire(slices, sums).await?;
        self.expired_at = Some(now);
        if expired != crate::store::Expired::default() {
            tracing::info!(
                days = expired.days,
                sums = expired.sums,
                tables = expired.tables,
                "removed what was kept long enough"
            );
        }
        Ok(Progress::Done)
    }
}
