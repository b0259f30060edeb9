//! The database goes away under probes, and the server is killed meanwhile: no target is taken for down, no result is
//! lost, and pages say since when they are blind.

use std::time::Duration;

use super::probe::Target;
use super::support::{Server, at, eventually, now};

/// How long the database is away.
const AWAY_SECONDS: i64 = 20;

#[test]
fn a_database_outage_and_a_kill_lose_no_result_and_blame_no_target() {
    let target = Target::start();
    // Whose database both use, and that measures nothing itself.
    let host = Server::start("apiVersion: openslo/v1\nkind: Service\nmetadata: {name: other}\n");
    let url = host.database_url();
    let server = host.beside(&target.config());
    let health = |server: &Server| server.get("/api/v1/services/shop").json()["health"].clone();
    eventually("up", Duration::from_secs(15), || health(&server) == "up");

    let directory = host.take_down();
    let began = now();
    // The engine notices at its next round.
    eventually("blind", Duration::from_secs(30), || {
        let page = server.get("/").body;
        page.contains("The database cannot be reached since") && page.contains("results wait to be stored")
    });
    assert_eq!(health(&server), "up");
    while now() - began < AWAY_SECONDS / 2 {
        assert_eq!(health(&server), "up");
        std::thread::sleep(Duration::from_millis(200));
    }
    let mut server = server;
    server.kill();
    let server = server.again_on(&url);
    while now() - began < AWAY_SECONDS {
        assert_ne!(health(&server), "down");
        std::thread::sleep(Duration::from_millis(200));
    }
    let _host = Server::serve(directory);
    server.wait_until_ready();

    // The newest results are committed within seconds.
    std::thread::sleep(Duration::from_secs(4));
    let counted = target.counted();
    let stored = || {
        let (from, to) = (*counted.keys().next().unwrap(), *counted.keys().last().unwrap() + 60);
        let path = format!("/api/v1/slos/front/history?from={}&to={}&step=1m", at(from), at(to));
        let history = server.get(&path).json();
        let points = history["points"].as_array().unwrap().clone();
        let sum = |key: &str| points.iter().filter_map(|point| point[key].as_u64()).sum::<u64>();
        (sum("good"), sum("total"))
    };
    let sent: u64 = counted.values().sum();
    let (good, total) = stored();
    // An attempt under way at the kill has no result; the last ones before the question may be on their way.
    assert!(total <= sent + 5 && sent <= total + 3, "{total} stored, {sent} sent");
    assert_eq!(good, total, "our own outage is nobody's failure");
    assert!(sent >= 18, "{sent} attempts in {AWAY_SECONDS} s");
    // What the two processes measured is whole: only the kill and the start left a gap.
    let status = server.get("/api/v1/slos/front/status").json();
    assert_eq!(status["objectives"][0]["bad"], 0, "{status}");
    let log = server.log();
    assert!(log.contains("taken up from the spool"), "{log}");
}
