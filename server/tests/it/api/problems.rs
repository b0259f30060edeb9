//! Every error is a problem document with the request's id, whichever part of the server refuses.

use super::super::support::{Answer, PUSHED, Server, at, now, parse, raw, request};

fn assert_problem(what: &str, answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{what}: {answer:?}");
    let head = answer.head.to_ascii_lowercase();
    assert!(head.contains("content-type: application/problem+json"), "{what}: {head}");
    assert!(head.contains("content-security-policy: "), "{what}: {head}");
    let problem = answer.json();
    assert_eq!(problem["status"], status, "{what}: {problem}");
    assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()), "{what}: {problem}");
    let id = problem["request_id"].as_str().unwrap();
    assert!(!id.is_empty() && answer.head.contains(&format!("x-request-id: {id}")), "{what}: {answer:?}");
    if status == 405 {
        assert!(head.contains("allow: "), "{what}: {head}");
    }
    if status == 503 {
        assert!(head.contains("retry-after: "), "{what}: {head}");
    }
}

#[test]
fn faulty_questions_get_a_problem_that_says_what_is_wrong() {
    let server = Server::start(PUSHED);
    let to = now() / 3_600 * 3_600;
    let history = |query: &str| format!("/api/v1/slos/orders/history?{query}");
    let cases = [
        ("/api".to_owned(), 404),
        ("/api/".to_owned(), 404),
        ("/api/v1/nothing".to_owned(), 404),
        (format!("/api/{}", "a".repeat(60_000)), 404),
        ("/api/v1/slos/%FF/status".to_owned(), 400),
        ("/api/v1/slos/%00".to_owned(), 404),
        ("/api/v1/services/%ff".to_owned(), 400),
        ("/api/v1/slos/orders/status?at=a&at=b".to_owned(), 400),
        ("/api/v1/slos/orders/status?at=%FF%00".to_owned(), 400),
        ("/api/v1/slos/nothing/status".to_owned(), 404),
        ("/api/v1/services/nothing".to_owned(), 404),
        ("/api/v1/slos/orders/status?at=yesterday".to_owned(), 400),
        (history("step=7x"), 400),
        (history("step=90s"), 400),
        (history("step=0s"), 400),
        (history("step=9223372036854775800s"), 400),
        (history(&format!("from={}&to={}", at(to), at(to - 60))), 400),
        (history(&format!("from={}&to={}&step=1m", at(to - 1_501 * 60), at(to))), 400),
        (history("from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z&step=1m"), 400),
        (history("objective=none"), 404),
        ("/fn/nothing".to_owned(), 404),
        ("/fn/slo?name=orders".to_owned(), 400),
        ("/fn/slo?name=%FF&range=".to_owned(), 400),
        ("/pkg/nothing.js".to_owned(), 404),
        ("/pkg/%2e%2e/manifest.json".to_owned(), 404),
        ("/pkg/".to_owned(), 404),
        ("/wp-login.php".to_owned(), 404),
    ];
    for (path, status) in cases {
        assert_problem(&path[..path.len().min(100)], &server.get(&path), status);
    }
    let extremes = ["at=0001-01-01T00:00:00Z", "at=9999-12-31T23:59:59Z"];
    for query in extremes {
        assert_eq!(server.get(&format!("/api/v1/slos/orders/status?{query}")).status, 200, "{query}");
    }
}

#[test]
fn faulty_requests_get_a_problem_whoever_refuses_them() {
    let server = Server::start(PUSHED);
    let import = "/api/v1/sli/import";
    let send = |method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]| {
        request(server.address, method, path, headers, body)
    };
    let not_allowed = [
        ("POST", "/api/v1/services"),
        ("DELETE", "/api/v1/services/shop"),
        ("PUT", "/api/v1/slos"),
        ("PATCH", "/api/v1/slos/orders"),
        ("TRACE", "/api/v1/slos/orders/status"),
        ("OPTIONS", "/api/v1/slos/orders/history"),
        ("FROBNICATE", "/api/v1/slos"),
        ("GET", import),
        ("POST", "/api/v1/stream"),
        ("POST", "/healthz"),
        ("POST", "/readyz"),
        ("POST", "/fn/overview"),
        ("DELETE", "/fn/overview"),
        ("POST", "/pkg/n.css"),
        ("POST", "/"),
        ("OPTIONS", "*"),
        ("PROPFIND", "/slos/orders"),
    ];
    for (method, path) in not_allowed {
        assert_problem(&format!("{method} {path}"), &send(method, path, &[], b""), 405);
    }
    let long = vec![b' '; 17 * 1_024 * 1_024];
    assert_problem("too long", &send("POST", import, &[], &long), 413);
    for encoding in ["gzip", "identity, gzip", "x"] {
        let answer = send("POST", import, &[("Content-Encoding", encoding)], b"x");
        assert_problem(encoding, &answer, 415);
    }
    assert_eq!(send("POST", import, &[("Content-Encoding", "Identity")], b"").status, 200);
    assert_problem("not JSON", &send("POST", import, &[], b"{\xff\n"), 400);
    assert_problem("foreign host", &send("GET", "/", &[("Host", "evil.example")], b""), 421);
    assert_problem("foreign page", &send("POST", import, &[("Origin", "http://evil.example")], b""), 403);
    let hosts = [("Host", "localhost"), ("Host", "localhost")];
    assert_problem("two hosts", &send("GET", "/api/v1/slos", &hosts, b""), 400);
    let css = send("GET", "/pkg/n.css", &[("Range", "bytes=900-")], b"");
    assert_problem("beyond the file", &css, 416);
    assert!(css.head.contains("content-range: bytes */6"), "{css:?}");

    let nameless = parse(&raw(server.address, b"GET /api/v1/slos HTTP/1.0\r\n\r\n")).unwrap();
    assert_problem("no host", &nameless, 421);

    // Refused before it is read, and still heard: the rest of the body is taken and dropped.
    let large = vec![b'x'; 3 * 1_024 * 1_024];
    for (path, headers, status) in [
        ("/api/v1/nothing", [("X-Any", "1")], 404),
        ("/api/v1/slos", [("X-Any", "1")], 405),
        ("/", [("X-Any", "1")], 405),
        ("/fn/nothing", [("X-Any", "1")], 404),
        ("/pkg/n.css", [("X-Any", "1")], 405),
        (import, [("Origin", "http://evil.example")], 403),
        (import, [("Host", "evil.example")], 421),
        (import, [("Content-Encoding", "gzip")], 415),
    ] {
        assert_problem(path, &send("POST", path, &headers, &large), status);
    }
}
