//! Sealing: the rows of a day that is over become one compressed row, in the transaction that removes them.
//!
//! Invariants: whoever seals holds the rows of the SLIs, as writers do, so that nothing is written in between; a round
//! is bounded; ended at any point, nothing is lost or doubled, and the next round goes on.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Instant, Measured, Measurement, Slice};
use sqlx::PgConnection;

use super::amend::{Place, load};
use super::read::unsigned;
use super::sealed::{Day, Encoder, Summary};
use super::{SliId, Store, StoreError, bounded, partitions};

/// Days sealed in one transaction, some 20,000 rows: its SLIs' writers wait so long, a fraction of a second.
const DAYS_AT_ONCE: i64 = 16;

/// What a round of sealing did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sealed {
    /// Days of SLIs.
    pub days: usize,
    /// Rows that they were made of.
    pub slices: usize,
}

impl Store {
    /// Seals some of the days that ended by `until`, of each SLI the oldest; nothing if there is none left.
    pub async fn seal(&self, until: Instant) -> Result<Sealed, StoreError> {
        let end = Day::of(until).start();
        bounded(async {
            let oldest = sqlx::query!(
                r#"select sli.id, first.start_unix
                   from sli
                   cross join lateral (
                       select start_unix from slice where slice.sli_id = sli.id order by start_unix limit 1
                   ) as first
                   where first.start_unix < $1
                   order by first.start_unix, sli.id limit $2"#,
                end.unix(),
                DAYS_AT_ONCE
            )
            .fetch_all(&self.pool)
            .await?;
            let places: Vec<Place> = oldest
                .into_iter()
                .map(|row| (SliId(row.id), Day::of(Instant::from_unix(row.start_unix))))
                .collect();
            if places.is_empty() {
                return Ok(Sealed::default());
            }
            let days: BTreeSet<Day> = places.iter().map(|(_, day)| *day).collect();
            partitions::make(&self.pool, &days).await?;
            let mut transaction = self.pool.begin().await?;
            let sealed = seal(&mut transaction, &places).await?;
            transaction.commit().await?;
            Ok(sealed)
        })
        .await
    }
}

async fn seal(connection: &mut PgConnection, places: &[Place]) -> Result<Sealed, StoreError> {
    let (sli_id, day): (Vec<i32>, Vec<i32>) = places.iter().map(|(sli, day)| (sli.0, day.0)).unzip();
    sqlx::query!("select id from sli where id = any ($1) order by id for update", &sli_id)
        .fetch_all(&mut *connection)
        .await?;
    let rows = take(connection, &sli_id, &day).await?;
    let slices = rows.values().map(Vec::len).sum();
    // Only a release that does not know sealed days writes rows beside one; what it wrote is newer.
    let mut days: BTreeMap<Place, Vec<Slice>> = load(connection, places).await?;
    for (place, rows) in rows {
        let sealed = days.remove(&place).unwrap_or_default();
        days.insert(place, overlaid(sealed, rows));
    }
    days.retain(|_, slices| !slices.is_empty());
    put_days(connection, &mut Encoder::new()?, &days).await?;
    Ok(Sealed { days: days.len(), slices })
}

/// A slice's row; sorted by SLI and start.
struct Row {
    sli_id: i32,
    start_unix: i64,
    seconds: i32,
    good: Option<i64>,
    total: Option<i64>,
    measured_seconds: Option<i32>,
    measured_from: Option<i32>,
    measured_to: Option<i32>,
    unknown_reason: Option<String>,
}

/// Removes the rows of days, and the sums of their hours, and returns the former.
async fn take(
    connection: &mut PgConnection,
    sli_id: &[i32],
    day: &[i32],
) -> Result<BTreeMap<Place, Vec<Slice>>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"delete from slice using unnest($1::int[], $2::int[]) as asked (sli_id, day)
           where slice.sli_id = asked.sli_id and slice.start_unix >= asked.day::bigint * 86400
             and slice.start_unix < asked.day::bigint * 86400 + 86400
           returning slice.sli_id, start_unix, seconds, good, total, measured_seconds, measured_from, measured_to,
                     unknown_reason"#,
        sli_id,
        day
    )
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query!(
        r#"delete from slice_hour using unnest($1::int[], $2::int[]) as asked (sli_id, day)
           where slice_hour.sli_id = asked.sli_id and slice_hour.hour_unix >= asked.day::bigint * 86400
             and slice_hour.hour_unix < asked.day::bigint * 86400 + 86400"#,
        sli_id,
        day
    )
    .execute(connection)
    .await?;
    let mut days: BTreeMap<Place, Vec<Slice>> = BTreeMap::new();
    for row in rows {
        let slice = Slice::from(&row);
        days.entry((SliId(row.sli_id), Day::of(slice.start))).or_default().push(slice);
    }
    for slices in days.values_mut() {
        slices.sort_by_key(|slice| slice.start);
    }
    Ok(days)
}

impl From<&Row> for Slice {
    fn from(row: &Row) -> Self {
        let start = Instant::from_unix(row.start_unix);
        let seconds = |column: Option<i32>| column.and_then(|value| u32::try_from(value).ok()).unwrap_or(0);
        let offset = |column: Option<i32>| start + i64::from(column.unwrap_or(0));
        let measurement = match &row.unknown_reason {
            Some(reason) => Measurement::Unknown(reason.clone()),
            None => Measurement::Measured(Measured {
                good: unsigned(row.good.unwrap_or(0)),
                total: unsigned(row.total.unwrap_or(0)),
                measured_seconds: seconds(row.measured_seconds),
                from: offset(row.measured_from),
                to: offset(row.measured_to),
            }),
        };
        Self { start, seconds: seconds(Some(row.seconds)), measurement }
    }
}

