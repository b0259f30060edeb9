//! Finds and reads the files of a configuration.
//!
//! Invariants: hidden entries are left out, because mounted volumes keep second copies of every file in them; links to
//! files are followed, links to directories are not; only regular files are opened, and every walk is bounded.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::finding::{Place, Report};

/// Files in one configuration; ten thousand objects fit in a tenth of that.
const MAX_FILES: usize = 1_000;
/// Bytes in one file: about five thousand objects.
const MAX_FILE_BYTES: u64 = 1 << 20;
/// Bytes in all files together.
const MAX_TOTAL_BYTES: u64 = 32 << 20;
/// Directories below each other.
const MAX_DEPTH: usize = 16;
/// Directory entries looked at, so that `--config /` ends soon.
const MAX_ENTRIES: usize = 20_000;

/// Calls `read` with every file's index in the report and its text, sorted by path.
pub(super) fn each(dir: &Path, report: &mut Report, mut read: impl FnMut(usize, &str, &mut Report)) {
    let mut walk = Walk { root: dir, files: Vec::new(), entries: 0, full: false };
    match fs::metadata(dir) {
        Ok(meta) if meta.is_dir() => walk.directory(Path::new(""), 0, report),
        Ok(meta) if meta.is_file() => walk.files.push(PathBuf::new()),
        Ok(_) => {
            at(
                report,
                dir,
                Path::new(""),
                "is neither a directory nor a file: name a directory of YAML files",
            );
            return;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            at(report, dir, Path::new(""), "does not exist: create it, or name another with --config");
            return;
        }
        Err(error) => {
            at(report, dir, Path::new(""), &unreadable(&error));
            return;
        }
    }
    if walk.files.is_empty() {
        at(
            report,
            dir,
            Path::new(""),
            "holds no *.yaml or *.yml file: add one, or name another with --config",
        );
    }
    let mut total = 0_u64;
    for relative in walk.files {
        let path = joined(dir, &relative);
        let file = report.add_file(&path.to_string_lossy(), &name_of(dir, &relative));
        let start = Place { file, line: 1, column: 1 };
        let bytes = match read_bounded(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                report.error(start, unreadable(&error));
                continue;
            }
        };
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        total = total.saturating_add(length);
        if length > MAX_FILE_BYTES {
            report.error(start, format!("is longer than {MAX_FILE_BYTES} bytes: split it"));
        } else if total > MAX_TOTAL_BYTES {
            report.error(
                start,
                format!("the files are longer than {MAX_TOTAL_BYTES} bytes together: remove some"),
            );
            return;
        } else {
            match std::str::from_utf8(&bytes) {
                // A byte order mark is no content; left in, it would shift the first line's columns.
                Ok(text) => read(file, text.strip_prefix('\u{feff}').unwrap_or(text), report),
                Err(error) => {
                    let place = place_of(file, bytes.get(..error.valid_up_to()).unwrap_or_default());
                    report.error(place, "is not UTF-8 from here on: save the file as UTF-8");
                }
            }
        }
    }
}

struct Walk<'a> {
    root: &'a Path,
    files: Vec<PathBuf>,
    entries: usize,
    full: bool,
}

impl Walk<'_> {
    /// Adds what is below `relative`, in order of name.
    fn directory(&mut self, relative: &Path, depth: usize, report: &mut Report) {
        let mut names = Vec::new();
        let found = match fs::read_dir(joined(self.root, relative)) {
            Ok(found) => found,
            Err(error) => {
                at(report, self.root, relative, &unreadable(&error));
                return;
            }
        };
        for entry in found.take(MAX_ENTRIES + 1) {
            self.entries += 1;
            match entry {
                Ok(entry) => names.push(entry.file_name()),
                Err(error) => at(report, self.root, relative, &unreadable(&error)),
            }
        }
        names.sort();
        for name in names {
            if self.full {
                return;
            }
            if name.to_string_lossy().starts_with('.') {
                continue;
            }
            if self.entries > MAX_ENTRIES || self.files.len() >= MAX_FILES {
                self.full = true;
                let message = format!(
                    "holds more than {MAX_FILES} files or {MAX_ENTRIES} entries, and the rest is not read: \
                     name a directory of configuration only"
                );
                at(report, self.root, Path::new(""), &message);
                return;
            }
            self.entry(&relative.join(name), depth, report);
        }
    }

    fn entry(&mut self, relative: &Path, depth: usize, report: &mut Report) {
        let path = joined(self.root, relative);
        let is_yaml = relative.extension().is_some_and(|e| e == "yaml" || e == "yml");
        match fs::symlink_metadata(&path) {
            Ok(meta) if meta.is_dir() && depth + 1 > MAX_DEPTH => {
                at(report, self.root, relative, "is nested too deeply and is not read: move it up");
            }
            Ok(meta) if meta.is_dir() => self.directory(relative, depth + 1, report),
            Ok(meta) if meta.is_symlink() && path.is_dir() => {
                let place = start_of(report, self.root, relative);
                report.warning(place, "is a link to a directory and is not followed: put its files here");
            }
            // A link that leads nowhere is kept: reading it says what is wrong.
            Ok(_) if is_yaml => self.files.push(relative.to_owned()),
            Ok(_) => {}
            Err(error) => at(report, self.root, relative, &unreadable(&error)),
        }
    }
}

/// At most one byte more than a file may have, so that the caller sees the excess.
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    // Opening a pipe would wait for its writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(error: &io::Error) -> String {
    format!("cannot be read ({error}): check that it exists and that its permissions let this user read it")
}

fn at(report: &mut Report, root: &Path, relative: &Path, message: &str) {
    let place = start_of(report, root, relative);
    report.error(place, message);
}

fn start_of(report: &mut Report, root: &Path, relative: &Path) -> Place {
    let file = report.add_file(&joined(root, relative).to_string_lossy(), &name_of(root, relative));
    Place { file, line: 1, column: 1 }
}

/// Joining an empty path would add a slash.
fn joined(root: &Path, relative: &Path) -> PathBuf {
    if relative.as_os_str().is_empty() { root.to_owned() } else { root.join(relative) }
}

/// The relative path; of a configuration that is one file, its name.
fn name_of(root: &Path, relative: &Path) -> String {
    let path = if relative.as_os_str().is_empty() { root.file_name().map(Path::new) } else { Some(relative) };
    path.map_or_else(String::new, |path| path.to_string_lossy().into_owned())
}

/// The place after `before`, which is UTF-8.
fn place_of(file: usize, before: &[u8]) -> Place {
    let text = String::from_utf8_lossy(before);
    let line = text.matches('\n').count() + 1;
    let column = text.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    Place {
        file,
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(column).unwrap_or(u32::MAX),
    }
}
