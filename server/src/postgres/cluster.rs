//! Making a cluster, whole or not at all: `initdb` and the database's creation work in a directory with a
//! name of their own, which becomes `postgres/` by one rename. So a `postgres/` without a version is never
//! half of ours.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, lchown};
use std::path::{Path, PathBuf};
use std::process::{self, Output, Stdio};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use super::account::Account;
use super::binaries::Binaries;
use super::error::PostgresError;
use super::{DATABASE, USER, data_dir, log};

/// The cluster's directory in the data directory.
const NAME: &str = "postgres";
/// Begins the names of clusters being made; the process id follows. An `initdb` that outlived its killed
/// server must not write into the next one's.
const NEW_PREFIX: &str = "postgres.new.";

/// How long each program that prepares a cluster may take; seconds on a good disk, a minute on a bad one.
const PREPARE_TIMEOUT: Duration = Duration::from_mins(5);

/// The path of the cluster, present or not.
pub(crate) fn path_in(data_dir: &Path) -> PathBuf {
    data_dir.join(NAME)
}

/// The major version of the cluster at `path` as its `PG_VERSION` says it; none if nothing is there.
pub(crate) fn major_of(path: &Path) -> Result<Option<String>, PostgresError> {
    match fs::read_to_string(path.join("PG_VERSION")) {
        Ok(version) if !version.trim().is_empty() => Ok(Some(version.trim().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(path).is_err() => {
            Ok(None)
        }
        _ => Err(PostgresError::Incomplete { path: path.to_owned() }),
    }
}

/// Tries to remove a directory into which the `initdb` of a killed server may still be writing ...
const REMOVALS_MAX: u32 = 50;
/// ... and the pause between two of them: together longer than `initdb` takes.
const REMOVAL_PAUSE: Duration = Duration::from_millis(200);

/// Removes what earlier starts left of clusters that they did not finish. What cannot be removed is in
/// nobody's way, so it is only reported.
pub(crate) async fn remove_leftovers(data_dir: &Path) {
    for entry in fs::read_dir(data_dir).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(NEW_PREFIX));
        if ours && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove(&entry.path()).await;
        }
    }
}

async fn remove(path: &Path) {
    for _ in 1..REMOVALS_MAX {
        if fs::remove_dir_all(path).is_ok() || !path.exists() {
            tracing::info!(path = %path.display(), "removed a database that was never finished");
            return;
        }
        tokio::time::sleep(REMOVAL_PAUSE).await;
    }
    if let Err(error) = fs::remove_dir_all(path) {
        tracing::warn!(path = %path.display(), %error, "cannot remove an unfinished database");
    }
}

/// Makes the cluster with its database.
pub(crate) async fn create(
    data_dir: &Path,
    account: &Account,
    binaries: &Binaries,
) -> Result<(), PostgresError> {
    let new = data_dir.join(format!("{NEW_PREFIX}{}", process::id()));
    // PostgreSQL's account may not write in the data directory, so the place is prepared for it.
    fs::DirBuilder::new()
        .mode(0o700)
        .create(&new)
        .and_then(|()| lchown(&new, Some(account.uid), Some(account.gid)))
        .map_err(PostgresError::io("create", &new))?;
    let made = match fill(&new, account, binaries).await {
        Ok(()) => fs::rename(&new, path_in(data_dir))
            .and_then(|()| data_dir::sync(data_dir))
            .map_err(PostgresError::io("put in place", &new)),
        Err(error) => Err(error),
    };
    if made.is_err() {
        remove_leftovers(data_dir).await;
    }
    made
}

/// Runs `initdb`, then creates the database in single-user mode, which needs no client program and no server.
/// Neither waits for the disk; a last pass brings everything there at once, in a fraction of the time.
async fn fill(new: &Path, account: &Account, binaries: &Binaries) -> Result<(), PostgresError> {
    let mut initdb = account.command(binaries.program("initdb"));
    initdb
        .arg("--pgdata")
        .arg(new)
        .args(["--username", USER, "--encoding=UTF8", "--no-locale", "--data-checksums"])
        .args(["--no-sync", "--no-instructions"])
        // Only those who can enter the socket's directory reach it at all; nobody does over the network.
        .args(["--auth-local=trust", "--auth-host=reject"]);
    run("initdb", &mut initdb, "", new).await?;

    let mut single = account.command(binaries.program("postgres"));
    single.args(["--single", "-c", "fsync=off", "-c", "exit_on_error=on", "-c", "log_checkpoints=off", "-D"]);
    single.arg(new).arg("postgres");
    run("postgres --single", &mut single, &format!("CREATE DATABASE {DATABASE};\n"), new).await?;

    let mut sync = account.command(binaries.program("initdb"));
    sync.arg("--sync-only").arg("--pgdata").arg(new);
    run("initdb --sync-only", &mut sync, "", new).await
}

/// Runs a program to its end with `input`; an error carries the last lines of its output.
async fn run(
    program: &'static str,
    command: &mut Command,
    input: &str,
    path: &Path,
) -> Result<(), PostgresError> {
    // Dropping the future, on a signal or a timeout, must not leave the program at work.
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let failed = |status: String, output: String| PostgresError::Prepare {
        program,
        path: path.to_owned(),
        status,
        output,
    };
    let work = async {
        let mut child = command.spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that ended early has said why in its output.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        child.wait_with_output().await
    };
    match timeout(PREPARE_TIMEOUT, work).await {
        Ok(Ok(Output { status, .. })) if status.success() => Ok(()),
        Ok(Ok(Output { status, stdout, stderr })) => {
            Err(failed(status.to_string(), log::tail(&[stdout, stderr].concat())))
        }
        Ok(Err(error)) => Err(failed(error.to_string(), String::new())),
        Err(_) => Err(failed(format!("still running after {} s", PREPARE_TIMEOUT.as_secs()), String::new())),
    }
}
