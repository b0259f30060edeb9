//! Remote write end to end: what is sent is in the figures, once.

mod bad;
pub(crate) mod encode;
mod kill;
mod speed;

use std::time::Duration;

use encode::{Series, series, snappy, v1, v2};

use super::support::{Answer, Server, at, eventually, now, request};

/// Two counters of one metric, asked every quarter of a minute.
pub(crate) const METRICS: &str = "\
apiVersion: nines/v1
kind: Objective
metadata: {name: requests}
spec:
  service: shop
  target: 99%
  window: 30d
  metrics:
    good: {metric: http_requests_total, match: {code: \"2..\"}}
    total: {metric: http_requests_total}
    cadence: 15s
---
apiVersion: nines/v1
kind: Objective
metadata: {name: latency}
spec:
  service: shop
  target: 99%
  window: 30d
  metrics:
    good: {metric: http_request_duration_seconds, le: 0.3}
    total: {metric: http_request_duration_seconds_count}
    cadence: 15s
";

pub(crate) const V1: &str = "application/x-protobuf";
pub(crate) const V2: &str = "application/x-protobuf;proto=io.prometheus.write.v2.Request";

pub(crate) fn post(server: &Server, kind: &str, body: &[u8]) -> Answer {
    let headers = [("Content-Type", kind), ("Content-Encoding", "snappy")];
    request(server.address, "POST", "/api/v1/write", &headers, body)
}

/// Good and total of the minutes from `from` on, and their coverage.
pub(crate) fn minutes(
    server: &Server,
    slo: &str,
    from: i64,
    count: i64,
) -> Vec<(Option<f64>, Option<f64>, Option<f64>)> {
    let path = format!(
        "/api/v1/slos/{slo}/history?from={}&to={}&step=1m",
        at(from),
        at((from + count * 60).min(now()))
    );
    let answer = server.get(&path);
    assert_eq!(answer.status, 200, "{answer:?}");
    let points = answer.json()["points"].as_array().unwrap().clone();
    points.iter().map(|p| (p["good"].as_f64(), p["total"].as_f64(), p["coverage"].as_f64())).collect()
}

/// Ten requests each quarter of a minute from `from` on, nine of them good, for `samples` samples.
fn traffic(from: i64, samples: i64) -> Vec<Series> {
    let counted = |each: f64| {
        (0..samples)
            .map(|k| ((from + k * 15) * 1_000, each * f64::from(i32::try_from(k).unwrap())))
            .collect::<Vec<_>>()
    };
    let of = |code: &str, each: f64| {
        series(&[("__name__", "http_requests_total"), ("code", code), ("job", "shop")], &counted(each))
    };
    vec![of("200", 9.0), of("500", 1.0), series(&[("__name__", "up"), ("job", "shop")], &counted(0.0))]
}

fn shows(server: &Server, slo: &str, from: i64, expected: &[(f64, f64)]) {
    let expected: Vec<_> = expected.iter().map(|(good, total)| (Some(*good), Some(*total))).collect();
    let count = i64::try_from(expected.len()).unwrap();
    let found = || -> Vec<_> {
        minutes(server, slo, from, count).iter().map(|(good, total, _)| (*good, *total)).collect()
    };
    eventually(&format!("{slo}: {expected:?}, found {:?}", found()), Duration::from_secs(15), || {
        found() == expected
    });
}

#[test]
fn samples_of_both_versions_are_in_the_figures_once() {
    let server = Server::start(METRICS);
    let from = now() / 60 * 60 - 1_800;
    // The first sample is the baseline; what a sample adds belongs to the minute in which it was taken.
    let expected = [(27.0, 30.0), (36.0, 40.0), (9.0, 10.0)];
    let body = snappy(&v1(&traffic(from, 9)));
    let answer = post(&server, V1, &body);
    assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{answer:?}");
    shows(&server, "requests", from, &expected);
    let covered: Vec<_> = minutes(&server, "requests", from, 2).iter().map(|minute| minute.2).collect();
    assert_eq!(covered, [Some(1.0), Some(1.0)]);

    // The same bytes again, and the same samples in the other version, overlapping with news.
    assert_eq!(post(&server, V1, &body).status, 204);
    let answer = post(&server, V2, &snappy(&v2(&traffic(from, 13))));
    assert_eq!(answer.status, 204, "{answer:?}");
    let head = answer.head.to_ascii_lowercase();
    for (name, count) in [("samples", 39), ("histograms", 0), ("exemplars", 0)] {
        let header = format!("x-prometheus-remote-write-{name}-written: {count}");
        assert!(head.contains(&header), "{header}: {head}");
    }
    shows(&server, "requests", from, &[(27.0, 30.0), (36.0, 40.0), (36.0, 40.0), (9.0, 10.0)]);

    // Another value for an instant that is there: the first stays.
    let mut other = traffic(from, 9);
    for series in &mut other {
        for sample in &mut series.samples {
            sample.1 += 1_000.0;
        }
    }
    assert_eq!(post(&server, V1, &snappy(&v1(&other))).status, 204);
    std::thread::sleep(Duration::from_secs(3));
    shows(&server, "requests", from, &[(27.0, 30.0), (36.0, 40.0), (36.0, 40.0), (9.0, 10.0)]);

    // A restart makes the same figures of the log.
    let server = server.restart();
    shows(&server, "requests", from, &[(27.0, 30.0), (36.0, 40.0), (36.0, 40.0), (9.0, 10.0)]);
    let answer = post(&server, V1, &snappy(&v1(&traffic(from, 17))));
    assert_eq!(answer.status, 204, "{answer:?}");
    shows(&server, "requests", from, &[(27.0, 30.0), (36.0, 40.0), (36.0, 40.0), (36.0, 40.0), (9.0, 10.0)]);
}

#[test]
fn order_stale_marks_births_buckets_and_late_samples() {
    let server = Server::start(METRICS);
    let from = now() / 60 * 60 - 3_600;
    let name = ("__name__", "http_requests_total");
    let millis = |seconds: i64| (from + seconds) * 1_000;
    let stale = f64::from_bits(0x7ff0_0000_0000_0002);
    // In any order of series, samples and requests.
    let samples =
        [(0, 10.0), (15, 20.0), (30, 30.0), (45, 40.0), (60, 50.0), (75, 60.0), (90, 3.0), (105, 4.0)];
    for (seconds, value) in samples.iter().rev() {
        let body = v1(&[series(&[name, ("code", "200")], &[(millis(*seconds), *value)])]);
        assert_eq!(post(&server, V1, &snappy(&body)).status, 204);
    }
    // At 90 s it began again at zero.
    shows(&server, "requests", from, &[(30.0, 30.0), (24.0, 24.0)]);

    // A stale mark ends it: what is counted until it is back is not known. With a birth, it is.
    let ended = v1(&[series(
        &[name, ("code", "200")],
        &[(millis(120), stale), (millis(135), 100.0), (millis(150), 105.0)],
    )]);
    assert_eq!(post(&server, V1, &snappy(&ended)).status, 204);
    let mut born = series(&[name, ("code", "500")], &[(millis(150), 7.0), (millis(165), 8.0)]);
    born.created = millis(140);
    assert_eq!(post(&server, V2, &snappy(&v2(&[born]))).status, 204);
    shows(&server, "requests", from, &[(30.0, 30.0), (24.0, 24.0), (5.0, 13.0)]);

    // Buckets: the one with the bound that is asked for, however it is written.
    let bucket = |le: &str, each: f64| {
        let samples: Vec<_> =
            (0..5).map(|k| (millis(k * 15), each * f64::from(i32::try_from(k).unwrap()))).collect();
        series(&[("__name__", "http_request_duration_seconds_bucket"), ("le", le)], &samples)
    };
    let mut count = bucket("", 10.0);
    count.labels = vec![("__name__".to_owned(), "http_request_duration_seconds_count".to_owned())];
    let body = v1(&[bucket("0.1", 2.0), bucket("0.30", 8.0), bucket("+Inf", 10.0), count]);
    assert_eq!(post(&server, V1, &snappy(&body)).status, 204);
    shows(&server, "latency", from, &[(24.0, 30.0), (8.0, 10.0)]);
}

#[test]
fn a_histogram_without_the_bound_is_unknown_and_not_all_bad() {
    let server = Server::start(METRICS);
    let from = now() / 60 * 60 - 600;
    let of = |labels: &[(&str, &str)]| {
        let samples: Vec<_> =
            (0..9).map(|k| ((from + k * 15) * 1_000, 10.0 * f64::from(i32::try_from(k).unwrap()))).collect();
        series(labels, &samples)
    };
    let body = v1(&[
        of(&[("__name__", "http_request_duration_seconds_bucket"), ("le", "0.25")]),
        of(&[("__name__", "http_request_duration_seconds_count")]),
    ]);
    assert_eq!(post(&server, V1, &snappy(&body)).status, 204);
    std::thread::sleep(Duration::from_secs(4));
    assert!(minutes(&server, "latency", from, 2).iter().all(|minute| minute.1.is_none()));
}
