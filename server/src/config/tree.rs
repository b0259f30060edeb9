//! YAML as a tree in which every node and key knows its place.
//!
//! Built from the parser's events and not by its loader, for four reasons: a scalar keeps its source text (a target is
//! read from its digits, never from an `f64`), a key keeps its place, a syntax error costs one document and not the
//! file, and neither nesting nor aliases can exhaust the stack or the memory.

mod builder;

use std::rc::Rc;

use saphyr_parser::ScanError;

use super::finding::{Place, Report};
use builder::{Builder, Stopped};

/// A node of the tree.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// What a node holds.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// A scalar's text, whatever type YAML would guess.
    Text(Rc<str>),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in the order of the file; keys are unique.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) text: Rc<str>,
    pub(super) place: Place,
}

/// Lists and mappings inside each other; the language needs nine.
const MAX_DEPTH: usize = 32;
/// Nodes in one file, those that aliases repeat counted each time.
const MAX_NODES: usize = 200_000;

/// Syntax errors in one file; what stands behind so many is not read.
const MAX_SYNTAX_ERRORS: usize = 100;

/// The documents of a file; those with a syntax error are left out, with a finding.
pub(super) fn documents(file: usize, text: &str, report: &mut Report) -> Vec<Node> {
    let mut documents = Vec::new();
    let (mut rest, mut skipped) = (text, 0);
    let mut nodes_left = MAX_NODES;
    for _ in 0..MAX_SYNTAX_ERRORS {
        let mut builder = Builder::new(file, skipped, nodes_left);
        let stopped = builder.run(rest, &mut documents, report);
        nodes_left = builder.nodes_left;
        match stopped {
            None => return documents,
            Some(Stopped::Limit(place, message)) => {
                report.error(place, message);
                return documents;
            }
            Some(Stopped::Syntax(error)) => {
                report.error(builder.place_in(rest, *error.marker()), syntax(&error, rest));
                let Some((line, next)) = next_document(rest, error.marker().line()) else { return documents };
                skipped += line;
                rest = next;
            }
        }
    }
    documents
}

/// The text from the first document marker at or below `line` (from 1), and how many lines stand before it.
///
/// `---` in the first column is a marker wherever it stands, inside quotes and block scalars too.
fn next_document(text: &str, line: usize) -> Option<(usize, &str)> {
    let mut offset = 0;
    for (index, content) in text.split_inclusive('\n').enumerate() {
        let is_marker =
            content.strip_prefix("---").is_some_and(|rest| rest.trim_start() != rest || rest.is_empty());
        if index > 0 && index + 1 >= line && is_marker {
            return text.get(offset..).map(|rest| (index, rest));
        }
        offset += content.len();
    }
    None
}

fn syntax(error: &ScanError, text: &str) -> String {
    // The scanner reads ahead, so that it may meet its own limit before ours.
    if error.info() == "recursion limit exceeded" {
        return too_deep_message();
    }
    let line = error.marker().line().saturating_sub(1);
    let mut lines = text.lines().skip(line.saturating_sub(1)).take(2);
    let tabbed = lines.any(|line| line.trim_start_matches(' ').starts_with('\t'));
    let fix = if tabbed {
        "indent with spaces, not with tabs"
    } else {
        "check indentation, quotes and brackets on this line and above it"
    };
    format!("this is not YAML ({}): {fix}", error.info())
}

fn too_deep_message() -> String {
    format!("more than {MAX_DEPTH} levels stand inside each other: no object needs that many")
}
