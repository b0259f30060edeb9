//! Attempts against real listeners on the loopback.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::*;
use crate::source::HttpRequest;

const SCHEDULED: i64 = 1_700_000_000;
const DEADLINE: Duration = Duration::from_millis(800);

fn request(url: &str) -> HttpRequest {
    HttpRequest::get(Url::parse(url).unwrap())
}

fn no_tls() -> Network {
    Network { tls: Tls::trusting(rustls::RootCertStore::empty()), egress: Egress::Any }
}

async fn ask(request: HttpRequest, deadline: Duration, network: &Network) -> Attempt {
    attempt(&ProbeRequest::Http(request), Instant::from_unix(SCHEDULED), deadline, network).await
}

async fn ask_within(url: &str, deadline: Duration) -> Attempt {
    ask(request(url), deadline, &no_tls()).await
}

/// The status of an attempt that was answered.
fn status(attempt: &Attempt) -> u16 {
    match &attempt.outcome {
        Outcome::Answered(Answer::Http(answer)) => answer.status,
        other => panic!("{other:?}"),
    }
}

/// A listener that reads one request and then does as `answer` says; the URL to reach it.
async fn target<F, Fut>(answer: F) -> String
where
    F: Fn(TcpStream, String) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4_096];
            let length = stream.read(&mut head).await.unwrap_or(0);
            head.truncate(length);
            tokio::spawn(answer(stream, String::from_utf8_lossy(&head).into_owned()));
        }
    });
    format!("http://127.0.0.1:{port}/health?deep=1")
}

/// A target that writes `text`, waits `pause` and writes `rest`.
async fn says(text: &'static str, pause: Duration, rest: &'static str) -> String {
    target(move |mut stream, _| async move {
        stream.write_all(text.as_bytes()).await.ok();
        tokio::time::sleep(pause).await;
        stream.write_all(rest.as_bytes()).await.ok();
    })
    .await
}

fn failed(attempt: &Attempt) -> String {
    match &attempt.outcome {
        Outcome::Failed(reason) => reason.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_answer_is_an_answer_whatever_its_status() {
    for answered in [200_u16, 204, 302, 404, 500] {
        let url = target(move |mut stream, _| async move {
            let text =
                format!("HTTP/1.1 {answered} X\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(text.as_bytes()).await.unwrap();
        })
        .await;
        assert_eq!(status(&ask_within(&url, DEADLINE).await), answered);
    }
}

#[tokio::test]
async fn the_request_says_who_asks_and_for_which_instant() {
    let (sender, mut heads) = tokio::sync::mpsc::channel(1);
    let url = target(move |mut stream, head| {
        let sender = sender.clone();
        async move {
            stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nbody until the end").await.unwrap();
            sender.send(head).await.unwrap();
        }
    })
    .await;
    assert_eq!(status(&ask_within(&url, DEADLINE).await), 200);
    let head = heads.recv().await.unwrap().to_lowercase();
    assert!(head.starts_with("get /health?deep=1 http/1.1\r\n"), "{head}");
    for line in ["nines-scheduled: 2023-11-14t22:13:20z", "user-agent: nines/", "host: 127.0.0.1:"] {
        assert!(head.contains(line), "{head}");
    }
}

#[tokio::test]
async fn a_head_request_waits_for_no_body() {
    let url = says("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", Duration::from_secs(5), "").await;
    let mut request = request(&url);
    request.method = "HEAD".to_owned();
    assert_eq!(status(&ask(request, DEADLINE, &no_tls()).await), 200);
}

#[tokio::test]
async fn one_deadline_over_all_phases() {
    let long = Duration::from_secs(20);
    let silent = says("", long, "").await;
    assert_eq!(failed(&ask_within(&silent, DEADLINE).await), "timed out after 800 ms while reading headers");
    let half = says("HTTP/1.1 200 OK\r\nContent-", long, "").await;
    assert_eq!(failed(&ask_within(&half, DEADLINE).await), "timed out after 800 ms while reading headers");
    let trickle = target(|mut stream, _| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n").await.unwrap();
        while stream.write_all(b".").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let attempt = ask_within(&trickle, DEADLINE).await;
    assert_eq!(failed(&attempt), "timed out after 800 ms while reading body");
    assert!((DEADLINE..DEADLINE * 2).contains(&attempt.finished_after), "{attempt:?}");
}

#[tokio::test]
async fn the_time_of_the_body_counts() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n.";
    let attempt = ask_within(&says(head, Duration::from_millis(300), "..").await, DEADLINE * 2).await;
    assert_eq!(status(&attempt), 200);
    assert!(attempt.finished_after >= Duration::from_millis(300), "{attempt:?}");
}

#[tokio::test]
async fn a_connection_that_closes_is_a_failure() {
    let closes = says("", Duration::ZERO, "").await;
    assert_eq!(failed(&ask_within(&closes, DEADLINE).await), "connection closed before an answer");
    let short = says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", Duration::ZERO, "").await;
    assert_eq!(failed(&ask_within(&short, DEADLINE).await), "connection closed before the end of the answer");
    let other = says("SSH-2.0-OpenSSH_9.2\r\n\r\n", Duration::ZERO, "").await;
    assert_eq!(failed(&ask_within(&other, DEADLINE).await), "the answer is not valid HTTP/1.1");
}

#[tokio::test]
async fn an_endless_body_is_an_answer_and_endless_headers_are_not() {
    let body = target(|mut stream, _| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while stream.write_all(&[b'.'; 8_192]).await.is_ok() {}
    })
    .await;
    assert_eq!(status(&ask_within(&body, DEADLINE * 10).await), 200);
    let head = target(|mut stream, _| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await.unwrap();
        while stream.write_all(b"X-Filler: ...................\r\n").await.is_ok() {}
    })
    .await;
    assert_eq!(failed(&ask_within(&head, DEADLINE * 10).await), "the answer is not valid HTTP/1.1");
}

#[tokio::test]
async fn a_refused_port_is_a_failure_and_no_answer_to_connect_too() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    assert_eq!(
        failed(&ask_within(&format!("http://localhost:{port}/"), DEADLINE).await),
        "connection refused"
    );
}

#[tokio::test]
async fn link_local_addresses_are_never_asked() {
    for (url, why) in [
        ("http://169.254.169.254/latest", "a metadata service"),
        ("http://169.254.1.1/", "link-local"),
        ("http://[fe80::1]/", "link-local"),
        ("http://[fd00:ec2::254]/", "a metadata service"),
        ("http://[::ffff:a9fe:a9fe]/", "a metadata service"),
        ("http://2852039166/", "a metadata service"),
    ] {
        let outcome = ask_within(url, DEADLINE).await.outcome;
        assert_eq!(outcome, Outcome::NotMade(format!("address not allowed: {why}")), "{url}");
    }
    let public = Network { egress: Egress::Public, ..no_tls() };
    let outcome = ask(request("http://localhost:1/"), DEADLINE, &public).await.outcome;
    assert_eq!(outcome, Outcome::NotMade("address not allowed: loopback".to_owned()));
}

#[tokio::test]
async fn without_roots_of_our_own_no_certificate_is_judged() {
    let outcome =
        ask_within(&says("", DEADLINE, "").await.replace("http:", "https:"), DEADLINE).await.outcome;
    assert_eq!(outcome, Outcome::NotMade("this machine has no certificate roots".to_owned()));
}

mod certificates;
mod protocols;
mod redirects;
