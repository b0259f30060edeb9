//! What an SLI expects of an answer beyond its status and its time.
//!
//! Invariant: the text of an expectation, [`std::fmt::Display`], is what the configuration says, in one form.

use std::fmt;
use std::time::Duration;

use regex::{Regex, RegexBuilder};
use serde_json::Value;

/// Bytes that a compiled pattern may take: patterns come from people, and there may be thousands.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// Everything that is expected; nothing by default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Expect {
    /// Headers of an HTTP answer.
    pub headers: Vec<HeaderExpectation>,
    /// The body of an HTTP answer.
    pub body: Vec<BodyExpectation>,
    /// Values in a JSON body.
    pub json: Vec<JsonExpectation>,
    /// Records that a DNS answer must hold, as text.
    pub records: Vec<String>,
    /// How long the certificates of a TLS answer must still be valid.
    pub expiry: Option<Duration>,
}

/// One header: at least one of its values must match.
#[derive(Debug, Clone, PartialEq)]
pub struct HeaderExpectation {
    /// In lower case.
    pub name: String,
    /// What its value is like.
    pub value: TextMatch,
}

/// Something about the body.
#[derive(Debug, Clone, PartialEq)]
pub struct BodyExpectation {
    /// What the body is like.
    pub text: TextMatch,
}

/// A value in a JSON body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonExpectation {
    /// As declared: `checks[0].ok` or a JSON pointer.
    pub path: String,
    /// The same as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// The text of the value: of a string its content, of all else its JSON.
    pub equals: String,
}

/// How a text is compared.
#[derive(Debug, Clone, PartialEq)]
pub enum TextMatch {
    /// It is this.
    Equals(String),
    /// This is a part of it.
    Contains(String),
    /// This is no part of it.
    Lacks(String),
    /// The pattern is found in it.
    Matches(Pattern),
}

/// A regular expression whose search takes linear time.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// Compiles it; else what is wrong with it, in one line.
    pub fn new(text: &str) -> Result<Self, String> {
        let built = RegexBuilder::new(text).size_limit(PATTERN_BYTES_MAX).build();
        built.map(Self).map_err(|error| {
            let text = error.to_string();
            text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
        })
    }

    /// Its first match in a text: of the first group if there is one, else of the whole.
    pub fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        let captures = self.0.captures(text)?;
        captures.get(1).or_else(|| captures.get(0)).map(|found| found.as_str())
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl TextMatch {
    /// Whether a text is as expected.
    pub fn holds(&self, text: &str) -> bool {
        match self {
            Self::Equals(wanted) => text == wanted,
            Self::Contains(wanted) => text.contains(wanted.as_str()),
            Self::Lacks(unwanted) => !text.contains(unwanted.as_str()),
            Self::Matches(pattern) => pattern.0.is_match(text),
        }
    }
}

impl JsonExpectation {
    /// Reads a path: a JSON pointer as it is, else names divided by dots, with indices in brackets.
    pub fn new(path: &str, equals: String) -> Self {
        Self { path: path.to_owned(), pointer: pointer(path), equals }
    }

    /// Whether the value at the path is the one expected.
    pub fn holds(&self, document: &Value) -> bool {
        document.pointer(&self.pointer).is_some_and(|value| text_of(value) == self.equals)
    }
}

/// A path as a JSON pointer.
pub(crate) fn pointer(path: &str) -> String {
    if path.is_empty() || path.starts_with('/') {
        return path.to_owned();
    }
    let mut pointer = String::new();
    for part in path.split(['.', '[']) {
        let part = part.trim_end_matches(']');
        if !part.is_empty() {
            pointer.push('/');
            pointer.push_str(&part.replace('~', "~0"));
        }
    }
    pointer
}

/// Of a string its content, of all else its JSON.
pub(crate) fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Expect {
    /// Whether nothing is expected.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it takes the body to tell.
    pub fn needs_body(&self) -> bool {
        !self.body.is_empty() || !self.json.is_empty()
    }
}

impl fmt::Display for TextMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(text) => write!(f, "is {text:?}"),
            Self::Contains(text) => write!(f, "contains {text:?}"),
            Self::Lacks(text) => write!(f, "lacks {text:?}"),
            Self::Matches(Pattern(pattern)) => write!(f, "matches /{pattern}/"),
        }
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers =
            self.headers.iter().map(|HeaderExpectation { name, value }| format!("header {name} {value}"));
        let body = self.body.iter().map(|body| format!("body {}", body.text));
        let json = self.json.iter().map(|json| format!("JSON {} is {:?}", json.path, json.equals));
        let records = self.records.iter().map(|record| format!("record {record:?}"));
        let expiry =
            self.expiry.map(|ahead| format!("valid for {} more days", ahead.as_secs().div_ceil(86_400)));
        let all: Vec<String> = headers.chain(body).chain(json).chain(records).chain(expiry).collect();
        f.write_str(&all.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_reach_into_objects_and_lists() {
        let document = serde_json::json!({"status": "ok", "checks": [{"ok": true, "a.b": 1.5, "n": null}]});
        for (path, equals) in [
            ("status", "ok"),
            ("/status", "ok"),
            ("checks[0].ok", "true"),
            ("checks.0.n", "null"),
            ("/checks/0/a.b", "1.5"),
        ] {
            assert!(JsonExpectation::new(path, equals.to_owned()).holds(&document), "{path}");
            assert!(!JsonExpectation::new(path, "other".to_owned()).holds(&document), "{path}");
        }
        assert!(!JsonExpectation::new("checks[1].ok", "true".to_owned()).holds(&document));
    }

    #[test]
    fn a_text_is_compared_in_four_ways() {
        let matches = TextMatch::Matches(Pattern::new("^h.*o$").unwrap());
        assert!(matches.holds("hello") && !matches.holds("hell"));
        assert!(TextMatch::Equals("a".into()).holds("a") && !TextMatch::Equals("a".into()).holds("ab"));
        assert!(TextMatch::Contains("a".into()).holds("ba") && !TextMatch::Lacks("a".into()).holds("ba"));
        assert_eq!(Pattern::new("token=(\\w+)").unwrap().find("x token=abc y"), Some("abc"));
        assert!(Pattern::new("(").unwrap_err().contains("unclosed group"));
        assert!(Pattern::new("(a{1000}){1000}").is_err());
    }
}
