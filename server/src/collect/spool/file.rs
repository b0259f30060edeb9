//! The file of the spool: records one after the other, each with its length and a checksum, flushed to the disk.
//!
//! Invariants: what [`File::append`] has returned for survives a kill and a power cut; a record that was cut off or
//! altered is never read as something else; one process at a time has the spool, by a lock that ends with it.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh64::xxh64;

use crate::collect::slices::Waiting;

/// The spool's size at most; what does not fit is dropped, oldest first.
pub(crate) const SPOOL_BYTES_MAX: u64 = 64 << 20;
/// A record is a name and a few numbers.
const RECORD_BYTES_MAX: usize = 4_096;
const NAME: &str = "results";
/// The file while it is written anew.
const NAME_NEW: &str = "results.new";
const LOCK: &str = "lock";
/// Length and checksum before each record.
const HEAD_BYTES: usize = 12;

/// A slice of an SLI that waits for the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The SLI's name.
    pub(crate) sli: String,
    /// The slice.
    #[serde(flatten)]
    pub(crate) slice: Waiting,
}

/// An open spool.
#[derive(Debug)]
pub(crate) struct File {
    dir: PathBuf,
    /// None until there is something to write.
    open: Option<fs::File>,
    bytes: u64,
    _lock: fs::File,
}

impl File {
    /// Whether a process has left something in this directory.
    pub(crate) fn is_there(dir: &Path) -> bool {
        dir.join(NAME).exists()
    }

    /// Makes the directory, takes its lock and reads what is there, in the order in which it was written, up to the
    /// first record that is damaged; whether there was one.
    pub(crate) fn open(dir: &Path) -> io::Result<(Self, Vec<Record>, bool)> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(dir.join(LOCK))?;
        lock.try_lock().map_err(|_| io::Error::new(io::ErrorKind::ResourceBusy, "another process has it"))?;
        let mut bytes = Vec::new();
        match fs::File::open(dir.join(NAME)) {
            Ok(file) => {
                file.take(SPOOL_BYTES_MAX * 2).read_to_end(&mut bytes)?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let (records, sound) = read(&bytes);
        let mut spool = Self { dir: dir.to_owned(), open: None, bytes: 0, _lock: lock };
        let damaged = sound < bytes.len();
        if !bytes.is_empty() {
            let file = spool.create(NAME, false)?;
            // What follows a damaged record could never be read.
            spool.bytes = u64::try_from(sound).unwrap_or(0);
            file.set_len(spool.bytes)?;
            spool.open = Some(file);
        }
        Ok((spool, records, damaged))
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Adds records, on the disk when this returns. False: they do not fit, and nothing was added.
    pub(crate) fn append(&mut self, records: &[Record]) -> io::Result<bool> {
        let bytes = encoded(records);
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if self.bytes.saturating_add(length) > SPOOL_BYTES_MAX {
            return Ok(false);
        }
        let mut file = if let Some(file) = self.open.take() {
            file
        } else {
            let file = self.create(NAME, false)?;
            sync_dir(&self.dir)?;
            file
        };
        let written = file.write_all(&bytes).and_then(|()| file.sync_data());
        if let Err(error) = written {
            // A part of it would hide what is added later.
            file.set_len(self.bytes)?;
            self.open = Some(file);
            return Err(error);
        }
        self.open = Some(file);
        self.bytes += length;
        Ok(true)
    }

    /// Holds these records and no others, whatever happens meanwhile.
    pub(crate) fn replace(&mut self, records: &[Record]) -> io::Result<()> {
        let bytes = encoded(records);
        let mut file = self.create(NAME_NEW, true)?;
        file.write_all(&bytes)?;
        file.sync_data()?;
        fs::rename(self.dir.join(NAME_NEW), self.dir.join(NAME))?;
        sync_dir(&self.dir)?;
        self.bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.open = Some(self.create(NAME, false)?);
        Ok(())
    }

    /// Empties it.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        if let Some(file) = &self.open {
            file.set_len(0)?;
            file.sync_data()?;
        }
        self.bytes = 0;
        Ok(())
    }

    fn create(&self, name: &str, truncate: bool) -> io::Result<fs::File> {
        let mut options = OpenOptions::new();
        options.create(true).mode(0o600);
        // Appending is what keeps a cleared file without a hole.
        if truncate {
            options.write(true).truncate(true);
        } else {
            options.append(true);
        }
        options.open(self.dir.join(name))
    }
}

