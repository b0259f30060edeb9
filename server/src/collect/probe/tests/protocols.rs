//! TCP, DNS and gRPC against targets that behave and that do not.

use std::convert::Infallible;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Frame};
use hyper::{HeaderMap, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::UdpSocket;

use super::*;
use crate::source::{Address, DnsRequest, GrpcRequest, RecordType, TcpRequest};

fn loopback(port: u16) -> Address {
    Address { host: url::Host::Ipv4([127, 0, 0, 1].into()), port }
}

async fn asked(request: ProbeRequest) -> Attempt {
    attempt(&request, Instant::from_unix(SCHEDULED), DEADLINE, &no_tls()).await
}

#[tokio::test]
async fn tcp_is_accepted_or_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = loopback(listener.local_addr().unwrap().port());
    let tcp = || ProbeRequest::Tcp(TcpRequest { address: address.clone() });
    let accepted = asked(tcp()).await;
    assert_eq!(accepted.outcome, Outcome::Answered(Answer::Connected));
    assert!(accepted.timings.connect.is_some() && accepted.timings.tls.is_none());
    drop(listener);
    assert_eq!(failed(&asked(tcp()).await), "connection refused");
    let metadata = Address { host: url::Host::Ipv4([169, 254, 169, 254].into()), port: 80 };
    let outcome = asked(ProbeRequest::Tcp(TcpRequest { address: metadata })).await.outcome;
    assert_eq!(outcome, Outcome::NotMade("address not allowed: a metadata service".to_owned()));
}

/// A name server on UDP and TCP of one port: `reply` makes the answer from the question, for each of them.
async fn name_server(reply: impl Fn(&[u8], bool) -> Option<Vec<u8>> + Clone + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let socket = UdpSocket::bind(("127.0.0.1", port)).await.unwrap();
    let over_tcp = reply.clone();
    tokio::spawn(async move {
        let mut buffer = [0; 4_096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            if let Some(answer) = reply(&buffer[..length], false) {
                socket.send_to(&answer, from).await.ok();
            }
        }
    });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut question = vec![0; usize::from(stream.read_u16().await.unwrap())];
            stream.read_exact(&mut question).await.unwrap();
            if let Some(answer) = over_tcp(&question, true) {
                stream.write_u16(u16::try_from(answer.len()).unwrap()).await.ok();
                stream.write_all(&answer).await.ok();
            }
        }
    });
    port
}

/// An answer with these flags and, if any, an A record.
fn reply(question: &[u8], flags: [u8; 2], record: Option<[u8; 4]>) -> Vec<u8> {
    let mut answer = question.to_vec();
    answer[2..4].copy_from_slice(&flags);
    answer[7] = u8::from(record.is_some());
    if let Some(ip) = record {
        // A pointer to the question's name, type A, class IN, a minute, four bytes.
        answer.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        answer.extend_from_slice(&ip);
    }
    answer
}

async fn resolved(port: u16) -> Attempt {
    let server = Some(loopback(port));
    let name = "shop.example".to_owned();
    asked(ProbeRequest::Dns(DnsRequest { name, record: RecordType::A, server })).await
}