/// Both, sorted by their start; what overlaps a newer one is gone.
fn overlaid(sealed: Vec<Slice>, newer: Vec<Slice>) -> Vec<Slice> {
    if sealed.is_empty() {
        return newer;
    }
    let overlaps = |old: &Slice| newer.iter().any(|new| new.start < old.end() && old.start < new.end());
    let mut slices: Vec<Slice> = sealed.into_iter().filter(|old| !overlaps(old)).collect();
    slices.extend(newer.iter().cloned());
    slices.sort_by_key(|slice| slice.start);
    slices
}

/// Writes sealed days anew, whole, and removes those that are empty. The caller holds the rows of the SLIs.
pub(super) async fn put_days(
    connection: &mut PgConnection,
    encoder: &mut Encoder,
    days: &BTreeMap<Place, Vec<Slice>>,
) -> Result<(), StoreError> {
    if days.is_empty() {
        return Ok(());
    }
    let (empty, full): (Vec<_>, Vec<_>) = days.iter().partition(|(_, slices)| slices.is_empty());
    remove(connection, empty.into_iter().map(|(place, _)| *place)).await?;
    let mut columns = Columns::default();
    for ((sli, day), slices) in full {
        columns.push(*sli, *day, &Summary::of(*day, slices), encoder.encode(*day, slices)?);
    }
    sqlx::query!(
        r#"insert into slice_day (sli_id, day, slices, good, total, measured_seconds, good_over_total, first_measured,
                                  last_measured, first_start, last_start, last_seconds, reach, hours)
           select * from unnest($1::int[], $2::int[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::int[],
                                $8::int[], $9::int[], $10::int[], $11::int[], $12::int[], $13::int[], $14::bytea[])
           on conflict (sli_id, day) do update set
               slices = excluded.slices, good = excluded.good, total = excluded.total,
               measured_seconds = excluded.measured_seconds, good_over_total = excluded.good_over_total,
               first_measured = excluded.first_measured, last_measured = excluded.last_measured,
               first_start = excluded.first_start, last_start = excluded.last_start,
               last_seconds = excluded.last_seconds, reach = excluded.reach, hours = excluded.hours"#,
        &columns.sli_id,
        &columns.day,
        &columns.slices,
        &columns.good,
        &columns.total,
        &columns.measured_seconds,
        &columns.good_over_total,
        &columns.first_measured as &[Option<i32>],
        &columns.last_measured as &[Option<i32>],
        &columns.first_start as &[Option<i32>],
        &columns.last_start as &[Option<i32>],
        &columns.last_seconds as &[Option<i32>],
        &columns.reach,
        &columns.hours
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        r#"insert into slice_block (sli_id, day, payload)
           select * from unnest($1::int[], $2::int[], $3::bytea[])
           on conflict (sli_id, day) do update set payload = excluded.payload"#,
        &columns.sli_id,
        &columns.day,
        &columns.payload
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn remove(
    connection: &mut PgConnection,
    places: impl Iterator<Item = Place>,
) -> Result<(), StoreError> {
    let (sli_id, day): (Vec<i32>, Vec<i32>) = places.map(|(sli, day)| (sli.0, day.0)).unzip();
    if sli_id.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"delete from slice_day using unnest($1::int[], $2::int[]) as gone (sli_id, day)
           where slice_day.sli_id = gone.sli_id and slice_day.day = gone.day"#,
        &sli_id,
        &day
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        r#"delete from slice_block using unnest($1::int[], $2::int[]) as gone (sli_id, day)
           where slice_block.sli_id = gone.sli_id and slice_block.day = gone.day"#,
        &sli_id,
        &day
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Sealed days, column by column, as `unnest` takes them.
#[derive(Default)]
struct Columns {
    sli_id: Vec<i32>,
    day: Vec<i32>,
    slices: Vec<i32>,
    good: Vec<i64>,
    total: Vec<i64>,
    measured_seconds: Vec<i64>,
    good_over_total: Vec<i32>,
    first_measured: Vec<Option<i32>>,
    last_measured: Vec<Option<i32>>,
    first_start: Vec<Option<i32>>,
    last_start: Vec<Option<i32>>,
    last_seconds: Vec<Option<i32>>,
    reach: Vec<i32>,
    hours: Vec<Vec<u8>>,
    payload: Vec<Vec<u8>>,
}

impl Columns {
    fn push(&mut self, sli: SliId, day: Day, summary: &Summary, payload: Vec<u8>) {
        let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let sum = &summary.sum;
        self.sli_id.push(sli.0);
        self.day.push(day.0);
        self.slices.push(summary.slices);
        self.good.push(signed(sum.good));
        self.total.push(signed(sum.total));
        self.measured_seconds.push(signed(sum.measured_seconds));
        self.good_over_total.push(i32::try_from(sum.good_over_total).unwrap_or(i32::MAX));
        self.first_measured.push(sum.first.map(|first| day.offset(first)));
        self.last_measured.push(sum.last.map(|last| day.offset(last)));
        self.first_start.push(summary.first_start);
        self.last_start.push(summary.last_start);
        self.last_seconds.push(summary.last_seconds);
        self.reach.push(summary.reach);
        self.hours.push(summary.hours.clone());
        self.payload.push(payload);
    }
}
