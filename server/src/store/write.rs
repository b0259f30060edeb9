//! Writing slices: a whole batch in one transaction, or nothing.

use std::collections::HashSet;

use domain::Instant;
use sqlx::{PgConnection, Postgres, Transaction};

use super::batch::{Batch, Columns, Conflict, disjoint};
use super::{SliId, SliSlice, Store, StoreError, amend, bounded};

impl Store {
    /// Stores the whole batch or nothing. The later of two slices at one place stands; an overlap of measured slices
    /// with different bounds refuses the batch and names every offender.
    /// A rehearsal does everything but commit.
    pub async fn append(&self, slices: Vec<SliSlice>, rehearsal: bool) -> Result<(), StoreError> {
        bounded(async {
            let (mut batch, mut conflicts) = disjoint(slices);
            let mut transaction = self.pool.begin().await?;
            lock(&mut transaction, &batch).await?;
            let sealed = amend::touched(&mut transaction, &batch).await?;
            let stored = stored_overlaps(&mut transaction, &batch, &sealed).await?;
            add_refused(&mut conflicts, &stored);
            if !conflicts.is_empty() {
                return Err(StoreError::Overlap(conflicts));
            }
            write(&mut transaction, &mut batch, &stored, &sealed).await?;
            if rehearsal {
                transaction.rollback().await?;
            } else {
                transaction.commit().await?;
            }
            Ok(())
        })
        .await
    }

    /// Stores what our own collectors measured; a slice that overlaps a measured one with different bounds is left
    /// out and returned, because the rest of the batch has nothing to do with it.
    pub async fn replace(&self, slices: Vec<SliSlice>) -> Result<Vec<Conflict>, StoreError> {
        bounded(async {
            let (mut batch, mut conflicts) = disjoint(slices);
            let mut transaction = self.pool.begin().await?;
            lock(&mut transaction, &batch).await?;
            let sealed = amend::touched(&mut transaction, &batch).await?;
            let stored = stored_overlaps(&mut transaction, &batch, &sealed).await?;
            add_refused(&mut conflicts, &stored);
            let left_out: HashSet<usize> = conflicts.iter().map(|conflict| conflict.index).collect();
            batch.retain(|_, (index, _)| !left_out.contains(index));
            write(&mut transaction, &mut batch, &stored, &sealed).await?;
            transaction.commit().await?;
            Ok(conflicts)
        })
        .await
    }
}

/// Writers of an SLI take turns, so that overlap checks and hour sums see a settled state. Always in the same order,
/// so that two writers cannot wait for each other.
pub(super) async fn lock(
    transaction: &mut Transaction<'_, Postgres>,
    batch: &Batch,
) -> Result<(), StoreError> {
    let mut ids: Vec<i32> = batch.keys().map(|(sli, _)| sli.0).collect();
    ids.dedup();
    sqlx::query!("select id from sli where id = any ($1) order by id for update", &ids)
        .fetch_all(connection(transaction))
        .await?;
    Ok(())
}

/// A stored slice that overlaps one of the batch with different bounds.
pub(super) struct StoredOverlap {
    pub(super) sli: SliId,
    pub(super) conflict: Conflict,
    pub(super) both_measured: bool,
    pub(super) stored_measured: bool,
}

/// Adds the stored measured slices that measured ones of the batch overlap; by place in the batch.
fn add_refused(conflicts: &mut Vec<Conflict>, stored: &[StoredOverlap]) {
    conflicts.extend(stored.iter().filter(|overlap| overlap.both_measured).map(|o| o.conflict.clone()));
    conflicts.sort_by_key(|conflict| (conflict.index, conflict.start));
}

/// Stored slices never overlap each other, so besides those that start inside a new slice only the nearest earlier
/// one can reach into it.
pub(super) async fn stored_overlaps(
    transaction: &mut Transaction<'_, Postgres>,
    batch: &Batch,
    sealed: &[amend::Place],
) -> Result<Vec<StoredOverlap>, StoreError> {
    let in_sealed = amend::overlaps(transaction, batch, sealed).await?;
    let columns = Columns::of(batch);
    let rows = sqlx::query!(
        r#"select new.index as "index!", new.measured as "measured!", old.sli_id as "sli_id!",
                  old.start_unix as "start_unix!", old.seconds as "seconds!",
                  (old.unknown_reason is null) as "stored_measured!"
           from unnest($1::int[], $2::bigint[], $3::int[], $4::bool[], $5::bigint[])
                as new (sli_id, start_unix, seconds, measured, index)
           cross join lateral (
               (select * from slice where slice.sli_id = new.sli_id and slice.start_unix < new.start_unix
                order by slice.start_unix desc limit 1)
               union all
               (select * from slice where slice.sli_id = new.sli_id and slice.start_unix >= new.start_unix
                and slice.start_unix < new.start_unix + new.seconds)
           ) as old
           where old.start_unix + old.seconds > new.start_unix
             and (old.start_unix, old.seconds) <> (new.start_unix, new.seconds)"#,
        &columns.sli_id,
        &columns.start_unix,
        &columns.seconds,
        &columns.measured,
        &columns.index
    )
    .fetch_all(connection(transaction))
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| StoredOverlap {
            sli: SliId(row.sli_id),
            conflict: Conflict {
                index: usize::try_from(row.index).unwrap_or(usize::MAX),
                start: Instant::from_unix(row.start_unix),
                seconds: u32::try_from(row.seconds).unwrap_or(0),
            },
            both_measured: row.measured && row.stored_measured,
            stored_measured: row.stored_measured,
        })
        .chain(in_sealed)
        .collect())
}

