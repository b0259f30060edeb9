//! Where PostgreSQL's server programs are. A cluster only opens with programs of its own major version, so an
//! existing cluster decides which of several installations is taken.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::account::Account;
use super::error::PostgresError;

/// The oldest major version that knows every setting we pass (`client_connection_check_interval` came with
/// 14).
pub(crate) const MIN_MAJOR: u32 = 14;

/// Where Debian, Ubuntu and their kin put the programs, below a directory for each major version.
const SYSTEM_ROOT: &str = "/usr/lib/postgresql";

/// A directory that holds `postgres` and `initdb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binaries {
    dir: PathBuf,
    major: u32,
}

impl Binaries {
    /// Finds programs for a cluster of the given major version, or for a new one. `cluster` serves the
    /// message.
    pub(crate) async fn find(
        account: &Account,
        cluster: &Path,
        cluster_major: Option<&str>,
    ) -> Result<Self, PostgresError> {
        let mut found = Vec::new();
        if let Some(dir) = variable("NINES_POSTGRES_BIN") {
            let dir = PathBuf::from(dir);
            for program in ["postgres", "initdb"] {
                if !dir.join(program).is_file() {
                    return Err(PostgresError::ProgramMissing { dir, program });
                }
            }
            found.push(Self::probe(dir, account).await?);
        } else {
            let mut failure = PostgresError::NotInstalled;
            for dir in candidates() {
                match Self::probe(dir, account).await {
                    Ok(binaries) => found.push(binaries),
                    Err(error) => failure = error,
                }
            }
            if found.is_empty() {
                return Err(failure);
            }
        }
        choose(found, cluster, cluster_major)
    }

    /// The path of a program of this installation.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Asks the programs for their version, as the account that will run them.
    async fn probe(dir: PathBuf, account: &Account) -> Result<Self, PostgresError> {
        let program = dir.join("postgres");
        let answer = account.command(&program).arg("--version").output().await;
        let reason = match answer {
            Ok(output) => {
                let text = String::from_utf8_lossy(&output.stdout);
                match major(&text) {
                    Some(major) => return Ok(Self { dir, major }),
                    None => format!("it does not tell its version ({})", text.trim()),
                }
            }
            Err(error) => error.to_string(),
        };
        Err(PostgresError::CannotRun { program, user: account.name.clone(), reason })
    }
}

/// The first that fits, or an error that says what is needed.
fn choose(
    found: Vec<Binaries>,
    cluster: &Path,
    cluster_major: Option<&str>,
) -> Result<Binaries, PostgresError> {
    let versions = found.iter().map(|binaries| binaries.major.to_string()).collect::<Vec<_>>().join(", ");
    match cluster_major {
        Some(needed) => {
            found.into_iter().find(|binaries| binaries.major.to_string() == needed).ok_or_else(|| {
                let (path, cluster) = (cluster.to_owned(), needed.to_owned());
                PostgresError::OtherVersion { path, cluster, found: versions }
            })
        }
        None => found
            .into_iter()
            .find(|binaries| binaries.major >= MIN_MAJOR)
            .ok_or(PostgresError::TooOld { found: versions }),
    }
}

/// Directories that hold both programs: those on `PATH` in its order, then the system's, highest version
/// first.
fn candidates() -> Vec<PathBuf> {
    let path = variable("PATH").unwrap_or_default();
    let mut dirs: Vec<PathBuf> = env::split_paths(&path).collect();
    let mut system: Vec<(u32, PathBuf)> = fs::read_dir(SYSTEM_ROOT)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    system.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    dirs.extend(system.into_iter().map(|(_, dir)| dir));

    let mut homes = Vec::new();
    for home in dirs.iter().filter_map(|dir| home_of(dir)) {
        if !homes.contains(&home) {
            homes.push(home);
        }
    }
    homes
}

/// A variable of the environment that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "PATH, and a variable that has no flag beside it")]
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// The directory in which `dir`'s `postgres` really is: on `PATH` there may be a lone link to it.
fn home_of(dir: &Path) -> Option<PathBuf> {
    let home = fs::canonicalize(dir.join("postgres")).ok()?.parent()?.to_owned();
    home.join("initdb").is_file().then_some(home)
}

/// The major version in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` or `postgres (PostgreSQL)
/// 18beta1`.
fn major(text: &str) -> Option<u32> {
    let version = text.split("(PostgreSQL)").nth(1)?.trim_start();
    let digits = version.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(majors: &[u32]) -> Vec<Binaries> {
        majors
            .iter()
            .map(|major| Binaries { dir: PathBuf::from(format!("/{major}")), major: *major })
            .collect()
    }

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("something else"), None);
    }

    #[test]
    fn a_cluster_decides_among_installations() {
        let cluster = Path::new("/data/postgres");
        let new = choose(installed(&[13, 17, 15]), cluster, None).unwrap();
        assert_eq!(new.major, 17, "the first that is new enough");
        let old = choose(installed(&[17, 15]), cluster, Some("15")).unwrap();
        assert_eq!(old.major, 15);
        let error = choose(installed(&[17, 15]), cluster, Some("14")).unwrap_err().to_string();
        assert!(error.contains("made by PostgreSQL 14, but only version 17, 15 is here"), "{error}");
        assert!(matches!(choose(installed(&[13]), cluster, None), Err(PostgresError::TooOld { .. })));
    }
}
