//! `nines check`: every finding of a configuration as text, and the exit code.

use std::fmt::Write as _;
use std::path::Path;

use super::{Severity, load};

/// What `nines check` has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// For standard output: a line per finding, empty if there is none.
    pub report: String,
    /// For standard error: one line without its end, such as `12 objects, 6 services, 8 SLOs: no findings`.
    pub summary: String,
    /// 0 without errors (if `strict`, without warnings too), else 1.
    pub exit: u8,
}

/// Checks the configuration in `dir`; a warning counts as an error if `strict`.
pub fn check(dir: &Path, strict: bool) -> Checked {
    let loaded = load(dir);
    let mut report = String::new();
    for finding in &loaded.findings {
        // Writing to a string cannot fail.
        let _ = writeln!(report, "{finding}");
    }
    let warnings = loaded.findings.iter().filter(|finding| finding.severity == Severity::Warning).count();
    let errors = loaded.findings.len() - warnings;
    let found = match (errors, warnings) {
        (0, 0) => "no findings".to_owned(),
        (0, _) => counted(warnings, "warning"),
        (_, 0) => counted(errors, "error"),
        _ => format!("{}, {}", counted(errors, "error"), counted(warnings, "warning")),
    };
    let summary = format!(
        "{}, {}, {}: {found}",
        counted(loaded.objects, "object"),
        counted(loaded.estate.services.len(), "service"),
        counted(loaded.estate.slos.len(), "SLO"),
    );
    let exit = u8::from(loaded.has_errors() || (strict && warnings > 0));
    Checked { report, summary, exit }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
