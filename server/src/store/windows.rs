//! Sums of many windows at once, exact to the slice: sums of whole days, then of hours, then slices of the hours that a
//! bound cuts.
//!
//! Invariant: what comes out is what the single slices add up to; each is counted by one of the four questions only,
//! which are asked of one snapshot.

use std::collections::BTreeMap;

use domain::series::HOUR_SECONDS;
use domain::{Bounds, Instant, Sum};
use sqlx::PgConnection;

use super::read::{block_of, unsigned};
use super::sealed::{DAY_SECONDS, Day, decode, unpack_hours};
use super::{SliId, Store, StoreError, bounded};

impl Store {
    /// What the slices of an SLI add up to in each of `bounds`, exact to the slice.
    pub async fn sums(&self, sli: SliId, bounds: &[Bounds]) -> Result<Vec<Sum>, StoreError> {
        let windows: Vec<(SliId, Bounds)> = bounds.iter().map(|bounds| (sli, *bounds)).collect();
        self.sums_of(&windows).await
    }

    /// What the slices of SLIs add up to, each in a window of its own, exact to the slice; in the order of the windows.
    pub async fn sums_of(&self, windows: &[(SliId, Bounds)]) -> Result<Vec<Sum>, StoreError> {
        bounded(async {
            let mut snapshot =
                self.pool.begin_with("begin transaction isolation level repeatable read read only").await?;
            let mut sums = Sums(vec![Sum::default(); windows.len()]);
            whole_days(&mut snapshot, windows, &mut sums).await?;
            cut_days(&mut snapshot, windows, &mut sums).await?;
            whole_hours(&mut snapshot, windows, &mut sums).await?;
            cut_hours(&mut snapshot, windows, &mut sums).await?;
            snapshot.commit().await?;
            Ok(sums.0)
        })
        .await
    }
}

/// By place of the window.
struct Sums(Vec<Sum>);

/// What a question says of a window.
struct Row {
    place: i64,
    good: i64,
    total: i64,
    measured_seconds: i64,
    good_over_total: i64,
    first_unix: i64,
    last_unix: i64,
}

impl Sums {
    fn add(&mut self, place: usize, sum: &Sum) {
        if let Some(into) = self.0.get_mut(place) {
            into.add(sum);
        }
    }

    fn add_all(&mut self, rows: Vec<Row>) {
        for row in rows {
            let sum = Sum {
                good: unsigned(row.good),
                total: unsigned(row.total),
                measured_seconds: unsigned(row.measured_seconds),
                good_over_total: unsigned(row.good_over_total),
                first: Some(Instant::from_unix(row.first_unix)),
                last: Some(Instant::from_unix(row.last_unix)),
            };
            self.add(usize::try_from(row.place).unwrap_or(usize::MAX), &sum);
        }
    }
}

/// Stretches of windows, column by column, as `unnest` takes them.
#[derive(Default)]
struct Stretches {
    place: Vec<i64>,
    sli_id: Vec<i32>,
    from: Vec<i64>,
    to: Vec<i64>,
}

impl Stretches {
    fn of(windows: &[(SliId, Bounds)], stretches: impl Fn(Bounds) -> Vec<Bounds>) -> Self {
        let mut all = Self::default();
        for (place, (sli, bounds)) in windows.iter().enumerate() {
            for stretch in stretches(*bounds).into_iter().filter(|stretch| !stretch.is_empty()) {
                all.place.push(i64::try_from(place).unwrap_or(i64::MAX));
                all.sli_id.push(sli.0);
                all.from.push(stretch.from.unix());
                all.to.push(stretch.to.unix());
            }
        }
        all
    }
}

/// The whole steps inside a window.
fn whole(bounds: Bounds, step_seconds: i64) -> Bounds {
    Bounds { from: bounds.from.ceil_to(step_seconds), to: bounds.to.floor_to(step_seconds) }
}

