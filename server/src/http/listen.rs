//! Our accept loop. `axum::serve` sets no header timeout and no bound on connections; a public port needs both.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// A client that connects must say within this which protocol it speaks.
const FIRST_WORD_TIMEOUT: Duration = Duration::from_secs(10);
/// How every HTTP/2 connection begins.
const HTTP2_PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Pause between two looks at a preface that is not whole yet.
const PREFACE_PAUSE: Duration = Duration::from_millis(20);
/// A request's headers must be complete within this.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Headers of a request at most.
const HEADERS_MAX: usize = 64;
/// How long open requests may go on after the end was asked for.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);
/// Pause after the kernel refused a connection, for example for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until cancelled, then lets open requests end. Beyond `connections_max` at a time the next ones wait in the
/// kernel's backlog.
pub async fn serve(listener: TcpListener, router: Router, connections_max: usize, cancel: CancellationToken) {
    let permits = Arc::new(Semaphore::new(connections_max));
    let graceful = GracefulShutdown::new();
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { break };
        let stream = tokio::select! {
            () = cancel.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(error = %error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let (router, watcher, ended) = (router.clone(), graceful.watcher(), cancel.clone());
        tokio::spawn(async move {
            connection(stream, router, watcher, ended).await;
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were still open at the end");
    }
}

async fn connection(stream: TcpStream, router: Router, watcher: Watcher, ended: CancellationToken) {
    tokio::select! {
        () = ended.cancelled() => return,
        spoke = tokio::time::timeout(FIRST_WORD_TIMEOUT, speaks(&stream)) => {
            if !matches!(spoke, Ok(true)) {
                return;
            }
        }
    }
    // Answers are small: waiting to fill a packet would only delay them.
    drop(stream.set_nodelay(true));
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_headers(HEADERS_MAX);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Some(Duration::from_secs(20)));
    let served =
        builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)).into_owned();
    if let Err(error) = watcher.watch(served).await {
        tracing::debug!(error = %error, "a connection ended early");
    }
}

/// Whether the client said which protocol it speaks, or else went away. The builder would wait for the rest of a
/// preface without end; every timeout of its own begins after that.
async fn speaks(stream: &TcpStream) -> bool {
    let mut said = [0_u8; HTTP2_PREFACE.len()];
    loop {
        match stream.peek(&mut said).await {
            Ok(length @ 1..) => {
                let undecided = said.get(..length).is_some_and(|said| HTTP2_PREFACE.starts_with(said));
                if !undecided || length == HTTP2_PREFACE.len() {
                    return true;
                }
            }
            Ok(0) | Err(_) => return false,
        }
        tokio::time::sleep(PREFACE_PAUSE).await;
    }
}
