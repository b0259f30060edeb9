//! The directory of the Unix socket: `run/` in the data directory, or a short one in the system's temporary
//! directory where that path would not fit into a socket address. Mode 0700 and owned by the account that
//! runs PostgreSQL, which is what makes its trust in local connections safe.

use std::env;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::account::Account;
use super::error::PostgresError;

/// Bytes that a Unix socket's path may have: 108 in the address, one of them the closing zero.
pub(crate) const MAX_PATH: usize = 107;

/// The socket's file name: PostgreSQL derives it from its port, which is the default one.
const FILE_NAME: &str = ".s.PGSQL.5432";

/// Names the short directory in the data directory, for people and other programs.
const RECORD: &str = "socket-dir";

/// The path of the socket in its directory.
pub(crate) fn path_in(dir: &Path) -> PathBuf {
    dir.join(FILE_NAME)
}

/// Chooses the socket's directory, makes it ours and records it where it lies outside.
pub(crate) fn prepare(data_dir: &Path, account: &Account) -> Result<PathBuf, PostgresError> {
    let record = data_dir.join(RECORD);
    let inside = data_dir.join("run");
    if fits(&inside) {
        account.own_private_dir(&inside)?;
        return match fs::remove_file(&record) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(PostgresError::io("remove", &record)(error))
            }
            _ => Ok(inside),
        };
    }
    let short = env::temp_dir().join(format!("nines-{:016x}", hash(data_dir.as_os_str().as_bytes())));
    if !fits(&short) {
        return Err(PostgresError::SocketPath { path: path_in(&short) });
    }
    account.own_private_dir(&short)?;
    fs::write(&record, short.as_os_str().as_bytes()).map_err(PostgresError::io("write", &record))?;
    Ok(short)
}

fn fits(dir: &Path) -> bool {
    path_in(dir).as_os_str().len() <= MAX_PATH
}

/// FNV-1a: short, and the same in every build, so that a data directory keeps its socket directory.
fn hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(hash(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash(b"a"), 0xaf63_dc4c_8601_ec8c);
    }

    #[test]
    fn the_limit_counts_the_whole_path() {
        let room = MAX_PATH - FILE_NAME.len() - 1;
        assert!(fits(Path::new(&"x".repeat(room))));
        assert!(!fits(Path::new(&"x".repeat(room + 1))));
    }
}
