//! Samples on their way to slices: the labels of series, the log of what was accepted, and what it goes on from.
//!
//! Invariants: a row of the log holds whole requests, and the series that it names were stored before or with it; what
//! is trimmed from the log is in the baseline of the same transaction. Payloads and labels are bytes of their maker's.

use super::{Store, StoreError, bounded};

/// Rows read at once at a start: each may be some megabytes.
const READ_ROWS: i64 = 64;
/// Series read at once at a start.
const READ_SERIES: i64 = 10_000;

/// A series as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSeries {
    /// Its number, ascending in the order of arrival.
    pub id: i64,
    /// Its labels, as they were handed in.
    pub labels: Vec<u8>,
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// Its number, ascending in the order of commits of one writer.
    pub id: i64,
    /// All rows up to this one had been made slices of when it was written.
    pub folded_id: i64,
    /// The samples.
    pub payload: Vec<u8>,
}

/// What a new row of the log says besides its samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHead {
    /// The newest sample, in milliseconds since 1970.
    pub newest_millis: i64,
    /// All rows up to this one have been made slices of.
    pub folded_id: i64,
}

/// What the log goes on from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// The log has everything from this instant on, in milliseconds since 1970; none: it was never trimmed.
    pub cut_millis: Option<i64>,
    /// The last samples of each series before that.
    pub payloads: Vec<Vec<u8>>,
}

impl Store {
    /// Stores new series and one row of the log, in one transaction. `payload` makes the row's bytes, given the new
    /// series' numbers in the order of `labels`. Returns those and the row's number, after COMMIT. On an error nothing
    /// was stored, unless the outcome of the COMMIT is unknown.
    pub async fn log_samples(
        &self,
        labels: &[Vec<u8>],
        head: LogHead,
        payload: impl FnOnce(&[i64]) -> Vec<u8> + Send,
    ) -> Result<(Vec<i64>, i64), StoreError> {
        bounded(async {
            let mut transaction = self.pool.begin().await?;
            let ids = if labels.is_empty() {
                Vec::new()
            } else {
                // Numbered here and not by the default, because rows that are returned have no order.
                let numbers = sqlx::query_scalar!(
                    r#"select nextval(pg_get_serial_sequence('series', 'id')) as "id!"
                       from generate_series(1, $1::bigint)"#,
                    i64::try_from(labels.len()).unwrap_or(i64::MAX)
                )
                .fetch_all(&mut *transaction)
                .await?;
                sqlx::query!(
                    r#"insert into series (id, labels) overriding system value
                       select * from unnest($1::bigint[], $2::bytea[])"#,
                    &numbers,
                    labels
                )
                .execute(&mut *transaction)
                .await?;
                numbers
            };
            let payload = payload(&ids);
            let row = sqlx::query_scalar!(
                "insert into sample_log (newest_millis, folded_id, payload) values ($1, $2, $3) returning id",
                head.newest_millis,
                head.folded_id,
                &payload
            )
            .fetch_one(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok((ids, row))
        })
        .await
    }

    /// Series with numbers above `after`, in their order: the first some thousands, none at the end.
    pub async fn series_after(&self, after: i64) -> Result<Vec<StoredSeries>, StoreError> {
        bounded(async {
            let rows = sqlx::query_as!(
                StoredSeries,
                "select id, labels from series where id > $1 order by id limit $2",
                after,
                READ_SERIES
            )
            .fetch_all(&self.pool)
            .await?;
            Ok(rows)
        })
        .await
    }

    /// Rows of the log with numbers above `after`, in their order: the first some dozens, none at the end.
    pub async fn log_after(&self, after: i64) -> Result<Vec<LogRow>, StoreError> {
        bounded(async {
            let rows = sqlx::query_as!(
                LogRow,
                "select id, folded_id, payload from sample_log where id > $1 order by id limit $2",
                after,
                READ_ROWS
            )
            .fetch_all(&self.pool)
            .await?;
            Ok(rows)
        })
        .await
    }

    /// The row of the log up to which slices are known to have been made; 0 before any.
    pub async fn folded(&self) -> Result<i64, StoreError> {
        bounded(async {
            let folded = sqlx::query_scalar!(r#"select max(folded_id) as "folded" from sample_log"#);
            Ok(folded.fetch_one(&self.pool).await?.unwrap_or(0))
        })
        .await
    }

    /// What the log goes on from.
    pub async fn baseline(&self) -> Result<Baseline, StoreError> {
        bounded(async {
            let rows = sqlx::query!("select cut_millis, payload from sample_baseline order by id")
                .fetch_all(&self.pool)
                .await?;
            let cut_millis = rows.iter().map(|row| row.cut_millis).max();
            Ok(Baseline { cut_millis, payloads: rows.into_iter().map(|row| row.payload).collect() })
        })
        .await
    }

    /// Forgets, in one transaction, rows of the log whose samples are all older than `cut_millis`, the baseline before,
    /// and the series `gone`; `payloads` are the new baseline.
    pub async fn trim_log(
        &self,
        cut_millis: i64,
        payloads: &[Vec<u8>],
        gone: &[i64],
    ) -> Result<(), StoreError> {
        bounded(async {
            let mut transaction = self.pool.begin().await?;
            sqlx::query!("delete from sample_baseline").execute(&mut *transaction).await?;
            sqlx::query!(
                "insert into sample_baseline (cut_millis, payload) select $1, * from unnest($2::bytea[])",
                cut_millis,
                payloads
            )
            .execute(&mut *transaction)
            .await?;
            sqlx::query!("delete from sample_log where newest_millis < $1", cut_millis)
                .execute(&mut *transaction)
                .await?;
            sqlx::query!("delete from series where id = any ($1)", gone).execute(&mut *transaction).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }
}
