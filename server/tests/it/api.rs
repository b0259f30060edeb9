//! The reading half of the API, pages, and what a newcomer sees.

use super::support::{PUSHED, Server, at, line, now};

mod hostile;
mod problems;
mod start;

#[test]
fn what_is_declared_is_listed_and_pages_are_whole_without_script() {
    let server = Server::start(PUSHED);
    assert_eq!(server.get("/healthz").status, 200);
    let services = server.get("/api/v1/services").json();
    let shop =
        &services["services"].as_array().unwrap().iter().find(|s| s["name"] == "shop").unwrap().clone();
    assert_eq!(shop["health"], "unknown");
    assert!(shop["reason"].is_string() && shop["objectives"].is_array(), "{shop}");
    let slos = server.get("/api/v1/slos").json();
    assert_eq!(slos["slos"].as_array().unwrap().len(), 2);
    assert!(server.get("/api/v1/slos/orders").json()["origin"]["line"].as_u64().is_some());

    let m = now() / 60 * 60;
    assert_eq!(server.import(&line("orders", m - 60, 60, 98, 100)).status, 200);
    std::thread::sleep(std::time::Duration::from_secs(3));
    let page = server.get("/");
    assert_eq!(page.status, 200);
    for text in ["shop", "post", "99.9", "98"] {
        assert!(page.body.contains(text), "no {text} in the overview");
    }
    assert!(!page.body.contains("style="), "inline style");
    assert!(page.head.contains("content-security-policy: default-src 'none'"), "{}", page.head);
    let nonce = page.head.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert!(
        page.body.matches("<script").count() == 1 || page.body.contains(nonce),
        "inline scripts carry the nonce"
    );
    assert_ne!(page.head, server.get("/").head, "a nonce is used once");

    assert_eq!(server.get("/services/shop").status, 200);
    let slo = server.get("/slos/orders");
    assert_eq!(slo.status, 200);
    assert!(slo.body.contains("How computed"), "the objective page explains itself");
    assert_eq!(server.get("/slos/nothing").status, 404);
    assert_eq!(server.get("/nothing").status, 404);
    assert_eq!(server.get("/wp-login.php").status, 404);
}

#[test]
fn a_history_has_as_many_points_as_allowed() {
    let server = Server::start(PUSHED);
    let to = now() / 3_600 * 3_600;
    let most = format!("/api/v1/slos/orders/history?from={}&to={}&step=1m", at(to - 1_500 * 60), at(to));
    assert_eq!(server.get(&most).json()["points"].as_array().unwrap().len(), 1_500);
}

#[test]
fn without_configuration_the_overview_teaches() {
    let server = Server::start("# nothing yet\n");
    let page = server.get("/");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("nines/v1"), "an example to copy");
}
