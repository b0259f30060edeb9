//! How many samples a second are taken: `cargo test --release -p server --test it remote_write::speed -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use server::ingest::remote_write::{Sink, Version, decode, decompress};
use server::samples::{Gather, Intake, Label, Sample};
use server::source::{MetricSource, Ratio, Selector};

use super::super::support::{Server, eventually, now, try_request};
use super::encode::{Series, series, v1, v2};
use super::{METRICS, V1, V2, minutes};

const SERIES: i64 = 1_000;
const SAMPLES: i64 = 1_000;
/// Samples of a series in one request; Prometheus sends series by series what it scraped, so this is many.
const EACH: i64 = 10;
const WRITERS: i64 = 4;

struct Taker(Gather);

impl Sink for Taker {
    fn series(&mut self, labels: &[Label<'_>]) {
        self.0.series(labels);
    }

    fn nameless(&mut self, reason: &'static str) {
        self.0.nameless(reason);
    }

    fn sample(&mut self, sample: Sample) {
        self.0.sample(sample);
    }
}

/// A message with samples `from..from + EACH` of some series, of which one of `one_of` is of the metric that is needed.
fn message(series_from: i64, count: i64, from: i64, one_of: i64, begin: i64) -> Vec<Series> {
    let one = |number: i64| {
        let metric = if number % one_of == 0 { "http_requests_total" } else { "something_else_total" };
        let instance = format!("10.0.{}.{}:8080", number / 250, number % 250);
        let labels = [
            ("__name__", metric),
            ("code", "200"),
            ("handler", "/api/v1/orders/{id}"),
            ("instance", &instance),
            ("job", "shop"),
            ("method", "GET"),
        ];
        let samples: Vec<(i64, f64)> = (from..from + EACH)
            .map(|k| ((begin + k * 7) * 1_000, f64::from(i32::try_from(k * 7 + number).unwrap())))
            .collect();
        series(&labels, &samples)
    };
    (series_from..series_from + count).map(one).collect()
}

#[test]
#[ignore = "a measurement, for a release build"]
fn samples_a_second() {
    let begin = now() / 60 * 60 - 7_020;
    let all = f64::from(i32::try_from(SERIES * SAMPLES).unwrap());
    let selector = |metric: &str| Selector { metric: metric.to_owned(), matchers: Vec::new(), le: None };
    for (version, name) in [(Version::V1, "1.0"), (Version::V2, "2.0")] {
        for one_of in [1, 100] {
            let (first, second) = (selector("http_requests_total"), selector("http_requests_total"));
            let source = MetricSource {
                sli: "s".to_owned(),
                cadence_seconds: 15,
                ratio: Ratio::GoodTotal,
                first,
                second,
            };
            let (intake, _writer) = Intake::new(vec![source]);
            let bodies: Vec<Vec<u8>> = (0..SAMPLES / EACH)
                .map(|part| {
                    let all = message(0, SERIES, part * EACH, one_of, begin);
                    let message = if version == Version::V1 { v1(&all) } else { v2(&all) };
                    snap::raw::Encoder::new().compress_vec(&message).unwrap()
                })
                .collect();
            let started = Instant::now();
            for body in &bodies {
                let mut taker = Taker(intake.gather(now() * 1_000));
                decode(version, &decompress(body).unwrap(), &mut taker).unwrap();
            }
            let seconds = started.elapsed().as_secs_f64();
            println!("decode and gather, {name}, 1 of {one_of} needed: {:.0} samples/s", all / seconds);
        }
    }
    for (kind, name) in [(V1, "1.0"), (V2, "2.0")] {
        for one_of in [1, 100] {
            let server = Server::start(METRICS);
            let requests: Vec<Vec<Vec<u8>>> = (0..WRITERS)
                .map(|writer| {
                    let count = SERIES / WRITERS;
                    let of = |part: i64| {
                        let all = message(writer * count, count, part * EACH, one_of, begin);
                        let message = if kind == V1 { v1(&all) } else { v2(&all) };
                        snap::raw::Encoder::new().compress_vec(&message).unwrap()
                    };
                    (0..SAMPLES / EACH).map(of).collect()
                })
                .collect();
            let bytes: usize = requests.iter().flatten().map(Vec::len).sum();
            let started = Instant::now();
            let address = server.address;
            let writers: Vec<_> = requests
                .into_iter()
                .map(|bodies| {
                    std::thread::spawn(move || {
                        for body in bodies {
                            let headers = [("Content-Type", kind), ("Content-Encoding", "snappy")];
                            let answer =
                                try_request(address, "POST", "/api/v1/write", &headers, &body).unwrap();
                            assert_eq!(answer.status, 204, "{answer:?}");
                        }
                    })
                })
                .collect();
            for writer in writers {
                writer.join().unwrap();
            }
            let seconds = started.elapsed().as_secs_f64();
            println!(
                "end to end, {name}, 1 of {one_of} needed: {:.0} samples/s, {bytes} bytes sent",
                all / seconds
            );
            let expected = f64::from(i32::try_from(SERIES / one_of * (SAMPLES - 1) * 7).unwrap());
            let total = || -> f64 {
                minutes(&server, "requests", begin, 117).iter().filter_map(|minute| minute.1).sum()
            };
            eventually(&format!("{expected} events"), Duration::from_mins(1), || {
                let total = total();
                (total - expected).abs() < 0.5
            });
        }
    }
}
