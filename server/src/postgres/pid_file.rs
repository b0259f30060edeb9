//! `postmaster.pid`, in which a running postmaster says where it listens and how far it is, and the question
//! whether that postmaster is alive. The file is PostgreSQL's: it is read here, never written or removed.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, test_kill_process};
use tokio::net::UnixStream;

use super::socket;

/// What the file of a cluster says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PidFile {
    pub(crate) pid: Pid,
    /// The socket's directory; none before the postmaster listens.
    pub(crate) socket_dir: Option<PathBuf>,
    /// It accepts connections.
    pub(crate) ready: bool,
}

impl PidFile {
    pub(crate) fn path_in(cluster: &Path) -> PathBuf {
        cluster.join("postmaster.pid")
    }

    /// Reads the file of the cluster; none if there is none, or none of a postmaster.
    pub(crate) fn read(cluster: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(Self::path_in(cluster)).ok()?)
    }

    /// Lines: process id, data directory, start time, port, socket directory, listen address, shared memory
    /// key, status. Later lines are missing while it starts. A single-user server writes its id negated.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let pid = Pid::from_raw(lines.next()?.trim().parse().ok().filter(|pid| *pid > 0)?)?;
        let socket_dir = lines.nth(3).filter(|dir| !dir.is_empty()).map(PathBuf::from);
        let ready = lines.nth(2).is_some_and(|status| status.trim() == "ready");
        Some(Self { pid, socket_dir, ready })
    }

    /// The file of the cluster if the process that it names is alive and really this cluster's postmaster,
    /// and not one that got the same number since.
    pub(crate) async fn read_live(cluster: &Path) -> Option<Self> {
        let file = Self::read(cluster)?;
        (alive(file.pid) && (file.answers().await || file.works_in(cluster))).then_some(file)
    }

    /// Whether the process itself listens at the socket: the system tells who is at the other end.
    async fn answers(&self) -> bool {
        let Some(dir) = &self.socket_dir else { return false };
        let Ok(stream) = UnixStream::connect(socket::path_in(dir)).await else { return false };
        stream.peer_cred().is_ok_and(|peer| peer.pid() == Some(self.pid.as_raw_nonzero().get()))
    }

    /// Whether the process's working directory is the cluster, as a postmaster's is before it listens.
    fn works_in(&self, cluster: &Path) -> bool {
        fs::read_link(format!("/proc/{}/cwd", self.pid)).is_ok_and(|cwd| cwd == cluster)
    }
}

/// Whether the process runs. One that has ended and waits to be reaped does not: in a container nobody may
/// ever reap it.
pub(crate) fn alive(pid: Pid) -> bool {
    let stat = || fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The state follows the command, which is in parentheses and may hold anything.
    let ended =
        |stat: &str| stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with(['Z', 'X']));
    test_kill_process(pid).is_ok() && !ended(&stat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ready_postmaster_is_read() {
        let text = "71\n/data/postgres\n1700000000\n5432\n/data/run\n\n   123   0\nready   \n";
        let file = PidFile::parse(text).unwrap();
        assert_eq!(file.pid.as_raw_nonzero().get(), 71);
        assert_eq!(file.socket_dir, Some(PathBuf::from("/data/run")));
        assert!(file.ready);
    }

    #[test]
    fn a_starting_one_is_not_ready() {
        let file = PidFile::parse("71\n/data/postgres\n1700000000\n5432\n").unwrap();
        assert_eq!((file.socket_dir, file.ready), (None, false));
        let text = "71\n/data/postgres\n1700000000\n5432\n/data/run\n\n\nstarting\n";
        assert!(!PidFile::parse(text).unwrap().ready);
    }

    #[test]
    fn other_files_are_none() {
        assert_eq!(PidFile::parse(""), None);
        assert_eq!(PidFile::parse("-71\n/data/postgres\n"), None, "a single-user server");
    }

    #[test]
    fn we_are_alive() {
        assert!(alive(rustix::process::getpid()));
    }
}
