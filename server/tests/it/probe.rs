//! Probing a real service: its own count of requests is what is stored, and its failures show within seconds.

mod kinds;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::support::{Server, at, eventually};

/// Answers well.
const WELL: u8 = 0;
/// Answers 500.
const BADLY: u8 = 1;
/// Takes the request and never answers.
const NOT: u8 = 2;

/// A service that counts the requests of each scheduled minute.
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    mode: Arc<AtomicU8>,
    minutes: Arc<Mutex<BTreeMap<i64, u64>>>,
}

impl Target {
    /// The attempts that it saw, by the minute that they were scheduled for.
    pub(crate) fn counted(&self) -> BTreeMap<i64, u64> {
        self.minutes.lock().unwrap().clone()
    }

    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let target =
            Self { address: listener.local_addr().unwrap(), mode: Arc::default(), minutes: Arc::default() };
        let (mode, minutes) = (Arc::clone(&target.mode), Arc::clone(&target.minutes));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (mode, minutes) = (Arc::clone(&mode), Arc::clone(&minutes));
                std::thread::spawn(move || answer(stream, &mode, &minutes));
            }
        });
        target
    }

    pub(crate) fn config(&self) -> String {
        format!(
            "apiVersion: nines/v1\nkind: Objective\nmetadata: {{name: front}}\nspec: {{service: shop, target: 99%, window: 1d, \
             probe: {{url: \"http://{}/\", interval: 1s, timeout: 500ms}}}}\n",
            self.address
        )
    }
}

fn answer(stream: TcpStream, mode: &AtomicU8, minutes: &Mutex<BTreeMap<i64, u64>>) {
    let mut scheduled = None;
    for line in BufReader::new(&stream).lines().map_while(Result::ok) {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("nines-scheduled")
        {
            scheduled = domain::Instant::parse(value.trim()).ok();
        }
        if line.is_empty() {
            break;
        }
    }
    if let Some(at) = scheduled {
        *minutes.lock().unwrap().entry(at.floor_to(60).unix()).or_default() += 1;
    }
    match mode.load(Ordering::Relaxed) {
        NOT => std::thread::sleep(Duration::from_secs(2)),
        bad => {
            let status = if bad == BADLY { "500 No" } else { "200 OK" };
            let text = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
            let _ = (&stream).write_all(text.as_bytes());
        }
    }
}

#[test]
fn failures_show_with_reason_and_since_and_the_counts_are_the_targets_own() {
    let target = Target::start();
    let server = Server::start(&target.config());
    let health = || server.get("/api/v1/services/shop").json();
    eventually("up", Duration::from_secs(15), || health()["health"] == "up");

    target.mode.store(BADLY, Ordering::Relaxed);
    let began = Instant::now();
    eventually("down", Duration::from_secs(10), || health()["health"] == "down");
    assert!(began.elapsed() < Duration::from_secs(10));
    let down = health();
    assert!(down["reason"].as_str().unwrap().contains("500"), "{down}");
    assert!(down["since"].is_string(), "{down}");
    target.mode.store(NOT, Ordering::Relaxed);
    std::thread::sleep(Duration::from_secs(4));
    target.mode.store(WELL, Ordering::Relaxed);
    eventually("up again", Duration::from_secs(10), || health()["health"] == "up");

    // Timeouts included, minute by minute, once the last results are committed.
    std::thread::sleep(Duration::from_secs(4));
    let counted = target.minutes.lock().unwrap().clone();
    let (from, to) = (*counted.keys().next().unwrap(), *counted.keys().last().unwrap() + 60);
    let history =
        server.get(&format!("/api/v1/slos/front/history?from={}&to={}&step=1m", at(from), at(to))).json();
    let points = history["points"].as_array().unwrap();
    // The newest minute still grows; the others are settled.
    for (minute, total) in counted.iter().rev().skip(1) {
        let point = points.iter().find(|point| point["from"] == at(*minute)).unwrap();
        assert_eq!(point["total"].as_u64(), Some(*total), "{point}");
    }
    let stored: u64 = points.iter().filter_map(|point| point["total"].as_u64()).sum();
    let sent: u64 = counted.values().sum();
    assert!(stored <= sent + 3 && sent <= stored + 3, "{stored} stored, {sent} sent");
    let bad: u64 =
        points.iter().filter_map(|point| Some(point["total"].as_u64()? - point["good"].as_u64()?)).sum();
    assert!(bad >= 5, "{history}");
}
