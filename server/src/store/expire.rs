//! Retention: slices first, the sums of their days years later.
//!
//! Invariants: sums lose their hours before the slices go, so that nobody is told of hours that cannot be looked into;
//! every statement is bounded by a range of SLIs; ended at any point, the next round goes on.

use domain::Instant;
use sqlx::AssertSqlSafe;

use super::partitions::{self, Partition};
use super::sealed::Day;
use super::{Store, StoreError, bounded};

/// SLIs that one statement goes through: of each at most some hundred rows change in a round.
const SLIS_AT_ONCE: i32 = 100;
/// Dropping a table waits for its readers, and others wait behind it: at most so long, then the next round tries.
const LOCK_TIMEOUT: &str = "set local lock_timeout = '2s'";

/// What a round removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expired {
    /// Days of SLIs of which only the sum is left.
    pub days: u64,
    /// Days of SLIs of which nothing is left.
    pub sums: u64,
    /// Tables of slices that were dropped.
    pub tables: u64,
}

impl Store {
    /// Removes the sealed slices of days that ended by `slices_until`, and what is left of days that ended by
    /// `sums_until`.
    pub async fn expire(&self, slices_until: Instant, sums_until: Instant) -> Result<Expired, StoreError> {
        let (slices, sums) = (Day::of(slices_until), Day::of(sums_until));
        let mut expired = Expired::default();
        let last = bounded(async {
            let last = sqlx::query_scalar!("select max(id) from sli").fetch_one(&self.pool).await?;
            Ok(last.unwrap_or(0))
        })
        .await?;
        let mut from = 0;
        while from <= last {
            let to = from.saturating_add(SLIS_AT_ONCE);
            bounded(async {
                let headless = sqlx::query!(
                    r#"update slice_day set hours = null
                       where sli_id >= $1 and sli_id < $2 and day < $3 and hours is not null"#,
                    from,
                    to,
                    slices.0
                )
                .execute(&self.pool)
                .await?;
                let gone = sqlx::query!(
                    "delete from slice_day where sli_id >= $1 and sli_id < $2 and day < $3 and day < $4",
                    from,
                    to,
                    sums.0,
                    slices.0
                )
                .execute(&self.pool)
                .await?;
                expired.days += headless.rows_affected();
                expired.sums += gone.rows_affected();
                Ok(())
            })
            .await?;
            from = to;
        }
        for partition in partitions::all(&self.pool).await? {
            if partition.end() <= slices {
                self.drop_slices(partition, last).await?;
                expired.tables += 1;
            }
        }
        Ok(expired)
    }

    /// Drops a partition; where that is not allowed, empties it.
    async fn drop_slices(&self, partition: Partition, last_sli: i32) -> Result<(), StoreError> {
        let dropped = bounded(async {
            let mut transaction = self.pool.begin().await?;
            sqlx::query(LOCK_TIMEOUT).execute(&mut *transaction).await?;
            sqlx::query(AssertSqlSafe(partition.drop())).execute(&mut *transaction).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await;
        let Err(error) = dropped else { return Ok(()) };
        tracing::info!(error = ?error, table = partition.name(), "a table past its retention is emptied, not dropped");
        self.empty_slices(partition, last_sli).await
    }

    /// Deletes all rows of a partition, some SLIs at a time.
    async fn empty_slices(&self, partition: Partition, last_sli: i32) -> Result<(), StoreError> {
        let mut from = 0;
        while from <= last_sli {
            let to = from.saturating_add(SLIS_AT_ONCE);
            bounded(async {
                sqlx::query!(
                    "delete from slice_block where sli_id >= $1 and sli_id < $2 and day >= $3 and day < $4",
                    from,
                    to,
                    partition.start().0,
                    partition.end().0
                )
                .execute(&self.pool)
                .await?;
                Ok(())
            })
            .await?;
            from = to;
        }
        Ok(())
    }
}
