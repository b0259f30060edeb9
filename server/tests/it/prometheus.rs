//! A real Prometheus scrapes a service of ours and writes to us: the minutes that were measured whole are what the
//! service counted itself, at its scrapes. The service restarts, is away for a while, and so is Prometheus.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::remote_write::minutes;
use super::support::{Server, eventually, now};

/// Where a Prometheus may be, besides where `NINES_PROMETHEUS` says.
const PLACES: [&str; 2] =
    [concat!(env!("CARGO_MANIFEST_DIR"), "/../target/peers/usr/bin/prometheus"), "/usr/bin/prometheus"];

const CONFIG: &str = "\
apiVersion: nines/v1
kind: Objective
metadata: {name: requests}
spec:
  service: shop
  target: 99%
  window: 30d
  metrics:
    bad: {metric: app_requests_total, match: {outcome: error}}
    total: {metric: app_requests_total}
    cadence: 5s
";

/// What the service counted when it was scraped: milliseconds since 1970, good, bad.
type Scrape = (i64, u64, u64);

/// A service that counts requests and tells of them.
struct Service {
    address: SocketAddr,
    counts: Arc<Mutex<(u64, u64)>>,
    away: Arc<AtomicBool>,
    scrapes: Arc<Mutex<Vec<Scrape>>>,
}

impl Service {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let service = Self {
            address: listener.local_addr().unwrap(),
            counts: Arc::default(),
            away: Arc::default(),
            scrapes: Arc::default(),
        };
        let counts = Arc::clone(&service.counts);
        std::thread::spawn(move || {
            for turn in 0_u64.. {
                {
                    let mut counts = counts.lock().unwrap();
                    counts.0 += 7;
                    counts.1 += u64::from(turn.is_multiple_of(5));
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let (counts, away, scrapes) =
            (Arc::clone(&service.counts), Arc::clone(&service.away), Arc::clone(&service.scrapes));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // Away: the connection ends without an answer.
                if !away.load(Ordering::Relaxed) {
                    answer(stream, &counts, &scrapes);
                }
            }
        });
        service
    }

    /// Everything is counted anew from zero.
    fn restart(&self) {
        *self.counts.lock().unwrap() = (0, 0);
    }
}

fn answer(mut stream: TcpStream, counts: &Mutex<(u64, u64)>, scrapes: &Mutex<Vec<Scrape>>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    let (good, bad) = *counts.lock().unwrap();
    let millis = i64::try_from(server::clock::since_epoch().as_millis()).unwrap();
    let body = format!(
        "# TYPE app_requests_total counter\napp_requests_total{{outcome=\"ok\"}} {good}\n\
         app_requests_total{{outcome=\"error\"}} {bad}\nnot_needed 1\n"
    );
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\n";
    let sent = write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len());
    if sent.is_ok() {
        scrapes.lock().unwrap().push((millis, good, bad));
    }
}

/// A Prometheus in a directory of its own.
struct Prometheus {
    child: Child,
    directory: PathBuf,
}

impl Prometheus {
    fn start(directory: &Path) -> Self {
        // A port that is free now; Prometheus needs one, and nobody asks it.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(program())
            .arg(format!("--config.file={}", directory.join("prometheus.yaml").display()))
            .arg(format!("--storage.tsdb.path={}", directory.join("prometheus").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--log.level=warn")
            .stderr(
                std::fs::OpenOptions::new()
                    .append(true)
                    .create(true)
                    .open(directory.join("prometheus.log"))
                    .unwrap(),
            )
            .spawn()
            .unwrap();
        Self { child, directory: directory.to_owned() }
    }

    /// SIGTERM, upon which it sends what it has.
    fn stop(&mut self) {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        self.child.wait().unwrap();
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.directory.join("prometheus.log")).unwrap_or_default()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a setting of the test run, not of the server")]
fn program() -> PathBuf {
    let named = std::env::var_os("NINES_PROMETHEUS").map(PathBuf::from);
    let found = named.into_iter().chain(PLACES.map(PathBuf::from)).find(|program| program.exists());
    found.unwrap_or_else(|| {
        panic!(
            "there is no Prometheus to test with: run `server/tools/setup.sh peers`, or set NINES_PROMETHEUS"
        )
    })
}

fn wait_until(unix: i64) {
    while now() < unix {
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Bad and all requests of each minute, from one scrape to the next; `shift_millis` for scrapes that stand at the very
/// bound of a minute, because Prometheus' own instant is some milliseconds earlier.
fn own_counts(scrapes: &[Scrape], shift_millis: i64) -> BTreeMap<i64, (u64, u64)> {
    let mut minutes: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
    for pair in scrapes.windows(2) {
        let [(_, good_before, bad_before), (millis, good, bad)] = *pair else { unreachable!() };
        let increase = |now: u64, before: u64| now.checked_sub(before).unwrap_or(now);
        let (good, bad) = (increase(good, good_before), increase(bad, bad_before));
        let minute = (millis - shift_millis).div_euclid(60_000) * 60;
        let sum = minutes.entry(minute).or_default();
        *sum = (sum.0 + bad, sum.1 + good + bad);
    }
    minutes
}

#[test]
fn whole_minutes_are_what_the_service_counted_at_its_scrapes() {
    let server = Server::start(CONFIG);
    let service = Service::start();
    let directory = server.directory.path().to_owned();
    let config = format!(
        "global: {{scrape_interval: 2s, scrape_timeout: 1s}}\n\
         scrape_configs: [{{job_name: app, static_configs: [{{targets: [\"{}\"]}}]}}]\n\
         remote_write: [{{url: \"http://{}/api/v1/write\", queue_config: {{batch_send_deadline: 1s}}}}]\n",
        service.address, server.address
    );
    std::fs::write(directory.join("prometheus.yaml"), config).unwrap();
    let mut prometheus = Prometheus::start(&directory);
    eventually(&format!("a scrape: {}", prometheus.log()), Duration::from_secs(30), || {
        !service.scrapes.lock().unwrap().is_empty()
    });

    let first = (now() + 60) / 60 * 60;
    wait_until(first + 20);
    service.restart();
    wait_until(first + 75);
    service.away.store(true, Ordering::Relaxed);
    wait_until(first + 81);
    service.restart();
    service.away.store(false, Ordering::Relaxed);
    wait_until(first + 100);
    prometheus.stop();
    drop(prometheus);
    let _prometheus = Prometheus::start(&directory);
    wait_until(first + 180 + 8);

    let found = minutes(&server, "requests", first, 3);
    let scrapes = service.scrapes.lock().unwrap().clone();
    let own = [0, 50].map(|shift| own_counts(&scrapes, shift));
    let mut whole = 0;
    for (index, (good, total, coverage)) in found.iter().enumerate() {
        let minute = first + 60 * i64::try_from(index).unwrap();
        let (Some(good), Some(total), Some(coverage)) = (good, total, coverage) else {
            panic!("minute {index} is not measured: {found:?}");
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of a minute")]
        let ours = ((total - good) as u64, *total as u64);
        let theirs = own.each_ref().map(|own| own.get(&minute).copied().unwrap_or_default());
        if *coverage >= 1.0 {
            whole += 1;
            assert!(theirs.contains(&ours), "minute {index}: {ours:?}, not {theirs:?}: {found:?}");
        } else {
            // What no scrape saw is missing, and nothing else is there.
            assert!(ours.1 <= theirs[0].1.max(theirs[1].1), "minute {index}: {ours:?}, more than {theirs:?}");
        }
    }
    assert!(whole >= 2 && found[1].2 < Some(1.0), "too few whole minutes: {found:?}\n{}", server.log());
}
