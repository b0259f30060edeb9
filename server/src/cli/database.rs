//! Which database a command opens: the operator's, or the private one, whether a server runs it or not.

use std::path::PathBuf;
use std::time::Duration;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args};

use crate::postgres::{PostgresError, PrivatePostgres};
use crate::run::DatabaseChoice;
use crate::store::{Database, Store, StoreError};

/// Tries to find or to start the private database: a server that is starting holds the directory before its database
/// can be found.
const TRIES_MAX: u32 = 40;
/// Pause between two of them.
const TRY_PAUSE: Duration = Duration::from_millis(250);

#[derive(Debug, Args)]
pub(super) struct DatabaseFlags {
    /// PostgreSQL to use instead of a private one
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Where the private PostgreSQL lives
    #[arg(long, env = "NINES_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

/// Both were given, or the database cannot be opened; the text says what to do.
#[derive(Debug, thiserror::Error)]
pub(super) enum DatabaseError {
    #[error("give --database-url or --data-dir, not both")]
    Both,
    #[error(transparent)]
    Private(#[from] PostgresError),
    #[error("the database cannot be used: {}", cause(.0))]
    Store(#[from] StoreError),
}

impl DatabaseFlags {
    /// Where things of our own are kept beside the database, whichever that is.
    pub(super) fn data_dir(&self, default_dir: impl FnOnce() -> PathBuf) -> PathBuf {
        self.data_dir.clone().unwrap_or_else(default_dir)
    }

    /// The database that the flags name, or else the environment, or else the private one in `default_dir`. `matches`
    /// are those of the whole command line.
    pub(super) fn choice(
        self,
        matches: &ArgMatches,
        default_dir: impl FnOnce() -> PathBuf,
    ) -> Result<DatabaseChoice, DatabaseError> {
        let mut leaf = matches;
        while let Some((_, below)) = leaf.subcommand() {
            leaf = below;
        }
        let given = |name: &str| leaf.value_source(name) == Some(ValueSource::CommandLine);
        if given("database_url") && given("data_dir") {
            return Err(DatabaseError::Both);
        }
        // A flag beats the environment, also where they name different databases.
        let url = self.database_url.filter(|url| !url.is_empty() && !given("data_dir"));
        let private = || DatabaseChoice::Private(self.data_dir.unwrap_or_else(default_dir));
        Ok(url.map_or_else(private, DatabaseChoice::Url))
    }
}

/// An open database, with the schema up to date. Close it with [`Opened::close`].
pub(super) struct Opened {
    pub(super) store: Store,
    private: Option<PrivatePostgres>,
}

impl Opened {
    /// Opens it beside a server that runs it, or else starts the private one for as long as this takes.
    pub(super) async fn open(choice: &DatabaseChoice) -> Result<Self, DatabaseError> {
        let (database, private) = match choice {
            DatabaseChoice::Url(url) => (Database::Url(url.clone()), None),
            DatabaseChoice::Private(data_dir) => beside_or_started(data_dir).await?,
        };
        let opened = Self { store: Store::open(&database)?, private };
        match opened.store.migrate().await {
            Ok(()) => Ok(opened),
            Err(error) => {
                opened.close().await;
                Err(error.into())
            }
        }
    }

    /// Closes it, and stops what was started for it.
    pub(super) async fn close(self) {
        self.store.close().await;
        if let Some(private) = self.private {
            private.stop().await;
        }
    }
}

async fn beside_or_started(
    data_dir: &std::path::Path,
) -> Result<(Database, Option<PrivatePostgres>), DatabaseError> {
    let mut tries = 0;
    loop {
        tries += 1;
        if let Some(directory) = PrivatePostgres::find(data_dir).await {
            return Ok((PrivatePostgres::reached_at(directory), None));
        }
        match PrivatePostgres::start(data_dir, |step| tracing::debug!("{step}")).await {
            Ok(private) => return Ok((private.reached(), Some(private))),
            Err(PostgresError::Locked { .. }) if tries < TRIES_MAX => tokio::time::sleep(TRY_PAUSE).await,
            Err(error) => return Err(error.into()),
        }
    }
}

/// The innermost cause: what the database or the system said.
fn cause(error: &StoreError) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
