//! A probe in words: for people, and in one form that says whether two probes measure the same.

use super::{Judgement, Request};
use crate::config::duration::people;

/// The sentence for people: what is asked, how often, and what is good.
pub(in crate::config) fn sentence(request: &Request, judgement: &Judgement) -> String {
    let Request { http, interval, .. } = request;
    let ranges = judgement.status().into_iter().map(|(from, to)| range(from, to));
    let within = judgement.within().map_or_else(String::new, |within| format!(" within {}", people(within)));
    let status: Vec<String> = ranges.collect();
    format!(
        "{} {} every {}, good: status {}{within}",
        http.method,
        http.url,
        people(*interval),
        status.join(", ")
    )
}

/// What is measured, in one form for all ways to declare it, without how often: what is asked and what is good.
pub(in crate::config) fn meaning(request: &Request, judgement: &Judgement) -> String {
    let Request { http, timeout, .. } = request;
    let mut ranges = judgement.status();
    ranges.sort_unstable();
    let mut merged: Vec<(u16, u16)> = Vec::new();
    for (from, to) in ranges {
        match merged.last_mut() {
            Some((_, end)) if from <= end.saturating_add(1) => *end = to.max(*end),
            _ => merged.push((from, to)),
        }
    }
    let status: Vec<String> = merged.into_iter().map(|(from, to)| range(from, to)).collect();
    // An answer after the timeout is none, so to judge by it is to judge by nothing.
    let within = judgement.within().filter(|within| within < timeout);
    let within = within.map_or_else(String::new, |within| format!(" within {} ms", within.as_millis()));
    let (method, url, timeout) = (&http.method, &http.url, timeout.as_millis());
    format!("{method} {url} timeout {timeout} ms, good: status {}{within}", status.join(","))
}

/// `200` or `200-399`.
pub(in crate::config) fn range(from: u16, to: u16) -> String {
    if from == to { from.to_string() } else { format!("{from}-{to}") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config::finding::Place;
    use crate::source::HttpRequest;

    fn request(interval: u64, timeout: u64) -> Request {
        let (url, method) = ("https://shop.example/health".parse().unwrap(), "GET".to_owned());
        let seconds = Duration::from_secs;
        Request { http: HttpRequest { url, method }, interval: seconds(interval), timeout: seconds(timeout) }
    }

    fn judged(status: &[(u16, u16)], within: Option<u64>) -> Judgement {
        let within = within.map(|millis| (Duration::from_millis(millis), Place::default()));
        Judgement { status: (!status.is_empty()).then(|| status.to_vec()), within }
    }

    #[test]
    fn how_often_and_how_it_is_written_change_no_meaning() {
        let text = meaning(&request(15, 5), &judged(&[], None));
        assert_eq!(text, "GET https://shop.example/health timeout 5000 ms, good: status 200-399");
        assert_eq!(meaning(&request(60, 5), &judged(&[(200, 399)], None)), text);
        assert_eq!(meaning(&request(15, 5), &judged(&[(300, 399), (200, 299)], Some(5_000))), text);
        assert_ne!(meaning(&request(15, 4), &judged(&[], None)), text);
        assert_ne!(meaning(&request(15, 5), &judged(&[(200, 299)], None)), text);
        let quick = meaning(&request(15, 5), &judged(&[(418, 418), (200, 299)], Some(300)));
        assert!(quick.ends_with("good: status 200-299,418 within 300 ms"), "{quick}");
    }
}
