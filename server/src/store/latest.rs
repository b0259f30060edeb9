//! The ends of what was measured: the latest slice before an instant, the first one since.
//!
//! Invariant: rows are asked before sealed days, or both at once: sealing moves slices from the former to the latter, so
//! that none is missed in between.

use domain::slice::{Block, Bounds};
use domain::{Instant, Measured, Measurement, Slice};

use super::read::{Row, block_of};
use super::sealed::{Day, decode};
use super::{SliId, Store, StoreError, bounded};

const HOUR_SECONDS: i64 = 3_600;

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

impl Store {
    /// The latest measured slice that starts before `at`.
    pub async fn latest(&self, sli: SliId, at: Instant) -> Result<Option<Latest>, StoreError> {
        bounded(async {
            let rows = sqlx::query!(
                r#"(select start_unix as "start!", seconds as "seconds!", start_unix + measured_to as "end!",
                           null::integer as day, null::bytea as payload
                    from slice where sli_id = $1 and start_unix < $2 and unknown_reason is null
                    order by start_unix desc limit 1)
                   union all
                   (select day::bigint * 86400 + last_start, last_seconds, day::bigint * 86400 + last_measured, day,
                           (select payload from slice_block
                            where slice_block.sli_id = slice_day.sli_id and slice_block.day = slice_day.day
                              and slice_day.day::bigint * 86400 + slice_day.last_start >= $2)
                    from slice_day where sli_id = $1 and day <= $3 and day::bigint * 86400 + first_start < $2
                      and hours is not null
                    order by day desc limit 1)"#,
                sli.0,
                at.unix(),
                Day::of(at).0
            )
            .fetch_all(&self.pool)
            .await?;
            let mut latest: Option<Latest> = None;
            for row in rows {
                let found = match row.day.map(Day).zip(row.payload) {
                    Some((day, payload)) => last_before(&decode(day, &payload)?, at).and_then(|slice| {
                        let Measurement::Measured(measured) = &slice.measurement else { return None };
                        Some(Latest { start: slice.start, seconds: slice.seconds, data_until: measured.to.min(at) })
                    }),
                    None => Some(Latest {
                        start: Instant::from_unix(row.start),
                        seconds: u32::try_from(row.seconds).unwrap_or(0),
                        data_until: Instant::from_unix(row.end).min(at),
                    }),
                };
                latest = [latest, found].into_iter().flatten().max_by_key(|latest| latest.start);
            }
            Ok(latest)
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
            let mut known: Vec<Block> = rows.into_iter().map(Block::from).collect();
            let days = sqlx::query!(
                r#"select slice_block.day, slice_block.payload
                   from (
                       select distinct latest.day
                       from unnest($2::bigint[]) as asked (unix)
                       cross join lateral (
                           select day from slice_day
                           where sli_id = $1 and day::bigint * 86400 <= asked.unix
                             and day::bigint * 86400 + first_start < asked.unix and hours is not null
                           order by day desc limit 1
                       ) as latest
                   ) as sealed
                   join slice_block on slice_block.sli_id = $1 and slice_block.day = sealed.day"#,
                sli.0,
                &before
            )
            .fetch_all(&self.pool)
            .await?;
            for row in days {
                known.extend(decode(Day(row.day), &row.payload)?.iter().filter_map(block_of));
            }
            known.sort_by_key(|block| block.start);
            let mut asked = instants.to_vec();
            asked.sort_unstable();
            let place = |at: &Instant| known.partition_point(|block| block.start < *at).checked_sub(1);
            let mut places: Vec<usize> = asked.iter().filter_map(place).collect();
            places.dedup();
            Ok(places.into_iter().filter_map(|place| known.get(place).copied()).collect())
        })
        .await
    }

    /// The first measured second of an SLI among the slices that start at `since` or later.
    pub async fn first_measured(&self, sli: SliId, since: Instant) -> Result<Option<Instant>, StoreError> {
        bounded(async {
            let row = sqlx::query_scalar!(
                r#"select start_unix + measured_from as "first!" from slice
                   where sli_id = $1 and start_unix >= $2 and unknown_reason is null order by start_unix limit 1"#,
                sli.0,
                since.unix()
            )
            .fetch_optional(&self.pool)
            .await?;
            let sealed = sqlx::query!(
                r#"select day, first_measured as "first_measured!",
                          (select payload from slice_block
                           where slice_block.sli_id = slice_day.sli_id and slice_block.day = slice_day.day
                             and slice_day.day::bigint * 86400 + slice_day.first_start < $2) as payload
                   from slice_day where sli_id = $1 and day >= $3 and day::bigint * 86400 + last_start >= $2
                     and hours is not null
                   order by day limit 1"#,
                sli.0,
                since.unix(),
                Day::of(since).0
            )
            .fetch_optional(&self.pool)
            .await?;
            let sealed = match sealed {
                None => None,
                Some(row) => match row.payload {
                    None => Some(Day(row.day).start() + i64::from(row.first_measured)),
                    Some(payload) => decode(Day(row.day), &payload)?
                        .iter()
                        .filter(|slice| slice.start >= since)
                        .find_map(block_of)
                        .and_then(|block| block.sum.first),
                },
            };
            Ok([row.map(Instant::from_unix), sealed].into_iter().flatten().min())
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

/// The last measured slice of a day that starts before an instant.
fn last_before(slices: &[Slice], at: Instant) -> Option<&Slice> {
    let is_measured = |slice: &&Slice| matches!(slice.measurement, Measurement::Measured(_));
    slices.iter().filter(|slice| slice.start < at).rfind(is_measured)
}
