//! A client of our own machine API, for commands that talk to a server.
//!
//! Invariants: a token goes to the server that was named and nowhere else, because redirects are not followed; every
//! request has a deadline, every answer a bound.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

/// One request, from connecting to the last byte of its answer: more than a server takes before it gives up itself.
const DEADLINE: Duration = Duration::from_mins(1);
/// An answer's body: a server lists a hundred findings at most.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// A server and how to reach it.
#[derive(Clone)]
pub struct Client {
    url: Url,
    token: Option<String>,
    tls: Option<TlsConnector>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

/// A server's answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// When to send the same again, in seconds.
    pub retry_after_seconds: Option<u64>,
    /// Its body.
    pub body: Bytes,
}

/// Why there is no answer. Whether the server did what it was asked is not known, except for the first two.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server's address cannot be used.
    #[error("the server's address is {0}; write it as http://host:port or https://host:port")]
    Address(String),
    /// This machine cannot speak TLS.
    #[error("TLS cannot be used: {0}")]
    Tls(String),
    /// The connection failed.
    #[error("the server cannot be reached: {0}")]
    Connection(String),
    /// It took too long.
    #[error("the server did not answer within {} s", DEADLINE.as_secs())]
    TimedOut,
}

impl Client {
    /// A client of the server at `url`, with a token if that asks for one.
    pub fn new(url: &str, token: Option<String>) -> Result<Self, ClientError> {
        let parsed = Url::parse(url).ok().filter(Url::has_host);
        let url = parsed.ok_or_else(|| ClientError::Address(format!("`{url}`")))?;
        let tls = match url.scheme() {
            "http" => None,
            "https" => Some(connector()?),
            other => return Err(ClientError::Address(format!("of the scheme `{other}`"))),
        };
        Ok(Self { url, token, tls })
    }

    /// Posts a body to `path`, which begins with `/` and may have a query.
    pub async fn post(&self, path: &str, body: Bytes) -> Result<Answer, ClientError> {
        tokio::time::timeout(DEADLINE, self.exchange(path, body)).await.unwrap_or(Err(ClientError::TimedOut))
    }

    async fn exchange(&self, path: &str, body: Bytes) -> Result<Answer, ClientError> {
        let failed = |error: &dyn std::fmt::Display| ClientError::Connection(error.to_string());
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port_or_known_default().unwrap_or(80);
        // An IPv6 address stands in brackets in a URL, and without them everywhere else.
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let stream = TcpStream::connect((bare, port)).await.map_err(|error| failed(&error))?;
        let request = self.request(path, body)?;
        let Some(tls) = &self.tls else { return send(stream, request).await };
        let name = ServerName::try_from(bare.to_owned())
            .map_err(|_| ClientError::Address(format!("`{host}`, which no certificate can name")))?;
        let stream = tls.connect(name, stream).await.map_err(|error| failed(&error))?;
        send(stream, request).await
    }

    fn request(&self, path: &str, body: Bytes) -> Result<Request<Full<Bytes>>, ClientError> {
        let host = self.url.host_str().unwrap_or_default();
        let authority = self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let prefix = self.url.path().trim_end_matches('/');
        let mut request = Request::post(format!("{prefix}{path}"))
            .header(header::HOST, authority)
            .header(header::USER_AGENT, concat!("nines/", env!("CARGO_PKG_VERSION")))
            .header(header::CONTENT_TYPE, "application/x-ndjson");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        request
            .body(Full::new(body))
            .map_err(|_| ClientError::Address("nothing that a request can hold".to_owned()))
    }
}

async fn send<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Answer, ClientError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let failed = |error: hyper::Error| ClientError::Connection(error.to_string());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let driving = tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(failed)?;
    let status = response.status();
    let header = response.headers().get(header::RETRY_AFTER);
    let retry_after_seconds = header.and_then(|value| value.to_str().ok()?.parse().ok());
    let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
    driving.abort();
    let body = body.map_err(|error| ClientError::Connection(error.to_string()))?.to_bytes();
    Ok(Answer { status, retry_after_seconds, body })
}

fn connector() -> Result<TlsConnector, ClientError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(ClientError::Tls("this machine has no certificate roots".to_owned()));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
