//! Starts `nines serve` on an empty directory, speaks HTTP to it, and takes it down.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use domain::{Block, Estate, Measured, Sum};
use serde_json::Value;

/// The longest that a start, database and all, may take in a test.
const START_TIMEOUT: Duration = Duration::from_secs(90);

/// Two pushed SLIs, enough for most tests.
pub(crate) const PUSHED: &str = "\
apiVersion: nines/v1
kind: Objective
metadata: {name: orders}
spec: {service: shop, target: 99.9%, window: 30d, push: {cadence: 60s}}
---
apiVersion: nines/v1
kind: Objective
metadata: {name: mails}
spec: {service: post, target: 99%, window: 7d, push: {cadence: 60s}}
";

/// A running server and its directory.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) directory: tempfile::TempDir,
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl Server {
    /// A server with this configuration and an empty data directory.
    pub(crate) fn start(config: &str) -> Self {
        let directory = directory();
        std::fs::create_dir(directory.path().join("config")).unwrap();
        std::fs::write(directory.path().join("config/estate.yaml"), config).unwrap();
        Self::serve(directory)
    }

    /// Starts another on the directory of one that ended, with further arguments.
    pub(crate) fn restart_saying(mut self, arguments: &[&str]) -> Self {
        let directory = std::mem::replace(&mut self.directory, tempfile::tempdir().unwrap());
        drop(self);
        let config = directory.path().join("config").to_str().unwrap().to_owned();
        let serve = ["serve", "--listen", "127.0.0.1:0", "--config", &config];
        Self::launch(&[&serve, arguments].concat(), directory)
    }

    /// `nines demo` in an empty directory.
    pub(crate) fn demo() -> Self {
        Self::launch(&["demo", "--listen", "127.0.0.1:0"], directory())
    }

    /// Serves the configuration and the data in a directory.
    pub(crate) fn serve(directory: tempfile::TempDir) -> Self {
        let config = directory.path().join("config");
        Self::launch(&["serve", "--listen", "127.0.0.1:0", "--config", config.to_str().unwrap()], directory)
    }

    fn launch(arguments: &[&str], directory: tempfile::TempDir) -> Self {
        let data = directory.path().join("data");
        let server = Self::spawn(&[arguments, &["--data-dir", data.to_str().unwrap()]].concat(), directory);
        server.wait_until_ready();
        server
    }

    /// A server whose database is not there, as soon as it listens.
    pub(crate) fn without_database(config: &str) -> Self {
        // Nobody listens on port 1.
        Self::on("postgres://nobody@127.0.0.1:1/none", config)
    }

    /// A server on somebody's database, as soon as it listens.
    pub(crate) fn on(url: &str, config: &str) -> Self {
        let directory = directory();
        let file = directory.path().join("estate.yaml");
        std::fs::write(&file, config).unwrap();
        let config = file.to_str().unwrap();
        Self::spawn(
            &["serve", "--listen", "127.0.0.1:0", "--config", config, "--database-url", url],
            directory,
        )
    }

    /// Another server on the database of this one.
    pub(crate) fn beside(&self, config: &str) -> Self {
        let server = Self::on(&self.database_url(), config);
        server.wait_until_ready();
        server
    }

    /// A server with this configuration, an empty data directory and these variables of the environment.
    pub(crate) fn start_under(config: &str, environment: &[(&str, &str)]) -> Self {
        let directory = directory();
        let (declared, data) = (directory.path().join("config"), directory.path().join("data"));
        std::fs::create_dir(&declared).unwrap();
        std::fs::write(declared.join("estate.yaml"), config).unwrap();
        let (config, data) = (declared.to_str().unwrap(), data.to_str().unwrap());
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--config", config, "--data-dir", data];
        let server = Self::spawn_under(&arguments, directory, environment);
        server.wait_until_ready();
        server
    }

    /// Another server on the database of this one, at another address, with these variables of the environment.
    pub(crate) fn beside_under(&self, config: &str, listen: &str, environment: &[(&str, &str)]) -> Self {
        let directory = directory();
        let file = directory.path().join("estate.yaml");
        std::fs::write(&file, config).unwrap();
        let (config, url) = (file.to_str().unwrap(), self.database_url());
        let arguments = ["serve", "--listen", listen, "--config", config, "--database-url", &url];
        let server = Self::spawn_under(&arguments, directory, environment);
        server.wait_until_ready();
        server
    }

    /// How others reach the database of this one, as long as it keeps its directory.
    pub(crate) fn database_url(&self) -> String {
        let socket = self.directory.path().join("data/run");
        format!("postgres://nines@localhost/nines?host={}", socket.display())
    }

    /// A new token of these scopes, as `nines token create` makes it while the server runs.
    pub(crate) fn token(&self, scope: &str) -> String {
        let data = self.directory.path().join("data");
        let arguments = ["token", "create", "--scope", scope, "--data-dir", data.to_str().unwrap()];
        let output = Command::new(env!("CARGO_BIN_EXE_nines"))
            .args(arguments)
            .env_remove("DATABASE_URL")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Starts another on the same database and directory after a kill; not waited for, as the database may be away.
    pub(crate) fn again_on(self, url: &str) -> Self {
        let directory = self.take_down();
        let config = directory.path().join("estate.yaml").to_str().unwrap().to_owned();
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--config", &config, "--database-url", url];
        Self::spawn(&arguments, directory)
    }

    /// Takes it down and hands out its directory, from which [`Server::serve`] starts it again.
    pub(crate) fn take_down(mut self) -> tempfile::TempDir {
        std::mem::replace(&mut self.directory, tempfile::tempdir().unwrap())
    }

    fn spawn(arguments: &[&str], directory: tempfile::TempDir) -> Self {
        Self::spawn_under(arguments, directory, &[])
    }

    fn spawn_under(arguments: &[&str], directory: tempfile::TempDir, environment: &[(&str, &str)]) -> Self {
        let path = directory.path();
        let child = Command::new(env!("CARGO_BIN_EXE_nines"))
            .args(arguments)
            .arg("--site")
            .arg(path.join("site"))
            .env_remove("DATABASE_URL")
            // Where a server with a database of somebody else's keeps things of its own.
            .env("NINES_DATA_DIR", path.join("data"))
            .env_remove("RUST_LOG")
            .envs(environment.iter().copied())
            .stderr(std::fs::File::create(path.join("server.log")).unwrap())
            .spawn()
            .unwrap();
        let mut server = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)), directory };
        server.address = server.announced();
        server
    }

    /// The address that it says it serves on.
    fn announced(&self) -> SocketAddr {
        let began = Instant::now();
        loop {
            let log = self.log();
            if let Some((_, url)) = log.lines().find_map(|line| line.split_once("serving on http://")) {
                return url.trim_end_matches('/').parse().unwrap();
            }
            assert!(began.elapsed() < START_TIMEOUT, "the server did not start: {log}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("server.log")).unwrap()
    }

    /// What the next start finds declared.
    pub(crate) fn declare(&self, config: &str) {
        std::fs::write(self.directory.path().join("config/estate.yaml"), config).unwrap();
    }

    /// Starts another on the directory of one that was killed.
    pub(crate) fn restart(mut self) -> Self {
        let directory = std::mem::replace(&mut self.directory, tempfile::tempdir().unwrap());
        drop(self);
        Self::serve(directory)
    }

    /// Likewise, with these variables of the environment.
    pub(crate) fn restart_under(mut self, environment: &[(&str, &str)]) -> Self {
        let directory = std::mem::replace(&mut self.directory, tempfile::tempdir().unwrap());
        drop(self);
        let (declared, data) = (directory.path().join("config"), directory.path().join("data"));
        let (config, data) = (declared.to_str().unwrap(), data.to_str().unwrap());
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--config", config, "--data-dir", data];
        let server = Self::spawn_under(&arguments, directory, environment);
        server.wait_until_ready();
        server
    }

    /// Likewise, with another configuration.
    pub(crate) fn restart_with(self, config: &str) -> Self {
        std::fs::write(self.directory.path().join("config/estate.yaml"), config).unwrap();
        self.restart()
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn wait_until_ready(&self) {
        let began = Instant::now();
        while self.get("/readyz").status != 200 {
            assert!(began.elapsed() < START_TIMEOUT, "not ready: {:?}", self.get("/readyz"));
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        request(self.address, "GET", path, &[], b"")
    }

    pub(crate) fn import(&self, lines: &str) -> Answer {
        request(self.address, "POST", "/api/v1/sli/import", &[], lines.as_bytes())
    }
}

impl Drop for Server {
    /// SIGTERM, so that the private database goes down, too.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = Command::new("kill").arg(self.child.id().to_string()).status();
            let _ = self.child.wait();
        }
    }
}

/// An empty directory that PostgreSQL's user can walk through.
pub(crate) fn open_directory() -> tempfile::TempDir {
    let directory = tempfile::Builder::new().prefix("nines-it").tempdir().unwrap();
    Command::new("chmod").arg("755").arg(directory.path()).status().unwrap();
    directory
}

/// An empty directory with a site; PostgreSQL's user can walk through.
fn directory() -> tempfile::TempDir {
    let directory = open_directory();
    site(directory.path());
    directory
}

/// A client bundle of names only: these tests look at the server.
fn site(directory: &Path) {
    let site = directory.join("site");
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    let manifest = r#"{"js":"pkg/n.js","wasm":"pkg/n.wasm","css":"pkg/n.css","start":"pkg/s.js","stream":"pkg/t.js","build":"test"}"#;
    std::fs::write(site.join("manifest.json"), manifest).unwrap();
    std::fs::write(site.join("pkg/n.css"), "body{}").unwrap();
}

/// One request on a connection of its own.
pub(crate) fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    try_request(address, method, path, headers, body).unwrap()
}