#[tokio::test]
async fn dns_answers_are_read_and_their_faults_named() {
    let found = Outcome::Answered(Answer::Records(vec!["192.0.2.7".to_owned()]));
    let ip = Some([192, 0, 2, 7]);
    let well = name_server(move |question, _| Some(reply(question, [0x81, 0x80], ip))).await;
    assert_eq!(resolved(well).await.outcome, found);
    // What does not fit is asked for over TCP.
    let large = name_server(move |question, tcp| {
        Some(if tcp { reply(question, [0x81, 0x80], ip) } else { reply(question, [0x83, 0x80], None) })
    })
    .await;
    assert_eq!(resolved(large).await.outcome, found);
    for (flags, reason) in [
        ([0x81, 0x83], "name not found: shop.example"),
        ([0x81, 0x82], "DNS: Server Failure"),
        ([0x81, 0x85], "DNS: Query Refused"),
        ([0x81, 0x80], "DNS: no A record"),
    ] {
        let port = name_server(move |question, _| Some(reply(question, flags, None))).await;
        assert_eq!(failed(&resolved(port).await), reason);
    }
    let silent = name_server(|_, _| None).await;
    assert_eq!(failed(&resolved(silent).await), "timed out after 800 ms while waiting for the answer");
    // Somebody who guesses the port but not the number of the question is not heard.
    let forged = name_server(move |question, _| {
        let mut answer = reply(question, [0x81, 0x80], ip);
        answer[0] ^= 0xff;
        Some(answer)
    })
    .await;
    assert_eq!(failed(&resolved(forged).await), "timed out after 800 ms while waiting for the answer");
    let rubbish = name_server(|_, _| Some(vec![0xff; 300])).await;
    assert_eq!(failed(&resolved(rubbish).await), "timed out after 800 ms while waiting for the answer");
}

/// A gRPC server over plain HTTP/2 that answers with this message, trailers and content type.
async fn grpc_server(message: &'static [u8], trailer: &'static str, kind: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = hyper::service::service_fn(
                move |request: hyper::Request<hyper::body::Incoming>| async move {
                    assert_eq!(request.uri().path(), "/grpc.health.v1.Health/Check");
                    let asked = request.into_body().collect().await.unwrap().to_bytes();
                    assert_eq!(&asked[..], [&[0, 0, 0, 0, 6, 0x0a, 4][..], b"shop"].concat());
                    let trailers = HeaderMap::from_iter([(
                        "grpc-status".parse::<hyper::header::HeaderName>().unwrap(),
                        trailer.parse().unwrap(),
                    )]);
                    let body = Full::new(Bytes::from_static(message))
                        .with_trailers(async move { Some(Ok::<_, Infallible>(trailers)) })
                        .map_frame(|frame: Frame<Bytes>| frame);
                    Ok::<_, Infallible>(Response::builder().header("content-type", kind).body(body).unwrap())
                },
            );
            let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new()).http2_only();
            tokio::spawn(async move { server.serve_connection(TokioIo::new(stream), service).await.ok() });
        }
    });
    port
}

#[tokio::test]
async fn grpc_health_is_asked_and_every_refusal_named() {
    let asked = async |port| {
        let (address, service) = (loopback(port), "shop".to_owned());
        asked(ProbeRequest::Grpc(GrpcRequest { address, service, tls: false })).await
    };
    let grpc = "application/grpc";
    let serving = grpc_server(&[0, 0, 0, 0, 2, 8, 1], "0", grpc).await;
    assert_eq!(asked(serving).await.outcome, Outcome::Answered(Answer::Serving));
    for (message, trailer, kind, reason) in [
        (&[0, 0, 0, 0, 2, 8, 2][..], "0", grpc, "gRPC: NOT_SERVING"),
        (&[], "12", grpc, "gRPC: no health service"),
        (&[], "5", grpc, "gRPC: no service named \"shop\""),
        (&[0, 0, 0, 0, 2, 8, 1], "0", "text/html", "gRPC: the answer is not gRPC"),
        (&[b'x'; 9_000], "0", grpc, "gRPC: the answer is too large"),
        (b"rubbish", "0", grpc, "gRPC: the answer is no health status"),
    ] {
        let port = grpc_server(message, trailer, kind).await;
        assert_eq!(failed(&asked(port).await), reason);
    }
    let port = |url: String| Url::parse(&url).unwrap().port().unwrap();
    let http1 = port(says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Duration::ZERO, "").await);
    let reason = failed(&asked(http1).await);
    assert!(reason.starts_with("gRPC: ") || reason == "connection closed before an answer", "{reason}");
    let silent = port(says("", DEADLINE * 4, "").await);
    assert_eq!(failed(&asked(silent).await), "timed out after 800 ms while waiting for the answer");
}
