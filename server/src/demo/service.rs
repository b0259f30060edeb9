//! The demo services: real HTTP listeners on loopback.
//!
//! Each logs the requests that carry a scheduled instant, before it answers, one line each, so that anybody can count
//! them against what is stored.

use std::fs::File;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use domain::Instant;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::behaviour::{SCRIPTS, Script};
use super::estate;
use crate::clock;
use crate::http::listen;

/// Where a running demo service is.
#[derive(Debug, Clone)]
pub(super) struct Running {
    /// Its name.
    pub(super) name: &'static str,
    /// Its address.
    pub(super) address: SocketAddr,
}

struct Service {
    script: Script,
    began: Instant,
    log: Mutex<File>,
    /// Unix seconds until which it fails because somebody asked it to.
    fails_until: AtomicI64,
}

/// The first demo service listens here if the port is free, the others above it, so that lines once copied still work
/// after a restart.
const FIRST_PORT: u16 = 3_901;
/// Connections to one service at a time: our own probes and whoever breaks it.
const CONNECTIONS_MAX: usize = 1_000;
/// The longest that a service can be told to fail.
const FAIL_SECONDS_MAX: i64 = 3_600;

/// Starts them all; their request logs are in `directory/requests`.
pub(super) async fn start_all(directory: &Path) -> std::io::Result<Vec<Running>> {
    let logs = directory.join("requests");
    std::fs::create_dir_all(&logs)?;
    let began = estate::began(directory)?;
    let mut running = Vec::new();
    for (script, port) in SCRIPTS.into_iter().zip(FIRST_PORT..) {
        let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => listener,
            Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?,
        };
        let address = listener.local_addr()?;
        // Truncated at each start: a day is half a megabyte, and only a running demo is counted.
        let log = Mutex::new(File::create(logs.join(format!("{}.log", script.name)))?);
        let service = Service { script, began, log, fails_until: AtomicI64::new(0) };
        let router = Router::new()
            .route("/health", get(answer))
            .route("/fail", post(fail))
            .route("/mend", post(mend))
            .with_state(Arc::new(service));
        tokio::spawn(listen::serve(listener, router, CONNECTIONS_MAX, CancellationToken::new()));
        running.push(Running { name: script.name, address });
    }
    Ok(running)
}

async fn answer(State(service): State<Arc<Service>>, headers: HeaderMap) -> (StatusCode, &'static str) {
    let scheduled =
        headers.get("nines-scheduled").and_then(|value| Instant::parse(value.to_str().ok()?).ok());
    let at = scheduled.unwrap_or_else(clock::now);
    let broken = clock::now().unix() < service.fails_until.load(Ordering::Relaxed);
    let answer = service.script.answer(at, service.began);
    let status = if broken { 500 } else { answer.status };
    if scheduled.is_some() {
        let mut log = service.log.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = log.write_all(format!("{at} {status} {}\n", answer.milliseconds).as_bytes()) {
            tracing::warn!(error = %error, demo.service = service.script.name, "a request could not be logged");
        }
    }
    tokio::time::sleep(Duration::from_millis(answer.milliseconds)).await;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, if status.is_success() { "ok\n" } else { "failing\n" })
}

#[derive(Debug, Deserialize)]
struct Fail {
    seconds: Option<i64>,
}

async fn fail(State(service): State<Arc<Service>>, Query(fail): Query<Fail>) -> String {
    let seconds = fail.seconds.unwrap_or(60).clamp(1, FAIL_SECONDS_MAX);
    service.fails_until.store(clock::now().unix() + seconds, Ordering::Relaxed);
    format!("{} answers 500 for the next {seconds} s\n", service.script.name)
}

async fn mend(State(service): State<Arc<Service>>) -> String {
    service.fails_until.store(0, Ordering::Relaxed);
    format!("{} behaves again\n", service.script.name)
}
