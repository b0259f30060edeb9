//! The account that PostgreSQL runs as, and the commands started for it. PostgreSQL refuses to run as root,
//! so root hands it to `postgres` or `nobody`; everybody else runs it as themselves.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, lchown};
use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::error::PostgresError;

/// Accounts that root hands PostgreSQL to, best first.
const CANDIDATES: [&str; 2] = ["postgres", "nobody"];

/// Variables that PostgreSQL's programs keep from our environment, with those that begin with `LD_`. The rest
/// stays with us: `PG*` would change what they do, and others may hold secrets.
const KEPT_VARIABLES: [&str; 2] = ["PATH", "TMPDIR"];

/// An account of the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// We are root and have to become this account.
    switch: bool,
}

impl Account {
    /// The account that runs the cluster: of an existing one its owner, as long as we may act as that.
    pub(crate) fn choose(cluster: &Path) -> Result<Self, PostgresError> {
        let owner = match fs::metadata(cluster) {
            Ok(found) => Some((found.uid(), found.gid())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(PostgresError::io("look at", cluster)(error)),
        };
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let uid = rustix::process::geteuid();
        if !uid.is_root() {
            let uid = uid.as_raw();
            let name = name_of(&passwd, uid);
            return match owner {
                Some((owner, _)) if owner != uid => {
                    Err(PostgresError::Owner { path: cluster.to_owned(), owner, user: name })
                }
                _ => Ok(Self { name, uid, gid: rustix::process::getegid().as_raw(), switch: false }),
            };
        }
        let candidate = || CANDIDATES.iter().find_map(|name| find(&passwd, name));
        match owner {
            Some((0, _)) => {
                let user = candidate().ok_or(PostgresError::NoAccount)?.name;
                Err(PostgresError::Owner { path: cluster.to_owned(), owner: 0, user })
            }
            Some((uid, gid)) => Ok(Self { name: name_of(&passwd, uid), uid, gid, switch: true }),
            None => candidate().ok_or(PostgresError::NoAccount),
        }
    }

    /// A command that runs as this account in `/`, with a clean environment, no input, and a process group of
    /// its own: Ctrl-C in a terminal reaches us alone, and we stop PostgreSQL in order.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir("/").stdin(Stdio::null()).process_group(0);
        for (name, value) in std::env::vars_os() {
            let kept = KEPT_VARIABLES.iter().any(|kept| name == *kept);
            if kept || name.to_str().is_some_and(|name| name.starts_with("LD_")) {
                command.env(name, value);
            }
        }
        // Messages that a person can search for, and no time zone to guess.
        command.env("LC_ALL", "C").env("TZ", "UTC");
        if self.switch {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Checks that the account can enter `dir`, by entering it with a harmless command: mode bits alone would
    /// miss access lists. The error names the first directory on the path that stops it.
    pub(crate) async fn check_enters(&self, dir: &Path, harmless: &Path) -> Result<(), PostgresError> {
        if !self.switch || self.enters(dir, harmless).await {
            return Ok(());
        }
        let mut stop = dir;
        for ancestor in dir.ancestors().skip(1) {
            if self.enters(ancestor, harmless).await {
                break;
            }
            stop = ancestor;
        }
        Err(PostgresError::CannotEnter { user: self.name.clone(), dir: stop.to_owned() })
    }

    async fn enters(&self, dir: &Path, harmless: &Path) -> bool {
        let mut command = self.command(harmless);
        command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        command.current_dir(dir).status().await.is_ok()
    }

    /// Makes `dir` a directory of this account that nobody else can enter (0700), creating it if missing. A
    /// directory that belongs to a third account, or a link, is refused: it may be a trap in a shared place.
    pub(crate) fn own_private_dir(&self, dir: &Path) -> Result<(), PostgresError> {
        match fs::DirBuilder::new().mode(0o700).create(dir) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(PostgresError::io("create", dir)(error)),
        }
        let found = fs::symlink_metadata(dir).map_err(PostgresError::io("look at", dir))?;
        if !found.is_dir() {
            return Err(PostgresError::NotADirectory { path: dir.to_owned() });
        }
        // Root's own is a directory that we made and were cut off before giving it away.
        let given_by_root = self.switch && found.uid() == 0;
        if found.uid() != self.uid && !given_by_root {
            let user = self.name.clone();
            return Err(PostgresError::Owner { path: dir.to_owned(), owner: found.uid(), user });
        }
        fs::set_permissions(dir, Permissions::from_mode(0o700))
            .and_then(|()| if given_by_root { lchown(dir, Some(self.uid), Some(self.gid)) } else { Ok(()) })
            .map_err(PostgresError::io("take over", dir))
    }
}

/// The account of that name in the text of `/etc/passwd`, unless it is root.
fn find(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let found = fields.next().filter(|found| *found == name)?;
        let uid = fields.nth(1)?.parse().ok().filter(|uid| *uid != 0)?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account { name: found.to_owned(), uid, gid, switch: true })
    })
}

/// The name of a user id, or the id where the name is not in the text of `/etc/passwd`.
fn name_of(passwd: &str, uid: u32) -> String {
    let name = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
    });
    name.map_or_else(|| uid.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/bash\n\nbroken\npostgres:x:101:104:PostgreSQL,,,:/:/bin/sh\n";

    #[test]
    fn an_account_is_found_by_name() {
        let account = find(PASSWD, "postgres").unwrap();
        assert_eq!((account.uid, account.gid), (101, 104));
        assert_eq!(find(PASSWD, "nobody"), None);
        assert_eq!(find(PASSWD, "root"), None, "PostgreSQL refuses root");
    }

    #[test]
    fn an_id_without_a_name_stands_for_itself() {
        assert_eq!(name_of(PASSWD, 101), "postgres");
        assert_eq!(name_of(PASSWD, 7), "7");
    }
}
