//! The request of an HTTP probe.

use hyper::header::{HeaderName, HeaderValue};
use url::Url;

use crate::config::finding::{Report, quote};
use crate::config::number;
use crate::config::read::{Field, Fields};
use crate::source::{HttpRequest, REDIRECTS_MAX};

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/// Headers of one request.
const MAX_HEADERS: usize = 32;
/// Headers that say how a message is framed, or are ours.
const RESERVED: [&str; 7] =
    ["connection", "content-length", "expect", "nines-scheduled", "te", "transfer-encoding", "upgrade"];
const HEADERS: &str = "{accept: application/json}";

/// Reads it from the fields of `http`, or of a short form's `probe`.
pub(super) fn http(fields: &mut Fields<'_>, report: &mut Report) -> Option<HttpRequest> {
    let url = fields
        .need("url", "\"https://shop.example/health\"", report)
        .and_then(|field| read_url(&field, report));
    let body = fields.get("body").map(|field| (field.text("{}", report).map(str::to_owned), field.place()));
    let method = match fields.get("method") {
        None if body.is_some() => Some("POST".to_owned()),
        None => Some("GET".to_owned()),
        Some(field) => method(&field, report),
    };
    let headers = match fields.get("headers") {
        None => Some(Vec::new()),
        Some(field) => headers(&field, report),
    };
    let redirects = match fields.get("redirects") {
        None => Some(0),
        Some(field) => number::read_whole(&field, "5", REDIRECTS_MAX.into(), report),
    };
    let body = match body {
        None => None,
        Some((Some(_), place))
            if method.as_ref().is_some_and(|method| matches!(method.as_str(), "GET" | "HEAD")) =>
        {
            let message = "a GET or HEAD has no body: write `method: POST`, or remove the body";
            report.error(place, message);
            return None;
        }
        Some((text, _)) => Some(text?),
    };
    let redirects = u8::try_from(redirects?).unwrap_or(REDIRECTS_MAX);
    Some(HttpRequest { url: url?, method: method?, headers: headers?, body, redirects, keep_body: false })
}

fn method(field: &Field<'_>, report: &mut Report) -> Option<String> {
    let text = field.text("GET", report)?;
    let method = text.to_ascii_uppercase();
    if !METHODS.contains(&method.as_str()) {
        let known = METHODS.join(", ");
        report.error(field.place(), format!("`{}` is {}: write one of {known}", field.path, quote(text)));
        return None;
    }
    Some(method)
}

fn headers(field: &Field<'_>, report: &mut Report) -> Option<Vec<(String, String)>> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for (key, field) in field.fields(HEADERS, report)?.all() {
        let name = key.text.to_ascii_lowercase();
        let fix = if HeaderName::try_from(name.as_str()).is_err() {
            Some("is no name of a header: use letters, digits and `-`".to_owned())
        } else if RESERVED.contains(&name.as_str()) {
            Some("is set by the probe itself: remove it".to_owned())
        } else if headers.iter().any(|(other, _)| *other == name) {
            Some("is given twice, in other cases: keep one".to_owned())
        } else if headers.len() >= MAX_HEADERS {
            Some(format!("is one header too many: write at most {MAX_HEADERS}"))
        } else {
            None
        };
        if let Some(fix) = fix {
            report.error(key.place, format!("the header {} {fix}", quote(&key.text)));
            return None;
        }
        let value = field.text("application/json", report)?;
        if HeaderValue::try_from(value).is_err() {
            // Not quoted, because it may be a secret.
            let message =
                format!("`{}` cannot be sent: write it on one line, without control characters", field.path);
            report.error(field.place(), message);
            return None;
        }
        headers.push((name, value.to_owned()));
    }
    Some(headers)
}

fn read_url(field: &Field<'_>, report: &mut Report) -> Option<Url> {
    let text = field.text("https://shop.example/health", report)?;
    let problem = match Url::parse(text) {
        Err(error) => format!("is no URL ({error}): write e.g. `https://shop.example/health`"),
        Ok(url) if !matches!(url.scheme(), "http" | "https") => {
            "begins neither with `http://` nor with `https://`: write e.g. `https://shop.example/health`"
                .to_owned()
        }
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            // The URL is shown on pages; its secrets must not be.
            report.error(
                field.place(),
                format!("`{}` holds credentials, and URLs are shown: remove them", field.path),
            );
            return None;
        }
        Ok(url) => return Some(url),
    };
    field.wrong(text, &problem, report);
    None
}