pub(super) async fn write(
    transaction: &mut Transaction<'_, Postgres>,
    batch: &mut Batch,
    overlaps: &[StoredOverlap],
    sealed: &[amend::Place],
) -> Result<(), StoreError> {
    // A new unknown slice gives way to stored measurements; stored unknown ones give way to whatever is new.
    let kept_out: HashSet<usize> =
        overlaps.iter().filter(|o| o.stored_measured && !o.both_measured).map(|o| o.conflict.index).collect();
    batch.retain(|_, (index, _)| !kept_out.contains(index));
    let removed: Vec<(SliId, Instant)> =
        overlaps.iter().filter(|o| !o.stored_measured).map(|o| (o.sli, o.conflict.start)).collect();
    let (removed_sli, removed_start): (Vec<i32>, Vec<i64>) =
        removed.iter().map(|(sli, start)| (sli.0, start.unix())).unzip();
    if !removed_sli.is_empty() {
        sqlx::query!(
            r#"delete from slice using unnest($1::int[], $2::bigint[]) as gone (sli_id, start_unix)
               where slice.sli_id = gone.sli_id and slice.start_unix = gone.start_unix"#,
            &removed_sli,
            &removed_start
        )
        .execute(connection(transaction))
        .await?;
    }
    amend::amend(transaction, batch, &removed, sealed).await?;
    upsert(transaction, batch).await?;
    roll_up(transaction, batch).await
}

async fn upsert(transaction: &mut Transaction<'_, Postgres>, batch: &Batch) -> Result<(), StoreError> {
    let columns = Columns::of(batch);
    sqlx::query!(
        r#"insert into slice (sli_id, start_unix, seconds, good, total, measured_seconds, measured_from, measured_to,
                              unknown_reason)
           select * from unnest($1::int[], $2::bigint[], $3::int[], $4::bigint[], $5::bigint[], $6::int[], $7::int[],
                                $8::int[], $9::text[])
           on conflict (sli_id, start_unix) do update set
               seconds = excluded.seconds, good = excluded.good, total = excluded.total,
               measured_seconds = excluded.measured_seconds, measured_from = excluded.measured_from,
               measured_to = excluded.measured_to, unknown_reason = excluded.unknown_reason"#,
        &columns.sli_id,
        &columns.start_unix,
        &columns.seconds,
        &columns.good as &[Option<i64>],
        &columns.total as &[Option<i64>],
        &columns.measured_seconds as &[Option<i32>],
        &columns.measured_from as &[Option<i32>],
        &columns.measured_to as &[Option<i32>],
        &columns.unknown_reason as &[Option<String>]
    )
    .execute(connection(transaction))
    .await?;
    Ok(())
}

/// Recomputes the sums of every touched hour from its slices. Removed slices were unknown, which no sum contains.
async fn roll_up(transaction: &mut Transaction<'_, Postgres>, batch: &Batch) -> Result<(), StoreError> {
    let mut hours: Vec<(i32, i64)> =
        batch.keys().map(|(sli, start)| (sli.0, start.floor_to(3_600).unix())).collect();
    hours.dedup();
    let (sli_id, hour_unix): (Vec<i32>, Vec<i64>) = hours.into_iter().unzip();
    sqlx::query!(
        r#"delete from slice_hour using unnest($1::int[], $2::bigint[]) as touched (sli_id, hour_unix)
           where slice_hour.sli_id = touched.sli_id and slice_hour.hour_unix = touched.hour_unix"#,
        &sli_id,
        &hour_unix
    )
    .execute(connection(transaction))
    .await?;
    sqlx::query!(
        r#"insert into slice_hour
           select touched.sli_id, touched.hour_unix, sum(least(slice.good, slice.total))::bigint,
                  sum(slice.total)::bigint, sum(slice.measured_seconds)::bigint,
                  count(*) filter (where slice.good > slice.total),
                  min(slice.start_unix + slice.measured_from), max(slice.start_unix + slice.measured_to)
           from unnest($1::int[], $2::bigint[]) as touched (sli_id, hour_unix)
           cross join lateral (
               select * from slice where slice.sli_id = touched.sli_id and slice.start_unix >= touched.hour_unix
               and slice.start_unix < touched.hour_unix + 3600 and slice.unknown_reason is null offset 0
           ) as slice
           group by touched.sli_id, touched.hour_unix"#,
        &sli_id,
        &hour_unix
    )
    .execute(connection(transaction))
    .await?;
    Ok(())
}

pub(super) fn connection<'a>(transaction: &'a mut Transaction<'_, Postgres>) -> &'a mut PgConnection {
    &mut *transaction
}