/// What a window has of the steps that its bounds cut: at most two stretches.
fn cut(bounds: Bounds, step_seconds: i64) -> Vec<Bounds> {
    let inner = whole(bounds, step_seconds);
    // Both bounds may lie in one step.
    if inner.to < inner.from {
        return vec![bounds];
    }
    vec![Bounds { from: bounds.from, to: inner.from }, Bounds { from: inner.to, to: bounds.to }]
}

async fn whole_days(
    connection: &mut PgConnection,
    windows: &[(SliId, Bounds)],
    sums: &mut Sums,
) -> Result<(), StoreError> {
    let stretches = Stretches::of(windows, |bounds| vec![whole(bounds, DAY_SECONDS)]);
    let rows = sqlx::query_as!(
        Row,
        r#"select asked.place as "place!", sum(day.good)::bigint as "good!", sum(day.total)::bigint as "total!",
                  sum(day.measured_seconds)::bigint as "measured_seconds!",
                  sum(day.good_over_total)::bigint as "good_over_total!",
                  min(day.day::bigint * 86400 + day.first_measured) as "first_unix!",
                  max(day.day::bigint * 86400 + day.last_measured) as "last_unix!"
           from unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[]) as asked (place, sli_id, from_unix, to_unix)
           cross join lateral (
               select * from slice_day where slice_day.sli_id = asked.sli_id
               and slice_day.day >= (asked.from_unix / 86400)::int and slice_day.day < (asked.to_unix / 86400)::int
               and hours is not null and first_measured is not null offset 0
           ) as day
           group by asked.place"#,
        &stretches.place,
        &stretches.sli_id,
        &stretches.from,
        &stretches.to
    )
    .fetch_all(connection)
    .await?;
    sums.add_all(rows);
    Ok(())
}

/// Of sealed days that a bound cuts: whole hours from their sums, and slices of the hours that it cuts.
async fn cut_days(
    connection: &mut PgConnection,
    windows: &[(SliId, Bounds)],
    sums: &mut Sums,
) -> Result<(), StoreError> {
    let mut asked: BTreeMap<(SliId, Day), bool> = BTreeMap::new();
    let mut parts = Vec::new();
    for (place, (sli, bounds)) in windows.iter().enumerate() {
        for part in cut(*bounds, DAY_SECONDS).into_iter().filter(|part| !part.is_empty()) {
            let cuts_hour = [part.from, part.to].iter().any(|bound| bound.floor_to(HOUR_SECONDS) != *bound);
            let day = (*sli, Day::of(part.from));
            *asked.entry(day).or_default() |= cuts_hour;
            parts.push((day, place, part));
        }
    }
    let (places, with_slices): (Vec<(SliId, Day)>, Vec<bool>) = asked.into_iter().unzip();
    let (sli_id, day): (Vec<i32>, Vec<i32>) = places.iter().map(|(sli, day)| (sli.0, day.0)).unzip();
    let rows = sqlx::query!(
        r#"select slice_day.sli_id, slice_day.day, slice_day.hours as "hours!",
                  (select payload from slice_block
                   where slice_block.sli_id = slice_day.sli_id and slice_block.day = slice_day.day
                     and asked.with_slices) as payload
           from unnest($1::int[], $2::int[], $3::bool[]) as asked (sli_id, day, with_slices)
           join slice_day on slice_day.sli_id = asked.sli_id and slice_day.day = asked.day
           where slice_day.hours is not null"#,
        &sli_id,
        &day,
        &with_slices
    )
    .fetch_all(connection)
    .await?;
    let mut found = BTreeMap::new();
    for row in rows {
        let day = Day(row.day);
        let slices = row.payload.map(|payload| decode(day, &payload)).transpose()?.unwrap_or_default();
        found.insert((SliId(row.sli_id), day), (unpack_hours(day, &row.hours)?, slices));
    }
    for (day, place, part) in parts {
        let Some((hours, slices)) = found.get(&day) else { continue };
        let inner = whole(part, HOUR_SECONDS);
        let is_inner = |at: Instant| inner.from <= at && at < inner.to;
        for hour in hours.iter().filter(|hour| is_inner(hour.start)) {
            sums.add(place, &hour.sum);
        }
        let low = slices.partition_point(|slice| slice.start < part.from);
        let high = slices.partition_point(|slice| slice.start < part.to);
        let inside = slices.get(low..high).unwrap_or_default().iter();
        for block in inside.filter(|slice| !is_inner(slice.start)).filter_map(block_of) {
            sums.add(place, &block.sum);
        }
    }
    Ok(())
}

