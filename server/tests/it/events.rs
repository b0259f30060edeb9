//! Events: summed into minutes, a retry counts once, bad input is named.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::support::{Answer, PUSHED, Server, at, line, now, request};

fn send(server: &Server, body: &[u8], headers: &[(&str, &str)]) -> Answer {
    request(server.address, "POST", "/api/v1/events", headers, body)
}

fn event(at_unix: i64, good: bool, more: Value) -> Value {
    let mut event = json!({"kind": "sli", "sli": "orders", "at": at(at_unix), "good": good});
    for (name, value) in more.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

fn counts(server: &Server) -> (Value, Value, Value) {
    let status = server.get(&format!("/api/v1/slos/orders/status?at={}", at(now() / 60 * 60))).json();
    let objective = &status["objectives"][0];
    (objective["good"].clone(), objective["bad"].clone(), objective["total"].clone())
}

fn zipped(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn events_are_summed_into_minutes_and_a_retry_counts_once() {
    let server = Server::start(PUSHED);
    let m = now() / 60 * 60;
    let ndjson = [
        event(m - 300, true, json!({"count": 7})),
        event(m - 299, false, json!({})),
        event(m - 240, true, json!({"id": "a"})),
        event(m - 240, true, json!({"id": "a"})),
    ];
    let body = ndjson.map(|event| event.to_string() + "\n").concat();
    let answer = send(&server, body.as_bytes(), &[]);
    assert_eq!((answer.status, answer.json()), (200, json!({"accepted": 4, "repeated": 0})), "{answer:?}");
    assert_eq!(counts(&server), (8.into(), 1.into(), 9.into()));

    // The same body, and the same id in another one.
    for _ in 0..2 {
        let again = send(&server, body.as_bytes(), &[]);
        assert_eq!((again.status, again.json()), (200, json!({"accepted": 4, "repeated": 4})));
    }
    let list = json!([event(m - 240, true, json!({"id": "a"})), event(m - 240, false, json!({"id": "b"}))]);
    let other = send(&server, list.to_string().as_bytes(), &[]);
    assert_eq!(other.json(), json!({"accepted": 2, "repeated": 1}));
    assert_eq!(counts(&server), (8.into(), 2.into(), 10.into()));

    // One layer of gzip; many senders at a time.
    let packed = zipped(event(m - 180, true, json!({"count": 5})).to_string().as_bytes());
    assert_eq!(send(&server, &packed, &[("Content-Encoding", "gzip")]).status, 200);
    std::thread::scope(|scope| {
        for sender in 0..8 {
            let server = &server;
            scope.spawn(move || {
                for k in 0..10 {
                    let body = event(m - 180, true, json!({"id": format!("{sender}-{k}")})).to_string();
                    for _ in 0..2 {
                        assert_eq!(send(server, body.as_bytes(), &[]).status, 200);
                    }
                }
            });
        }
    });
    assert_eq!(counts(&server), (93.into(), 2.into(), 95.into()));

    // A slice imported at a place replaces the sum; events that come later are added to it.
    assert_eq!(server.import(&line("orders", m - 180, 60, 1, 2)).status, 200);
    assert_eq!(counts(&server), (9.into(), 3.into(), 12.into()));
    assert_eq!(send(&server, event(m - 150, true, json!({})).to_string().as_bytes(), &[]).status, 200);
    assert_eq!(counts(&server), (10.into(), 3.into(), 13.into()));

    // What was counted is known after a kill, too.
    let mut server = server;
    server.kill();
    let server = server.restart();
    assert_eq!(send(&server, body.as_bytes(), &[]).json()["repeated"], 4);
    assert_eq!(counts(&server), (10.into(), 3.into(), 13.into()));
}

#[test]
fn who_sent_a_body_is_part_of_what_makes_it_the_same() {
    let server = Server::start(PUSHED);
    let body = event(now() / 60 * 60 - 120, true, json!({})).to_string();
    let bearers = [server.token("ingest"), server.token("ingest")].map(|token| format!("Bearer {token}"));
    for _ in 0..2 {
        for bearer in &bearers {
            assert_eq!(send(&server, body.as_bytes(), &[("Authorization", bearer)]).status, 200);
        }
    }
    assert_eq!(counts(&server), (2.into(), 0.into(), 2.into()));
}

#[test]
fn a_faulty_body_is_refused_whole_and_its_faults_are_named() {
    let server = Server::start(PUSHED);
    let m = now() / 60 * 60;
    let sound = event(m - 60, true, json!({}));
    let faulty = |name: &str, value: Value| event(m - 60, true, json!({name: value})).to_string();
    let cases = [
        (faulty("kind", json!("deploy")), "`deploy`"),
        (r#"{"kind": "deploy", "service": "shop"}"#.to_owned(), "`deploy`"),
        (faulty("sli", json!("nobody")), "not declared"),
        (faulty("sli", json!(3)), "string"),
        (faulty("at", json!("yesterday")), "RFC 3339"),
        (faulty("at", json!(at(m + 3_600))), "future"),
        (faulty("at", json!(at(m - 8 * 86_400))), "7 days"),
        (faulty("at", json!(1_790_000_000)), "string"),
        (faulty("good", json!(1)), "boolean"),
        (faulty("good", Value::Null), "boolean"),
        (faulty("count", json!(0)), "from 1"),
        (faulty("count", json!(-1)), "from 1"),
        (faulty("count", json!(0.5)), "from 1"),
        (faulty("count", json!("5")), "number"),
        (faulty("count", json!(1_000_000_000_001_u64)), "from 1"),
        (faulty("id", json!("")), "`id`"),
        (faulty("id", json!("x".repeat(201))), "`id`"),
        (faulty("total", json!(1)), "total"),
        ("{".to_owned(), "column"),
        ("3".to_owned(), "column"),
        ("\u{0}".to_owned(), "column"),
        (r#"{"kind": "sli"}"#.to_owned(), "missing field"),
        (format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)), "column"),
    ];
    for (fault, says) in &cases {
        let answer = send(&server, format!("{sound}\n{fault}\n").as_bytes(), &[]);
        assert_eq!(answer.status, 400, "{fault}: {answer:?}");
        let error = &answer.json()["errors"][0];
        assert_eq!(error["line"], 2, "{fault}: {error}");
        assert!(error["message"].as_str().unwrap().contains(says), "{fault}: {error}");
        let listed = send(&server, format!("[{sound}, {fault}]").as_bytes(), &[]);
        assert_eq!(
            (listed.status, &listed.json()["errors"][0]["line"]),
            (400, &2.into()),
            "{fault}: {listed:?}"
        );
    }
    for (body, status) in
        [(&b"[1"[..], 400), (b"[] x", 400), (b"\xff", 400), (b"", 200), (b"[]", 200), (b"\n \n", 200)]
    {
        assert_eq!(send(&server, body, &[]).status, status, "{body:?}");
    }
    for encoding in ["br", "gzip, gzip", "snappy", "x"] {
        assert_eq!(send(&server, b"x", &[("Content-Encoding", encoding)]).status, 415, "{encoding}");
    }
    assert_eq!(send(&server, b"no gzip", &[("Content-Encoding", "gzip")]).status, 400);
    let whole = zipped(sound.to_string().as_bytes());
    assert_eq!(
        send(&server, &whole[..whole.len() - 9], &[("Content-Encoding", "gzip")]).status,
        400,
        "cut off"
    );

    // A minute inside a longer slice.
    let hour = (m - 7_200) / 3_600 * 3_600;
    assert_eq!(server.import(&line("orders", hour, 300, 5, 5)).status, 200);
    let inside = send(&server, event(hour + 90, true, json!({})).to_string().as_bytes(), &[]);
    assert!(inside.status == 400 && inside.body.contains("300 seconds"), "{inside:?}");
    assert_eq!(counts(&server), (5.into(), 0.into(), 5.into()), "nothing else was counted");
}
