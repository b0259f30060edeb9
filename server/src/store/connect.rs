//! Connecting, and bringing the schema up to date.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{Store, StoreError, bounded};

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

/// The schema's history, all of it: a dump of any earlier version finds its own.
pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

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
        let run = MIGRATIONS.run(&self.pool);
        tokio::time::timeout(MIGRATE_TIMEOUT, run).await.map_err(|_| StoreError::TimedOut)??;
        Ok(())
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
