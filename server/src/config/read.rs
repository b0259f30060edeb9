//! Typed access to the tree: each question that fails leaves a finding which names the field and the fix.
//!
//! Invariant: the fields that a reader asks for are the fields that are known; whatever else stands there is a warning.

use super::finding::{Place, Report, quote};
use super::tree::{Key, Node, Value};

/// Characters of a display name, description, label or annotation.
const MAX_TEXT: usize = 2_000;

/// A field's value, the path to it and the place of its key.
#[derive(Debug, Clone)]
pub(super) struct Field<'a> {
    pub(super) node: &'a Node,
    /// Where a missing part is reported.
    pub(super) key: Place,
    /// Such as `spec.timeWindow[0].duration`.
    pub(super) path: String,
}

impl<'a> Field<'a> {
    /// A document as a field.
    pub(super) fn root(node: &'a Node) -> Self {
        Self { node, key: node.place, path: String::new() }
    }

    /// Where the value stands; nothing has no place of its own.
    pub(super) fn place(&self) -> Place {
        if matches!(self.node.value, Value::Null) { self.key } else { self.node.place }
    }

    /// The source text of a scalar. `example` is what may stand there, for the fix.
    pub(super) fn text(&self, example: &str, report: &mut Report) -> Option<&'a str> {
        match &self.node.value {
            Value::Text(text) if text.chars().nth(MAX_TEXT).is_some() => {
                report.error(
                    self.place(),
                    format!("`{}` is longer than {MAX_TEXT} characters: shorten it", self.path),
                );
                None
            }
            Value::Text(text) if text.trim().is_empty() => {
                report.error(self.place(), format!("`{}` is empty: write e.g. `{example}`", self.path));
                None
            }
            Value::Text(text) => Some(text.trim()),
            _ => {
                self.wrong_type("text", example, report);
                None
            }
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self, report: &mut Report) -> Option<bool> {
        match &self.node.value {
            Value::Text(text) if matches!(&**text, "true" | "True" | "TRUE") => Some(true),
            Value::Text(text) if matches!(&**text, "false" | "False" | "FALSE") => Some(false),
            Value::Text(text) => {
                let message = format!("`{}` is {}: write true or false", self.path, quote(text));
                report.error(self.place(), message);
                None
            }
            _ => {
                self.wrong_type("true or false", "true", report);
                None
            }
        }
    }

    /// One of a few words.
    pub(super) fn one_of<T: Copy>(&self, words: &[(&'static str, T)], report: &mut Report) -> Option<T> {
        let text = self.text(words.first().map_or("", |(word, _)| word), report)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let hint = report.did_you_mean(text, known.iter().copied());
            let message =
                format!("`{}` is {}: write one of `{}`{hint}", self.path, quote(text), known.join("`, `"));
            report.error(self.place(), message);
        }
        found.map(|(_, meant)| *meant)
    }

    /// The entries of a mapping.
    pub(super) fn fields(&self, example: &str, report: &mut Report) -> Option<Fields<'a>> {
        let Value::Map(entries) = &self.node.value else {
            self.wrong_type("a mapping", example, report);
            return None;
        };
        Some(Fields { path: self.path.clone(), place: self.key, entries, asked: Vec::new() })
    }

    /// The items of a list.
    pub(super) fn items(&self, example: &str, report: &mut Report) -> Option<Vec<Field<'a>>> {
        let Value::List(items) = &self.node.value else {
            self.wrong_type("a list", example, report);
            return None;
        };
        let item = |(index, node): (usize, &'a Node)| {
            let path = format!("{}[{index}]", self.path);
            Field { node, key: node.place, path }
        };
        Some(items.iter().enumerate().map(item).collect())
    }

    /// An error about the text that stands here: what is wrong with it, and what to write.
    pub(super) fn wrong(&self, text: &str, problem: &str, report: &mut Report) {
        report.error(self.place(), format!("`{}`: {} {problem}", self.path, quote(text)));
    }

    fn wrong_type(&self, wanted: &str, example: &str, report: &mut Report) {
        let found = match &self.node.value {
            Value::Null => "empty",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        };
        let name = if self.path.is_empty() { "the document".to_owned() } else { format!("`{}`", self.path) };
        report.error(self.place(), format!("{name} is {found} and must be {wanted}: write e.g. `{example}`"));
    }
}

