//! SIGKILL under import load: what was acknowledged is there, the time in between is unknown.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::support::{PUSHED, Server, at, line, now, try_request};

#[test]
fn acknowledged_slices_survive_sigkill_and_the_gap_is_unknown() {
    let mut server = Server::start(PUSHED);
    let newest = now() / 60 * 60;
    let mut acknowledged_total = 0;
    for round in 0..3 {
        // Each writer has minutes of its own, far from the others'.
        let acknowledged = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (acknowledged, stop, address) =
                    (Arc::clone(&acknowledged), Arc::clone(&stop), server.address);
                std::thread::spawn(move || {
                    for k in 0.. {
                        let start = newest - 86_400 * (1 + writer + 4 * round) - k * 600;
                        let body: String =
                            (0..10).map(|n| line("orders", start + n * 60, 60, 7, 8)).collect();
                        let answer = try_request(address, "POST", "/api/v1/sli/import", &[], body.as_bytes());
                        match answer {
                            Ok(answer) if answer.status == 200 => acknowledged.lock().unwrap().push(start),
                            Ok(answer) => panic!("{answer:?}"),
                            Err(_) => return,
                        }
                        if stop.load(Ordering::Relaxed) || k >= 130 {
                            return;
                        }
                    }
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(700 + 300 * u64::try_from(round).unwrap()));
        server.kill();
        stop.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.join().unwrap();
        }
        server = server.restart();
        let acknowledged = acknowledged.lock().unwrap();
        acknowledged_total += acknowledged.len();
        for start in acknowledged.iter() {
            let history = server.get(&format!(
                "/api/v1/slos/orders/history?from={}&to={}&step=1m",
                at(*start),
                at(start + 600)
            ));
            for point in history.json()["points"].as_array().unwrap() {
                assert_eq!(
                    (point["good"].as_u64(), point["total"].as_u64()),
                    (Some(7), Some(8)),
                    "{start} {point}"
                );
            }
        }
    }
    assert!(acknowledged_total > 20, "only {acknowledged_total} bodies were acknowledged: no load");
}

/// One probe a second on a service of ours; the server is killed and comes back later.
#[test]
fn time_in_which_the_server_did_not_run_is_unknown_not_bad() {
    let target = super::probe::Target::start();
    let mut server = Server::start(&target.config());
    std::thread::sleep(Duration::from_secs(6));
    server.kill();
    let killed = now();
    std::thread::sleep(Duration::from_secs(8));
    let back = now();
    let server = server.restart();
    std::thread::sleep(Duration::from_secs(6));
    let status = server.get("/api/v1/slos/front/status").json();
    let objective = &status["objectives"][0];
    assert_eq!(objective["bad"], 0, "{status}");
    let from = domain::Instant::parse(objective["effective_from"].as_str().unwrap()).unwrap().unix();
    let to = domain::Instant::parse(status["data_until"].as_str().unwrap()).unwrap().unix();
    let measured = objective["coverage"].as_f64().unwrap() * f64::from(i32::try_from(to - from).unwrap());
    let away = f64::from(i32::try_from(back - killed).unwrap());
    let most = f64::from(i32::try_from(to - from).unwrap()) - away + 1.0;
    assert!(measured <= most, "{measured} s measured, at most {most} s are possible: {status}");
    assert!(objective["total"].as_u64().unwrap() >= 8, "{status}");
}
