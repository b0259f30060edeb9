//! The live stream: hello, everything once, a heartbeat, then changes; numbers only.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use super::support::{PUSHED, Server, line, now};

#[test]
fn a_stream_begins_with_everything_and_goes_on_with_changes() {
    let server = Server::start(PUSHED);
    std::thread::sleep(Duration::from_secs(2));
    let mut socket = TcpStream::connect(server.address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(socket, "GET /api/v1/stream HTTP/1.1\r\nHost: {}\r\n\r\n", server.address).unwrap();
    let mut lines = BufReader::new(socket).lines();
    let mut next = || -> (String, Value) {
        let mut kind = String::new();
        loop {
            let line = lines.next().unwrap().unwrap();
            if let Some(text) = line.strip_prefix("event: ") {
                text.clone_into(&mut kind);
            } else if let Some(text) = line.strip_prefix("data: ") {
                assert!(
                    !["</", "<svg", "class="].iter().any(|mark| text.contains(mark)),
                    "markup on the stream: {text}"
                );
                return (kind.clone(), serde_json::from_str(text).unwrap());
            }
        }
    };
    let (kind, hello) = next();
    assert_eq!((kind.as_str(), &hello["build"]), ("hello", &"test".into()));
    let mut seen = Vec::new();
    loop {
        let (kind, data) = next();
        if kind == "heartbeat" {
            assert!(data["now"].is_string());
            break;
        }
        seen.push(kind);
    }
    assert_eq!(seen.iter().filter(|kind| *kind == "service").count(), 2);
    assert_eq!(seen.iter().filter(|kind| *kind == "slo").count(), 2);

    let minute = now() / 60 * 60 - 60;
    assert_eq!(server.import(&line("orders", minute, 60, 5, 6)).status, 200);
    loop {
        let (kind, data) = next();
        if kind == "slo" && data["slo"] == "orders" {
            assert_eq!(data["objectives"][0]["total"], 6);
            assert_eq!((&data["point"]["good"], &data["point"]["total"]), (&5.into(), &6.into()));
            break;
        }
    }
}
