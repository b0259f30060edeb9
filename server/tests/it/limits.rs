//! What passes a limit is refused by its name, at once, and the rest goes on.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::support::{PUSHED, Server, at, eventually, line, now, request};

const SMALL: [(&str, &str); 9] = [
    ("NINES_LIMIT_IMPORT_BYTES", "1000"),
    ("NINES_LIMIT_IMPORT_LINES", "3"),
    ("NINES_LIMIT_EVENT_BYTES", "1000"),
    ("NINES_LIMIT_EVENT_BYTES_DECOMPRESSED", "5000"),
    ("NINES_LIMIT_EVENTS", "2"),
    ("NINES_LIMIT_POINTS", "10"),
    ("NINES_LIMIT_REQUESTS", "2"),
    ("NINES_LIMIT_BODIES", "1"),
    ("NINES_LIMIT_CONNECTIONS", "5"),
];

#[test]
fn what_passes_a_limit_is_refused_by_its_name() {
    let server = Server::start_under(PUSHED, &SMALL);
    let m = now() / 60 * 60;
    let post = |path: &str, headers: &[(&str, &str)], body: &[u8]| {
        request(server.address, "POST", path, headers, body)
    };
    let event = format!(r#"{{"kind":"sli","sli":"orders","at":"{}","good":true}}"#, at(m - 60));
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![b' '; 100_000]).unwrap();
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 1_000);
    let lines: String = (1..=4).map(|k| line("orders", m - 60 * k, 60, 1, 1).replace(' ', "")).collect();
    let history = format!("/api/v1/slos/orders/history?from={}&to={}&step=1m", at(m - 660), at(m));
    let cases = [
        (post("/api/v1/sli/import", &[], &[b' '; 1_001]), 413, "limit-import-bytes"),
        (post("/api/v1/sli/import", &[], lines.as_bytes()), 400, "limit-import-lines"),
        (post("/api/v1/events", &[], &[b' '; 1_001]), 413, "limit-event-bytes"),
        (
            post("/api/v1/events", &[("Content-Encoding", "gzip")], &bomb),
            413,
            "limit-event-bytes-decompressed",
        ),
        (post("/api/v1/events", &[], format!("{event}\n{event}\n{event}").as_bytes()), 400, "limit-events"),
        (post("/api/v1/events", &[], format!("[{event},{event},{event}]").as_bytes()), 400, "limit-events"),
        (server.get(&history), 400, "limit-points"),
    ];
    for (answer, status, limit) in cases {
        assert_eq!(answer.status, status, "{limit}: {answer:?}");
        assert!(answer.body.contains(&format!("({limit})")), "{limit}: {answer:?}");
    }
    assert_eq!(server.import(&line("orders", m - 60, 60, 1, 1)).status, 200, "what is within goes on");
    assert_eq!(post("/api/v1/events", &[], event.as_bytes()).status, 200);
}

/// A request whose body does not come.
fn half(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let head = "POST /api/v1/sli/import HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

#[test]
fn a_crowd_is_turned_away_at_once_and_health_still_answers() {
    let server = Server::start_under(PUSHED, &SMALL);
    let held = [half(&server), half(&server)];
    let mut refused = None;
    eventually("a third request is refused", Duration::from_secs(5), || {
        let answer = server.get("/api/v1/slos");
        refused = (answer.status == 503).then_some(answer);
        refused.is_some()
    });
    let refused = refused.unwrap();
    assert!(refused.body.contains("limit-requests") && refused.head.contains("retry-after"), "{refused:?}");
    assert_eq!(server.get("/healthz").status, 200);

    // Three more connections are let in, and the next one when one of them ends.
    let idle: Vec<TcpStream> = (0..3).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    std::thread::sleep(Duration::from_millis(300));
    let mut waiting = TcpStream::connect(server.address).unwrap();
    waiting.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    waiting.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let mut first = [0_u8; 12];
    assert!(waiting.read_exact(&mut first).is_err(), "a connection too many is not served");
    drop(idle);
    waiting.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    waiting.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    drop(held);
    eventually("room again", Duration::from_secs(20), || server.get("/api/v1/slos").status == 200);
}