/// As [`request`], for servers that may die in the middle.
pub(crate) fn try_request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    let mut head =
        format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        head += "Host: ";
        head += &address.to_string();
        head += "\r\n";
    }
    for (name, value) in headers {
        head += &[*name, ": ", *value, "\r\n"].concat();
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(body)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    parse(&bytes).ok_or_else(|| std::io::Error::other("no whole answer"))
}

/// Sends these very bytes, leaves the sending side open, and reads until the server closes.
pub(crate) fn raw(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    // A server that refuses early may close before everything is written.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

/// An answer from its bytes, if they are a whole one.
pub(crate) fn parse(bytes: &[u8]) -> Option<Answer> {
    let split = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..split].to_vec()).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let mut body = bytes[split + 4..].to_vec();
    if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        body = unchunk(&body)?;
    }
    Some(Answer { status, head, body: String::from_utf8(body).ok()? })
}

fn unchunk(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = bytes.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).ok()?, 16).ok()?;
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(bytes.get(end + 2..end + 2 + size)?);
        bytes = bytes.get(end + 4 + size..)?;
    }
}

/// What an idle machine does in a second may take a busy one so many.
const BUSY_FACTOR: u32 = 4;

/// Waits until `check` holds, which takes no longer than `within` on an idle machine. Deadlines of the product are
/// asserted by who waits.
pub(crate) fn eventually(what: &str, within: Duration, mut check: impl FnMut() -> bool) {
    let (began, patience) = (Instant::now(), within * BUSY_FACTOR);
    while !check() {
        assert!(began.elapsed() < patience, "not within {patience:?}: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The machine's clock in seconds since 1970.
pub(crate) fn now() -> i64 {
    server::clock::now().unix()
}

/// RFC 3339 of seconds since 1970.
pub(crate) fn at(unix: i64) -> String {
    domain::Instant::from_unix(unix).to_string()
}

/// The estate that a file declares, which must be sound.
pub(crate) fn declared(config: &str) -> Estate {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("estate.yaml"), config).unwrap();
    let loaded = server::config::load(directory.path());
    assert!(!loaded.has_errors(), "{:#?}", loaded.findings);
    loaded.estate
}

/// A Service `shop` and a pushed SLI `orders`.
pub(crate) const ORDERS: &str = "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: shop}\n---\n\
     apiVersion: openslo/v1\nkind: SLI\nmetadata: {name: orders}\nspec:\n  ratioMetric:\n    counter: false\n    \
     good: {metricSource: {type: Push, spec: {}}}\n    total: {metricSource: {type: Push, spec: {}}}\n";

/// A minute that starts at `start`, measured whole, as the store delivers it.
pub(crate) fn minute(start: i64, good: u64, total: u64) -> Block {
    let start = domain::Instant::from_unix(start);
    let measured = Measured { good, total, measured_seconds: 60, from: start, to: start + 60 };
    Block { start, seconds: 60, sum: Sum::from(&measured) }
}

/// A line of an import.
pub(crate) fn line(sli: &str, start: i64, seconds: i64, good: u64, total: u64) -> String {
    format!(r#"{{"sli":"{sli}","start":"{}","seconds":{seconds},"good":{good},"total":{total}}}"#, at(start))
        + "\n"
}
