//! The demo is real: what its services were asked is what is stored, and its history came in by import.

use std::collections::BTreeMap;
use std::time::Duration;

use super::support::{Server, at, eventually, now};

#[test]
fn the_requests_that_services_logged_are_the_totals_stored_and_90_days_are_there() {
    let server = Server::demo();
    let page = server.get("/");
    assert!(page.body.contains("demo"), "the page says that it is one");
    assert!(page.body.contains("/fail?seconds="), "and prints a line that breaks a service");

    // One whole minute of probes, and time for the last timeouts and commits.
    let whole = (now() / 60 + 1) * 60;
    let until = whole + 60 + 6;
    eventually("history", Duration::from_secs(100), || {
        let from = at(whole - 90 * 86_400);
        let path = format!("/api/v1/slos/login-availability/history?from={from}&to={}&step=1d", at(whole));
        let days = server.get(&path).json();
        let measured =
            days["points"].as_array().unwrap().iter().filter(|point| point["total"].as_u64().is_some());
        measured.count() >= 90
    });
    while now() < until {
        std::thread::sleep(Duration::from_millis(200));
    }
    let logs = server.directory.path().join("data/demo/requests");
    // Of the warehouse everything is excluded while it is in maintenance. Two SLIs of one service may be declared with a probe each: then their totals together are what it was asked.
    let slos: [(&str, &[&str]); 8] = [
        ("checkout", &["checkout-availability"]),
        ("checkout", &["checkout-latency"]),
        ("search", &["search-availability"]),
        ("payments", &["payments-availability"]),
        ("recommendations", &["recommendations-latency", "recommendations-availability"]),
        ("email", &["email-availability"]),
        ("login", &["login-availability"]),
        ("images", &["images-availability"]),
    ];
    for (service, names) in slos {
        let log = std::fs::read_to_string(logs.join(format!("{service}.log"))).unwrap();
        let mut asked: BTreeMap<i64, u64> = BTreeMap::new();
        for line in log.lines() {
            let scheduled = domain::Instant::parse(line.split(' ').next().unwrap()).unwrap();
            *asked.entry(scheduled.floor_to(60).unix()).or_default() += 1;
        }
        let first = asked.keys().next().copied().unwrap();
        let mut stored: BTreeMap<i64, u64> = BTreeMap::new();
        for slo in names {
            let path = format!("/api/v1/slos/{slo}/history?from={}&to={}&step=1m", at(first), at(whole + 60));
            for point in server.get(&path).json()["points"].as_array().unwrap() {
                let minute = domain::Instant::parse(point["from"].as_str().unwrap()).unwrap().unix();
                *stored.entry(minute).or_default() += point["total"].as_u64().unwrap_or(0);
            }
        }
        asked.retain(|minute, _| *minute <= whole);
        stored.retain(|_, total| *total > 0);
        assert_eq!(stored, asked, "{names:?}");
        let checked = asked.get(&whole).copied().unwrap_or(0);
        assert!(checked >= 12, "{service} was asked {checked} times in the whole minute");
    }
}
