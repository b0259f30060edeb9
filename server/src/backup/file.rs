//! The file of a backup.
//!
//! Invariants: its last 32 bytes are the SHA-256 of all before; it is read in bounded parts, whatever it says of their
//! length.
//!
//! ```text
//! nines backup 1 \n
//! zstd of:   the contents as JSON, then of each table its rows in parts; each after its length, 4 bytes, lowest first;
//!            a length of 0 ends a table
//! SHA-256
//! ```

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zstd::stream::read::Decoder;
use zstd::stream::write::Encoder;

use crate::store::Contents;

/// Names format and version; a later format has another one.
const MAGIC: &[u8] = b"nines backup 1\n";
const SUM_BYTES: u64 = 32;
/// Effort of compression: sealed days are compressed already, the rest is text.
const LEVEL: i32 = 3;
/// Bytes of a part at most: PostgreSQL gives a row at a time, and none of ours is near this.
const PART_BYTES_MAX: usize = 64 * 1_024 * 1_024;
/// Bytes hashed at a time.
const CHUNK_BYTES: usize = 64 * 1_024;

/// What can be wrong with a backup's file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It does not begin as ours do.
    #[error("this is no backup of Nines, or one of a later format")]
    Foreign,
    /// Its checksum is another.
    #[error("the backup is damaged or cut off: its checksum does not match; nothing was changed")]
    Damaged,
    /// It cannot be read or written.
    #[error("{0}")]
    Io(io::Error),
}

/// Passes bytes on and hashes them.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// A backup being written, under another name until it is whole.
pub(super) struct Writer {
    zstd: Encoder<'static, Hashing<BufWriter<File>>>,
    partial: PathBuf,
}

impl Writer {
    pub(super) fn create(path: &Path) -> Result<Self, FileError> {
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let mut file = Hashing { inner: BufWriter::new(File::create(&partial)?), hash: Sha256::new() };
        file.write_all(MAGIC)?;
        Ok(Self { zstd: Encoder::new(file, LEVEL)?, partial })
    }

    pub(super) fn contents(&mut self, contents: &Contents) -> Result<(), FileError> {
        let text = serde_json::to_vec(contents).map_err(io::Error::other)?;
        self.rows(&text)
    }

    pub(super) fn rows(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        for part in bytes.chunks(PART_BYTES_MAX) {
            let length = u32::try_from(part.len()).map_err(io::Error::other)?;
            self.zstd.write_all(&length.to_le_bytes())?;
            self.zstd.write_all(part)?;
        }
        Ok(())
    }

    pub(super) fn end_table(&mut self) -> Result<(), FileError> {
        Ok(self.zstd.write_all(&0_u32.to_le_bytes())?)
    }

    /// Brings the file to the disk and gives it its name.
    pub(super) fn finish(self, path: &Path) -> Result<(), FileError> {
        let Hashing { mut inner, hash } = self.zstd.finish()?;
        inner.write_all(&hash.finalize())?;
        let file = inner.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        fs::rename(&self.partial, path)?;
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(())
    }
}

/// Compares the checksum, in one pass over the file.
pub(super) fn verify(path: &Path) -> Result<(), FileError> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut magic = vec![0; MAGIC.len()];
    if file.read_exact(&mut magic).is_err() || magic != MAGIC {
        return Err(FileError::Foreign);
    }
    let mut hash = Sha256::new();
    hash.update(&magic);
    let rest = length.checked_sub(SUM_BYTES + MAGIC.len() as u64).ok_or(FileError::Damaged)?;
    let mut body = BufReader::new((&file).take(rest));
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let count = body.read(&mut chunk)?;
        if count == 0 {
            break;
        }
        hash.update(chunk.get(..count).unwrap_or_default());
    }
    drop(body);
    let mut sum = Vec::new();
    file.read_to_end(&mut sum)?;
    if sum == hash.finalize().as_slice() { Ok(()) } else { Err(FileError::Damaged) }
}

/// A backup being read.
pub(super) struct Reader {
    zstd: Decoder<'static, BufReader<io::Take<File>>>,
    part: Vec<u8>,
}

/// What comes next in a backup.
pub(super) enum Part<'a> {
    /// Rows of a table.
    Rows(&'a [u8]),
    /// The table is over.
    End,
}

impl Reader {
    /// Opens a file that was verified.
    pub(super) fn open(path: &Path) -> Result<Self, FileError> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut magic = vec![0; MAGIC.len()];
        file.read_exact(&mut magic)?;
        let body = file.take(length.saturating_sub(SUM_BYTES + MAGIC.len() as u64));
        Ok(Self { zstd: Decoder::new(body)?, part: Vec::new() })
    }

    pub(super) fn contents(&mut self) -> Result<Contents, FileError> {
        match self.part()? {
            Part::Rows(text) => Ok(serde_json::from_slice(text).map_err(io::Error::other)?),
            Part::End => Err(FileError::Damaged),
        }
    }

    pub(super) fn part(&mut self) -> Result<Part<'_>, FileError> {
        let mut length = [0; 4];
        self.zstd.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
        if length == 0 {
            return Ok(Part::End);
        }
        if length > PART_BYTES_MAX {
            return Err(FileError::Damaged);
        }
        self.part.resize(length, 0);
        self.zstd.read_exact(&mut self.part)?;
        Ok(Part::Rows(&self.part))
    }
}
