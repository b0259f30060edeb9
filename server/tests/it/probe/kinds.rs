//! Probes of several kinds against targets that misbehave: each result has its reason, on the page and in the API, and
//! no probe goes where it may not.

use std::net::TcpListener;
use std::time::Duration;

use super::super::support::{Server, eventually};
use super::Target;

fn objective(name: &str, probe: &str) -> String {
    format!(
        "---\napiVersion: nines/v1\nkind: Objective\nmetadata: {{name: {name}}}\nspec: {{service: shop, target: 99%, \
         window: 1d, probe: {{{probe}, interval: 1s, timeout: 800ms}}}}\n"
    )
}

#[test]
fn every_kind_has_its_reason_and_its_times() {
    let target = Target::start();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (web, quiet) = (target.address, silent.local_addr().unwrap());
    let probes = [
        ("body-good", format!("url: 'http://{web}/', expect: {{body: {{matches: '^ok$'}}}}"), "good", ""),
        (
            "body-bad",
            format!("url: 'http://{web}/', expect: {{body: fine}}"),
            "bad",
            "not so: body contains \"fine\"",
        ),
        ("tcp", format!("tcp: {{address: '{web}'}}"), "good", ""),
        ("dns", format!("dns: {{name: shop.example, server: '{web}'}}"), "bad", "connection refused"),
        (
            "tls",
            format!("tls: {{address: '{quiet}'}}"),
            "bad",
            "timed out after 800 ms while negotiating TLS",
        ),
        (
            "grpc",
            format!("grpc: {{address: '{quiet}'}}"),
            "bad",
            "timed out after 800 ms while waiting for the answer",
        ),
        (
            "metadata",
            "tcp: {address: '169.254.169.254:80'}".to_owned(),
            "unknown",
            "address not allowed: a metadata service",
        ),
    ];
    let server =
        Server::start(&probes.iter().map(|(name, probe, ..)| objective(name, probe)).collect::<String>());
    let latest = |name: &str| {
        let answer = server.get("/api/v1/services/shop/probes").json();
        let all = answer["probes"].as_array().unwrap().clone();
        all.into_iter().find(|probe| probe["sli"] == name).map(|probe| probe["latest"].clone())
    };
    for (name, _, result, reason) in &probes {
        eventually(name, Duration::from_secs(20), || {
            latest(name).is_some_and(|latest| {
                latest["result"] == *result && latest["reason"].as_str().unwrap_or_default() == *reason
            })
        });
    }
    let timings = &latest("body-good").unwrap()["timings_ms"];
    assert!(
        ["connect", "first_byte", "body", "total"].iter().all(|phase| timings[*phase].is_f64()),
        "{timings}"
    );
    assert!(timings["tls"].is_null(), "{timings}");
    let page = server.get("/services/shop").body;
    for part in
        ["Latest attempts", "not so: body contains", "address not allowed: a metadata service", "First byte"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    // Unknown is neither good nor bad.
    let status = server.get("/api/v1/slos/metadata/status").json();
    assert!(status["data_until"].is_null() && status["objectives"][0]["state"] == "no_data", "{status}");
    assert_eq!(server.get("/api/v1/services/nobody/probes").status, 404);
}
