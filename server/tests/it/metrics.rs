//! `/metrics`: a strict reading of the text format, and counts that follow what happens.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::support::{PUSHED, Server, eventually, line, now};

/// Every sample by its name with labels, in a text that keeps the rules of the format.
fn parsed(text: &str) -> BTreeMap<String, f64> {
    assert!(text.ends_with('\n'));
    let (mut samples, mut families, mut current) = (BTreeMap::new(), BTreeSet::new(), None);
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, _) = help.split_once(' ').unwrap();
            assert!(families.insert(name.to_owned()), "{name} has two places");
            let (named, kind) =
                lines.next().unwrap().strip_prefix("# TYPE ").unwrap().split_once(' ').unwrap();
            assert_eq!(named, name);
            assert!(matches!(kind, "counter" | "gauge" | "histogram"), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
            current = Some((name.to_owned(), kind.to_owned()));
            continue;
        }
        let (family, kind) = current.as_ref().unwrap();
        let (sample, value) = line.rsplit_once(' ').unwrap();
        let name = sample.split('{').next().unwrap();
        let suffixes: &[&str] = if kind == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
        assert!(suffixes.iter().any(|suffix| name == format!("{family}{suffix}")), "{line} in {family}");
        if let Some(labels) = sample.strip_prefix(name).filter(|labels| !labels.is_empty()) {
            let inner = labels.strip_prefix('{').unwrap().strip_suffix('}').unwrap();
            for pair in inner.split(',') {
                let (label, value) = pair.split_once('=').unwrap();
                assert!(label.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{line}");
                assert!(value.len() >= 2 && value.starts_with('"') && value.ends_with('"'), "{line}");
            }
        }
        assert!(samples.insert(sample.to_owned(), value.parse().unwrap()).is_none(), "twice: {sample}");
    }
    samples
}

#[test]
fn our_own_metrics_are_sound_and_follow_what_happens() {
    let server = Server::start(&super::probe::Target::start().config());
    let m = now() / 60 * 60;
    assert_eq!(server.import(&line("nobody", m - 60, 60, 1, 1)).status, 400);
    let answer = server.get("/metrics");
    assert!(answer.head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{answer:?}");
    let first = parsed(&answer.body);
    let value = |samples: &BTreeMap<String, f64>, name: &str| samples.get(name).copied().unwrap_or(0.0);
    assert_eq!(
        value(&first, r#"nines_ingest_refused_total{way="import",reason="invalid"}"#).to_string(),
        "1"
    );
    assert_eq!(value(&first, "nines_blind").to_string(), "0");

    let sli = server.get("/api/v1/slos").json()["slos"][0]["sli"].as_str().unwrap().to_owned();
    let lines: String = (1..=7).map(|k| line(&sli, m - 3_600 - 60 * k, 60, 1, 1)).collect();
    assert_eq!(server.import(&lines).status, 200);
    let mut last = BTreeMap::new();
    eventually("everything is counted", Duration::from_secs(20), || {
        last = parsed(&server.get("/metrics").body);
        let grown = |name: &str| value(&last, name) > value(&first, name);
        grown(r#"nines_probe_attempts_total{outcome="answered"}"#)
            && ["engine", "collector", "periods"].iter().all(|name| {
                grown(&format!("nines_loop_passes_total{{loop=\"{name}\"}}"))
                    && value(&last, &format!("nines_loop_progress_timestamp_seconds{{loop=\"{name}\"}}"))
                        > 1e9
            })
            && grown("nines_round_seconds_count")
            && grown(r#"nines_store_seconds_count{outcome="done"}"#)
            && grown(r#"nines_http_requests_total{kind="health",code="2xx"}"#)
    });
    assert_eq!(value(&last, r#"nines_ingest_accepted_total{way="import"}"#).to_string(), "7");
    for (name, value) in &last {
        let whole = name.contains("_total") || name.contains("_bucket") || name.contains("_count");
        assert!(
            !whole || value.fract() == 0.0 && first.get(name).is_none_or(|before| value >= before),
            "{name}"
        );
    }
    // Buckets hold what is below them, the last one everything.
    let buckets = |bound: &str| {
        value(&last, &format!(r#"nines_http_request_seconds_bucket{{kind="health",le="{bound}"}}"#))
    };
    assert!(buckets("0.001") <= buckets("0.5") && buckets("0.5") <= buckets("+Inf"));
    let count = value(&last, r#"nines_http_request_seconds_count{kind="health"}"#);
    assert_eq!(buckets("+Inf").to_string(), count.to_string());
}

#[test]
fn readiness_names_the_loops() {
    let server = Server::start(PUSHED);
    let ready = server.get("/readyz").json();
    for part in ["ready", "database", "engine", "collector", "periods"] {
        assert_eq!(ready[part], true, "{part}: {ready}");
    }
}
