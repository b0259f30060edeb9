//! Declarations: what was declared of SLOs and SLIs, and since when.
//!
//! Invariants: a revision of an SLO is never changed; a generation of an SLI keeps its number and its begin, only the
//! text of what it means may be replaced. Whoever adds to them holds the rows of the SLIs, as writers of slices do, so
//! that servers that start together take turns; the primary keys catch those that declare different things.

use domain::Instant;

use super::{SliId, Store, StoreError, bounded};

/// Revisions of an SLO and generations of an SLI that are read, the latest ones: years of edits. What was before the
/// oldest of them is taken to have been like it.
const READ_EACH: i64 = 200;

/// What an SLO was declared to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The SLO's name.
    pub slo: String,
    /// From 1.
    pub revision: u32,
    /// The first instant at which it was valid; none for the first, which was valid ever since.
    pub valid_from: Option<Instant>,
    /// JSON of what figures depend on.
    pub declared: String,
}

/// What an SLI measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// The SLI's name.
    pub sli: String,
    /// From 1.
    pub generation: u32,
    /// The first instant at which it was measured; none for the first.
    pub began: Option<Instant>,
    /// What is measured, without how often.
    pub meaning: String,
}

/// Revisions and generations, by name and number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declarations {
    /// Of SLOs.
    pub revisions: Vec<Revision>,
    /// Of SLIs. Written, one that is there already gets another meaning.
    pub generations: Vec<Generation>,
}

/// Whose declarations.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// Names of SLOs.
    pub slos: &'a [String],
    /// Names of SLIs.
    pub slis: &'a [String],
}

impl Store {
    /// What is stored about some SLOs and SLIs.
    pub async fn declarations(&self, names: Names<'_>) -> Result<Declarations, StoreError> {
        bounded(async {
            let mut connection = self.pool.acquire().await?;
            read(&mut connection, names).await
        })
        .await
    }

    /// Hands what is stored about some SLOs and SLIs to `news`, stores what that answers, and returns what is stored
    /// then: all in one transaction. `ids` are the numbers of the SLIs.
    pub async fn revise(
        &self,
        names: Names<'_>,
        ids: &[SliId],
        news: impl FnOnce(&Declarations) -> Declarations + Send,
    ) -> Result<Declarations, StoreError> {
        let ids: Vec<i32> = ids.iter().map(|id| id.0).collect();
        bounded(async {
            let mut transaction = self.pool.begin().await?;
            sqlx::query!("select id from sli where id = any ($1) order by id for update", &ids)
                .fetch_all(&mut *transaction)
                .await?;
            let stored = read(&mut transaction, names).await?;
            let news = news(&stored);
            write(&mut transaction, &news).await?;
            let stored = read(&mut transaction, names).await?;
            transaction.commit().await?;
            Ok(stored)
        })
        .await
    }
}

async fn read(connection: &mut sqlx::PgConnection, names: Names<'_>) -> Result<Declarations, StoreError> {
    let revisions = sqlx::query!(
        r#"select latest.slo, latest.revision, latest.valid_from_unix, latest.declared
           from unnest($1::text[]) as asked (slo)
           cross join lateral (
               select * from slo_revision where slo_revision.slo = asked.slo order by revision desc limit $2
           ) as latest
           order by latest.slo, latest.revision"#,
        names.slos,
        READ_EACH
    )
    .fetch_all(&mut *connection)
    .await?;
    let generations = sqlx::query!(
        r#"select latest.sli, latest.generation, latest.began_unix, latest.meaning
           from unnest($1::text[]) as asked (sli)
           cross join lateral (
               select * from sli_generation where sli_generation.sli = asked.sli order by generation desc limit $2
           ) as latest
           order by latest.sli, latest.generation"#,
        names.slis,
        READ_EACH
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(Declarations {
        revisions: revisions
            .into_iter()
            .map(|row| Revision {
                slo: row.slo,
                revision: number(row.revision),
                valid_from: row.valid_from_unix.map(Instant::from_unix),
                declared: row.declared,
            })
            .collect(),
        generations: generations
            .into_iter()
            .map(|row| Generation {
                sli: row.sli,
                generation: number(row.generation),
                began: row.began_unix.map(Instant::from_unix),
                meaning: row.meaning,
            })
            .collect(),
    })
}

async fn write(connection: &mut sqlx::PgConnection, news: &Declarations) -> Result<(), StoreError> {
    let Declarations { revisions, generations } = news;
    if !revisions.is_empty() {
        let slos: Vec<String> = revisions.iter().map(|one| one.slo.clone()).collect();
        let numbers: Vec<i32> = revisions.iter().map(|one| column(one.revision)).collect();
        let valid_from: Vec<Option<i64>> =
            revisions.iter().map(|one| one.valid_from.map(Instant::unix)).collect();
        let declared: Vec<String> = revisions.iter().map(|one| one.declared.clone()).collect();
        sqlx::query!(
            r#"insert into slo_revision (slo, revision, valid_from_unix, declared)
               select * from unnest($1::text[], $2::int[], $3::bigint[], $4::text[])"#,
            &slos,
            &numbers,
            &valid_from as &[Option<i64>],
            &declared
        )
        .execute(&mut *connection)
        .await?;
    }
    if !generations.is_empty() {
        let slis: Vec<String> = generations.iter().map(|one| one.sli.clone()).collect();
        let numbers: Vec<i32> = generations.iter().map(|one| column(one.generation)).collect();
        let began: Vec<Option<i64>> = generations.iter().map(|one| one.began.map(Instant::unix)).collect();
        let meanings: Vec<String> = generations.iter().map(|one| one.meaning.clone()).collect();
        sqlx::query!(
            r#"insert into sli_generation (sli, generation, began_unix, meaning)
               select * from unnest($1::text[], $2::int[], $3::bigint[], $4::text[])
               on conflict (sli, generation) do update set meaning = excluded.meaning"#,
            &slis,
            &numbers,
            &began as &[Option<i64>],
            &meanings
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// The schema keeps numbers above 0.
fn number(column: i32) -> u32 {
    u32::try_from(column).unwrap_or(1)
}

/// Counting starts at 1 and the configuration bounds what it may name, so numbers fit.
fn column(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
