//! The private PostgreSQL: a cluster in the data directory, run and supervised by the server that owns it,
//! for those who give no database of their own.
//!
//! Invariants: nothing is touched in a directory that Nines did not make; one server at a time holds it;
//! nothing that may be data is ever removed, nor PostgreSQL's own lock file; the cluster is reached through a
//! Unix socket in a directory that only its account can enter, never over the network; a postmaster that
//! outlived a killed server is adopted, not restarted. No SQL here but the database's creation: the store
//! owns the rest.
//!
//! ```text
//! data directory/   nines-data     the marker, with the format's version
//!                   nines.lock     held by the server; its process id
//!                   postgres/      the cluster
//!                   postgres.log   what PostgreSQL says, and postgres.log.1
//!                   run/           the socket, unless the path is too long for one
//!                   socket-dir     then: where it is instead
//! ```

mod account;
mod binaries;
mod cluster;
mod data_dir;
mod error;
mod log;
mod pid_file;
mod postmaster;
mod socket;
mod supervise;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use self::account::Account;
use self::binaries::{Binaries, MIN_MAJOR};
use self::data_dir::DataDir;
pub use self::error::PostgresError;
use self::log::Log;
use self::pid_file::PidFile;
use self::postmaster::{Launcher, Postmaster};
use self::supervise::Supervisor;
use crate::store::Database;

/// The role that owns everything in the cluster.
const USER: &str = "nines";
/// The database, which a new cluster is made with.
const DATABASE: &str = "nines";

/// How long the first start may take; recovery after a crash is bounded by `max_wal_size` and takes seconds.
const START_TIMEOUT: Duration = Duration::from_mins(5);

/// A running private PostgreSQL. [`stop`](Self::stop) ends it in order; merely dropped, it is left running
/// and the next start adopts it, which is what happens when the server is killed.
#[derive(Debug)]
pub struct PrivatePostgres {
    socket_dir: PathBuf,
    state: watch::Receiver<State>,
    stop: oneshot::Sender<()>,
    supervisor: JoinHandle<()>,
}

/// How the private PostgreSQL is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It was ready, and its postmaster has not ended since.
    Running {
        /// The postmaster's process id.
        pid: i32,
    },
    /// It has ended and is being started again.
    Restarting {
        /// Attempts since it ended, this one included.
        attempt: u64,
    },
    /// It is not supervised any more.
    Stopped,
}

/// What a start is at, for a person who waits; its text is a sentence without a full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A new cluster is being made.
    Creating,
    /// The postmaster is starting, after a crash with recovery.
    Starting,
    /// A postmaster that outlived a killed server was found and is kept.
    Adopting,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Creating => "making a private PostgreSQL database",
            Self::Starting => "starting the private PostgreSQL",
            Self::Adopting => "taking over the private PostgreSQL that is still running",
        })
    }
}

impl PrivatePostgres {
    /// The role to connect as; there is no password.
    pub const USER: &'static str = USER;
    /// The database to connect to.
    pub const DATABASE: &'static str = DATABASE;

    /// Starts or adopts the cluster in `data_dir`, making both if they are missing, and returns once it
    /// accepts connections. `progress` hears of steps that take time. If the future is dropped, what it began
    /// is stopped.
    ///
    /// Errors: see [`PostgresError`]; after one nothing runs that did not run before.
    pub async fn start(
        data_dir: &Path,
        progress: impl Fn(Step) + Send + Sync,
    ) -> Result<Self, PostgresError> {
        let data_dir = DataDir::open(data_dir, rustix::process::geteuid().is_root())?;
        let path = data_dir.path();
        let cluster = cluster::path_in(path);
        let account = Account::choose(&cluster)?;
        let major = cluster::major_of(&cluster)?;
        let binaries = Binaries::find(&account, &cluster, major.as_deref()).await?;
        account.check_enters(path, &binaries.program("postgres")).await?;
        cluster::remove_leftovers(path).await;
        if major.is_none() {
            progress(Step::Creating);
            cluster::create(path, &account, &binaries).await?;
        }

        // An adopted one listens where its own start put it.
        let adopted = PidFile::read_live(&cluster).await.and_then(|file| file.socket_dir);
        let socket_dir = adopted.map_or_else(|| socket::prepare(path, &account), Ok)?;
        let launcher =
            Launcher { binaries, account, cluster, socket_dir: socket_dir.clone(), log: Log::new(path) };
        let postmaster = begin(&launcher, &progress).await?;

        let (stop, stopped) = oneshot::channel();
        let (state, watched) =
            watch::channel(State::Running { pid: postmaster.pid().as_raw_nonzero().get() });
        let supervisor = Supervisor { launcher, state, stop: stopped, data_dir };
        let supervisor = tokio::spawn(supervisor.run(postmaster));
        Ok(Self { socket_dir, state: watched, stop, supervisor })
    }

