//! Nines' own objectives: declared by itself, measured like any, and off where nobody asked for them.

use std::time::Duration;

use super::support::{PUSHED, Server, at, eventually, line, now};

#[test]
fn nines_measures_itself_where_it_is_told_to() {
    let plain = Server::start(PUSHED);
    assert_eq!(
        plain.get("/api/v1/services").json()["services"].as_array().unwrap().len(),
        2,
        "off on loopback"
    );
    drop(plain);

    let server = Server::start_under(PUSHED, &[("NINES_OWN_OBJECTIVES", "on")]);
    let services = server.get("/api/v1/services").json();
    assert_eq!(services["services"].as_array().unwrap().len(), 3);
    assert_eq!(server.get("/slos/nines-pages").status, 200);
    let m = now() / 60 * 60;
    for _ in 0..3 {
        assert_eq!(server.import(&line("orders", m - 60, 60, 1, 1)).status, 200);
    }
    // What the sender did wrong is not ours.
    assert_eq!(server.import("x").status, 400);
    let objective = |server: &Server, slo: &str| {
        server.get(&format!("/api/v1/slos/{slo}/status?at={}", at(now() + 1))).json()["objectives"][0].clone()
    };
    eventually("bodies and freshness are counted", Duration::from_secs(20), || {
        let (ingest, fresh) = (objective(&server, "nines-ingest"), objective(&server, "nines-freshness"));
        (ingest["good"].as_u64(), ingest["total"].as_u64()) == (Some(4), Some(4))
            && fresh["total"].as_u64() >= Some(2)
    });
    assert!(objective(&server, "nines-pages")["total"].as_u64() >= Some(1));
    let health = server.get("/api/v1/services/nines").json();
    assert_eq!(health["health"], "up", "{health}");

    // A restart goes on with the minute, and the time between is not measured.
    let mut server = server;
    server.kill();
    std::thread::sleep(Duration::from_secs(4));
    let counted = Server::restart_under(server, &[("NINES_OWN_OBJECTIVES", "on")]);
    eventually("what was counted before is still there", Duration::from_secs(20), || {
        objective(&counted, "nines-ingest")["total"].as_u64() == Some(4)
    });
    eventually("the time between is a gap", Duration::from_secs(20), || {
        let coverage = objective(&counted, "nines-freshness")["coverage"].as_f64();
        coverage.is_some_and(|coverage| coverage > 0.0 && coverage < 1.0)
    });
    assert_eq!(objective(&counted, "nines-ingest")["total"], 4);
}

#[test]
fn a_configuration_that_uses_the_names_keeps_them() {
    let config = PUSHED.replace("name: orders", "name: nines-ingest");
    let server = Server::start_under(&config, &[("NINES_OWN_OBJECTIVES", "on")]);
    assert_eq!(server.get("/api/v1/slos").json()["slos"].as_array().unwrap().len(), 2);
    assert!(server.log().contains("own objectives are left out"), "{}", server.log());
}
