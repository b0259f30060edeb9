//! Reading: blocks, sums, the latest data, and the numbers of SLIs.

use domain::series::{Series, fine_hours};
use domain::slice::{Block, Bounds};
use domain::{Instant, Measured, Sum};

use super::{SliId, Store, StoreError, bounded};

/// The latest measured slice before an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latest {
    /// Its start.
    pub start: Instant,
    /// Its length.
    pub seconds: u32,
    /// Its measured end, at most the instant asked about.
    pub data_until: Instant,
}

const HOUR_SECONDS: i64 = 3_600;

impl Store {
    /// The numbers of SLIs, in the order of the names; unseen names get one.
    pub async fn declare(&self, names: &[String]) -> Result<Vec<SliId>, StoreError> {
        bounded(async {
            sqlx::query!(
                "insert into sli (name) select * from unnest($1::text[]) on conflict (name) do nothing",
                names
            )
            .execute(&self.pool)
            .await?;
            let ids = sqlx::query_scalar!(
                r#"select sli.id from unnest($1::text[]) with ordinality as asked (name, place)
                   join sli using (name) order by asked.place"#,
                names
            )
            .fetch_all(&self.pool)
            .await?;
            Ok(ids.into_iter().map(SliId).collect())
        })
        .await
    }

    /// What the slices add up to in each of `bounds`, exact to the slice.
    pub async fn sums(&self, sli: SliId, bounds: &[Bounds]) -> Result<Vec<Sum>, StoreError> {
        let series = self.series(sli, bounds).await?;
        Ok(bounds.iter().map(|bounds| series.sum(*bounds)).collect())
    }

    /// A series that answers for all of `bounds`: slices in the hours that a bound cuts, hour sums elsewhere.
    pub async fn series(&self, sli: SliId, bounds: &[Bounds]) -> Result<Series, StoreError> {
        let Some(from) = bounds.iter().map(|bounds| bounds.from).min() else {
            return Ok(Series::new(Vec::new()));
        };
        let to = bounds.iter().map(|bounds| bounds.to).max().unwrap_or(from);
        let whole = Bounds { from: from.floor_to(HOUR_SECONDS), to: to.ceil_to(HOUR_SECONDS) };
        self.read(sli, whole, &fine_hours(bounds)).await.map(Series::new)
    }

    /// Hour sums within `bounds`, and in `fine_hours` the slices themselves instead.
    pub async fn read(
        &self,
        sli: SliId,
        bounds: Bounds,
        fine_hours: &[Instant],
    ) -> Result<Vec<Block>, StoreError> {
        let fine: Vec<i64> = fine_hours.iter().map(|hour| hour.unix()).collect();
        bounded(async {
            // One view of both tables: a writer may commit between the two questions.
            let mut snapshot =
                self.pool.begin_with("begin transaction isolation level repeatable read read only").await?;
            let hours = sqlx::query!(
                r#"select hour_unix, good, total, measured_seconds, good_over_total, first_unix, last_unix
                   from slice_hour where sli_id = $1 and hour_unix >= $2 and hour_unix < $3 and hour_unix <> all ($4)
                   order by hour_unix"#,
                sli.0,
                bounds.from.unix(),
                bounds.to.unix(),
                &fine
            )
            .fetch_all(&mut *snapshot)
            .await?;
            let slices = sqlx::query_as!(
                Row,
                r#"select slice.start_unix, slice.seconds, slice.good as "good!", slice.total as "total!",
                          slice.measured_seconds as "measured_seconds!", slice.measured_from as "measured_from!",
                          slice.measured_to as "measured_to!"
                   from unnest($2::bigint[]) as fine (hour_unix)
                   cross join lateral (
                       -- The offset keeps the planner from joining the other way round: one index range per hour.
                       select * from slice where slice.sli_id = $1 and slice.start_unix >= fine.hour_unix
                       and slice.start_unix < fine.hour_unix + 3600 and slice.unknown_reason is null offset 0
                   ) as slice"#,
                sli.0,
                &fine
            )
            .fetch_all(&mut *snapshot)
            .await?;
            snapshot.commit().await?;
            let of_hours = hours.into_iter().map(|row| Block {
                start: Instant::from_unix(row.hour_unix),
                seconds: 3_600,
                sum: Sum {
                    good: unsigned(row.good),
                    total: unsigned(row.total),
                    measured_seconds: unsigned(row.measured_seconds),
                    good_over_total: unsigned(row.good_over_total),
                    first: Some(Instant::from_unix(row.first_unix)),
                    last: Some(Instant::from_unix(row.last_unix)),
                },
            });
            Ok(of_hours.chain(slices.into_iter().map(Block::from)).collect())
        })
        .await
    }

