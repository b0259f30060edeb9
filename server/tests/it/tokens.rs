//! Who may do what: every route by every principal, tokens from the command line, and what a log must not hold.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use server::access::{Anonymous, PATTERN, Scope, Scopes};
use server::http::routes::listed;

use super::support::{Answer, PUSHED, Server, eventually, line, now, request};

/// What a request without a body is answered: status and headers, without waiting for the end of a stream.
fn head(address: SocketAddr, method: &str, path: &str, token: Option<&str>) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let length = if method == "POST" { "Content-Length: 0\r\n" } else { "" };
    let text = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{authorization}{length}\r\n"
    );
    stream.write_all(text.as_bytes()).unwrap();
    let lines: Vec<String> =
        BufReader::new(stream).lines().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
    let status = lines[0].split(' ').nth(1).unwrap().parse().unwrap();
    (status, lines.join("\n").to_ascii_lowercase())
}

fn filled(path: &str) -> String {
    let path = path
        .replace("/services/{name}", "/services/shop")
        .replace("/periods/{from}", "/periods/2026-01-01T00:00:00Z");
    let path =
        path.replace("{*name}", "overview").replace("{*rest}", "v1/nothing").replace("{*file}", "n.css");
    path.replace("{*page}", "").replace("{name}", "orders")
}

#[test]
fn every_route_asks_every_principal_for_what_it_needs() {
    let loopback = Server::start(PUSHED);
    let closed = loopback.beside_under(PUSHED, "127.0.0.1:0", &[("NINES_ANONYMOUS", "none")]);
    let viewed = loopback.beside_under(PUSHED, "127.0.0.1:0", &[("NINES_ANONYMOUS", "viewer")]);
    let token = |scope: &str| Some(loopback.token(scope));
    let scopes = |words: &str| Scopes::from(words);
    let principals: [(&str, &Server, Option<String>, Scopes); 7] = [
        ("nobody", &closed, None, Anonymous::None.scopes()),
        ("anonymous viewer", &viewed, None, Anonymous::Viewer.scopes()),
        ("anonymous on loopback", &loopback, None, Anonymous::Admin.scopes()),
        ("ingest", &closed, token("ingest"), scopes("ingest")),
        ("read", &closed, token("read"), scopes("read")),
        ("admin", &closed, token("admin"), scopes("admin")),
        ("ingest at a viewer's", &viewed, token("ingest"), scopes("ingest")),
    ];
    let mut asked = 0;
    for route in listed() {
        let path = filled(route.path);
        assert!(!path.contains('{'), "give {} a value in this test", route.path);
        let methods: &[&str] = if route.method == "*" { &["GET", "POST"] } else { &[route.method] };
        for ((who, server, token, scopes), method) in
            principals.iter().flat_map(|principal| methods.iter().map(move |method| (principal, method)))
        {
            asked += 1;
            let (status, head) = head(server.address, method, &path, token.as_deref());
            let what = format!("{method} {path} by {who}: {head}");
            match route.need.scope() {
                Some(scope) if !scopes.allow(scope) && token.is_some() => {
                    assert_eq!(status, 403, "{what}");
                    assert!(head.contains("www-authenticate: b"), "{what}");
                }
                Some(scope) if !scopes.allow(scope) => {
                    assert_eq!(status, 401, "{what}");
                    assert!(head.contains("www-authenticate: b"), "{what}");
                }
                _ => assert!(!matches!(status, 401 | 403), "{what}"),
            }
        }
    }
    assert!(asked > 150, "{asked}");

    // Other spellings of a path are other paths, or the same with the same guard.
    for path in [
        "//api/v1/slos",
        "/api//v1/slos",
        "/api/v1/slos/",
        "/API/v1/slos",
        "/api/v1/./slos",
        "/api/v1/%73los",
        "/./api/v1/slos",
        "/api%2fv1%2fslos",
        "/pkg/../api/v1/slos",
        "/pkg/%2e%2e/manifest.json",
    ] {
        let (status, head) = head(closed.address, "GET", path, None);
        assert!(matches!(status, 400 | 401 | 404), "{path}: {head}");
    }
}

