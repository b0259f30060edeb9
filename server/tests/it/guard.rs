//! Requests that a foreign web page may have made are refused.

use super::support::{PUSHED, Server, line, now, request};

#[test]
fn foreign_hosts_and_cross_site_mutations_are_refused() {
    let server = Server::start(PUSHED);
    let body = line("orders", now() / 60 * 60 - 60, 60, 1, 1);
    let post = |headers: &[(&str, &str)]| {
        request(server.address, "POST", "/api/v1/sli/import", headers, body.as_bytes()).status
    };
    let own = format!("http://{}", server.address);
    assert_eq!(post(&[]), 200, "a client that is no browser");
    assert_eq!(post(&[("Origin", &own), ("Sec-Fetch-Site", "same-origin")]), 200);
    assert_eq!(post(&[("Origin", "http://evil.example")]), 403);
    assert_eq!(post(&[("Origin", "null")]), 403);
    assert_eq!(post(&[("Sec-Fetch-Site", "cross-site")]), 403);
    assert_eq!(post(&[("Sec-Fetch-Site", "same-site")]), 403);
    let get = |host: &str| request(server.address, "GET", "/api/v1/slos", &[("Host", host)], b"").status;
    assert_eq!(get("localhost"), 200);
    assert_eq!(get("evil.example"), 421);
    assert_eq!(get("127.0.0.1.evil.example:3000"), 421);
}
