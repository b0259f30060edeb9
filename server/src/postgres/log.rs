//! PostgreSQL's log file, kept within a bound, and its last lines for messages.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::error::PostgresError;

/// The log is set aside when it is larger, so that it and its predecessor stay below about twice this.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// How much of an output's end goes into a message.
const TAIL_LINES: usize = 20;
const TAIL_BYTES: u64 = 4096;

/// `postgres.log` in the data directory.
#[derive(Debug, Clone)]
pub(crate) struct Log(PathBuf);

impl Log {
    pub(crate) fn new(data_dir: &Path) -> Self {
        Self(data_dir.join("postgres.log"))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Opens the log for a child to append to.
    pub(crate) fn open(&self) -> Result<File, PostgresError> {
        OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&self.0)
            .map_err(PostgresError::io("open", &self.0))
    }

    /// Keeps the bound: a log above it is copied to `postgres.log.1` and emptied. A running PostgreSQL holds
    /// the file open and appends, so renaming it would not help; a line written during the copy may be lost.
    pub(crate) fn bound(&self) -> io::Result<()> {
        self.bound_to(MAX_BYTES)
    }

    fn bound_to(&self, max_bytes: u64) -> io::Result<()> {
        match fs::metadata(&self.0) {
            Ok(found) if found.len() > max_bytes => {
                // Emptied even when there is no room for the copy: a full disk is when this matters most.
                let copied = fs::copy(&self.0, self.0.with_extension("log.1"));
                OpenOptions::new().write(true).open(&self.0)?.set_len(0)?;
                copied.map(|_| ())
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The log's last lines; empty if it cannot be read.
    pub(crate) fn tail(&self) -> String {
        self.read_end().map(|bytes| tail(&bytes)).unwrap_or_default()
    }

    fn read_end(&self) -> io::Result<Vec<u8>> {
        let mut file = File::open(&self.0)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
        let mut end = Vec::new();
        file.take(TAIL_BYTES).read_to_end(&mut end)?;
        Ok(end)
    }
}

/// The last lines of what a program wrote, at most [`TAIL_LINES`] of them.
pub(crate) fn tail(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(TAIL_LINES)..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_large_log_is_set_aside_while_it_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let log = Log::new(dir.path());
        log.bound_to(10).unwrap();
        let mut writer = log.open().unwrap();
        writer.write_all(b"more than ten bytes").unwrap();
        log.bound_to(10).unwrap();
        writer.write_all(b"new").unwrap();
        assert_eq!(log.tail(), "new");
        assert_eq!(fs::read(dir.path().join("postgres.log.1")).unwrap(), b"more than ten bytes");
    }

    #[test]
    fn the_tail_is_bounded() {
        let tail = tail("line\n".repeat(99).as_bytes());
        assert_eq!(tail.lines().count(), TAIL_LINES);
    }
}
