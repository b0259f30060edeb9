//! `nines backup` and `nines restore`: everything that is stored into one file, and from there into an empty database.
//!
//! Invariants: a file appears whole or not at all; one that was cut off or altered is refused before anything is
//! written; a restore that fails leaves the database empty.

mod file;

use std::io;
use std::path::{Path, PathBuf};

use futures::StreamExt;

use crate::postgres::{PostgresError, PrivatePostgres};
use crate::store::{Database, Store, StoreError};
use file::{FileError, Part, Reader, Writer};

/// Whose PostgreSQL.
#[derive(Debug)]
pub enum Place {
    /// The operator's.
    Url(String),
    /// The private one in this data directory, whether or not a server runs there.
    DataDir(PathBuf),
}

/// Why there is no backup, or nothing was restored; each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// No database was ever made there.
    #[error("{} holds no Nines database; name the directory with --data-dir", .0.display())]
    NoDatabase(PathBuf),
    /// The private PostgreSQL does not start.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// The database refused.
    #[error("{}", words(.0))]
    Store(#[from] StoreError),
    /// The file cannot be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: FileError,
    },
}

/// An error and what caused it, in one line.
fn words(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text += ": ";
        text += &error.to_string();
        cause = error.source();
    }
    if matches!(error, StoreError::NotEmpty) {
        text += "; give a new --data-dir, or a new database";
    }
    text
}

/// What was written or read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Tables.
    pub tables: usize,
    /// Bytes of rows, before compression.
    pub bytes: u64,
}

/// Writes everything to `path`, in place of what is there.
pub async fn backup(place: &Place, path: &Path) -> Result<Summary, BackupError> {
    if let Place::DataDir(data_dir) = place
        && !data_dir.join("postgres").exists()
    {
        return Err(BackupError::NoDatabase(data_dir.clone()));
    }
    let (store, private) = open(place).await?;
    let written = write(&store, path).await;
    close(store, private).await;
    written
}

/// Reads everything from `path` into a database without rows.
pub async fn restore(place: &Place, path: &Path) -> Result<Summary, BackupError> {
    // Before a database is made for it.
    let failed = of_file(path);
    file::verify(path).map_err(failed)?;
    let (store, private) = open(place).await?;
    let read = read(&store, path).await;
    close(store, private).await;
    read
}

fn of_file(path: &Path) -> impl Fn(FileError) -> BackupError {
    move |error| BackupError::File { path: path.to_owned(), error }
}

/// A private PostgreSQL that runs already is used as it is, another one is started.
async fn open(place: &Place) -> Result<(Store, Option<PrivatePostgres>), BackupError> {
    let data_dir = match place {
        Place::Url(url) => return Ok((Store::open(&Database::Url(url.clone()))?, None)),
        Place::DataDir(data_dir) => data_dir,
    };
    let running = PrivatePostgres::find(data_dir).await;
    let started = match &running {
        Some(_) => None,
        None => Some(PrivatePostgres::start(data_dir, |step| tracing::info!("{step}")).await?),
    };
    let directory = running.or_else(|| started.as_ref().map(|private| private.socket_dir().to_owned()));
    let directory = directory.unwrap_or_default();
    let (user, name) = (PrivatePostgres::USER.to_owned(), PrivatePostgres::DATABASE.to_owned());
    Ok((Store::open(&Database::Socket { directory, user, name })?, started))
}

async fn close(store: Store, private: Option<PrivatePostgres>) {
    store.close().await;
    if let Some(private) = private {
        private.stop().await;
    }
}

async fn write(store: &Store, path: &Path) -> Result<Summary, BackupError> {
    let failed = of_file(path);
    let mut summary = Summary::default();
    let (mut dump, contents) = store.dump().await?;
    let mut writer = Writer::create(path).map_err(&failed)?;
    writer.contents(&contents).map_err(&failed)?;
    for table in &contents.tables {
        let mut rows = dump.rows(table).await?;
        while let Some(some) = rows.next().await {
            let some = some?;
            summary.bytes += some.as_ref().len() as u64;
            writer.rows(some.as_ref()).map_err(&failed)?;
        }
        writer.end_table().map_err(&failed)?;
        summary.tables += 1;
    }
    writer.finish(path).map_err(&failed)?;
    Ok(summary)
}

async fn read(store: &Store, path: &Path) -> Result<Summary, BackupError> {
    let failed = of_file(path);
    let mut summary = Summary::default();
    let mut reader = Reader::open(path).map_err(&failed)?;
    let contents = reader.contents().map_err(&failed)?;
    let mut restore = store.restore(&contents).await?;
    for table in &contents.tables {
        let mut rows = restore.table(table).await?;
        while let Part::Rows(bytes) = reader.part().map_err(&failed)? {
            summary.bytes += bytes.len() as u64;
            rows.write(bytes).await?;
        }
        rows.end().await?;
        summary.tables += 1;
    }
    restore.finish(store).await?;
    Ok(summary)
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
