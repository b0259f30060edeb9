//! `metadata`: name, display name, labels and annotations, the same for every kind.

use super::annotations::{self, Annotations, Bearer};
use super::finding::{Place, Report, quote};
use super::read::{Field, Fields};
use super::tree::Value;

/// Longest name: that of a DNS label.
const MAX_NAME: usize = 63;
/// Labels or annotations on one object.
const MAX_LABELS: usize = 64;

/// A name and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) place: Place,
}

/// What `metadata` says.
#[derive(Debug, Clone)]
pub(super) struct Metadata {
    pub(super) name: Named,
    pub(super) display_name: Option<String>,
    /// In the order of the file; the values of a list are joined by `, `.
    pub(super) labels: Vec<(String, String)>,
    pub(super) annotations: Annotations,
    /// Whether all of it can be used.
    pub(super) sound: bool,
}

impl Metadata {
    /// The display name, else the name.
    pub(super) fn display_name(&self) -> String {
        self.display_name.clone().unwrap_or_else(|| self.name.name.clone())
    }
}

/// Reads `metadata`. `fallback` names an object that stands inside another; without one and without a name, the name
/// is empty and the rest is read for its findings.
pub(super) fn read(
    object: &mut Fields<'_>,
    bearer: Bearer,
    fallback: Option<&Named>,
    report: &mut Report,
) -> Metadata {
    let field = match fallback {
        Some(_) => object.get("metadata"),
        None => object.need("metadata", "{name: my-name}", report),
    };
    let nameless = || Metadata { sound: false, ..bare(Named { name: String::new(), place: object.place }) };
    let Some(field) = field else { return fallback.cloned().map_or_else(nameless, bare) };
    let Some(mut fields) = field.fields("{name: my-name}", report) else { return nameless() };
    let name = match fallback {
        Some(_) => fields.get("name"),
        None => fields.need("name", "my-name", report),
    };
    let mut metadata = match (name, fallback) {
        (Some(name), _) => match read_name(&name, report) {
            Some((name, sound)) => Metadata { sound, ..bare(name) },
            None => nameless(),
        },
        (None, Some(fallback)) => bare(fallback.clone()),
        (None, None) => nameless(),
    };
    metadata.display_name = fields.text("displayName", "My name", report).map(str::to_owned);
    if let Some(labels) = fields.get("labels") {
        metadata.labels = read_labels(&labels, report).unwrap_or_default();
    }
    if let Some(annotations) = fields.get("annotations") {
        let (annotations, sound) = annotations::read(&annotations, bearer, report);
        metadata.annotations = annotations;
        metadata.sound &= sound;
    }
    fields.finish(report);
    metadata
}

fn bare(name: Named) -> Metadata {
    Metadata {
        name,
        display_name: None,
        labels: Vec::new(),
        annotations: Annotations::default(),
        sound: true,
    }
}

/// A name and whether it is one; a wrong one is kept, so that what refers to it is not wrong too.
fn read_name(field: &Field<'_>, report: &mut Report) -> Option<(Named, bool)> {
    let text = field.text("my-name", report)?;
    let place = field.place();
    let named = Named { name: text.to_owned(), place };
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if text.len() > MAX_NAME || !text.chars().all(allowed) || text.chars().all(|c| c == '.') {
        let fixed: String =
            text.chars().map(|c| if allowed(c) { c.to_ascii_lowercase() } else { '-' }).collect();
        let fixed: String = fixed.trim_matches(['-', '.']).chars().take(MAX_NAME).collect();
        let fixed = if fixed.is_empty() { "my-name".to_owned() } else { fixed };
        let message = format!(
            "{} is no name: use 1 to {MAX_NAME} of letters, digits, `-`, `_` and `.`, such as `{fixed}`",
            quote(text)
        );
        report.error(place, message);
        return Some((named, false));
    }
    if text.chars().any(|c| c.is_ascii_uppercase()) {
        let lower = text.to_ascii_lowercase();
        let message = format!("the name {} has upper case, and case counts: prefer `{lower}`", quote(text));
        report.warning(place, message);
    }
    Some((named, true))
}

fn read_labels(field: &Field<'_>, report: &mut Report) -> Option<Vec<(String, String)>> {
    if matches!(field.node.value, Value::List(_)) {
        return listed_labels(field, report);
    }
    let mut fields = field.fields("{owner: team-a}", report)?;
    let mut labels = Vec::new();
    for (key, value) in fields.all() {
        if labels.len() >= MAX_LABELS {
            report
                .error(key.place, format!("`{}` has more than {MAX_LABELS} labels: remove some", field.path));
            break;
        }
        if let Some(text) = label(&value, report) {
            labels.push((key.text.to_string(), text));
        }
    }
    Some(labels)
}

/// Labels as a list of `key=value`, of `key: value` or of bare words, which OpenSLO does not have but files do.
fn listed_labels(field: &Field<'_>, report: &mut Report) -> Option<Vec<(String, String)>> {
    let items = field.items("[a, b]", report)?;
    if items.len() > MAX_LABELS {
        report
            .error(field.place(), format!("`{}` has more than {MAX_LABELS} labels: remove some", field.path));
        return None;
    }
    let message =
        format!("`{}` is a list, whose words are taken for keys: write `{{owner: team-a}}`", field.path);
    report.warning(field.place(), message);
    let mut labels = Vec::new();
    for item in items {
        if matches!(item.node.value, Value::Map(_)) {
            labels.extend(read_labels(&item, report).unwrap_or_default());
        } else if let Some(text) = item.text("owner=team-a", report) {
            let (key, value) = text.split_once('=').unwrap_or((text, "true"));
            labels.push((key.trim().to_owned(), value.trim().to_owned()));
        }
    }
    Some(labels)
}

/// One text, or a list of texts joined.
fn label(value: &Field<'_>, report: &mut Report) -> Option<String> {
    if !matches!(value.node.value, Value::List(_)) {
        return value.text("text", report).map(str::to_owned);
    }
    let items = value.items("[a, b]", report)?;
    if items.len() > MAX_LABELS {
        report
            .error(value.place(), format!("`{}` has more than {MAX_LABELS} values: remove some", value.path));
        return None;
    }
    let texts: Vec<&str> = items.iter().filter_map(|item| item.text("text", report)).collect();
    Some(texts.join(", "))
}

/// A reference to another object by name.
pub(super) fn reference(field: &Field<'_>, report: &mut Report) -> Option<Named> {
    let name = field.text("my-name", report)?.to_owned();
    Some(Named { name, place: field.place() })
}