fn sync_dir(dir: &Path) -> io::Result<()> {
    fs::File::open(dir)?.sync_all()
}

/// The bytes that these records take.
pub(crate) fn encoded(records: &[Record]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for record in records {
        // Our own types hold string keys only.
        let text = serde_json::to_vec(record).unwrap_or_default();
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&xxh64(&text, length.into()).to_le_bytes());
        bytes.extend_from_slice(&text);
    }
    bytes
}

/// The records up to the first that is damaged, and the bytes that they take.
fn read(bytes: &[u8]) -> (Vec<Record>, usize) {
    let mut records = Vec::new();
    let mut sound = 0;
    while let Some((record, length)) = bytes.get(sound..).and_then(read_one) {
        records.push(record);
        sound += length;
    }
    (records, sound)
}

fn read_one(bytes: &[u8]) -> Option<(Record, usize)> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (checksum, rest) = rest.split_first_chunk::<8>()?;
    let seed = u32::from_le_bytes(*length);
    let length = usize::try_from(seed).ok().filter(|length| *length <= RECORD_BYTES_MAX)?;
    let text = rest.get(..length)?;
    if xxh64(text, seed.into()) != u64::from_le_bytes(*checksum) {
        return None;
    }
    Some((serde_json::from_slice(text).ok()?, HEAD_BYTES + length))
}

#[cfg(test)]
mod tests {
    use domain::Instant;

    use super::*;

    fn record(minute: i64, total: u64) -> Record {
        let slice = Waiting {
            start: Instant::from_unix(minute * 60),
            good: 1,
            total,
            covered: u64::MAX >> 4,
            resumed: None,
            settled: true,
        };
        Record { sli: "front".to_owned(), slice }
    }

    fn reopened(dir: &Path) -> (Vec<Record>, bool) {
        let (_, records, damaged) = File::open(dir).unwrap();
        (records, damaged)
    }

    #[test]
    fn what_was_appended_is_read_back_until_cleared() {
        let dir = tempfile::tempdir().unwrap();
        let (mut spool, records, damaged) = File::open(dir.path()).unwrap();
        assert!(records.is_empty() && !damaged && spool.is_empty() && !File::is_there(dir.path()));
        assert!(spool.append(&[record(1, 1), record(2, 1)]).unwrap());
        assert!(spool.append(&[record(2, 2)]).unwrap() && !spool.is_empty());
        assert_eq!(
            File::open(dir.path()).unwrap_err().kind(),
            io::ErrorKind::ResourceBusy,
            "one process at a time"
        );
        drop(spool);
        assert_eq!(reopened(dir.path()), (vec![record(1, 1), record(2, 1), record(2, 2)], false));
        let (mut spool, ..) = File::open(dir.path()).unwrap();
        spool.replace(&[record(2, 2)]).unwrap();
        assert!(spool.append(&[record(3, 1)]).unwrap());
        drop(spool);
        assert_eq!(reopened(dir.path()).0, [record(2, 2), record(3, 1)]);
        let (mut spool, ..) = File::open(dir.path()).unwrap();
        spool.clear().unwrap();
        assert!(spool.append(&[record(4, 1)]).unwrap());
        drop(spool);
        assert_eq!(reopened(dir.path()).0, [record(4, 1)]);
    }

    #[test]
    fn a_torn_or_altered_record_is_left_out_and_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(NAME);
        let whole = encoded(&[record(1, 1), record(2, 1)]);
        let first = encoded(&[record(1, 1)]).len();
        for cut in first + 1..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(reopened(dir.path()), (vec![record(1, 1)], true), "{cut}");
        }
        for place in first..whole.len() {
            let mut altered = whole.clone();
            altered[place] ^= 4;
            fs::write(&path, &altered).unwrap();
            assert_eq!(reopened(dir.path()), (vec![record(1, 1)], true), "{place}");
        }
        let (mut spool, ..) = File::open(dir.path()).unwrap();
        spool.append(&[record(3, 1)]).unwrap();
        drop(spool);
        assert_eq!(reopened(dir.path()), (vec![record(1, 1), record(3, 1)], false));
    }
}
