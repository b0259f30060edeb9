//! TLS for probes: what this machine trusts, verified anew at each attempt.

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::{IpAddr, ServerName};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Host;

use super::{FailureReason, Interruption};

/// A TLS client, or the reason why this machine has none.
#[derive(Clone)]
pub struct Tls {
    client: Result<Client, String>,
}

#[derive(Clone)]
struct Client {
    roots: Arc<RootCertStore>,
    http1: TlsConnector,
    http2: TlsConnector,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("unusable", &self.client.as_ref().err()).finish_non_exhaustive()
    }
}

impl Tls {
    /// Trusts the machine's roots. Reads files: call it where blocking is allowed. A machine without roots gets a
    /// client whose attempts are not made, because every certificate would look untrusted.
    pub fn from_machine() -> Self {
        let loaded = rustls_native_certs::load_native_certs();
        for error in &loaded.errors {
            tracing::warn!(error = %error, "some of this machine's certificate roots could not be read");
        }
        let mut roots = RootCertStore::empty();
        let (_, unusable) = roots.add_parsable_certificates(loaded.certs);
        if unusable > 0 {
            tracing::debug!(
                roots.unusable = unusable,
                "some of this machine's certificate roots are not understood"
            );
        }
        Self::trusting(roots)
    }

    /// Trusts `roots`.
    pub(super) fn trusting(roots: RootCertStore) -> Self {
        if roots.is_empty() {
            return Self { client: Err("this machine has no certificate roots".to_owned()) };
        }
        let roots = Arc::new(roots);
        let connector = |protocol: &[u8]| connector(&roots, protocol);
        let client = connector(b"http/1.1").and_then(|http1| Ok((http1, connector(b"h2")?)));
        let client = client.map(|(http1, http2)| Client { roots: Arc::clone(&roots), http1, http2 });
        Self { client: client.map_err(|error| format!("TLS could not be set up: {error}")) }
    }

    /// What this machine trusts; else why it has no client.
    pub(super) fn roots(&self) -> Result<Arc<RootCertStore>, String> {
        self.client.as_ref().map(|client| Arc::clone(&client.roots)).map_err(Clone::clone)
    }

    /// The handshake for a host that speaks HTTP/1.1.
    pub(super) async fn handshake(
        &self,
        host: &Host,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Interruption> {
        self.shake(|client| &client.http1, host, stream).await
    }

    /// The handshake for a host that speaks HTTP/2.
    pub(super) async fn handshake_http2(
        &self,
        host: &Host,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Interruption> {
        self.shake(|client| &client.http2, host, stream).await
    }

    async fn shake(
        &self,
        connector: impl Fn(&Client) -> &TlsConnector,
        host: &Host,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Interruption> {
        let client = self.client.as_ref().map_err(|reason| Interruption::Own(reason.clone()))?;
        let name =
            server_name(host).ok_or_else(|| Interruption::Own("the URL's host is no TLS name".to_owned()))?;
        connector(client).connect(name, stream).await.map_err(|error| failed(&error))
    }
}

fn connector(roots: &Arc<RootCertStore>, protocol: &[u8]) -> Result<TlsConnector, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(Arc::clone(roots))
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    // A resumed session skips the certificate, and an expiry would go unnoticed.
    config.resumption = Resumption::disabled();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// A handshake that failed.
pub(super) fn failed(error: &std::io::Error) -> Interruption {
    let reason = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let text = reason.map_or_else(|| "connection closed during the handshake".to_owned(), text);
    Interruption::Target(FailureReason::Tls(text))
}

/// The name that a host's certificate must be for.
pub(super) fn server_name(host: &Host) -> Option<ServerName<'static>> {
    match host {
        Host::Domain(name) => ServerName::try_from(name.clone()).ok(),
        Host::Ipv4(v4) => Some(ServerName::IpAddress(IpAddr::from(std::net::IpAddr::V4(*v4)))),
        Host::Ipv6(v6) => Some(ServerName::IpAddress(IpAddr::from(std::net::IpAddr::V6(*v6)))),
    }
}

/// What a handshake's error means, in words for people; nothing of the certificate's content.
pub(super) fn text(error: &rustls::Error) -> String {
    use rustls::Error::{AlertReceived, InvalidCertificate, NoCertificatesPresented, PeerIncompatible};
    let text = match error {
        InvalidCertificate(certificate) => certificate_text(certificate),
        NoCertificatesPresented => "no certificate presented",
        PeerIncompatible(_) => "no protocol version or cipher in common",
        AlertReceived(alert) => return format!("the server refused the handshake: {alert:?}"),
        _ => "handshake failed",
    };
    text.to_owned()
}

fn certificate_text(error: &CertificateError) -> &'static str {
    use CertificateError as E;
    match error {
        E::Expired | E::ExpiredContext { .. } => "certificate expired",
        E::NotValidYet | E::NotValidYetContext { .. } => "certificate not valid yet",
        E::NotValidForName | E::NotValidForNameContext { .. } => "certificate is for another name",
        E::UnknownIssuer => "certificate from an unknown issuer",
        E::Revoked => "certificate revoked",
        E::BadSignature => "certificate with a bad signature",
        E::BadEncoding => "certificate malformed",
        _ => "certificate not trusted",
    }
}
