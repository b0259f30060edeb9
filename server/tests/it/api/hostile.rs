//! Requests that no client of good will sends: each gets an answer or is cut off in time, and the server goes on.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use super::super::support::{PUSHED, Server, line, now, parse, raw};

/// The longest that a connection may stay that says nothing more.
const PATIENCE: Duration = Duration::from_secs(15);

#[test]
fn what_is_no_http_is_refused_at_once() {
    let server = Server::start(PUSHED);
    let long = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "a".repeat(70_000));
    let huge = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "a".repeat(700_000));
    let many = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "A: b\r\n".repeat(100));
    let cases: [(&[u8], u16); 10] = [
        (long.as_bytes(), 414),
        (huge.as_bytes(), 431),
        (many.as_bytes(), 431),
        (b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /api/v1/slos?\xff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"G\x00T / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET / HTTP/7.3\r\nHost: localhost\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (
            b"POST /api/v1/sli/import HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
            400,
        ),
        (
            b"POST /api/v1/sli/import HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
            400,
        ),
    ];
    for (bytes, status) in cases {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        let began = Instant::now();
        let answer = parse(&raw(server.address, bytes)).unwrap_or_else(|| panic!("no answer: {shown}"));
        assert_eq!(answer.status, status, "{shown}");
        assert!(began.elapsed() < Duration::from_secs(5), "{shown}");
    }
    let tunnel = b"CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(parse(&raw(server.address, tunnel)).unwrap().status, 405);
    let absolute =
        b"GET http://localhost/api/v1/slos HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(parse(&raw(server.address, absolute)).unwrap().status, 200);
    for path in ["/slos/%FF%FE", "/services/%00", "/%FF", "/slos/orders?range=%FF", "/?%FF=%00"] {
        assert!(matches!(server.get(path).status, 200 | 400 | 404), "{path}: {:?}", server.get(path));
    }
}

#[test]
fn a_body_that_stops_half_way_is_told_so_and_others_go_on() {
    let server = Server::start(PUSHED);
    let half = |kept_open: bool| {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = "POST /api/v1/sli/import HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{";
        stream.write_all(head.as_bytes()).unwrap();
        if !kept_open {
            stream.shutdown(Shutdown::Write).unwrap();
        }
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        parse(&answer)
    };
    // Gone: nobody waits for the answer, so none is owed.
    let gone = half(false);
    assert!(gone.is_none_or(|answer| answer.status == 400));
    let stalled = half(true).expect("an answer");
    assert_eq!(stalled.status, 408, "{stalled:?}");
    assert!(stalled.head.contains("application/problem+json"), "{stalled:?}");
    assert_eq!(server.import(&line("orders", now() / 60 * 60 - 60, 60, 1, 1)).status, 200);
}

#[test]
fn a_client_that_asks_first_is_told_to_go_on_or_refused() {
    let server = Server::start(PUSHED);
    let body = line("orders", now() / 60 * 60 - 60, 60, 1, 1);
    let ask = |path: &str, length: usize| {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\n\
             Content-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut first = [0_u8; 12];
        stream.read_exact(&mut first).unwrap();
        (stream, String::from_utf8(first.to_vec()).unwrap())
    };
    let (mut stream, first) = ask("/api/v1/sli/import", body.len());
    assert_eq!(first, "HTTP/1.1 100");
    stream.write_all(body.as_bytes()).unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("HTTP/1.1 200"), "{rest}");
    assert_eq!(ask("/api/v1/nothing", 1_000_000).1, "HTTP/1.1 404", "without the body");
    assert_eq!(ask("/api/v1/slos", 1_000_000).1, "HTTP/1.1 405", "without the body");
}

#[test]
fn a_connection_that_never_says_what_it_speaks_is_closed() {
    let server = &Server::start(PUSHED);
    let beginnings = ["", "P", "PRI * HTTP/2.0\r\n", "GET / HT", "POST / HTTP/1.1\r\nHost: local"];
    std::thread::scope(|scope| {
        for beginning in beginnings {
            scope.spawn(move || {
                let began = Instant::now();
                let mut stream = TcpStream::connect(server.address).unwrap();
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                stream.write_all(beginning.as_bytes()).unwrap();
                let ended = stream.read_to_end(&mut Vec::new());
                // What was sent and never read turns the end into a reset.
                let closed =
                    ended.as_ref().map_or_else(|error| error.kind() == ErrorKind::ConnectionReset, |_| true);
                assert!(
                    closed && began.elapsed() < PATIENCE,
                    "{beginning:?} holds its connection: {ended:?}"
                );
            });
        }
    });
}