/// The entries of a mapping, with a note of which were asked for.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    path: String,
    pub(super) place: Place,
    entries: &'a [(Key, Node)],
    asked: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// A field that may be missing; nothing counts as missing.
    pub(super) fn get(&mut self, name: &'static str) -> Option<Field<'a>> {
        self.present(name).filter(|field| !matches!(field.node.value, Value::Null))
    }

    /// A field that may be missing, or be there with nothing in it.
    pub(super) fn present(&mut self, name: &'static str) -> Option<Field<'a>> {
        if !self.asked.contains(&name) {
            self.asked.push(name);
        }
        let (key, node) = self.entries.iter().find(|(key, _)| &*key.text == name)?;
        Some(Field { node, key: key.place, path: self.below(name) })
    }

    /// A field that must be there. `example` is what to write.
    pub(super) fn need(
        &mut self,
        name: &'static str,
        example: &str,
        report: &mut Report,
    ) -> Option<Field<'a>> {
        if let Some(field) = self.present(name) {
            if matches!(field.node.value, Value::Null) {
                report.error(field.key, format!("`{}` is empty: write `{name}: {example}`", field.path));
                return None;
            }
            return Some(field);
        }
        let message = format!("`{}` is missing: add `{name}: {example}`", self.below(name));
        report.error(self.place, message);
        None
    }

    /// The fields of an object's `spec`, which must be there.
    pub(super) fn spec(&mut self, example: &str, report: &mut Report) -> Option<Fields<'a>> {
        self.need("spec", example, report)?.fields(example, report)
    }

    /// The text of a field that may be missing.
    pub(super) fn text(&mut self, name: &'static str, example: &str, report: &mut Report) -> Option<&'a str> {
        self.get(name)?.text(example, report)
    }

    /// An error for each of these that is there.
    pub(super) fn refuse(&mut self, names: &[&'static str], why_and_fix: &str, report: &mut Report) -> bool {
        let mut any = false;
        for name in names {
            if let Some(field) = self.present(name) {
                report.error(field.key, format!("`{}` {why_and_fix}", field.path));
                any = true;
            }
        }
        any
    }

    /// A warning for each of these that is there.
    pub(super) fn ignore(&mut self, names: &[&'static str], why_and_fix: &str, report: &mut Report) {
        for name in names {
            if let Some(field) = self.present(name) {
                report.warning(field.key, format!("`{}` {why_and_fix}", field.path));
            }
        }
    }

    /// An object that stands inside another may say what OpenSLO asks of a document; false, with a finding, if it says
    /// that it is of another kind.
    pub(super) fn inline(&mut self, kind: &str, report: &mut Report) -> bool {
        self.get("apiVersion");
        let Some(field) = self.get("kind") else { return true };
        let Some(found) = field.text(kind, report) else { return false };
        if found != kind {
            let why = format!(
                "cannot stand inside another object: write `{kind}`, or a document of its own and its name here"
            );
            field.wrong(found, &why, report);
        }
        found == kind
    }

    /// Every entry, for mappings whose keys are free.
    pub(super) fn all(&mut self) -> impl Iterator<Item = (&'a Key, Field<'a>)> {
        let path = self.path.clone();
        self.entries.iter().map(move |(key, node)| {
            (
                key,
                Field { node, key: key.place, path: format!("{path}.{}", quote(&key.text).replace('`', "")) },
            )
        })
    }

    /// Warns of entries that nobody asked for.
    pub(super) fn finish(self, report: &mut Report) {
        for (key, _) in self.entries.iter().filter(|(key, _)| !self.asked.contains(&&*key.text)) {
            let hint = report.did_you_mean(&key.text, self.asked.iter().copied());
            let hint =
                if hint.is_empty() { format!("; known here: {}", self.asked.join(", ")) } else { hint };
            let within = if self.path.is_empty() { String::new() } else { format!(" in `{}`", self.path) };
            report.warning(
                key.place,
                format!("the field {}{within} is unknown and ignored{hint}", quote(&key.text)),
            );
        }
    }

    /// The path of a field, there or not.
    pub(super) fn below(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}
