//! Reading: blocks, sums, and the numbers of SLIs.

use std::collections::BTreeSet;

use domain::series::{Series, fine_hours};
use domain::slice::{Block, Bounds};
use domain::{Instant, Measured, Measurement, Slice, Sum};
use sqlx::PgConnection;

use super::sealed::{Day, decode, unpack_hours};
use super::{SliId, Store, StoreError, bounded};

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
        // An hour that is named twice is delivered once.
        let fine_hours: BTreeSet<Instant> = fine_hours.iter().copied().collect();
        let fine: Vec<i64> = fine_hours.iter().map(|hour| hour.unix()).collect();
        bounded(async {
            // One view of all tables: a writer may commit between the questions.
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
            let sealed = read_sealed(&mut snapshot, sli, bounds, &fine_hours).await?;
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
            Ok(of_hours.chain(slices.into_iter().map(Block::from)).chain(sealed).collect())
        })
        .await
    }
}

/// As [`Store::read`], of sealed days.
async fn read_sealed(
    connection: &mut PgConnection,
    sli: SliId,
    bounds: Bounds,
    fine: &BTreeSet<Instant>,
) -> Result<Vec<Block>, StoreError> {
    let fine_days: BTreeSet<i32> = fine.iter().map(|hour| Day::of(*hour).0).collect();
    let fine_days: Vec<i32> = fine_days.into_iter().collect();
    let inside = (!bounds.is_empty()).then(|| [Day::of(bounds.from).0, Day::of(bounds.to - 1).0]);
    let ends = || inside.iter().flatten().chain(fine_days.first()).chain(fine_days.last());
    let Some((first, last)) = ends().min().zip(ends().max()) else { return Ok(Vec::new()) };
    let [from, to] = inside.unwrap_or([i32::MAX, i32::MIN]);
    let rows = sqlx::query!(
        r#"select day, hours as "hours!",
                  (select payload from slice_block
                   where slice_block.sli_id = slice_day.sli_id and slice_block.day = slice_day.day
                     and slice_day.day = any ($6)) as payload
           from slice_day
           where sli_id = $1 and day >= $2 and day <= $3 and hours is not null
             and (day between $4 and $5 or day = any ($6))"#,
        sli.0,
        first,
        last,
        from,
        to,
        &fine_days
    )
    .fetch_all(connection)
    .await?;
    let mut blocks = Vec::new();
    for row in rows {
        let day = Day(row.day);
        let is_inside = |hour: &Block| bounds.from <= hour.start && hour.start < bounds.to;
        let hours = unpack_hours(day, &row.hours)?.into_iter();
        blocks.extend(hours.filter(|hour| is_inside(hour) && !fine.contains(&hour.start)));
        if let Some(payload) = row.payload {
            let is_fine = |slice: &&Slice| fine.contains(&slice.start.floor_to(HOUR_SECONDS));
            blocks.extend(decode(day, &payload)?.iter().filter(is_fine).filter_map(block_of));
        }
    }
    Ok(blocks)
}

/// What a slice adds up to, if it was measured.
pub(super) fn block_of(slice: &Slice) -> Option<Block> {
    let Measurement::Measured(measured) = &slice.measurement else { return None };
    Some(Block { start: slice.start, seconds: slice.seconds, sum: Sum::from(measured) })
}

/// A measured slice as it is stored.
pub(super) struct Row {
    pub(super) start_unix: i64,
    pub(super) seconds: i32,
    pub(super) good: i64,
    pub(super) total: i64,
    pub(super) measured_seconds: i32,
    pub(super) measured_from: i32,
    pub(super) measured_to: i32,
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
pub(super) fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
