//! Redirects: followed within a bound, each hop vetted, secrets kept at home.

use std::sync::atomic::{AtomicU16, Ordering};

use super::*;

/// A target that redirects `/health?deep=1` to `to`, and says what it was asked.
async fn redirects(to: String, heads: tokio::sync::mpsc::Sender<String>) -> String {
    target(move |mut stream, head| {
        let (to, heads) = (to.clone(), heads.clone());
        async move {
            let answer = if head.contains("/done") {
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_owned()
            } else {
                format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
            };
            stream.write_all(answer.as_bytes()).await.ok();
            heads.send(head.to_lowercase()).await.ok();
        }
    })
    .await
}

async fn followed(url: &str, redirects: u8) -> Attempt {
    let mut request = request(url);
    request.redirects = redirects;
    request.headers = vec![("authorization".to_owned(), "Bearer secret".to_owned())];
    ask(request, DEADLINE * 2, &no_tls()).await
}

#[tokio::test]
async fn secrets_go_to_their_own_host_only() {
    let (sender, mut heads) = tokio::sync::mpsc::channel(8);
    let own = redirects("/done".to_owned(), sender.clone()).await;
    assert_eq!(status(&followed(&own, 5).await), 200);
    for _ in 0..2 {
        let head = heads.recv().await.unwrap();
        assert!(head.contains("authorization: bearer secret") && head.contains("nines-scheduled"), "{head}");
    }
    let other = redirects(own.replace("/health?deep=1", "/done"), sender).await;
    assert_eq!(status(&followed(&other, 1).await), 200);
    assert!(heads.recv().await.unwrap().contains("bearer secret"));
    let crossed = heads.recv().await.unwrap();
    assert!(crossed.contains("/done") && !crossed.contains("secret"), "{crossed}");
}

#[tokio::test]
async fn a_redirect_to_where_nobody_may_go_is_the_targets_fault_and_not_followed() {
    let (sender, _heads) = tokio::sync::mpsc::channel(64);
    for (to, reason) in [
        (
            "http://169.254.169.254/latest/meta-data/",
            "redirect to an address not allowed: a metadata service",
        ),
        ("http://[::ffff:169.254.169.254]/", "redirect to an address not allowed: a metadata service"),
        ("http://[fe80::1]/", "redirect to an address not allowed: link-local"),
        ("file:///etc/passwd", "redirect to another scheme than http and https"),
    ] {
        let url = redirects(to.to_owned(), sender.clone()).await;
        assert_eq!(failed(&followed(&url, 5).await), reason);
        assert_eq!(status(&followed(&url, 0).await), 302, "not followed unless told so");
    }
}

#[tokio::test]
async fn a_loop_ends_at_the_bound() {
    let asked: &'static AtomicU16 = Box::leak(Box::new(AtomicU16::new(0)));
    let url = target(move |mut stream, _| async move {
        asked.fetch_add(1, Ordering::SeqCst);
        stream.write_all(b"HTTP/1.1 302 F\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n").await.ok();
    })
    .await;
    assert_eq!(failed(&followed(&url, 5).await), "more than 5 redirects");
    assert_eq!(asked.load(Ordering::SeqCst), 6);
}

#[tokio::test]
async fn a_body_is_sent_and_kept_only_if_somebody_judges_it() {
    let url = target(|mut stream, head| async move {
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{head}", head.len());
        stream.write_all(answer.as_bytes()).await.ok();
    })
    .await;
    let mut request = request(&url);
    "POST".clone_into(&mut request.method);
    request.body = Some("an order".to_owned());
    for keep in [false, true] {
        request.keep_body = keep;
        let Outcome::Answered(Answer::Http(answer)) = ask(request.clone(), DEADLINE, &no_tls()).await.outcome
        else {
            panic!("no answer")
        };
        let echoed = answer.body.map(|body| String::from_utf8(body.bytes).unwrap());
        assert_eq!(echoed.is_some(), keep);
        assert!(
            echoed.is_none_or(|echo| echo.starts_with("POST /health?deep=1") && echo.contains("an order"))
        );
    }
}
