//! SIGKILL under remote write: what was acknowledged is in the figures after the restart, once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use super::super::support::{Server, eventually, now, try_request};
use super::encode::{series, snappy, v1};
use super::{METRICS, V1, minutes};

const WRITERS: usize = 8;

#[test]
fn acknowledged_samples_survive_sigkill_and_count_once() {
    let mut server = Server::start(METRICS);
    let from = now() / 60 * 60 - 6_600;
    // Each writer has a series; the k-th sample says k, a second after the one before.
    let acknowledged: Vec<Arc<AtomicI64>> = (0..WRITERS).map(|_| Arc::default()).collect();
    for round in 0..3_u64 {
        let stop = Arc::new(AtomicBool::new(false));
        let unanswered = Arc::new(AtomicI64::new(0));
        let writers: Vec<_> = acknowledged
            .iter()
            .enumerate()
            .map(|(writer, acknowledged)| {
                let (acknowledged, stop) = (Arc::clone(acknowledged), Arc::clone(&stop));
                let (unanswered, address) = (Arc::clone(&unanswered), server.address);
                std::thread::spawn(move || {
                    let instance = writer.to_string();
                    while !stop.load(Ordering::Relaxed) {
                        // Sent again from the last that was acknowledged, so what was stored unanswered comes twice.
                        let first = acknowledged.load(Ordering::Relaxed);
                        let samples: Vec<(i64, f64)> = (first..=first + 5)
                            .map(|k| ((from + k) * 1_000, f64::from(i32::try_from(k).unwrap())))
                            .collect();
                        let labels =
                            [("__name__", "http_requests_total"), ("code", "200"), ("instance", &instance)];
                        let body = snappy(&v1(&[series(&labels, &samples)]));
                        let headers = [("Content-Type", V1), ("Content-Encoding", "snappy")];
                        match try_request(address, "POST", "/api/v1/write", &headers, &body) {
                            Ok(answer) if answer.status == 204 => {
                                acknowledged.store(first + 5, Ordering::Relaxed);
                            }
                            Ok(answer) => panic!("{answer:?}"),
                            Err(_) => {
                                unanswered.fetch_add(1, Ordering::Relaxed);
                                return;
                            }
                        }
                        if first > 6_000 {
                            return;
                        }
                        // Out of step, or all would be between two requests at once.
                        std::thread::sleep(Duration::from_millis(3 + u64::try_from(writer).unwrap()));
                    }
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(900 + 400 * round));
        server.kill();
        std::thread::sleep(Duration::from_millis(100));
        stop.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.join().unwrap();
        }
        assert!(unanswered.load(Ordering::Relaxed) > 0, "no request was cut off");
        server = server.restart();
        let least: i64 = acknowledged.iter().map(|k| k.load(Ordering::Relaxed)).sum();
        // A request that was cut off may have been stored: at most five samples of each writer.
        let most = least + 5 * i64::try_from(WRITERS).unwrap();
        let total =
            || -> f64 { minutes(&server, "requests", from, 109).iter().filter_map(|minute| minute.1).sum() };
        let fits = || {
            let total = total();
            total >= f64::from(i32::try_from(least).unwrap())
                && total <= f64::from(i32::try_from(most).unwrap())
        };
        eventually(&format!("{least} to {most}, not {}", total()), Duration::from_secs(20), fits);
    }
    assert!(acknowledged.iter().all(|k| k.load(Ordering::Relaxed) > 50), "no load: {acknowledged:?}");
    // Sent once more from the beginning: nothing changes but what had been cut off.
    let before: Vec<_> = minutes(&server, "requests", from, 109);
    for (writer, acknowledged) in acknowledged.iter().enumerate() {
        let samples: Vec<(i64, f64)> = (0..=acknowledged.load(Ordering::Relaxed))
            .map(|k| ((from + k) * 1_000, f64::from(i32::try_from(k).unwrap())))
            .collect();
        let instance = writer.to_string();
        let labels = [("__name__", "http_requests_total"), ("code", "200"), ("instance", &instance)];
        let answer = super::post(&server, V1, &snappy(&v1(&[series(&labels, &samples)])));
        assert_eq!(answer.status, 204, "{answer:?}");
    }
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(minutes(&server, "requests", from, 109), before);
}
