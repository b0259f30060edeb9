//! The postmaster, PostgreSQL's first process: starting it with our settings or adopting one that outlived a
//! killed server, waiting until it is ready, and shutting it down.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;
use tokio::time::{sleep, timeout};

use super::account::Account;
use super::binaries::Binaries;
use super::error::PostgresError;
use super::log::Log;
use super::pid_file::{self, PidFile};

/// How often an adopted process, or one that is starting, is looked at.
const POLL: Duration = Duration::from_millis(100);
/// How long a fast shutdown may take, which ends sessions and writes a checkpoint.
const FAST_SHUTDOWN: Duration = Duration::from_secs(30);
/// How long an immediate shutdown may take after that; PostgreSQL kills its own children after 5 s.
const IMMEDIATE_SHUTDOWN: Duration = Duration::from_secs(10);

/// Settings given on the command line, where a new version of Nines can change them; they suit a small server
/// that must not lose what it acknowledged.
const SETTINGS: [(&str, &str); 19] = [
    ("cluster_name", "nines"),
    // Reached through the private socket alone.
    ("listen_addresses", ""),
    ("port", "5432"),
    ("unix_socket_permissions", "0700"),
    // An acknowledged sample is on the disk.
    ("fsync", "on"),
    ("full_page_writes", "on"),
    ("synchronous_commit", "on"),
    ("shared_buffers", "64MB"),
    ("max_connections", "40"),
    // A statement whose client was killed ends, and gives back its locks.
    ("client_connection_check_interval", "1s"),
    // Kept small; the price is a checkpoint more often.
    ("min_wal_size", "32MB"),
    ("max_wal_size", "256MB"),
    ("wal_compression", "on"),
    // Compiling a query costs more than it saves at our sizes.
    ("jit", "off"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("log_destination", "stderr"),
    ("logging_collector", "off"),
    ("log_checkpoints", "off"),
];

/// Everything that it takes to start the cluster's postmaster again.
#[derive(Debug)]
pub(crate) struct Launcher {
    pub(crate) binaries: Binaries,
    pub(crate) account: Account,
    pub(crate) cluster: PathBuf,
    pub(crate) socket_dir: PathBuf,
    pub(crate) log: Log,
}

impl Launcher {
    /// Adopts the cluster's running postmaster or starts one. It may not be ready yet.
    pub(crate) async fn launch(&self) -> Result<Postmaster, PostgresError> {
        match PidFile::read_live(&self.cluster).await {
            Some(file) => Ok(Postmaster { pid: file.pid, child: None }),
            None => self.spawn(),
        }
    }

    fn spawn(&self) -> Result<Postmaster, PostgresError> {
        // Again at each start: cleaners of temporary directories may have removed it.
        self.account.own_private_dir(&self.socket_dir)?;
        if let Err(error) = self.log.bound() {
            tracing::warn!(path = %self.log.path().display(), %error, "cannot set PostgreSQL's log aside");
        }
        let log = self.log.open()?;
        let copy = log.try_clone().map_err(PostgresError::io("open", self.log.path()))?;
        let program = self.binaries.program("postgres");
        let mut command = self.account.command(&program);
        command.arg("-D").arg(&self.cluster);
        for (name, value) in SETTINGS {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command.arg("-c").arg(socket_setting(&self.socket_dir));
        let child = command.stdout(Stdio::from(log)).stderr(Stdio::from(copy)).spawn();
        let child = child.map_err(PostgresError::io("run", &program))?;
        match child.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            Some(pid) => Ok(Postmaster { pid, child: Some(child) }),
            None => Err(self.did_not_start("it ended at once".to_owned())),
        }
    }

    /// Waits until the postmaster accepts connections, as long as it lives: recovery takes the time it takes,
    /// and interrupting it would begin it anew.
    pub(crate) async fn ready(&self, postmaster: &mut Postmaster) -> Result<(), PostgresError> {
        loop {
            if PidFile::read(&self.cluster).is_some_and(|file| file.pid == postmaster.pid && file.ready) {
                return Ok(());
            }
            if let Ok(status) = timeout(POLL, postmaster.exited()).await {
                return Err(match PidFile::read(&self.cluster) {
                    Some(other) if other.pid != postmaster.pid && pid_file::alive(other.pid) => {
                        let file = PidFile::path_in(&self.cluster);
                        PostgresError::PidTaken { file, pid: other.pid.as_raw_nonzero().get() }
                    }
                    _ => self.did_not_start(status),
                });
            }
        }
    }

    /// The error for a postmaster that ended like that or took too long.
    pub(crate) fn did_not_start(&self, status: String) -> PostgresError {
        PostgresError::DidNotStart { status, log: self.log.path().to_owned(), output: self.log.tail() }
    }
}

/// The setting is a list of directories: quotes keep commas and blanks in one together.
fn socket_setting(dir: &Path) -> std::ffi::OsString {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let mut setting = b"unix_socket_directories=\"".to_vec();
    for byte in dir.as_os_str().as_bytes() {
        if *byte == b'"' {
            setting.push(b'"');
        }
        setting.push(*byte);
    }
    setting.push(b'"');
    std::ffi::OsString::from_vec(setting)
}

/// A postmaster process, ours or adopted. Dropping it leaves the process running.
#[derive(Debug)]
pub(crate) struct Postmaster {
    pid: Pid,
    /// None if it was adopted.
    child: Option<Child>,
}

impl Postmaster {
    pub(crate) fn pid(&self) -> Pid {
        self.pid
    }

    pub(crate) fn is_alive(&self) -> bool {
        pid_file::alive(self.pid)
    }

    pub(crate) fn is_adopted(&self) -> bool {
        self.child.is_none()
    }

    /// Waits until the process has ended and says how. Safe to cancel.
    pub(crate) async fn exited(&mut self) -> String {
        if let Some(child) = &mut self.child {
            return match child.wait().await {
                Ok(status) => describe(status),
                Err(error) => format!("it cannot be waited for: {error}"),
            };
        }
        while pid_file::alive(self.pid) {
            sleep(POLL).await;
        }
        "it ended".to_owned()
    }

    /// Stops it: a fast shutdown, an immediate one if that takes too long. Whatever then still lives is left
    /// to the next start, which adopts it; killing it outright could leave its children at work on the
    /// cluster.
    pub(crate) async fn shut_down(mut self) {
        let pid = self.pid.as_raw_nonzero().get();
        for (signal, patience) in [(Signal::INT, FAST_SHUTDOWN), (Signal::QUIT, IMMEDIATE_SHUTDOWN)] {
            if let Err(error) = kill_process(self.pid, signal) {
                tracing::debug!(postgres.pid = pid, %error, "PostgreSQL is gone already");
            }
            if timeout(patience, self.exited()).await.is_ok() {
                tracing::info!(postgres.pid = pid, "PostgreSQL stopped");
                return;
            }
            tracing::warn!(
                postgres.pid = pid,
                seconds = patience.as_secs(),
                "PostgreSQL is still running after {signal:?}"
            );
        }
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("it ended with exit code {code}"),
        (None, Some(signal)) => format!("signal {signal} ended it"),
        (None, None) => "it ended".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_directory_is_quoted() {
        let setting = socket_setting(Path::new("/data, of \"us\"/run"));
        assert_eq!(setting, "unix_socket_directories=\"/data, of \"\"us\"\"/run\"");
    }
}
