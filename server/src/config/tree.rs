//! YAML as a tree in which every node and key knows its place.
//!
//! Built from the parser's events and not by its loader, for four reasons: a scalar keeps its source text (a target is
//! read from its digits, never from an `f64`), a key keeps its place, a syntax error costs one document and not the
//! file, and neither nesting nor aliases can exhaust the stack or the memory.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError};

use super::finding::{Place, Report, quote};

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

/// The documents of a file; those with a syntax error are left out, with a finding.
pub(super) fn documents(file: usize, text: &str, report: &mut Report) -> Vec<Node> {
    let mut documents = Vec::new();
    let (mut rest, mut skipped) = (text, 0);
    let mut nodes_left = MAX_NODES;
    // Ends: each round but the last begins at a later line than the one before.
    loop {
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

enum Stopped {
    Syntax(ScanError),
    Limit(Place, String),
}

struct Builder {
    file: usize,
    /// Lines of the file before the text that is being parsed.
    skipped: usize,
    nodes_left: usize,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Anchor>,
}

/// A list or mapping whose end has not come yet.
struct Open {
    place: Place,
    anchor: usize,
    kind: Kind,
    /// Levels below it, and nodes in it.
    height: usize,
    size: usize,
}

enum Kind {
    List(Vec<Node>),
    Map { entries: Vec<(Key, Node)>, keys: BTreeSet<Rc<str>>, key: Option<Pending> },
}

/// A key that waits for its value; none if the entry is to be dropped.
struct Pending(Option<Key>);

/// A finished node that has a name.
struct Anchor {
    value: Value,
    shape: Shape,
}

/// How much a node holds.
#[derive(Clone, Copy)]
struct Shape {
    /// Levels below it.
    height: usize,
    /// Nodes in it, itself counted.
    size: usize,
    /// Nodes it adds to the file: what is in a list or mapping was counted when it came.
    cost: usize,
}

impl Builder {
    fn new(file: usize, skipped: usize, nodes_left: usize) -> Self {
        Self { file, skipped, nodes_left, open: Vec::new(), anchors: BTreeMap::new() }
    }

    fn place(&self, marker: Marker) -> Place {
        let line = u32::try_from(self.skipped.saturating_add(marker.line()).max(1)).unwrap_or(u32::MAX);
        let column = u32::try_from(marker.col().saturating_add(1)).unwrap_or(u32::MAX);
        Place { file: self.file, line, column }
    }

    /// The place of an error; one at the end of the text stands behind the last line that an editor shows.
    fn place_in(&self, text: &str, marker: Marker) -> Place {
        let mut place = self.place(marker);
        let lines = text.lines().count();
        if marker.line() > lines {
            place.line = u32::try_from(self.skipped + lines.max(1)).unwrap_or(u32::MAX);
            let columns = text.lines().last().map_or(0, |line| line.chars().count());
            place.column = u32::try_from(columns + 1).unwrap_or(u32::MAX);
        }
        place
    }

    fn run(&mut self, text: &str, documents: &mut Vec<Node>, report: &mut Report) -> Option<Stopped> {
        // Ends with the text: the parser gives at most a few events per character.
        for event in Parser::new_from_str(text) {
            let (event, span) = match event {
                Ok(event) => event,
                Err(error) => return Some(Stopped::Syntax(error)),
            };
            let place = self.place(span.start);
            let done = match event {
                Event::Scalar(text, style, anchor, _) => {
                    let value = match text.as_ref() {
                        "" | "~" | "null" | "Null" | "NULL" if style == ScalarStyle::Plain => Value::Null,
                        text => Value::Text(text.into()),
                    };
                    let shape = Shape { height: 0, size: 1, cost: 1 };
                    self.close(Node { place, value }, anchor, shape, documents, report)
                }
                Event::Alias(anchor) => {
                    let Some(Anchor { value, shape }) = self.anchors.get(&anchor) else {
                        return Some(Stopped::Limit(
                            place,
                            "this alias names nothing before it: write it out".into(),
                        ));
                    };
                    let (value, shape) = (value.clone(), Shape { cost: shape.size, ..*shape });
                    self.close(Node { place, value }, 0, shape, documents, report)
                }
                Event::SequenceStart(anchor, _) => self.begin(place, anchor, Kind::List(Vec::new())),
                Event::MappingStart(anchor, _) => {
                    let kind = Kind::Map { entries: Vec::new(), keys: BTreeSet::new(), key: None };
                    self.begin(place, anchor, kind)
                }
                Event::SequenceEnd | Event::MappingEnd => self.end(documents, report),
                Event::DocumentEnd => {
                    self.anchors.clear();
                    Ok(())
                }
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => Ok(()),
            };
            if let Err(stopped) = done {
                return Some(stopped);
            }
        }
        None
    }

    fn begin(&mut self, place: Place, anchor: usize, kind: Kind) -> Result<(), Stopped> {
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(place));
        }
        self.open.push(Open { place, anchor, kind, height: 1, size: 1 });
        Ok(())
    }

    fn end(&mut self, documents: &mut Vec<Node>, report: &mut Report) -> Result<(), Stopped> {
        let Some(Open { place, anchor, kind, height, size }) = self.open.pop() else { return Ok(()) };
        let value = match kind {
            Kind::List(items) => Value::List(items),
            Kind::Map { entries, .. } => Value::Map(entries),
        };
        self.close(Node { place, value }, anchor, Shape { height, size, cost: 1 }, documents, report)
    }

    /// Puts a finished node where it belongs.
    fn close(
        &mut self,
        node: Node,
        anchor: usize,
        shape: Shape,
        documents: &mut Vec<Node>,
        report: &mut Report,
    ) -> Result<(), Stopped> {
        let (place, Shape { height, size, cost }) = (node.place, shape);
        if self.open.len() + height > MAX_DEPTH {
            return Err(too_deep(place));
        }
        // The copy under an anchor is paid for too.
        let cost = cost.saturating_add(if anchor > 0 { size } else { 0 });
        self.nodes_left = self.nodes_left.checked_sub(cost).ok_or_else(|| {
            Stopped::Limit(
                place,
                format!("the file has more than {MAX_NODES} values, aliases counted: split it"),
            )
        })?;
        if anchor > 0 {
            self.anchors.insert(anchor, Anchor { value: node.value.clone(), shape });
        }
        let Some(parent) = self.open.last_mut() else {
            documents.push(node);
            return Ok(());
        };
        parent.height = parent.height.max(height + 1);
        parent.size = parent.size.saturating_add(size);
        match &mut parent.kind {
            Kind::List(items) => items.push(node),
            Kind::Map { entries, keys, key } => match key.take() {
                Some(Pending(Some(key))) => entries.push((key, node)),
                Some(Pending(None)) => {}
                None => *key = Some(Pending(key_of(node, keys, report))),
            },
        }
        Ok(())
    }
}

/// The key that a node stands for; none, with a finding, if it cannot be one.
fn key_of(node: Node, keys: &mut BTreeSet<Rc<str>>, report: &mut Report) -> Option<Key> {
    let place = node.place;
    let Value::Text(text) = node.value else {
        report.error(place, "a key must be plain text: write `key: value`");
        return None;
    };
    if &*text == "<<" {
        report.error(place, "merge keys (`<<`) are not part of YAML 1.2: write the fields out");
        return None;
    }
    if !keys.insert(Rc::clone(&text)) {
        report.error(place, format!("the key {} stands here twice: keep one", quote(&text)));
        return None;
    }
    Some(Key { text, place })
}

fn too_deep(place: Place) -> Stopped {
    Stopped::Limit(place, too_deep_message())
}

fn too_deep_message() -> String {
    format!("more than {MAX_DEPTH} levels stand inside each other: no object needs that many")
}
