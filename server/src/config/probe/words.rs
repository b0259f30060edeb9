//! A probe in words: for people, and in one form that says whether two probes measure the same.

use super::{Judgement, Request};
use crate::collect::schedule;
use crate::config::duration::people;
use crate::source::{HttpRequest, ProbeRequest};

/// The sentence for people: what is asked, how often, and what is good.
pub(in crate::config) fn sentence(request: &Request, judgement: &Judgement) -> String {
    let ranges = judgement.status().into_iter().map(|(from, to)| range(from, to));
    let status: Vec<String> = ranges.collect();
    let within = judgement.within().map_or_else(String::new, |within| format!(" within {}", people(within)));
    let good = good(&request.asked, &status.join(", "), &within, judgement);
    format!("{} every {}, good: {good}", request.asked, people(request.interval))
}

/// What is measured, in one form for all ways to declare it, without how often: what is asked and what is good.
pub(in crate::config) fn meaning(request: &Request, judgement: &Judgement) -> String {
    let Request { asked, timeout, .. } = request;
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
    let good = good(asked, &status.join(","), &within, judgement);
    // Another body asks another question; it may be secret, so that its hash stands for it.
    let body = match asked {
        ProbeRequest::Http(HttpRequest { body: Some(body), .. }) => {
            format!(" {:016x}", schedule::hash(body))
        }
        _ => String::new(),
    };
    format!("{asked}{body} timeout {} ms, good: {good}", timeout.as_millis())
}

fn good(asked: &ProbeRequest, status: &str, within: &str, judgement: &Judgement) -> String {
    let expect = judgement.expect();
    let base = match asked {
        ProbeRequest::Http(_) => format!("status {status}"),
        ProbeRequest::Tcp(_) => "accepted".to_owned(),
        ProbeRequest::Dns(_) => "answered".to_owned(),
        ProbeRequest::Tls(_) => "valid".to_owned(),
        ProbeRequest::Grpc(_) => "serving".to_owned(),
    };
    if expect.is_empty() { format!("{base}{within}") } else { format!("{base}{within}, {expect}") }
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

    fn request(interval: u64, timeout: u64) -> Request {
        let url = "https://shop.example/health".parse().unwrap();
        let seconds = Duration::from_secs;
        let asked = ProbeRequest::Http(HttpRequest::get(url));
        Request { asked, interval: seconds(interval), timeout: seconds(timeout) }
    }

    fn judged(status: &[(u16, u16)], within: Option<u64>) -> Judgement {
        let within = within.map(|millis| (Duration::from_millis(millis), Place::default()));
        let status = (!status.is_empty()).then(|| (status.to_vec(), Place::default()));
        Judgement { status, within, expect: None }
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