async fn whole_hours(
    connection: &mut PgConnection,
    windows: &[(SliId, Bounds)],
    sums: &mut Sums,
) -> Result<(), StoreError> {
    let stretches = Stretches::of(windows, |bounds| vec![whole(bounds, HOUR_SECONDS)]);
    let rows = sqlx::query_as!(
        Row,
        r#"select asked.place as "place!", sum(hour.good)::bigint as "good!", sum(hour.total)::bigint as "total!",
                  sum(hour.measured_seconds)::bigint as "measured_seconds!",
                  sum(hour.good_over_total)::bigint as "good_over_total!",
                  min(hour.first_unix) as "first_unix!", max(hour.last_unix) as "last_unix!"
           from unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[]) as asked (place, sli_id, from_unix, to_unix)
           cross join lateral (
               select * from slice_hour where slice_hour.sli_id = asked.sli_id
               and slice_hour.hour_unix >= asked.from_unix and slice_hour.hour_unix < asked.to_unix offset 0
           ) as hour
           group by asked.place"#,
        &stretches.place,
        &stretches.sli_id,
        &stretches.from,
        &stretches.to
    )
    .fetch_all(connection)
    .await?;
    sums.add_all(rows);
    Ok(())
}

async fn cut_hours(
    connection: &mut PgConnection,
    windows: &[(SliId, Bounds)],
    sums: &mut Sums,
) -> Result<(), StoreError> {
    let stretches = Stretches::of(windows, |bounds| cut(bounds, HOUR_SECONDS));
    let rows = sqlx::query_as!(
        Row,
        r#"select asked.place as "place!", sum(least(slice.good, slice.total))::bigint as "good!",
                  sum(slice.total)::bigint as "total!", sum(slice.measured_seconds)::bigint as "measured_seconds!",
                  count(*) filter (where slice.good > slice.total) as "good_over_total!",
                  min(slice.start_unix + slice.measured_from) as "first_unix!",
                  max(slice.start_unix + slice.measured_to) as "last_unix!"
           from unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[]) as asked (place, sli_id, from_unix, to_unix)
           cross join lateral (
               select * from slice where slice.sli_id = asked.sli_id and slice.start_unix >= asked.from_unix
               and slice.start_unix < asked.to_unix and slice.unknown_reason is null offset 0
           ) as slice
           group by asked.place"#,
        &stretches.place,
        &stretches.sli_id,
        &stretches.from,
        &stretches.to
    )
    .fetch_all(connection)
    .await?;
    sums.add_all(rows);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_and_cut_steps_make_the_window() {
        let bounds = |from, to| Bounds { from: Instant::from_unix(from), to: Instant::from_unix(to) };
        assert_eq!(whole(bounds(1, 299), 100), bounds(100, 200));
        assert_eq!(cut(bounds(1, 299), 100), [bounds(1, 100), bounds(200, 299)]);
        assert_eq!(cut(bounds(110, 190), 100), [bounds(110, 190)], "inside one step");
        assert!(cut(bounds(100, 200), 100).iter().all(|part| part.is_empty()));
        assert_eq!(cut(bounds(110, 210), 100), [bounds(110, 200), bounds(200, 210)], "no whole step");
    }
}
