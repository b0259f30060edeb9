//! The partitions of sealed slices: one for each 32 days, made before the first day in it is sealed, dropped whole.
//!
//! Invariant: names and bounds are made of whole numbers only, so that no text from outside becomes a statement.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, PgPool};

use super::StoreError;
use super::sealed::Day;

/// Days of a partition: 400 days are in 13 or 14 of them, which a planner does not notice.
const DAYS: i32 = 32;

/// A partition, by its place among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Partition(i32);

impl Partition {
    /// The one that a day lies in.
    pub(super) fn of(day: Day) -> Self {
        Self(day.0.div_euclid(DAYS))
    }

    /// Its first day.
    pub(super) fn start(self) -> Day {
        Day(self.0 * DAYS)
    }

    /// The first day after it.
    pub(super) fn end(self) -> Day {
        Day((self.0 + 1) * DAYS)
    }

    /// Its table. Days before 1970 have a name, too, without a sign in it.
    pub(super) fn name(self) -> String {
        if self.0 < 0 {
            format!("slice_block_before_{}", self.0.unsigned_abs())
        } else {
            format!("slice_block_{}", self.0)
        }
    }

    /// The partition of that name, if it is one.
    pub(super) fn named(name: &str) -> Option<Self> {
        let number = name.strip_prefix("slice_block_")?;
        let place = match number.strip_prefix("before_") {
            Some(before) => before.parse::<i32>().ok().map(|before| -before),
            None => number.parse().ok(),
        };
        place.map(Self).filter(|partition| partition.name() == name)
    }

    /// The statement that makes it.
    pub(super) fn make(self) -> String {
        let (name, from, to) = (self.name(), self.start().0, self.end().0);
        format!(
            "create table if not exists {name} partition of slice_block for values from ({from}) to ({to})"
        )
    }

    /// The statement that keeps PostgreSQL from compressing anew what is compressed. Not every engine knows it, and
    /// nothing depends on it.
    fn keep_as_it_is(self) -> String {
        format!("alter table {} alter column payload set storage external", self.name())
    }

    /// The statement that drops it.
    pub(super) fn drop(self) -> String {
        format!("drop table if exists {}", self.name())
    }
}

/// The partitions that there are.
pub(super) async fn all(pool: &PgPool) -> Result<Vec<Partition>, StoreError> {
    let names = sqlx::query_scalar!(
        r#"select table_name::text as "name!" from information_schema.tables
           where table_schema = current_schema() and table_name like 'slice!_block!_%' escape '!'"#
    )
    .fetch_all(pool)
    .await?;
    Ok(names.iter().filter_map(|name| Partition::named(name)).collect())
}

/// Makes those that days need and that are missing. Once in 32 days, for making one stops readers for a moment.
pub(super) async fn make(pool: &PgPool, days: &BTreeSet<Day>) -> Result<(), StoreError> {
    let mut missing: BTreeSet<Partition> = days.iter().map(|day| Partition::of(*day)).collect();
    for there in all(pool).await? {
        missing.remove(&there);
    }
    for partition in missing {
        sqlx::query(AssertSqlSafe(partition.make())).execute(pool).await?;
        keep_as_they_are(pool, &BTreeSet::from([partition])).await;
        tracing::info!(table = partition.name(), "made a partition for sealed days");
    }
    Ok(())
}

/// Tells PostgreSQL not to compress payloads anew, where it can be told.
pub(super) async fn keep_as_they_are(pool: &PgPool, partitions: &BTreeSet<Partition>) {
    for partition in partitions {
        if let Err(error) = sqlx::query(AssertSqlSafe(partition.keep_as_it_is())).execute(pool).await {
            tracing::debug!(error = ?error, table = partition.name(), "payloads may be compressed twice");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_bounds_follow_from_the_day() {
        let partition = Partition::of(Day(20_671));
        assert_eq!((partition.name(), partition.end()), ("slice_block_645".to_owned(), Day(20_672)));
        assert!(partition.make().ends_with("from (20640) to (20672)"));
        assert_eq!(Partition::of(Day(-1)).name(), "slice_block_before_1");
        for day in [-100, -1, 0, 31, 32, 20_671] {
            let partition = Partition::of(Day(day));
            assert_eq!(Partition::named(&partition.name()), Some(partition));
        }
        for foreign in ["slice_block", "slice_block_x", "slice_block_007", "slice_block_before_-1", "other"] {
            assert_eq!(Partition::named(foreign), None, "{foreign}");
        }
    }
}
