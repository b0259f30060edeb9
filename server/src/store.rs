//! The store: append, replace, sum and read slices; add events up; log samples; freeze calendar periods; remember what
//! was declared, and the hashes of tokens. Nothing else knows the tables.
//!
//! Invariants: stored slices of an SLI never overlap; every write is one transaction with synchronous commit, and
//! returns only after COMMIT; hour sums are recomputed from the slices in the same transaction. Writers of one SLI take
//! turns on its row in `sli`. Days that are over are sealed: no answer tells whether a day is.

mod amend;
mod batch;
mod connect;
mod declarations;
mod dump;
mod events;
mod expire;
mod latest;
mod lease;
mod partitions;
mod periods;
#[cfg(test)]
mod portable;
mod read;
mod samples;
mod seal;
mod sealed;
mod tokens;
mod windows;
mod write;

use std::time::Duration;

use domain::Slice;
use sqlx::PgPool;

use crate::metrics;
pub use batch::Conflict;
pub use connect::Database;
pub use declarations::{Declarations, Generation, Names, Revision};
pub use dump::{Contents, Dump, Restore, Rows, Table};
pub use events::{EventKey, EventSum, EventsStored};
pub use expire::Expired;
pub use latest::Latest;
pub use lease::Lease;
pub use periods::{ClosedPeriod, Measured as MeasuredInPeriod};
pub use samples::{Baseline, LogHead, LogRow, StoredSeries};
pub use seal::Sealed;
pub use sealed::Corrupt;
pub use tokens::StoredToken;

/// A pool of connections to PostgreSQL with our schema.
#[derive(Debug, Clone)]
pub struct Store {
    pool: PgPool,
}

/// The store's number for a declared SLI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SliId(i32);

#[cfg(test)]
impl SliId {
    /// For tests that need no database.
    pub(crate) const ANY: Self = Self(1);
}

/// A slice and the SLI it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct SliSlice {
    /// Whose.
    pub sli: SliId,
    /// The slice.
    pub slice: Slice,
}

/// Why the store could not do what it was asked. Nothing was changed, unless a commit's outcome is unknown.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A measured slice overlaps another with different bounds; nothing was stored.
    #[error("{} slices overlap others with different bounds", .0.len())]
    Overlap(Vec<Conflict>),
    /// The schema could not be brought up to date.
    #[error("the schema could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The database refused, or could not be reached.
    #[error("the database could not be used")]
    Database(#[from] sqlx::Error),
    /// A restore found rows: it only fills an empty database.
    #[error("the database is not empty; nothing was changed")]
    NotEmpty,
    /// A dump cannot be used, and why.
    #[error("the backup cannot be used: {0}")]
    Unreadable(&'static str),
    /// A sealed day is damaged, or was written by a later version.
    #[error("a sealed day cannot be used: {0}")]
    Sealed(#[from] Corrupt),
    /// The SLIs are not registered yet: the database has not been reached since the start.
    #[error("the store is not ready yet")]
    NotReady,
    /// It took longer than we wait.
    #[error("the database did not answer in time")]
    TimedOut,
}

/// The longest that any one statement or transaction may take before the caller is told "unavailable".
pub(crate) const STATEMENT_TIMEOUT: Duration = Duration::from_secs(20);

/// Bounds a store operation in time, and counts it.
pub(crate) async fn bounded<T>(
    work: impl Future<Output = Result<T, StoreError>> + Send,
) -> Result<T, StoreError> {
    let began = std::time::Instant::now();
    let result = tokio::time::timeout(STATEMENT_TIMEOUT, work).await.unwrap_or(Err(StoreError::TimedOut));
    let outcome = match &result {
        Ok(_) => "done",
        Err(StoreError::Overlap(_)) => "refused",
        Err(StoreError::TimedOut) => "timed_out",
        Err(_) => "failed",
    };
    metrics::STORE_SECONDS.observe([outcome], began.elapsed());
    result
}
