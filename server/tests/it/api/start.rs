//! A start is no outage: until the database is there, or is missed for longer than a start takes, nothing alarms.

use std::time::{Duration, Instant};

use super::super::support::{PUSHED, Server, eventually};

/// What the pages say when the database is away.
const BAND: &str = "The database cannot be reached";
/// What the log says when figures cannot be made.
const STILL: &str = "figures stand still";

#[test]
fn an_ordinary_start_logs_no_failure_and_shows_figures_as_soon_as_it_is_ready() {
    let server = Server::start(PUSHED);
    let page = server.get("/");
    assert!(page.status == 200 && !page.body.contains(BAND), "{page:?}");
    let log = server.log();
    assert!(!log.contains(" WARN ") && !log.contains(" ERROR ") && !log.contains("not ready"), "{log}");
}

#[test]
fn a_database_that_stays_away_is_shown_and_logged_after_a_grace() {
    let began = Instant::now();
    let server = Server::without_database(PUSHED);
    while began.elapsed() < Duration::from_secs(7) {
        let page = server.get("/");
        assert!(page.status == 200 && !page.body.contains(BAND), "{page:?}");
        assert_eq!(server.get("/readyz").status, 503);
        assert_eq!(server.get("/healthz").status, 200);
        let status = server.get("/api/v1/slos/orders/status");
        assert!(status.status == 503 && status.head.contains("problem+json"), "{status:?}");
        let log = server.log();
        assert!(!log.contains(" WARN "), "{log}");
        std::thread::sleep(Duration::from_millis(250));
    }
    eventually("the band", Duration::from_secs(20), || server.get("/").body.contains(BAND));
    eventually("the log", Duration::from_secs(20), || {
        let log = server.log();
        log.contains(STILL) && log.contains("the database cannot be used yet")
    });
    assert_eq!(server.log().matches(STILL).count(), 1, "{}", server.log());
    assert_eq!(server.get("/readyz").status, 503);
}
