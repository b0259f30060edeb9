//! `nines demo`: a small estate of real HTTP services on loopback with scripted faults, really probed, with 90 days
//! of history that come in through the import path that users have.

mod behaviour;
mod estate;
mod history;
mod service;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use app::view::Demo;

use crate::run::{self, Failure, Settings};

/// What a running demo says of itself.
#[derive(Debug)]
pub struct DemoState {
    breakable: SocketAddr,
    /// Share of the history that is committed, in parts per 10,000.
    filled: AtomicU32,
    listening: OnceLock<SocketAddr>,
    history: history::Plan,
}

impl DemoState {
    /// What pages print.
    pub fn view(&self) -> Demo {
        let address = self.breakable;
        Demo {
            break_line: format!("curl -X POST 'http://{address}/fail?seconds=60'"),
            mend_line: format!("curl -X POST 'http://{address}/mend'"),
            history_filled: f64::from(self.filled.load(Ordering::Relaxed)) / 10_000.0,
        }
    }

    /// The server listens: history can be sent to it, with `token` where it takes nothing without one.
    pub fn listening(self: &Arc<Self>, address: SocketAddr, token: Option<&str>) {
        if self.listening.set(address).is_ok() {
            let demo = Arc::clone(self);
            let server = history::Destination { address, token: token.map(str::to_owned) };
            tokio::spawn(
                async move { history::send(&demo.history, &server, |parts| demo.fill(parts)).await },
            );
        }
    }

    fn fill(&self, parts: u32) {
        self.filled.store(parts, Ordering::Relaxed);
    }
}

/// Runs the demo in a directory of its own until SIGTERM or SIGINT.
pub async fn run(settings: Settings, data_dir: &Path) -> Result<(), Failure> {
    let listener = run::bind(&settings).await?;
    let place = |error: std::io::Error| Failure::Place(format!("{}: {error}", data_dir.display()));
    let began = estate::claim(data_dir).map_err(|error| Failure::Place(error.to_string()))?;
    let services = service::start_all(&data_dir.join("demo")).await.map_err(place)?;
    let breakable = services
        .first()
        .map(|service| service.address)
        .ok_or_else(|| Failure::Place("the demo has no services".to_owned()))?;
    let config = estate::write(&data_dir.join("demo"), &services).map_err(place)?;
    let loaded = run::configuration(&config)?;
    let demo = Arc::new(DemoState {
        breakable,
        filled: AtomicU32::new(0),
        listening: OnceLock::new(),
        history: history::Plan { began, done_marker: data_dir.join("demo/history-done") },
    });
    run::everything(settings, listener, loaded, Some(demo)).await
}
