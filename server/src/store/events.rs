//! Events, summed into minute slices; what was counted before is told by its key.
//!
//! Invariants: keys and sums change in one transaction, so that a retry finds both or neither; the sum is added under
//! the lock of its SLI, to whatever measured slice stands at its place.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use domain::estate::SLICE_SECONDS;
use domain::{Instant, Measured, Measurement, Slice};

use super::amend::{self, Place};
use super::batch::{Batch, Conflict, disjoint};
use super::write::{connection, lock, stored_overlaps, write};
use super::{SliId, SliSlice, Store, StoreError, bounded};

/// Keys older than this are removed. Events are taken up to [`crate::ingest::events::AGE_SECONDS_MAX`] after they
/// happened, so what is removed cannot come again.
const KEY_AGE_SECONDS: i64 = crate::ingest::events::AGE_SECONDS_MAX + 86_400;
/// Old keys that one write removes: more than it adds on average, so that they do not pile up.
const KEYS_REMOVED_MAX: i64 = 20_000;

/// SHA-256 of what makes an event, or a body of events, the same as one before.
pub type EventKey = [u8; 32];

/// Events of one SLI in one minute under one key: they count once, together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSum {
    /// What tells a retry.
    pub key: EventKey,
    /// Whose.
    pub sli: SliId,
    /// Start of the minute.
    pub minute: Instant,
    /// Good events.
    pub good: u64,
    /// All events.
    pub total: u64,
}

/// What came of a batch of events.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventsStored {
    /// The keys that were here before: their events were not counted again.
    pub repeated: HashSet<EventKey>,
    /// The slices as they stand now.
    pub slices: Vec<SliSlice>,
}

impl Store {
    /// Adds events up; all of the batch or nothing. Sums whose key is known are left out. A measured slice of other
    /// bounds at one of the minutes refuses the batch: [`Conflict::index`] is the place in `sums`.
    pub async fn add_events(&self, sums: &[EventSum], now: Instant) -> Result<EventsStored, StoreError> {
        bounded(async {
            let mut transaction = self.pool.begin().await?;
            // Its minutes as empty slices: what lock and overlaps are asked about.
            let (places, _) = disjoint(sums.iter().map(|sum| slice(sum.sli, sum.minute, 0, 0)).collect());
            lock(&mut transaction, &places).await?;
            let sealed = amend::touched(&mut transaction, &places).await?;
            let keys: BTreeSet<EventKey> = sums.iter().map(|sum| sum.key).collect();
            let keys: Vec<Vec<u8>> = keys.iter().map(|key| key.to_vec()).collect();
            let new = sqlx::query_scalar!(
                r#"insert into event_seen (key, seen_unix) select new.key, $2 from unnest($1::bytea[]) as new (key)
                   on conflict (key) do nothing returning key"#,
                &keys,
                now.unix()
            )
            .fetch_all(connection(&mut transaction))
            .await?;
            let new: HashSet<EventKey> = new.into_iter().filter_map(|key| key.try_into().ok()).collect();
            let (added, indices) = added(sums, &new);
            let (mut batch, _) = disjoint(summed(&mut transaction, &added, &sealed).await?);
            let overlaps = stored_overlaps(&mut transaction, &batch, &sealed).await?;
            let place = |conflict: &Conflict| indices.get(conflict.index).copied().unwrap_or(usize::MAX);
            let conflicts: Vec<Conflict> = overlaps
                .iter()
                .filter(|overlap| overlap.both_measured)
                .map(|overlap| Conflict { index: place(&overlap.conflict), ..overlap.conflict.clone() })
                .collect();
            if !conflicts.is_empty() {
                return Err(StoreError::Overlap(conflicts));
            }
            // Writing takes what belongs to sealed days out of the batch.
            let slices = slices_of(&batch);
            write(&mut transaction, &mut batch, &overlaps, &sealed).await?;
            sqlx::query!(
                r#"delete from event_seen using (
                       select key from event_seen where seen_unix < $1 order by seen_unix limit $2
                       for update skip locked
                   ) as old where event_seen.key = old.key"#,
                now.unix() - KEY_AGE_SECONDS,
                KEYS_REMOVED_MAX
            )
            .execute(connection(&mut transaction))
            .await?;
            transaction.commit().await?;
            let repeated = sums.iter().map(|sum| sum.key).filter(|key| !new.contains(key)).collect();
            Ok(EventsStored { repeated, slices })
        })
        .await
    }
}

