//! Where a redirect leads, and what goes along.
//!
//! Invariant: declared headers and bodies never cross from one origin (scheme, host and port) to another.

use hyper::HeaderMap;
use hyper::header::LOCATION;

use crate::collect::probe::FailureReason;
use crate::source::HttpRequest;

/// The request that follows from an answer to `request`; none if the answer is no redirect. Else why it is not followed.
pub(super) fn next(
    request: &HttpRequest,
    status: u16,
    headers: &HeaderMap,
) -> Result<Option<HttpRequest>, FailureReason> {
    let refused = |why: &str| Err(FailureReason::Redirect(why.to_owned()));
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = headers.get(LOCATION) else { return Ok(None) };
    let joined = location.to_str().ok().and_then(|text| request.url.join(text).ok());
    let Some(mut url) = joined else { return refused("to what is no URL") };
    match (request.url.scheme(), url.scheme()) {
        ("https", "http") => return refused("from https to http"),
        (_, "http" | "https") => {}
        _ => return refused("to another scheme than http and https"),
    }
    // Credentials that a target puts into a URL are its own, but no probe was told to send them.
    if !url.username().is_empty() || url.password().is_some() {
        return refused("to a URL with credentials");
    }
    url.set_fragment(None);
    let same_origin = url.origin() == request.url.origin();
    let is_plain = matches!(request.method.as_str(), "GET" | "HEAD");
    let mut next = HttpRequest { url, ..request.clone() };
    if !same_origin {
        next.headers.clear();
    }
    if matches!(status, 301..=303) && !is_plain {
        // What browsers do, and RFC 9110 allows.
        "GET".clone_into(&mut next.method);
        next.body = None;
        next.headers.retain(|(name, _)| !name.starts_with("content-"));
    } else if !same_origin && next.body.is_some() {
        return refused("of a body to another host");
    }
    Ok(Some(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(from: &str, status: u16, to: &str, method: &str) -> Result<Option<HttpRequest>, String> {
        let mut request = HttpRequest::get(from.parse().unwrap());
        method.clone_into(&mut request.method);
        request.headers = vec![("authorization".to_owned(), "secret".to_owned())];
        request.body = (method == "POST").then(|| "order".to_owned());
        let headers = HeaderMap::from_iter([(LOCATION, to.parse().unwrap())]);
        next(&request, status, &headers).map_err(|reason| reason.to_string())
    }

    #[test]
    fn credentials_stay_with_their_host_and_schemes_do_not_fall() {
        let own = follow("https://a.example/x", 302, "/y", "GET").unwrap().unwrap();
        assert_eq!((own.url.as_str(), own.headers.len()), ("https://a.example/y", 1));
        for other in ["https://b.example/", "https://a.example:444/", "//b.example/y"] {
            assert_eq!(follow("https://a.example/x", 302, other, "GET").unwrap().unwrap().headers, []);
        }
        for (to, reason) in [
            ("http://a.example/", "redirect from https to http"),
            ("file:///etc/passwd", "redirect to another scheme than http and https"),
            ("gopher://a.example/", "redirect to another scheme than http and https"),
            ("https://u:p@b.example/", "redirect to a URL with credentials"),
            ("https://", "redirect to what is no URL"),
        ] {
            assert_eq!(follow("https://a.example/x", 301, to, "GET").unwrap_err(), reason, "{to}");
        }
    }

    #[test]
    fn a_post_becomes_a_get_or_stays_at_home() {
        let seen = follow("http://a.example/", 303, "http://b.example/", "POST").unwrap().unwrap();
        assert_eq!((seen.method.as_str(), seen.body), ("GET", None));
        let kept = follow("http://a.example/", 307, "/b", "POST").unwrap().unwrap();
        assert_eq!((kept.method.as_str(), kept.body.as_deref()), ("POST", Some("order")));
        let reason = follow("http://a.example/", 308, "http://b.example/", "POST").unwrap_err();
        assert_eq!(reason, "redirect of a body to another host");
        assert_eq!(follow("http://a.example/", 304, "/b", "GET"), Ok(None));
    }
}
