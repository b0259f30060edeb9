//! Writing into days that are sealed: each is read, changed and written again, whole, in the writer's transaction.
//!
//! Invariants: the caller holds the rows of the SLIs; a sealed day stays sealed; so many days are in memory at once.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Instant, Measurement, Slice};
use sqlx::PgConnection;

use super::batch::{Batch, Conflict};
use super::seal::put_days;
use super::sealed::{Day, Encoder, decode};
use super::write::StoredOverlap;
use super::{SliId, StoreError};

/// Days that are decoded at a time, some 100,000 slices.
const DAYS_AT_ONCE: usize = 64;

/// A sealed day of an SLI.
pub(super) type Place = (SliId, Day);

/// The sealed days that a batch writes into or that reach into its slices, sorted.
pub(super) async fn touched(connection: &mut PgConnection, batch: &Batch) -> Result<Vec<Place>, StoreError> {
    // Of each SLI and day the first slice's start and the last day that one of them reaches into.
    let mut days: BTreeMap<Place, (Instant, Day)> = BTreeMap::new();
    for ((sli, start), (_, slice)) in batch {
        let last = Day::of(slice.end() - 1);
        let entry = days.entry((*sli, Day::of(*start))).or_insert((*start, last));
        entry.1 = entry.1.max(last);
    }
    let (mut sli_id, mut first, mut last, mut start) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for ((sli, day), (earliest, reached)) in days {
        sli_id.push(sli.0);
        first.push(day.0);
        last.push(reached.0);
        start.push(earliest.unix());
    }
    // Slices do not overlap, so that of all earlier days only the nearest can reach into a slice.
    let rows = sqlx::query!(
        r#"select new.sli_id as "sli_id!", old.day as "day!"
           from unnest($1::int[], $2::int[], $3::int[], $4::bigint[]) as new (sli_id, first_day, last_day, start_unix)
           cross join lateral (
               (select day from slice_day
                where slice_day.sli_id = new.sli_id and day >= new.first_day and day <= new.last_day
                  and hours is not null)
               union all
               (select day from (
                    select day, reach from slice_day
                    where slice_day.sli_id = new.sli_id and day < new.first_day and hours is not null
                    order by day desc limit 1
                ) as before where day::bigint * 86400 + reach > new.start_unix)
           ) as old"#,
        &sli_id,
        &first,
        &last,
        &start
    )
    .fetch_all(connection)
    .await?;
    let places: BTreeSet<Place> = rows.into_iter().map(|row| (SliId(row.sli_id), Day(row.day))).collect();
    Ok(places.into_iter().collect())
}

/// The sealed slices that overlap slices of the batch with different bounds.
pub(super) async fn overlaps(
    connection: &mut PgConnection,
    batch: &Batch,
    places: &[Place],
) -> Result<Vec<StoredOverlap>, StoreError> {
    let longest = batch.values().map(|(_, slice)| slice.seconds).max().unwrap_or(0);
    let mut found = Vec::new();
    for some in places.chunks(DAYS_AT_ONCE) {
        for ((sli, day), stored) in load(connection, some).await? {
            let reach = stored.last().map_or(day.end(), Slice::end);
            let from = day.start() - i64::from(longest);
            for (index, new) in batch.range((sli, from)..(sli, reach)).map(|(_, entry)| entry) {
                found.extend(overlapping(&stored, new).map(|old| overlap(sli, *index, new, old)));
            }
        }
    }
    Ok(found)
}

/// The slices of a day, sorted and without overlaps, that overlap another with different bounds.
fn overlapping<'a>(stored: &'a [Slice], new: &'a Slice) -> impl Iterator<Item = &'a Slice> {
    let place = stored.partition_point(|old| old.start < new.start);
    let near = stored.get(place.saturating_sub(1)..).unwrap_or_default();
    near.iter()
        .take_while(|old| old.start < new.end())
        .filter(|old| old.end() > new.start && (old.start, old.seconds) != (new.start, new.seconds))
}

fn overlap(sli: SliId, index: usize, new: &Slice, old: &Slice) -> StoredOverlap {
    let is_measured = |slice: &Slice| matches!(slice.measurement, Measurement::Measured(_));
    StoredOverlap {
        sli,
        conflict: Conflict { index, start: old.start, seconds: old.seconds },
        both_measured: is_measured(new) && is_measured(old),
        stored_measured: is_measured(old),
    }
}

/// Takes the slices of sealed days out of the batch and writes them there; what is `removed` goes from there.
pub(super) async fn amend(
    connection: &mut PgConnection,
    batch: &mut Batch,
    removed: &[(SliId, Instant)],
    places: &[Place],
) -> Result<(), StoreError> {
    if places.is_empty() {
        return Ok(());
    }
    let mut encoder = Encoder::new()?;
    for some in places.chunks(DAYS_AT_ONCE) {
        let mut changed = BTreeMap::new();
        for ((sli, day), before) in load(connection, some).await? {
            let mut slices: BTreeMap<Instant, Slice> =
                before.iter().map(|slice| (slice.start, slice.clone())).collect();
            for (_, start) in removed.iter().filter(|(of, _)| *of == sli) {
                slices.remove(start);
            }
            let own: Vec<_> =
                batch.range((sli, day.start())..(sli, day.end())).map(|(place, _)| *place).collect();
            for place in own {
                slices.extend(batch.remove(&place).map(|(_, slice)| (slice.start, slice)));
            }
            let slices: Vec<Slice> = slices.into_values().collect();
            if slices != before {
                changed.insert((sli, day), slices);
            }
        }
        put_days(connection, &mut encoder, &changed).await?;
    }
    Ok(())
}

/// The slices of sealed days, each day's sorted by their start.
pub(super) async fn load(
    connection: &mut PgConnection,
    places: &[Place],
) -> Result<BTreeMap<Place, Vec<Slice>>, StoreError> {
    let (sli_id, day): (Vec<i32>, Vec<i32>) = places.iter().map(|(sli, day)| (sli.0, day.0)).unzip();
    let rows = sqlx::query!(
        r#"select slice_block.sli_id, slice_block.day, slice_block.payload
           from unnest($1::int[], $2::int[]) as asked (sli_id, day)
           join slice_day on slice_day.sli_id = asked.sli_id and slice_day.day = asked.day
           join slice_block on slice_block.sli_id = asked.sli_id and slice_block.day = asked.day
           where slice_day.hours is not null"#,
        &sli_id,
        &day
    )
    .fetch_all(connection)
    .await?;
    let mut days = BTreeMap::new();
    for row in rows {
        let day = Day(row.day);
        days.insert((SliId(row.sli_id), day), decode(day, &row.payload)?);
    }
    Ok(days)
}
