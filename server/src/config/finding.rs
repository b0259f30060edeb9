//! A finding: what is wrong in a configuration, where, and what to write instead.
//!
//! Invariant: a finding is one line of text; what it quotes from a file is shortened and freed of control characters.

use std::fmt;

/// One thing worth saying about a configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file as its reader would type it: the given directory joined with the relative path.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Whether the configuration can be used all the same.
    pub severity: Severity,
    /// What is wrong and how to put it right, in one line.
    pub message: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The object cannot be used.
    Error,
    /// The object is used, perhaps not as it was meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, severity, message } = self;
        write!(f, "{file}:{line}:{column}: {severity}: {message}")
    }
}

/// A place in one of the files that were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Place {
    /// Index into the report's files.
    pub(super) file: usize,
    /// Line, from 1.
    pub(super) line: u32,
    /// Column in characters, from 1.
    pub(super) column: u32,
}

/// A file that was read.
#[derive(Debug, Clone)]
struct Source {
    /// As its reader would type it.
    shown: String,
    /// Relative to the configuration directory.
    relative: String,
}

/// Findings kept; a broken generator can make millions of them, and nobody reads past the first screens.
const MAX_FINDINGS: usize = 1_000;

/// Names compared for hints in one run: ten thousand wrong references must not take minutes.
const MAX_COMPARED: usize = 100_000;

/// Collects findings while files are read.
#[derive(Debug, Default)]
pub(super) struct Report {
    files: Vec<Source>,
    found: Vec<(Place, Severity, String)>,
    compared: usize,
    left_out: usize,
    first_left_out: Option<(Place, Severity)>,
}

impl Report {
    /// Makes a file known and gives its index.
    pub(super) fn add_file(&mut self, shown: &str, relative: &str) -> usize {
        self.files.push(Source { shown: printable(shown), relative: printable(relative) });
        self.files.len() - 1
    }

    /// Adds an error.
    pub(super) fn error(&mut self, place: Place, message: impl Into<String>) {
        self.add(place, Severity::Error, message.into());
    }

    /// Adds a warning.
    pub(super) fn warning(&mut self, place: Place, message: impl Into<String>) {
        self.add(place, Severity::Warning, message.into());
    }

    fn add(&mut self, place: Place, severity: Severity, message: String) {
        if self.found.len() < MAX_FINDINGS {
            // The same text at the same place can come twice through an alias; once is enough.
            let last = self.found.last();
            if last.is_none_or(|(p, s, m)| (*p, *s, m.as_str()) != (place, severity, message.as_str())) {
                self.found.push((place, severity, message));
            }
            return;
        }
        self.left_out += 1;
        let worst = self.first_left_out.get_or_insert((place, severity));
        if severity < worst.1 {
            *worst = (place, severity);
        }
    }

    /// A hint such as `; did you mean …?`; empty if nothing is near.
    pub(super) fn did_you_mean<'a>(
        &mut self,
        word: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> String {
        let left = MAX_COMPARED.saturating_sub(self.compared);
        let compared = &mut self.compared;
        let counted = candidates.into_iter().take(left).inspect(|_| *compared += 1);
        nearest(word, counted).map_or_else(String::new, |near| format!("; did you mean {}?", quote(near)))
    }

    /// `file:line`, as its reader would type it.
    pub(super) fn file_and_line(&self, place: Place) -> String {
        let shown = self.files.get(place.file).map_or("", |file| file.shown.as_str());
        format!("{shown}:{}", place.line)
    }

    /// The place as the estate keeps it.
    pub(super) fn origin(&self, place: Place) -> domain::estate::Origin {
        let file = self.files.get(place.file).map_or_else(String::new, |file| file.relative.clone());
        domain::estate::Origin { file, line: place.line }
    }

    /// All findings, sorted by file, line and column.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        if let Some((place, severity)) = self.first_left_out {
            let message = format!("{} more findings are left out: put the others right first", self.left_out);
            self.found.push((place, severity, message));
        }
        let files = self.files;
        let shown = |place: &Place| files.get(place.file).map_or_else(String::new, |file| file.shown.clone());
        let mut findings: Vec<Finding> = self
            .found
            .into_iter()
            .map(|(place, severity, message)| Finding {
                file: shown(&place),
                line: place.line,
                column: place.column,
                severity,
                message,
            })
            .collect();
        findings.sort();
        findings.dedup();
        findings
    }
}

/// Characters of a file's text that a finding repeats.
const MAX_QUOTED: usize = 80;

/// Text from a file in backticks, shortened and in one line.
pub(super) fn quote(text: &str) -> String {
    let dots = if text.chars().nth(MAX_QUOTED).is_some() { "…" } else { "" };
    let short: String = text.chars().take(MAX_QUOTED).collect();
    format!("`{}{dots}`", printable(&short))
}

/// Without control characters, which could rewrite a terminal or break a line.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Longer words have no near neighbour worth the work.
const MAX_WORD: usize = 64;

/// The candidate that differs least from `word`, by at most a third of its letters; letter case counts nothing.
fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters: Vec<char> = word.chars().flat_map(char::to_lowercase).take(MAX_WORD + 1).collect();
    if letters.len() > MAX_WORD {
        return None;
    }
    let limit = (letters.len() / 3).max(1);
    let distances = candidates.into_iter().map(|candidate| (edits(&letters, candidate), candidate));
    distances
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, near)| near)
}

/// Letters to insert, delete or replace to get from one word to the other (Levenshtein).
fn edits(letters: &[char], candidate: &str) -> usize {
    let mut row: Vec<usize> = (0..=letters.len()).collect();
    for (i, there) in candidate.chars().flat_map(char::to_lowercase).take(MAX_WORD).enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, here) in row.iter_mut().skip(1).zip(letters) {
            let replaced = diagonal + usize::from(*here != there);
            diagonal = *cell;
            left = replaced.min(left + 1).min(*cell + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_near() {
        assert_eq!(nearest("Servise", ["Service", "SLO", "SLI"]), Some("Service"));
        assert_eq!(nearest("slo", ["SLI", "SLO"]), Some("SLO"));
        assert_eq!(nearest("checkuot", ["checkout", "search"]), Some("checkout"));
        assert_eq!(nearest("banana", ["checkout", "search"]), None);
        assert_eq!(nearest("", ["a"]), Some("a"));
    }

    #[test]
    fn edits_are_levenshteins() {
        let of = |a: &str, b: &str| edits(&a.chars().collect::<Vec<_>>(), b);
        assert_eq!((of("kitten", "sitting"), of("", "abc"), of("abc", ""), of("same", "same")), (3, 3, 3, 0));
    }

    #[test]
    fn quotes_are_one_short_line() {
        assert_eq!(quote("a\nb\u{1b}[2J"), "`a\u{fffd}b\u{fffd}[2J`");
        assert_eq!(quote(&"x".repeat(500)).chars().count(), MAX_QUOTED + 3);
    }
}