    /// Finds the socket's directory of a cluster that another server runs in `data_dir`, for commands that
    /// open the database beside it; none if none runs, or none that we may see.
    pub async fn find(data_dir: &Path) -> Option<PathBuf> {
        let cluster = std::fs::canonicalize(cluster::path_in(data_dir)).ok()?;
        PidFile::read_live(&cluster).await?.socket_dir
    }

    /// Whether a cluster was ever made in `data_dir`: without one there is nothing in it, tokens included.
    pub fn holds_cluster(data_dir: &Path) -> bool {
        cluster::path_in(data_dir).join("PG_VERSION").exists()
    }

    /// How to reach the cluster whose socket is in `directory`, as [`PrivatePostgres::find`] tells it.
    pub fn reached_at(directory: PathBuf) -> Database {
        Database::Socket { directory, user: USER.to_owned(), name: DATABASE.to_owned() }
    }

    /// How to reach this one.
    pub fn reached(&self) -> Database {
        Self::reached_at(self.socket_dir.clone())
    }

    /// The directory of the Unix socket: a client's `host`. The port is the default one, 5432.
    pub fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// The role to connect as. There is no password.
    pub fn user(&self) -> &'static str {
        USER
    }

    /// The database to connect to.
    pub fn database(&self) -> &'static str {
        DATABASE
    }

    /// Follows how it is, restarts included.
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// Stops PostgreSQL, adopted or not: a fast shutdown, after 30 s an immediate one. Close connection pools
    /// before, or their sessions are cut. Gives back the data directory.
    pub async fn stop(self) {
        // An error means that the supervisor has ended already.
        let _ = self.stop.send(());
        if let Err(error) = self.supervisor.await {
            tracing::error!(%error, "the supervisor of PostgreSQL failed");
        }
    }
}

/// Launches the postmaster and waits until it is ready. An adopted one may be on its way out: then one of our
/// own follows it.
async fn begin(launcher: &Launcher, progress: &impl Fn(Step)) -> Result<Postmaster, PostgresError> {
    let mut postmaster = launcher.launch().await?;
    if postmaster.is_adopted() {
        progress(Step::Adopting);
        match wait(launcher, &mut postmaster).await {
            Ok(()) => {
                tracing::info!(postgres.pid = %postmaster.pid(), "adopted a PostgreSQL that was still running");
                return Ok(postmaster);
            }
            Err(error) if postmaster.is_alive() => return Err(error),
            Err(_) => postmaster = launcher.launch().await?,
        }
    }
    progress(Step::Starting);
    let mut guard = StopOnDrop(Some(postmaster.pid()));
    wait(launcher, &mut postmaster).await?;
    guard.0 = None;
    Ok(postmaster)
}

/// Waits until it is ready, within [`START_TIMEOUT`].
async fn wait(launcher: &Launcher, postmaster: &mut Postmaster) -> Result<(), PostgresError> {
    match timeout(START_TIMEOUT, launcher.ready(postmaster)).await {
        Ok(ready) => ready,
        Err(_) => Err(launcher.did_not_start(format!("not ready after {} s", START_TIMEOUT.as_secs()))),
    }
}

/// Asks a postmaster to stop when the start that began it fails or is given up.
struct StopOnDrop(Option<Pid>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            // It may have ended already: then there is nothing to stop.
            let _ = kill_process(pid, Signal::INT);
        }
    }
}