    /// The latest measured slice that starts before `at`.
    pub async fn latest(&self, sli: SliId, at: Instant) -> Result<Option<Latest>, StoreError> {
        bounded(async {
            let row = sqlx::query!(
                r#"select start_unix, seconds, start_unix + measured_to as "end!" from slice
                   where sli_id = $1 and start_unix < $2 and unknown_reason is null
                   order by start_unix desc limit 1"#,
                sli.0,
                at.unix()
            )
            .fetch_optional(&self.pool)
            .await?;
            Ok(row.map(|row| Latest {
                start: Instant::from_unix(row.start_unix),
                seconds: u32::try_from(row.seconds).unwrap_or(0),
                data_until: Instant::from_unix(row.end).min(at),
            }))
        })
        .await
    }

    /// Of each instant the latest measured slice that starts before it: by start, each once; none before the first.
    pub async fn latest_before(&self, sli: SliId, instants: &[Instant]) -> Result<Vec<Block>, StoreError> {
        let before: Vec<i64> = instants.iter().map(|instant| instant.unix()).collect();
        bounded(async {
            let rows = sqlx::query_as!(
                Row,
                r#"select distinct slice.start_unix, slice.seconds, slice.good as "good!", slice.total as "total!",
                          slice.measured_seconds as "measured_seconds!", slice.measured_from as "measured_from!",
                          slice.measured_to as "measured_to!"
                   from unnest($2::bigint[]) as asked (unix)
                   cross join lateral (
                       select * from slice where slice.sli_id = $1 and slice.start_unix < asked.unix
                       and slice.unknown_reason is null order by slice.start_unix desc limit 1
                   ) as slice
                   order by slice.start_unix"#,
                sli.0,
                &before
            )
            .fetch_all(&self.pool)
            .await?;
            Ok(rows.into_iter().map(Block::from).collect())
        })
        .await
    }

    /// The measured slice at a place, for a collector that goes on with it.
    pub async fn measured_at(&self, sli: SliId, start: Instant) -> Result<Option<Measured>, StoreError> {
        let bounds = Bounds { from: start, to: start + 1 };
        let hour = start.floor_to(HOUR_SECONDS);
        let blocks = self.read(sli, bounds, &[hour]).await?;
        let found = blocks.into_iter().find(|block| block.start == start && block.seconds != 3_600);
        Ok(found.and_then(|Block { sum, .. }| {
            Some(Measured {
                good: sum.good,
                total: sum.total,
                measured_seconds: u32::try_from(sum.measured_seconds).ok()?,
                from: sum.first?,
                to: sum.last?,
            })
        }))
    }
}

/// A measured slice as it is stored.
struct Row {
    start_unix: i64,
    seconds: i32,
    good: i64,
    total: i64,
    measured_seconds: i32,
    measured_from: i32,
    measured_to: i32,
}

impl From<Row> for Block {
    fn from(row: Row) -> Self {
        let start = Instant::from_unix(row.start_unix);
        let measured = Measured {
            good: unsigned(row.good),
            total: unsigned(row.total),
            measured_seconds: u32::try_from(row.measured_seconds).unwrap_or(0),
            from: start + i64::from(row.measured_from),
            to: start + i64::from(row.measured_to),
        };
        Self { start, seconds: u32::try_from(row.seconds).unwrap_or(0), sum: Sum::from(&measured) }
    }
}

/// Counts are checked to be non-negative by the schema.
fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
