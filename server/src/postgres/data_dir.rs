//! The data directory: its marker, so that a foreign directory is recognised before anything is touched, and
//! its lock, so that one server at a time works in it. The lock ends with the process, however that ends.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process;

use super::error::PostgresError;

/// The format of the data directory that this version writes and reads.
pub(crate) const FORMAT: u32 = 1;

/// The marker file; its text is [`MARKER_PREFIX`] and the format.
const MARKER: &str = "nines-data";
const MARKER_PREFIX: &str = "nines data directory, format ";
/// The marker before it is complete.
const MARKER_NEW: &str = "nines-data.new";
/// Locked with `flock` for the life of the process; holds its id.
const LOCK: &str = "nines.lock";
/// What a directory may hold and still count as empty: what a start that was cut off leaves, and what a
/// freshly made file system has.
const EMPTY: [&str; 3] = [LOCK, MARKER_NEW, "lost+found"];

/// A data directory that this process holds.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Creates (mode 0711 as root, whose PostgreSQL runs as another user; else 0700) or recognises the
    /// directory, and locks it.
    pub(crate) fn open(path: &Path, root: bool) -> Result<Self, PostgresError> {
        create(path, if root { 0o711 } else { 0o700 }).map_err(PostgresError::io("create", path))?;
        let path = fs::canonicalize(path).map_err(PostgresError::io("find", path))?;
        is_marked(&path)?;
        let lock = lock(&path)?;
        if !is_marked(&path)? {
            mark(&path).map_err(PostgresError::io("write the marker in", &path))?;
        }
        Ok(Self { path, _lock: lock })
    }

    /// The canonical path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Creates the directory unless it is there. The mode is set apart from the creation, for the umask would cut
/// it.
fn create(path: &Path, mode: u32) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|found| found.is_dir()) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => fs::set_permissions(path, Permissions::from_mode(mode)),
        // Two servers started at once: the lock decides between them.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether the directory is marked as ours; an error if it is somebody else's or of a later format.
fn is_marked(path: &Path) -> Result<bool, PostgresError> {
    match fs::read_to_string(path.join(MARKER)) {
        Ok(text) => match text.trim_end().strip_prefix(MARKER_PREFIX) {
            Some(format) if format.parse() == Ok(FORMAT) => Ok(true),
            Some(format) => Err(PostgresError::Format { path: path.to_owned(), format: format.to_owned() }),
            None => Err(PostgresError::Foreign { path: path.to_owned(), entry: MARKER.to_owned() }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            for entry in fs::read_dir(path).map_err(PostgresError::io("read", path))? {
                let name = entry.map_err(PostgresError::io("read", path))?.file_name();
                if !EMPTY.iter().any(|empty| name == *empty) {
                    let entry = name.to_string_lossy().into_owned();
                    return Err(PostgresError::Foreign { path: path.to_owned(), entry });
                }
            }
            Ok(false)
        }
        Err(error) => Err(PostgresError::io("read", &path.join(MARKER))(error)),
    }
}

/// Writes the marker whole or not at all.
fn mark(path: &Path) -> io::Result<()> {
    let new = path.join(MARKER_NEW);
    let mut file = File::create(&new)?;
    writeln!(file, "{MARKER_PREFIX}{FORMAT}")?;
    file.sync_all()?;
    fs::rename(&new, path.join(MARKER))?;
    sync(path)
}

/// Takes the lock and writes our process id into it. The file is never removed: removing it would let two
/// processes lock two files of one name.
fn lock(path: &Path) -> Result<File, PostgresError> {
    let lock = path.join(LOCK);
    let failed = |source| PostgresError::io("lock", &lock)(source);
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&lock).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            // Who holds it only serves the message.
            let _ = file.read_to_string(&mut pid);
            let pid = if pid.trim().is_empty() { "unknown" } else { pid.trim() }.to_owned();
            return Err(PostgresError::Locked { path: path.to_owned(), pid });
        }
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    file.set_len(0).and_then(|()| writeln!(file, "{}", process::id())).map_err(failed)?;
    Ok(file)
}

/// Makes a rename inside the directory durable.
pub(crate) fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
