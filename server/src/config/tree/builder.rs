//! Builds documents from the parser's events, within bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError};

use super::{Key, MAX_DEPTH, MAX_NODES, Node, Value, too_deep_message};
use crate::config::finding::{Place, Report, quote};

/// Why a file was not read to its end.
pub(super) enum Stopped {
    Syntax(ScanError),
    Limit(Place, String),
}

/// What is known part-way through a text.
pub(super) struct Builder {
    file: usize,
    /// Lines of the file before the text that is being parsed.
    skipped: usize,
    pub(super) nodes_left: usize,
    open: Vec<Open>,
    root: Option<Node>,
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
    pub(super) fn new(file: usize, skipped: usize, nodes_left: usize) -> Self {
        Self { file, skipped, nodes_left, open: Vec::new(), root: None, anchors: BTreeMap::new() }
    }

    fn place(&self, marker: Marker) -> Place {
        let line = u32::try_from(self.skipped.saturating_add(marker.line()).max(1)).unwrap_or(u32::MAX);
        let column = u32::try_from(marker.col().saturating_add(1)).unwrap_or(u32::MAX);
        Place { file: self.file, line, column }
    }

    /// The place of an error; one at the end of the text stands behind the last line that an editor shows.
    pub(super) fn place_in(&self, text: &str, marker: Marker) -> Place {
        let mut place = self.place(marker);
        let lines = text.lines().take(marker.line()).count();
        if marker.line() > lines {
            place.line = u32::try_from(self.skipped + lines.max(1)).unwrap_or(u32::MAX);
            let columns = text.lines().last().map_or(0, |line| line.chars().count());
            place.column = u32::try_from(columns + 1).unwrap_or(u32::MAX);
        }
        place
    }

    /// Adds the documents of `text`; none if it was read to its end.
    pub(super) fn run(
        &mut self,
        text: &str,
        documents: &mut Vec<Node>,
        report: &mut Report,
    ) -> Option<Stopped> {
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
                    self.close(Node { place, value }, anchor, shape, report)
                }
                Event::Alias(anchor) => {
                    let Some(Anchor { value, shape }) = self.anchors.get(&anchor) else {
                        return Some(Stopped::Limit(
                            place,
                            "this alias names nothing before it: write it out".into(),
                        ));
                    };
                    let (value, shape) = (value.clone(), Shape { cost: shape.size, ..*shape });
                    self.close(Node { place, value }, 0, shape, report)
                }
                Event::SequenceStart(anchor, _) => self.begin(place, anchor, Kind::List(Vec::new())),
                Event::MappingStart(anchor, _) => {
                    let kind = Kind::Map { entries: Vec::new(), keys: BTreeSet::new(), key: None };
                    self.begin(place, anchor, kind)
                }
                Event::SequenceEnd | Event::MappingEnd => self.end(report),
                Event::DocumentEnd => {
                    // Not before: an error may still come in the same document.
                    documents.extend(self.root.take());
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

    fn end(&mut self, report: &mut Report) -> Result<(), Stopped> {
        let Some(Open { place, anchor, kind, height, size }) = self.open.pop() else { return Ok(()) };
        let value = match kind {
            Kind::List(items) => Value::List(items),
            Kind::Map { entries, .. } => Value::Map(entries),
        };
        self.close(Node { place, value }, anchor, Shape { height, size, cost: 1 }, report)
    }

    /// Puts a finished node where it belongs.
    fn close(&mut self, node: Node, anchor: usize, shape: Shape, report: &mut Report) -> Result<(), Stopped> {
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
            self.root = Some(node);
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
