//! What can keep the private PostgreSQL from running. Every message says what to do about it; none is meant
//! for a browser: they name paths and belong to the terminal of the person who started the server.

use std::io;
use std::path::{Path, PathBuf};

/// Why a private PostgreSQL cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// No server programs anywhere that was looked.
    #[error(
        "found no PostgreSQL server programs in NINES_POSTGRES_BIN, PATH or /usr/lib/postgresql/*/bin: install \
         PostgreSQL {min} or later (Debian, Ubuntu: apt install postgresql; Fedora: dnf install \
         postgresql-server), or name the directory that holds `postgres` and `initdb` in NINES_POSTGRES_BIN, or \
         use a database of your own with --database-url",
        min = super::MIN_MAJOR
    )]
    NotInstalled,

    /// `NINES_POSTGRES_BIN` names a directory without the programs.
    #[error(
        "NINES_POSTGRES_BIN is {}, which holds no `{program}`: name the directory of PostgreSQL's server programs",
        dir.display()
    )]
    ProgramMissing {
        /// The value of `NINES_POSTGRES_BIN`.
        dir: PathBuf,
        /// The program that is not there.
        program: &'static str,
    },

    /// The account that runs PostgreSQL cannot execute the program, or it does not say its version.
    #[error(
        "cannot run {} as the user {user}: {reason}; install PostgreSQL where {user} can execute it",
        program.display()
    )]
    CannotRun {
        /// The program.
        program: PathBuf,
        /// The account's name.
        user: String,
        /// What the system or the program answered.
        reason: String,
    },

    /// Only versions that Nines does not support are installed.
    #[error("found only PostgreSQL {found}: install version {min} or later", min = super::MIN_MAJOR)]
    TooOld {
        /// The major versions found, separated by commas.
        found: String,
    },

    /// The cluster belongs to a major version whose programs are not here. Nothing was changed.
    #[error(
        "the database in {} was made by PostgreSQL {cluster}, but only version {found} is here: install PostgreSQL \
         {cluster} (Debian: apt install postgresql-{cluster}) or name its programs' directory in \
         NINES_POSTGRES_BIN; to leave that version, write a backup with it (nines backup FILE), then restore it into a \
         new --data-dir with the other one (nines restore FILE); nothing was changed",
        path.display()
    )]
    OtherVersion {
        /// The cluster's directory.
        path: PathBuf,
        /// The major version that the cluster needs, as its `PG_VERSION` says it.
        cluster: String,
        /// The major versions found, separated by commas.
        found: String,
    },

    /// The directory holds something that Nines did not make. Nothing was changed.
    #[error(
        "{} is not a Nines data directory and not empty (it holds {entry:?}): choose an empty or new directory \
         with --data-dir; nothing was changed",
        path.display()
    )]
    Foreign {
        /// The directory.
        path: PathBuf,
        /// One of the entries found there.
        entry: String,
    },

    /// The data directory's format is newer than this program, or its marker cannot be read.
    #[error(
        "the data directory {} has format {format:?}, this version of Nines knows format {known}: use the version \
         of Nines that made it, or a later one",
        path.display(), known = super::data_dir::FORMAT
    )]
    Format {
        /// The data directory.
        path: PathBuf,
        /// What its marker says.
        format: String,
    },

    /// Another process holds the data directory.
    #[error(
        "the data directory {} is in use by another nines (process {pid}): stop that one or choose another \
         --data-dir",
        path.display()
    )]
    Locked {
        /// The data directory.
        path: PathBuf,
        /// The process that holds it, or `unknown` in the instant before that process has written its id.
        pid: String,
    },

    /// Started as root on a system without an account that PostgreSQL could run as.
    #[error(
        "PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it as: create one \
         (useradd --system postgres) or start nines as another user"
    )]
    NoAccount,

    /// The account that runs PostgreSQL cannot enter a directory on the way to the data.
    #[error(
        "PostgreSQL runs as the user {user}, who cannot enter {}: choose another --data-dir, for example \
         /var/lib/nines, or let that user through (chmod o+x {})",
        dir.display(), dir.display()
    )]
    CannotEnter {
        /// The account's name.
        user: String,
        /// The first directory on the path that it cannot enter.
        dir: PathBuf,
    },

    /// A directory belongs to an account that we cannot act as.
    #[error(
        "{} belongs to user id {owner}, not to {user}: start nines as its owner, or give it away with chown -R \
         {user} {}",
        path.display(), path.display()
    )]
    Owner {
        /// The directory.
        path: PathBuf,
        /// Its owner's numeric id.
        owner: u32,
        /// The account that should own it.
        user: String,
    },

    /// `postgres/` exists without being a cluster; ours appear whole, so this one was damaged or is not ours.
    #[error(
        "{} is not a complete PostgreSQL cluster (it has no readable PG_VERSION): restore it from a backup, or move \
         it away to begin with an empty one; nothing was changed",
        path.display()
    )]
    Incomplete {
        /// The directory.
        path: PathBuf,
    },

    /// No directory is short enough for a Unix socket.
    #[error(
        "the socket path {} is longer than the {limit} bytes that a Unix socket may have: choose a shorter \
         --data-dir or TMPDIR",
        path.display(), limit = super::socket::MAX_PATH
    )]
    SocketPath {
        /// The path that was tried last.
        path: PathBuf,
    },

    /// The socket's place is taken by something that is not a directory.
    #[error("{} is not a directory, and PostgreSQL's socket belongs there: move it away", path.display())]
    NotADirectory {
        /// The path.
        path: PathBuf,
    },

    /// A program that prepares the cluster failed.
    #[error("{program} failed while making the database in {}: {status}\n{output}", path.display())]
    Prepare {
        /// The program, with what tells it apart.
        program: &'static str,
        /// The directory in which it worked.
        path: PathBuf,
        /// Its exit status, or that it took too long.
        status: String,
        /// The last lines that it wrote.
        output: String,
    },

    /// The postmaster ended, or took too long, before it was ready.
    #[error("PostgreSQL did not start: {status}; its log {} ends with\n{output}", log.display())]
    DidNotStart {
        /// How it ended, or that it took too long.
        status: String,
        /// The log file.
        log: PathBuf,
        /// The log's last lines.
        output: String,
    },

    /// PostgreSQL's lock file names a process that runs but is another program, which has got the number
    /// since. PostgreSQL does not start then, and removing its lock file is for a person to decide.
    #[error(
        "{} says that process {pid} runs this database, but that is another program, probably since a crash: end \
         it, or, if no PostgreSQL uses this directory, remove the file",
        file.display()
    )]
    PidTaken {
        /// The lock file.
        file: PathBuf,
        /// The process id that it names.
        pid: i32,
    },

    /// The file system refused something.
    #[error(
        "cannot {action} {}: {source}; check the path, its permissions and the free space, or choose another \
         --data-dir",
        path.display()
    )]
    Io {
        /// What was tried, an infinitive.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
}

impl PostgresError {
    /// For `map_err`: an [`Io`](Self::Io) error about `path`.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}
