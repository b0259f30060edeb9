//! `expect`: what a good answer must be like, beyond status and time.

use crate::config::duration;
use crate::config::finding::Report;
use crate::config::read::{Field, Fields};
use crate::config::tree::Value;
use crate::source::{
    BodyExpectation, Expect, HeaderExpectation, JsonExpectation, Pattern, ProbeRequest, TextMatch,
};

/// Expectations of one kind on one SLI.
const MAX_EACH: usize = 32;
const EXAMPLE: &str = "{body: {contains: \"ok\"}}";
const TEXT: &str = "{contains: \"ok\"}";
const JSON: &str = "{status: ok}";

/// Reads it; at least one expectation.
pub(super) fn read(field: &Field<'_>, report: &mut Report) -> Option<Expect> {
    let mut fields = field.fields(EXAMPLE, report)?;
    let headers = optional(fields.get("headers"), |field| headers(field, report));
    let body = optional(fields.get("body"), |field| {
        let texts = texts(field, TextMatch::Contains, report)?;
        Some(texts.into_iter().map(|text| BodyExpectation { text }).collect())
    });
    let json = optional(fields.get("json"), |field| json(field, report));
    let records = optional(fields.get("records"), |field| records(field, report));
    let expiry = fields.get("expiry").map(|field| duration::read(&field, "14d", report));
    fields.finish(report);
    let expiry = match expiry {
        Some(expiry) => Some(expiry?),
        None => None,
    };
    let expect = Expect { headers: headers?, body: body?, json: json?, records: records?, expiry };
    let most = expect.headers.len().max(expect.body.len()).max(expect.json.len()).max(expect.records.len());
    if expect.is_empty() || most > MAX_EACH {
        let message = format!(
            "`{}` must hold 1 to {MAX_EACH} expectations of a kind: write e.g. `{EXAMPLE}`",
            field.path
        );
        report.error(field.place(), message);
        return None;
    }
    Some(expect)
}

/// The first field that says nothing about what is asked.
pub(super) fn foreign(expect: &Expect, asked: &ProbeRequest) -> Option<&'static str> {
    let is_http = matches!(asked, ProbeRequest::Http(_));
    let is_head = matches!(asked, ProbeRequest::Http(http) if http.method == "HEAD");
    let takes_body = is_http && !is_head;
    [
        ("headers", !expect.headers.is_empty() && !is_http),
        ("body", !expect.body.is_empty() && !takes_body),
        ("json", !expect.json.is_empty() && !takes_body),
        ("records", !expect.records.is_empty() && !matches!(asked, ProbeRequest::Dns(_))),
        ("expiry", expect.expiry.is_some() && !matches!(asked, ProbeRequest::Tls(_))),
    ]
    .into_iter()
    .find_map(|(field, is_foreign)| is_foreign.then_some(field))
}

/// Nothing where nothing is declared; none if it is wrong.
fn optional<'a, T: Default>(
    field: Option<Field<'a>>,
    read: impl FnOnce(&Field<'a>) -> Option<T>,
) -> Option<T> {
    field.map_or_else(|| Some(T::default()), |field| read(&field))
}

fn headers(field: &Field<'_>, report: &mut Report) -> Option<Vec<HeaderExpectation>> {
    let mut found = Vec::new();
    for (key, field) in field.fields("{content-type: application/json}", report)?.all() {
        for value in texts(&field, TextMatch::Equals, report)? {
            found.push(HeaderExpectation { name: key.text.to_ascii_lowercase(), value });
        }
    }
    Some(found)
}

/// A text that is compared as `plain` says, or a mapping that says how.
fn texts(
    field: &Field<'_>,
    plain: impl FnOnce(String) -> TextMatch,
    report: &mut Report,
) -> Option<Vec<TextMatch>> {
    if !matches!(field.node.value, Value::Map(_)) {
        return Some(vec![plain(field.text("ok", report)?.to_owned())]);
    }
    let mut fields = field.fields(TEXT, report)?;
    let mut found = Vec::new();
    let mut simple =
        |name, compare: fn(String) -> TextMatch, fields: &mut Fields<'_>, report: &mut Report| {
            let text = fields.get(name).map(|field| field.text("ok", report).map(str::to_owned));
            match text {
                Some(None) => None,
                Some(Some(text)) => {
                    found.push(compare(text));
                    Some(())
                }
                None => Some(()),
            }
        };
    let equals = simple("equals", TextMatch::Equals, &mut fields, report);
    let contains = simple("contains", TextMatch::Contains, &mut fields, report);
    let lacks = simple("lacks", TextMatch::Lacks, &mut fields, report);
    let matches = fields.get("matches").map(|field| pattern(&field, report));
    fields.finish(report);
    if [equals, contains, lacks].contains(&None) {
        return None;
    }
    if let Some(pattern) = matches {
        found.push(TextMatch::Matches(pattern?));
    }
    Some(found)
}

fn pattern(field: &Field<'_>, report: &mut Report) -> Option<Pattern> {
    let text = field.text("^ok$", report)?;
    match Pattern::new(text) {
        Ok(pattern) => Some(pattern),
        Err(problem) => {
            field.wrong(text, &format!("is no regular expression ({problem}): write e.g. `^ok$`"), report);
            None
        }
    }
}

fn json(field: &Field<'_>, report: &mut Report) -> Option<Vec<JsonExpectation>> {
    let mut found = Vec::new();
    for (key, field) in field.fields(JSON, report)?.all() {
        let equals = match &field.node.value {
            Value::Null => "null".to_owned(),
            _ => field.text("ok", report)?.to_owned(),
        };
        found.push(JsonExpectation::new(&key.text, equals));
    }
    Some(found)
}

fn records(field: &Field<'_>, report: &mut Report) -> Option<Vec<String>> {
    let items = match &field.node.value {
        Value::List(_) => field.items("[192.0.2.1]", report)?,
        _ => vec![field.clone()],
    };
    items.iter().map(|item| item.text("192.0.2.1", report).map(str::to_owned)).collect()
}
