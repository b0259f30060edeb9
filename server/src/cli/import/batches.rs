//! A file of lines, plain or in gzip, in batches of bounded size.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;
use hyper::body::Bytes;

/// Lines of a batch: a transaction of a tenth of a second.
const LINES_MAX: usize = 10_000;
/// Bytes of a batch, a quarter of what a server takes.
const BYTES_MAX: usize = 4 * 1_024 * 1_024;
/// Bytes of a line: a slice has at most a few hundred.
const LINE_BYTES_MAX: u64 = 64 * 1_024;
/// How a gzip file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Lines that follow each other in the file.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    first_line: u64,
    lines: u64,
    bytes: Bytes,
}

impl Batch {
    /// The number in the file of a line that is the `line`th here, from 1.
    pub(super) fn line(&self, line: u64) -> u64 {
        self.first_line + line.max(1) - 1
    }

    pub(super) fn last_line(&self) -> u64 {
        self.line(self.lines)
    }

    pub(super) fn body(&self) -> Bytes {
        self.bytes.clone()
    }

    /// What stands before the `line`th, from 1; none if that is nothing.
    pub(super) fn before(&self, line: u64) -> Option<Self> {
        let lines = line.checked_sub(1).filter(|lines| (1..=self.lines).contains(lines))?;
        let ends =
            self.bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(index, _)| index + 1);
        let end = ends.take(usize::try_from(lines).ok()?).last()?;
        Some(Self { first_line: self.first_line, lines, bytes: self.bytes.slice(..end) })
    }
}

/// Reads a file batch by batch.
pub(super) struct Batches {
    lines: Box<dyn BufRead + Send>,
    /// Lines before the first one to send.
    skipped: u64,
    /// The number of the next line.
    next_line: u64,
    read: Arc<AtomicU64>,
    total: Option<u64>,
}

impl Batches {
    /// Opens a file, or standard input for `-`; lines before `from` are passed over.
    pub(super) fn open(path: &Path, from: u64) -> io::Result<Self> {
        let read = Arc::new(AtomicU64::new(0));
        if path.as_os_str() == "-" {
            return Self::new(io::stdin(), None, read, from);
        }
        let file = File::open(path)?;
        let total = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len());
        Self::new(file, total, read, from)
    }

    fn new(
        source: impl Read + Send + 'static,
        total: Option<u64>,
        read: Arc<AtomicU64>,
        from: u64,
    ) -> io::Result<Self> {
        let mut counted = BufReader::new(Counted { source, read: Arc::clone(&read) });
        let is_gzip = counted.fill_buf()?.starts_with(&GZIP);
        let lines: Box<dyn BufRead + Send> =
            if is_gzip { Box::new(BufReader::new(MultiGzDecoder::new(counted))) } else { Box::new(counted) };
        Ok(Self { lines, skipped: from - 1, next_line: 1, read, total })
    }

    /// The file's length, where it has one.
    pub(super) fn bytes_total(&self) -> Option<u64> {
        self.total
    }

    /// Bytes read so far, as they are in the file.
    pub(super) fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The next batch; none at the end.
    pub(super) fn next_batch(&mut self) -> io::Result<Option<Batch>> {
        let mut bytes = Vec::new();
        let mut first_line = None;
        let mut lines = 0;
        while lines < LINES_MAX && bytes.len() < BYTES_MAX {
            let before = bytes.len();
            let number = self.next_line;
            let length =
                (&mut self.lines).take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes).map_err(|error| {
                    io::Error::new(error.kind(), format!("after line {}: {error}", number - 1))
                })?;
            if length == 0 {
                break;
            }
            let ends = bytes.last() == Some(&b'\n');
            if !ends && u64::try_from(length).unwrap_or(u64::MAX) >= LINE_BYTES_MAX {
                let message = format!("line {number} is longer than {LINE_BYTES_MAX} bytes");
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            self.next_line += 1;
            if number <= self.skipped {
                bytes.truncate(before);
                continue;
            }
            if !ends {
                bytes.push(b'\n');
            }
            first_line.get_or_insert(number);
            lines += 1;
        }
        let lines = u64::try_from(lines).unwrap_or(u64::MAX);
        Ok(first_line.map(|first_line| Batch { first_line, lines, bytes: Bytes::from(bytes) }))
    }
}

/// Counts what is read.
struct Counted<R> {
    source: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer)?;
        self.read.fetch_add(u64::try_from(length).unwrap_or(0), Ordering::Relaxed);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batches(text: &'static [u8], from: u64) -> Batches {
        Batches::new(text, None, Arc::default(), from).unwrap()
    }

    #[test]
    fn lines_keep_their_numbers_across_batches() {
        let many: &'static str = "x\n".repeat(LINES_MAX + 2).leak();
        let mut all = batches(many.as_bytes(), 1);
        let first = all.next_batch().unwrap().unwrap();
        assert_eq!((first.line(1), first.last_line()), (1, 10_000));
        let second = all.next_batch().unwrap().unwrap();
        assert_eq!((second.line(1), second.last_line()), (10_001, 10_002));
        assert!(all.next_batch().unwrap().is_none());

        let mut rest = batches(b"a\nb\nc", 2);
        let batch = rest.next_batch().unwrap().unwrap();
        assert_eq!((batch.line(1), batch.last_line(), &batch.body()[..]), (2, 3, &b"b\nc\n"[..]));
        assert_eq!(&batch.before(2).unwrap().body()[..], b"b\n");
        assert!(batch.before(1).is_none());
        assert!(batches(b"a\nb\n", 3).next_batch().unwrap().is_none());
    }

    #[test]
    fn an_endless_line_is_refused_by_its_number() {
        let text: &'static str = format!("a\n{}", "x".repeat(70_000)).leak();
        let error = batches(text.as_bytes(), 1).next_batch().unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
    }
}
