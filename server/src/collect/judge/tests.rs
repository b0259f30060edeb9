//! Verdicts on answers of all protocols.

use hyper::HeaderMap;

use super::*;
use crate::collect::probe::http::Body;
use crate::collect::probe::{FailureReason, Timings};
use crate::source::{
    BodyExpectation, DEFAULT_STATUS, HeaderExpectation, JsonExpectation, Pattern, TextMatch,
};

const NOON: Instant = Instant::from_unix(1_700_000_000);

fn attempt(took: Duration, outcome: Outcome, stalled: bool) -> Attempt {
    Attempt { finished_after: took, outcome, timings: Timings::default(), stalled }
}

fn answered(status: u16) -> Outcome {
    Outcome::Answered(Answer::Http(Box::new(HttpAnswer { status, headers: HeaderMap::new(), body: None })))
}

fn sli(status: Vec<(u16, u16)>, within: Option<Duration>, expect: Expect) -> ProbeSli {
    ProbeSli { sli: "checkout".to_owned(), status, within, expect }
}

fn reason(within: Option<u64>, took_micros: u64, outcome: Outcome) -> Result<(), String> {
    let within = within.map(Duration::from_millis);
    let sli = sli(vec![DEFAULT_STATUS, (418, 418)], within, Expect::default());
    let attempt = attempt(Duration::from_micros(took_micros), outcome, false);
    let Some(verdict) = judge(&sli, NOON, &attempt) else { return Err("unknown".to_owned()) };
    assert_eq!(verdict.good, verdict.reason.is_none());
    verdict.reason.map_or(Ok(()), Err)
}

/// What is said of an answer by an SLI that expects something.
fn said(expect: Expect, answer: Answer) -> Option<String> {
    let sli = sli(vec![DEFAULT_STATUS], None, expect);
    judge(&sli, NOON, &attempt(Duration::ZERO, Outcome::Answered(answer), false)).unwrap().reason
}

#[test]
fn status_then_time_and_unknown_stays_unknown() {
    for status in [200, 302, 399, 418] {
        assert_eq!(reason(None, 9_000_000, answered(status)), Ok(()));
    }
    assert_eq!(reason(Some(100), 1, answered(400)), Err("HTTP 400".to_owned()));
    assert_eq!(reason(Some(100), 100_000, answered(200)), Ok(()));
    assert_eq!(reason(Some(100), 100_400, answered(200)), Err("took 101 ms, limit 100 ms".to_owned()));
    let fast = sli(vec![DEFAULT_STATUS], Some(Duration::from_secs(1)), Expect::default());
    let stalled =
        |seconds, status| judge(&fast, NOON, &attempt(Duration::from_secs(seconds), answered(status), true));
    assert_eq!(stalled(9, 200), None, "slow, but perhaps because of us");
    assert!(stalled(1, 200).is_some_and(|verdict| verdict.good));
    assert!(stalled(9, 500).is_some_and(|verdict| !verdict.good));
    let refused = Outcome::Failed(FailureReason::Refused);
    assert_eq!(reason(Some(100), 1, refused), Err("connection refused".to_owned()));
    assert_eq!(reason(None, 1, Outcome::NotMade("collector".to_owned())), Err("unknown".to_owned()));
}

#[test]
fn headers_body_and_json_are_judged_and_never_quoted() {
    let http = |body: &str, is_cut, encoding: Option<&str>| {
        let bytes = body.as_bytes().to_vec();
        let body = Some(Body { bytes, is_cut, encoding: encoding.map(str::to_owned) });
        let name = hyper::header::CONTENT_TYPE;
        let headers = HeaderMap::from_iter([(name, "application/json".parse().unwrap())]);
        Answer::Http(Box::new(HttpAnswer { status: 200, headers, body }))
    };
    let header = |value| Expect {
        headers: vec![HeaderExpectation { name: "content-type".to_owned(), value }],
        ..Expect::default()
    };
    let text = |text| Expect { body: vec![BodyExpectation { text }], ..Expect::default() };
    let json = |path, equals: &str| Expect {
        json: vec![JsonExpectation::new(path, equals.to_owned())],
        ..Expect::default()
    };
    let ok = r#"{"status":"ok","db":{"up":true}}"#;
    let contains = |part: &str| text(TextMatch::Contains(part.to_owned()));
    for good in [
        header(TextMatch::Matches(Pattern::new("json$").unwrap())),
        contains("ok"),
        text(TextMatch::Lacks("error".to_owned())),
        json("status", "ok"),
        json("db.up", "true"),
    ] {
        assert_eq!(said(good.clone(), http(ok, false, None)), None, "{good}");
    }
    for (expect, answer, reason) in [
        (
            header(TextMatch::Equals("text/html".to_owned())),
            http(ok, false, None),
            "not so: header content-type is \"text/html\"",
        ),
        (contains("fine"), http(ok, false, None), "not so: body contains \"fine\""),
        (contains("fine"), http(ok, true, None), "not so: body contains \"fine\" in its first MiB"),
        (json("status", "up"), http(ok, false, None), "not so: JSON status is \"up\""),
        (json("status", "up"), http("secret <html>", false, None), "the body is no JSON"),
        (json("status", "up"), http("{", true, None), "the body is larger than 1 MiB"),
        (contains("ok"), http(ok, false, Some("br")), "the body's encoding br is not known here"),
    ] {
        assert_eq!(said(expect, answer).as_deref(), Some(reason));
    }
}

#[test]
fn records_and_certificates_are_judged() {
    let records = |wanted: &[&str]| Expect {
        records: wanted.iter().map(|&record| record.to_owned()).collect(),
        ..Expect::default()
    };
    let found = Answer::Records(vec!["192.0.2.1".to_owned(), "10 Mail.example".to_owned()]);
    assert_eq!(said(records(&["192.0.2.1", "10 mail.example."]), found.clone()), None);
    assert_eq!(said(records(&["192.0.2.9"]), found).as_deref(), Some("no record \"192.0.2.9\""));

    let lasting = |days: i64, fault: Option<&str>| {
        let expires = Some(NOON + days * 86_400 + 60);
        Answer::Certificates(Certificates { expires, presented: 1, fault: fault.map(str::to_owned) })
    };
    let ahead = Expect { expiry: Some(Duration::from_hours(14 * 24)), ..Expect::default() };
    assert_eq!(said(ahead.clone(), lasting(14, None)), None);
    assert_eq!(
        said(ahead.clone(), lasting(13, None)).as_deref(),
        Some("certificate expires in 13 d, wanted 14 d")
    );
    assert_eq!(said(Expect::default(), lasting(-2, None)).as_deref(), Some("TLS: certificate expired"));
    let stranger = lasting(40, Some("certificate from an unknown issuer"));
    let reason = "TLS: certificate from an unknown issuer, expires in 40 d";
    assert_eq!(said(ahead, stranger).as_deref(), Some(reason));
}
