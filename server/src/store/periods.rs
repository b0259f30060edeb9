//! Frozen calendar periods: appended, read, never changed.
//!
//! Invariant: a revision is written once; who comes second with the same number has written nothing, and is told so.

use domain::{Bounds, Instant};

use super::{Store, StoreError, bounded};

/// A revision of a closed calendar period, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedPeriod {
    /// Name of the SLO.
    pub slo: String,
    /// The period, start inclusive, end exclusive.
    pub bounds: Bounds,
    /// Counts up from 1 for each SLO and start.
    pub revision: u32,
    /// When it was frozen.
    pub frozen_at: Instant,
    /// Why there is this revision, for people.
    pub reason: String,
    /// The events of the period, before anybody judged them.
    pub measured: Measured,
    /// What bore on the figures, as JSON.
    pub policy: String,
    /// The figures: the JSON of an `SloStatus`, byte by byte as it was frozen.
    pub status: String,
}

/// What was measured in a period, good capped at total slice by slice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measured {
    /// Good events.
    pub good: u64,
    /// All events.
    pub total: u64,
    /// Measured seconds.
    pub seconds: u64,
}

/// A row as the queries give it.
struct Row {
    from_unix: i64,
    to_unix: i64,
    revision: i32,
    frozen_unix: i64,
    reason: String,
    good: i64,
    total: i64,
    measured_seconds: i64,
    policy: String,
    status: String,
}

impl Store {
    /// Writes a revision; false if there is one of that number already, which is left as it is.
    pub async fn freeze(&self, period: &ClosedPeriod) -> Result<bool, StoreError> {
        let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let measured = period.measured;
        bounded(async {
            let done = sqlx::query!(
                "insert into closed_period (slo, from_unix, to_unix, revision, frozen_unix, reason, good, total,
                                            measured_seconds, policy, status)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                 on conflict (slo, from_unix, revision) do nothing",
                period.slo,
                period.bounds.from.unix(),
                period.bounds.to.unix(),
                i32::try_from(period.revision).unwrap_or(i32::MAX),
                period.frozen_at.unix(),
                period.reason,
                signed(measured.good),
                signed(measured.total),
                signed(measured.seconds),
                period.policy,
                period.status
            )
            .execute(&self.pool)
            .await?;
            Ok(done.rows_affected() == 1)
        })
        .await
    }

    /// A revision of the period that begins at `from`, by default the latest; none if there is no such one.
    pub async fn closed_period(
        &self,
        slo: &str,
        from: Instant,
        revision: Option<u32>,
    ) -> Result<Option<ClosedPeriod>, StoreError> {
        let Ok(revision) = revision.map(i32::try_from).transpose() else { return Ok(None) };
        bounded(async {
            let row = sqlx::query_as!(
                Row,
                "select from_unix, to_unix, revision, frozen_unix, reason, good, total, measured_seconds, policy, status
                 from closed_period where slo = $1 and from_unix = $2 and ($3::integer is null or revision = $3)
                 order by revision desc limit 1",
                slo,
                from.unix(),
                revision
            )
            .fetch_optional(&self.pool)
            .await?;
            Ok(row.map(|row| row.of(slo)))
        })
        .await
    }

    /// The newest `periods` of those that begin before `before` (none: of all), newest first, and of each the newest
    /// `revisions`, oldest first.
    pub async fn closed_periods(
        &self,
        slo: &str,
        before: Option<Instant>,
        periods: u32,
        revisions: u32,
    ) -> Result<Vec<ClosedPeriod>, StoreError> {
        bounded(async {
            let rows = sqlx::query_as!(
                Row,
                r#"select from_unix as "from_unix!", to_unix as "to_unix!", revision as "revision!",
                          frozen_unix as "frozen_unix!", reason as "reason!", good as "good!", total as "total!",
                          measured_seconds as "measured_seconds!", policy as "policy!", status as "status!"
                   from (
                       select *, dense_rank() over (order by from_unix desc) as period,
                              row_number() over (partition by from_unix order by revision desc) as place
                       from closed_period where slo = $1 and ($2::bigint is null or from_unix < $2)
                   ) as ranked
                   where period <= $3 and place <= $4 order by from_unix desc, revision"#,
                slo,
                before.map(Instant::unix),
                i64::from(periods),
                i64::from(revisions)
            )
            .fetch_all(&self.pool)
            .await?;
            Ok(rows.into_iter().map(|row| row.of(slo)).collect())
        })
        .await
    }
}

impl Row {
    fn of(self, slo: &str) -> ClosedPeriod {
        // Written from unsigned numbers; revisions are checked to be positive by the schema.
        let unsigned = |count: i64| u64::try_from(count).unwrap_or(0);
        ClosedPeriod {
            slo: slo.to_owned(),
            bounds: Bounds { from: Instant::from_unix(self.from_unix), to: Instant::from_unix(self.to_unix) },
            revision: u32::try_from(self.revision).unwrap_or(0),
            frozen_at: Instant::from_unix(self.frozen_unix),
            reason: self.reason,
            measured: Measured {
                good: unsigned(self.good),
                total: unsigned(self.total),
                seconds: unsigned(self.measured_seconds),
            },
            policy: self.policy,
            status: self.status,
        }
    }
}
