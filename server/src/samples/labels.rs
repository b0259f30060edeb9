//! The labels of a series: what the specifications ask of them, and one form to compare them in.
//!
//! Invariant: two series have the same key exactly if they have the same labels.

use super::Label;

/// Labels of one series.
pub(super) const LABELS_MAX: usize = 30;
/// Bytes of a label's name.
pub(super) const NAME_BYTES_MAX: usize = 1_024;
/// Bytes of a label's value.
pub(super) const VALUE_BYTES_MAX: usize = 2_048;
/// The label that holds the metric's name.
const METRIC: &str = "__name__";
/// Letters of a sender's text that an answer repeats.
const SHOWN_CHARACTERS: usize = 80;

/// What is wrong with the labels of a series. The text is for the sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelFault {
    /// There are too many.
    #[error("{0} labels, more than {LABELS_MAX}")]
    TooMany(usize),
    /// One has no name.
    #[error("a label has no name")]
    NoName,
    /// A name is too long.
    #[error("a label's name has {1} bytes, more than {NAME_BYTES_MAX}: `{0}…`")]
    LongName(String, usize),
    /// A value is too long.
    #[error("the label `{0}` has {1} bytes, more than {VALUE_BYTES_MAX}")]
    LongValue(String, usize),
    /// A value is empty, which is the same as no such label.
    #[error("the label `{0}` is empty")]
    NoValue(String),
    /// A name comes twice.
    #[error("the label `{0}` is there twice")]
    Twice(String),
    /// They are not in the order of their names.
    #[error("the labels are not sorted: `{0}` comes after a later name")]
    Unsorted(String),
    /// There is no metric name.
    #[error("there is no metric name (label `{METRIC}`)")]
    NoMetric,
    /// The sender's own structure does not say what they are.
    #[error("{0}")]
    Unreadable(&'static str),
}

/// The metric's name, and in `key` the labels in the form to compare them in; what is wrong, otherwise.
#[inline]
pub(super) fn key_of<'a>(labels: &[Label<'a>], key: &mut Vec<u8>) -> Result<&'a str, LabelFault> {
    key.clear();
    if labels.len() > LABELS_MAX {
        return Err(LabelFault::TooMany(labels.len()));
    }
    let mut metric = None;
    let mut before = "";
    for (name, value) in labels {
        if name.is_empty() {
            return Err(LabelFault::NoName);
        }
        if *name <= before {
            return Err(disorder(labels, name));
        }
        before = name;
        if value.is_empty() {
            return Err(LabelFault::NoValue(shown(name)));
        }
        push(key, name, NAME_BYTES_MAX).map_err(|length| LabelFault::LongName(shown(name), length))?;
        push(key, value, VALUE_BYTES_MAX).map_err(|length| LabelFault::LongValue(shown(name), length))?;
        if *name == METRIC {
            metric = Some(*value);
        }
    }
    metric.ok_or(LabelFault::NoMetric)
}

/// The labels that a key was made of; none if it was made elsewhere.
pub(super) fn of_key(mut key: &[u8]) -> Option<Vec<Label<'_>>> {
    let mut labels = Vec::new();
    while !key.is_empty() {
        let name = pop(&mut key)?;
        labels.push((name, pop(&mut key)?));
    }
    Some(labels)
}

/// The value of a label; the empty string if it is not there.
pub(super) fn value<'a>(labels: &[Label<'a>], name: &str) -> &'a str {
    labels.iter().find(|label| label.0 == name).map_or("", |label| label.1)
}

/// The metric's name; the empty string without one.
pub(super) fn metric<'a>(labels: &[Label<'a>]) -> &'a str {
    value(labels, METRIC)
}

fn push(key: &mut Vec<u8>, text: &str, longest: usize) -> Result<(), usize> {
    let length = u16::try_from(text.len()).ok().filter(|_| text.len() <= longest).ok_or(text.len())?;
    key.extend_from_slice(&length.to_le_bytes());
    key.extend_from_slice(text.as_bytes());
    Ok(())
}

fn pop<'a>(key: &mut &'a [u8]) -> Option<&'a str> {
    let (length, rest) = key.split_first_chunk::<2>()?;
    let (text, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    *key = rest;
    std::str::from_utf8(text).ok()
}

/// Why a name does not come after the one before it.
fn disorder(labels: &[Label<'_>], name: &str) -> LabelFault {
    let times = labels.iter().filter(|label| label.0 == name).count();
    if times > 1 { LabelFault::Twice(shown(name)) } else { LabelFault::Unsorted(shown(name)) }
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_rule_of_labels_is_told_by_name() {
        let fault = |labels: &[Label<'_>]| key_of(labels, &mut Vec::new()).unwrap_err().to_string();
        let metric = ("__name__", "m");
        assert_eq!(fault(&[]), "there is no metric name (label `__name__`)");
        assert_eq!(fault(&[metric, ("", "x")]), "a label has no name");
        assert_eq!(fault(&[metric, ("a", "")]), "the label `a` is empty");
        assert_eq!(fault(&[metric, ("a", "1"), ("a", "2")]), "the label `a` is there twice");
        assert_eq!(
            fault(&[metric, ("b", "1"), ("a", "2")]),
            "the labels are not sorted: `a` comes after a later name"
        );
        assert_eq!(
            fault(&[("a", "1"), metric]),
            "the labels are not sorted: `__name__` comes after a later name"
        );
        assert!(fault(&[metric, (&"n".repeat(1_025), "1")]).contains("1025 bytes, more than 1024"));
        assert!(fault(&[metric, ("n", &"v".repeat(2_049))]).contains("`n` has 2049 bytes, more than 2048"));
        assert_eq!(fault(&[metric; 31]), "31 labels, more than 30");
    }

    proptest! {
        #[test]
        fn a_key_is_its_labels_and_no_others(
            a in prop::collection::btree_map("[a-c]{1,3}", "[a-c\u{e4}]{1,3}", 0..5),
            b in prop::collection::btree_map("[a-c]{1,3}", "[a-c\u{e4}]{1,3}", 0..5),
        ) {
            let labels = |map: &std::collections::BTreeMap<String, String>| {
                let pairs = map.iter().map(|(name, value)| (name.clone(), value.clone()));
                std::iter::once(("__name__".to_owned(), "m".to_owned())).chain(pairs).collect::<Vec<_>>()
            };
            let key = |labels: &[(String, String)]| {
                let labels: Vec<Label<'_>> = labels.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                let mut key = Vec::new();
                assert_eq!(key_of(&labels, &mut key), Ok("m"));
                assert_eq!(of_key(&key), Some(labels));
                key
            };
            prop_assert_eq!(key(&labels(&a)) == key(&labels(&b)), a == b);
        }
    }
}