#[test]
fn a_refusal_says_what_is_missing_and_the_log_does_not_hold_the_token() {
    let server = Server::start_under(PUSHED, &[("NINES_ANONYMOUS", "none"), ("RUST_LOG", "trace")]);
    let send = |path: &str, authorization: &str| -> Answer {
        request(server.address, "GET", path, &[("Authorization", authorization)], b"")
    };
    let token = server.token("ingest");
    let bearer = format!("Bearer {token}");
    let refused = send("/api/v1/slos", &bearer);
    assert_eq!(refused.status, 403, "{refused:?}");
    assert!(refused.body.contains("`read`") && refused.head.contains("insufficient_scope"), "{refused:?}");
    let body = line("orders", now() / 60 * 60 - 60, 60, 1, 1);
    let import = |authorization: &str| {
        request(
            server.address,
            "POST",
            "/api/v1/sli/import",
            &[("Authorization", authorization)],
            body.as_bytes(),
        )
    };
    assert_eq!(import(&bearer).status, 200);
    // A refused body is heard to its end, up to a bound.
    let large = vec![b'x'; 3 * 1_024 * 1_024];
    assert_eq!(request(server.address, "POST", "/api/v1/sli/import", &[], &large).status, 401);

    let wrong = format!("{}{}", &token[..token.len() - 1], if token.ends_with('0') { '1' } else { '0' });
    for authorization in [&format!("Bearer {wrong}"), "Bearer", "Bearer x", "Basic eDp5", "Digest x", &token]
    {
        let answer = import(authorization);
        assert_eq!(answer.status, 401, "{authorization}: {answer:?}");
        assert!(answer.head.contains("invalid_token"), "{answer:?}");
    }

    // A browser is asked for a password, and the token is one.
    let asked = server.get("/");
    assert!(asked.status == 401 && asked.head.contains("www-authenticate: Basic"), "{asked:?}");
    let reader = server.token("read");
    let basic = |password: &str| {
        use base64::Engine as _;
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("anybody:{password}")))
    };
    let page = send("/", &basic(&reader));
    assert!(page.status == 200 && page.body.contains("shop"), "{page:?}");
    assert_eq!(send("/", &basic(&token)).status, 403, "a sender is no reader");
    assert_eq!(server.get("/pkg/n.css").status, 200, "the client's files are nobody's secret");

    let log = server.log();
    assert!(log.len() > 1_000, "the log is told to say everything");
    for secret in [&token, &reader] {
        assert!(!log.contains(secret.as_str()) && !log.contains(&secret[20..50]), "a token in the log");
    }
}

fn nines(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nines")).args(arguments).env_remove("DATABASE_URL").output().unwrap()
}

#[test]
fn tokens_are_made_listed_and_revoked_while_the_server_runs_and_while_it_does_not() {
    let mut server = Server::start_under(PUSHED, &[("NINES_ANONYMOUS", "none")]);
    let data = server.directory.path().join("data").to_str().unwrap().to_owned();
    let token = server.token("read,ingest");
    assert!(
        token.starts_with("nines_") && PATTERN == "nines_[0-9A-Za-z]{57}" && token.len() == 63,
        "{token}"
    );
    let slos = |server: &Server, token: &str| head(server.address, "GET", "/api/v1/slos", Some(token)).0;
    assert_eq!(slos(&server, &token), 200, "as soon as it is made");

    let listed = nines(&["token", "list", "--data-dir", &data]);
    let text = String::from_utf8(listed.stdout).unwrap();
    assert!(text.contains("ingest,read") && !text.contains(&token), "{text}");
    let id = text.lines().nth(1).unwrap().split(' ').next().unwrap();
    assert_eq!(&token[6..14], id);

    assert_eq!(nines(&["token", "revoke", "nobody12", "--data-dir", &data]).status.code(), Some(1));
    assert!(nines(&["token", "revoke", id, "--data-dir", &data]).status.success());
    let revoked = Instant::now();
    eventually("the revoked token is refused", Duration::from_secs(5), || slos(&server, &token) == 401);
    assert!(revoked.elapsed() < Duration::from_secs(5));

    let short = nines(&[
        "token",
        "create",
        "--scope",
        "read",
        "--expires",
        "2s",
        "--name",
        "short",
        "--data-dir",
        &data,
    ]);
    let short = String::from_utf8(short.stdout).unwrap().trim().to_owned();
    assert_eq!(slos(&server, &short), 200);
    eventually("the token ends", Duration::from_secs(5), || slos(&server, &short) == 401);

    // Killed: the database goes on without it; taken down: the command starts and stops it.
    server.kill();
    let kept = server.token("admin");
    let server = server.restart();
    assert_eq!(slos(&server, &kept), 200);

    for wrong in [
        &["create"][..],
        &["create", "--scope", "owner"],
        &["create", "--scope", "read", "--expires", "soon"],
    ] {
        assert_eq!(nines(&[&["token"], wrong].concat()).status.code(), Some(64), "{wrong:?}");
    }
}

#[test]
fn beyond_loopback_there_must_be_a_token_and_nothing_is_open_without_one() {
    let first = Server::start(PUSHED);
    let url = first.database_url();
    let site = first.directory.path().join("site");
    let beyond = |more: &[&str]| {
        let usual =
            ["serve", "--listen", "0.0.0.0:0", "--database-url", &url, "--site", site.to_str().unwrap()];
        nines(&[&usual, more].concat())
    };
    let refused = beyond(&[]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(text.contains("nines token create --scope admin"), "{text}");
    let admin = beyond(&["--anonymous", "admin"]);
    assert_eq!(admin.status.code(), Some(2), "{admin:?}");

    let token = first.token("admin");
    let server = first.beside_under(PUSHED, "0.0.0.0:0", &[]);
    let status = |token: Option<&str>| head(server.address, "GET", "/api/v1/slos", token).0;
    assert_eq!((status(None), status(Some(&token))), (401, 200));
    assert!([Scope::Ingest, Scope::Read].into_iter().all(|scope| Anonymous::Admin.scopes().allow(scope)));
}

#[test]
fn without_a_database_a_token_is_neither_believed_nor_called_wrong() {
    let server = Server::without_database(PUSHED);
    let token = server::access::mint().unwrap().text;
    let (status, head) = head(server.address, "GET", "/api/v1/services", Some(&token));
    assert!(status == 503 && head.contains("retry-after"), "{head}");
    assert_eq!(server.get("/api/v1/services").status, 200, "who needs none is served");
}