/// The minutes with what is measured at their places added.
async fn summed(
    transaction: &mut sqlx::Transaction<'_, sqlx::Postgres>,
    added: &[Added],
    sealed: &[Place],
) -> Result<Vec<SliSlice>, StoreError> {
    let sli: Vec<i32> = added.iter().map(|(sli, ..)| sli.0).collect();
    let start: Vec<i64> = added.iter().map(|(_, minute, ..)| minute.unix()).collect();
    let rows = sqlx::query!(
        r#"select slice.sli_id, slice.start_unix, slice.good as "good!", slice.total as "total!"
               from unnest($1::int[], $2::bigint[]) as asked (sli_id, start_unix)
               join slice on slice.sli_id = asked.sli_id and slice.start_unix = asked.start_unix
               where slice.unknown_reason is null and slice.seconds = $3"#,
        &sli,
        &start,
        i32::try_from(SLICE_SECONDS).unwrap_or(60)
    )
    .fetch_all(connection(transaction))
    .await?;
    let mut stored: BTreeMap<(SliId, Instant), (u64, u64)> = rows
        .into_iter()
        .map(|row| {
            let place = (SliId(row.sli_id), Instant::from_unix(row.start_unix));
            (place, (unsigned(row.good), unsigned(row.total)))
        })
        .collect();
    // Events are taken for some days: no more than a handful of sealed ones of an SLI.
    for ((sli, _), slices) in amend::load(transaction, sealed).await? {
        stored.extend(slices.iter().filter_map(|slice| match &slice.measurement {
            Measurement::Measured(measured) if slice.seconds == SLICE_SECONDS => {
                Some(((sli, slice.start), (measured.good, measured.total)))
            }
            _ => None,
        }));
    }
    Ok(added
        .iter()
        .map(|(sli, minute, good, total)| {
            let (before_good, before_total) = stored.get(&(*sli, *minute)).copied().unwrap_or_default();
            slice(*sli, *minute, before_good.saturating_add(*good), before_total.saturating_add(*total))
        })
        .collect())
}

/// Good events and all that are new at a minute of an SLI.
type Added = (SliId, Instant, u64, u64);

/// What is new, by place, and of each place the first of `sums` that fell there.
fn added(sums: &[EventSum], new: &HashSet<EventKey>) -> (Vec<Added>, Vec<usize>) {
    let mut by_place: BTreeMap<(SliId, Instant), (usize, u64, u64)> = BTreeMap::new();
    for (index, sum) in sums.iter().enumerate().filter(|(_, sum)| new.contains(&sum.key)) {
        let place = by_place.entry((sum.sli, sum.minute)).or_insert((index, 0, 0));
        place.1 = place.1.saturating_add(sum.good);
        place.2 = place.2.saturating_add(sum.total);
    }
    let indices = by_place.values().map(|(index, ..)| *index).collect();
    let added = by_place.into_iter().map(|((sli, minute), (_, good, total))| (sli, minute, good, total));
    (added.collect(), indices)
}

/// A minute that stands for all of its time: where in it an event was counted says nothing about the rest.
fn slice(sli: SliId, start: Instant, good: u64, total: u64) -> SliSlice {
    let to = start + i64::from(SLICE_SECONDS);
    let measured = Measured { good, total, measured_seconds: SLICE_SECONDS, from: start, to };
    let measurement = Measurement::Measured(measured);
    SliSlice { sli, slice: Slice { start, seconds: SLICE_SECONDS, measurement } }
}

fn slices_of(batch: &Batch) -> Vec<SliSlice> {
    batch.iter().map(|((sli, _), (_, slice))| SliSlice { sli: *sli, slice: slice.clone() }).collect()
}

/// Counts are checked to be non-negative by the schema.
fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
