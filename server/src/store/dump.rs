//! Everything that is stored, table by table, for a backup, and its way back into an empty database.
//!
//! Invariants: a dump is one snapshot; it is read back by the migrations of its own version, which later ones follow, so
//! that any later release reads it; a restore is one transaction, and never touches a table with a row in it.

use std::collections::BTreeSet;

use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};

use super::connect::{MIGRATIONS, applied};
use super::partitions::{self, Partition};
use super::{Store, StoreError};

/// Tables whose rows belong to a database and not to what is kept in it.
const OWN_TABLES: [&str; 2] = ["_sqlx_migrations", "lease"];
/// Copying a large table takes longer than a statement may otherwise.
const NO_TIMEOUT: &str = "set local statement_timeout = 0";

/// A table of a dump.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Names of its columns, in the order of the rows' fields.
    pub columns: Vec<String>,
}

/// What a dump holds, but for the rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// The latest migration of the schema.
    pub schema: i64,
    /// Names of the partitions that rows lie in.
    pub partitions: Vec<String>,
    /// In the order of the rows.
    pub tables: Vec<Table>,
}

/// A dump under way.
#[derive(Debug)]
pub struct Dump {
    snapshot: Transaction<'static, Postgres>,
}

impl Store {
    /// Begins a dump: what is written from now on is not in it.
    pub async fn dump(&self) -> Result<(Dump, Contents), StoreError> {
        let mut snapshot =
            self.pool.begin_with("begin transaction isolation level repeatable read read only").await?;
        sqlx::query(NO_TIMEOUT).execute(&mut *snapshot).await?;
        let schema = *applied(&mut snapshot).await?.last().ok_or(StoreError::NotReady)?;
        let (partitions, tables) = tables(&mut snapshot).await?;
        let partitions = partitions.into_iter().map(Partition::name).collect();
        Ok((Dump { snapshot }, Contents { schema, partitions, tables }))
    }

    /// Begins a restore into a database without a row of ours, bringing its schema to where the dump's was.
    pub async fn restore(&self, contents: &Contents) -> Result<Restore, StoreError> {
        if contents.tables.iter().any(|table| !is_plain(table)) {
            return Err(StoreError::Unreadable("a table's name is none of ours"));
        }
        if !MIGRATIONS.iter().any(|migration| migration.version == contents.schema) {
            return Err(StoreError::Unreadable("it was written by a later version of Nines"));
        }
        let mut connection = self.pool.acquire().await?;
        if applied(&mut connection).await?.last().is_some_and(|there| *there > contents.schema) {
            return Err(StoreError::NotEmpty);
        }
        MIGRATIONS.run_to(contents.schema, &mut *connection).await?;
        drop(connection);
        let mut transaction = self.pool.begin().await?;
        sqlx::query(NO_TIMEOUT).execute(&mut *transaction).await?;
        let (_, there) = tables(&mut transaction).await?;
        for table in &there {
            let text = format!(r#"select exists (select 1 from "{}")"#, table.name);
            if sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(&mut *transaction).await? {
                return Err(StoreError::NotEmpty);
            }
        }
        let partitions: BTreeSet<Partition> =
            contents.partitions.iter().filter_map(|name| Partition::named(name)).collect();
        for partition in &partitions {
            sqlx::query(AssertSqlSafe(partition.make())).execute(&mut *transaction).await?;
        }
        Ok(Restore { transaction, partitions })
    }
}

impl Dump {
    /// The rows of a table, as PostgreSQL writes them for `COPY`; the text is the same in all its versions.
    pub async fn rows(
        &mut self,
        table: &Table,
    ) -> Result<BoxStream<'_, Result<impl AsRef<[u8]> + use<>, StoreError>>, StoreError> {
        let columns = quoted(&table.columns);
        let text = format!(r#"copy (select {columns} from "{}") to stdout"#, table.name);
        let rows = self.snapshot.copy_out_raw(&text).await?;
        Ok(rows.map_err(StoreError::from).boxed())
    }
}

/// A restore under way; nothing is kept of it unless it is finished.
#[derive(Debug)]
pub struct Restore {
    transaction: Transaction<'static, Postgres>,
    partitions: BTreeSet<Partition>,
}

impl Restore {
    /// Begins a table.
    pub async fn table(&mut self, table: &Table) -> Result<Rows<'_>, StoreError> {
        let text = format!(r#"copy "{}" ({}) from stdin"#, table.name, quoted(&table.columns));
        Ok(Rows(self.transaction.copy_in_raw(&text).await?))
    }

    /// Commits, and brings the schema up to date.
    pub async fn finish(mut self, store: &Store) -> Result<(), StoreError> {
        let identities = sqlx::query!(
            r#"select table_name::text as "table!", column_name::text as "column!" from information_schema.columns
               where table_schema = current_schema() and is_identity = 'YES'"#
        )
        .fetch_all(&mut *self.transaction)
        .await?;
        for identity in identities {
            let (table, column) = (identity.table, identity.column);
            let text = format!(
                r#"select setval(pg_get_serial_sequence('{table}', '{column}'), coalesce(max("{column}"), 0) + 1, false)
                   from "{table}""#
            );
            sqlx::query(AssertSqlSafe(text)).execute(&mut *self.transaction).await?;
        }
        self.transaction.commit().await?;
        partitions::keep_as_they_are(&store.pool, &self.partitions).await;
        store.migrate().await
    }
}

/// The rows of a table that is being restored.
pub struct Rows<'a>(sqlx::postgres::PgCopyIn<&'a mut PgConnection>);

impl std::fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").finish_non_exhaustive()
    }
}

impl Rows<'_> {
    /// Hands in some of what [`Dump::rows`] gave, in that order.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.send(bytes).await?;
        Ok(())
    }

    /// Ends the table.
    pub async fn end(self) -> Result<(), StoreError> {
        self.0.finish().await?;
        Ok(())
    }
}

/// Partitions, and tables with their columns by name; ours alone, for the schema is.
async fn tables(connection: &mut PgConnection) -> Result<(Vec<Partition>, Vec<Table>), StoreError> {
    let columns = sqlx::query!(
        r#"select tables.table_name::text as "table!", columns.column_name::text as "column!"
           from information_schema.tables as tables
           join information_schema.columns as columns
                on columns.table_schema = tables.table_schema and columns.table_name = tables.table_name
           where tables.table_schema = current_schema() and tables.table_type = 'BASE TABLE'
             and columns.is_generated = 'NEVER'
           order by tables.table_name, columns.ordinal_position"#
    )
    .fetch_all(connection)
    .await?;
    let mut partitions = BTreeSet::new();
    let mut tables: Vec<Table> = Vec::new();
    for row in columns {
        if let Some(partition) = Partition::named(&row.table) {
            partitions.insert(partition);
        } else if !OWN_TABLES.contains(&row.table.as_str()) {
            match tables.last_mut() {
                Some(table) if table.name == row.table => table.columns.push(row.column),
                _ => tables.push(Table { name: row.table, columns: vec![row.column] }),
            }
        }
    }
    Ok((partitions.into_iter().collect(), tables))
}

fn quoted(columns: &[String]) -> String {
    columns.iter().map(|column| format!(r#""{column}""#)).collect::<Vec<_>>().join(", ")
}

/// Whether names from a file can stand in a statement.
fn is_plain(table: &Table) -> bool {
    let plain = |name: &String| {
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        !name.is_empty() && name.bytes().all(letters)
    };
    plain(&table.name) && table.columns.iter().all(plain)
}
