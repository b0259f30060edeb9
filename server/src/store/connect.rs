//! Connecting, and bringing the schema up to date.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::LazyLock;
use std::time::Duration;

use sqlx::PgConnection;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{Lease, Store, StoreError, bounded};

/// Which database to use.
#[derive(Debug, Clone)]
pub enum Database {
    /// A connection URL that the operator gave.
    Url(String),
    /// Our private PostgreSQL.
    Socket {
        /// Directory of its Unix socket.
        directory: PathBuf,
        /// Role to connect as.
        user: String,
        /// Database.
        name: String,
    },
}

/// Connections kept at most: two cores are saturated by fewer, and an operator's server has other clients.
const CONNECTIONS_MAX: u32 = 10;
/// How long a caller waits for a free connection before it is told "unavailable".
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a start may wait for another process that is migrating.
const MIGRATE_TIMEOUT: Duration = Duration::from_mins(2);
/// How often it looks whether that one is done.
const MIGRATE_PAUSE: Duration = Duration::from_millis(200);

/// The schema's history, all of it: a dump of any earlier version finds its own.
///
/// An earlier release starts on a later schema, which only adds to its own. Servers take turns by a lease of ours: sqlx
/// would take an advisory lock, which not every engine has.
pub(super) static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrations = sqlx::migrate!("../migrations");
    migrations.set_ignore_missing(true).set_locking(false);
    migrations
});

impl Store {
    /// Makes a pool without connecting yet; an unparsable URL is the only error.
    pub fn open(database: &Database) -> Result<Self, StoreError> {
        let options = match database {
            Database::Url(url) => PgConnectOptions::from_str(url)?,
            Database::Socket { directory, user, name } => {
                PgConnectOptions::new_without_pgpass().socket(directory).username(user).database(name)
            }
        };
        // An operator's server may default to asynchronous commit; an acknowledgement of ours may not.
        let options = options.application_name("nines").options([
            ("synchronous_commit", "on"),
            ("statement_timeout", "20s"),
            ("timezone", "UTC"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_lazy_with(options);
        Ok(Self { pool })
    }

    /// Runs the migrations that are missing; processes that start together take turns.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let run = async {
            if self.is_migrated().await? {
                return Ok(());
            }
            // Of two that make a table at once PostgreSQL refuses the second, though it asked for "if not exists".
            if self.make_leases().await.is_err() {
                self.make_leases().await?;
            }
            let lease = Lease::new("migrate", MIGRATE_TIMEOUT);
            while !self.hold(&lease).await? {
                tokio::time::sleep(MIGRATE_PAUSE).await;
            }
            let done = MIGRATIONS.run(&self.pool).await;
            self.release(&lease).await?;
            Ok(done?)
        };
        tokio::time::timeout(MIGRATE_TIMEOUT, run).await.map_err(|_| StoreError::TimedOut)?
    }

    /// Whether every migration that we know was run; mostly so, and then a start needs no lease.
    async fn is_migrated(&self) -> Result<bool, StoreError> {
        bounded(async {
            let applied = applied(&mut *self.pool.acquire().await?).await?;
            Ok(MIGRATIONS.iter().all(|migration| applied.contains(&migration.version)))
        })
        .await
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        bounded(async {
            sqlx::query_scalar!("select 1").fetch_one(&self.pool).await?;
            Ok(())
        })
        .await
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// The migrations that were run; none on an empty database.
pub(super) async fn applied(connection: &mut PgConnection) -> Result<BTreeSet<i64>, StoreError> {
    // No `query!`: the table is made by sqlx itself.
    let text = "select exists (select 1 from information_schema.tables
                where table_schema = current_schema() and table_name = '_sqlx_migrations')";
    if !sqlx::query_scalar(text).fetch_one(&mut *connection).await? {
        return Ok(BTreeSet::new());
    }
    let versions: Vec<i64> = sqlx::query_scalar("select version from _sqlx_migrations where success")
        .fetch_all(connection)
        .await?;
    Ok(versions.into_iter().collect())
}
