//! TLS: the handshake, and how long the certificates are still valid, whether they are trusted or not.
//!
//! Invariant: the verifier of this module never refuses a certificate, it notes what is wrong; so no connection that it
//! has let through may carry anything but the handshake.

use std::sync::{Arc, Mutex, PoisonError};

use domain::Instant;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio_rustls::TlsConnector;

use super::progress::Progress;
use super::tls::{self, Tls};
use super::{Answer, Certificates, Interruption, Network, Phase, connect};
use crate::source::TlsRequest;

/// Certificates of one chain that are read; a sound one has three or four.
const CHAIN_MAX: usize = 16;

/// Shakes hands, and reads what was presented.
pub(super) async fn ask(
    request: &TlsRequest,
    network: &Network,
    progress: &mut Progress,
) -> Result<Answer, Interruption> {
    let name = match &request.name {
        Some(name) => ServerName::try_from(name.clone()).ok(),
        None => tls::server_name(&request.address.host),
    };
    let name = name.ok_or_else(|| Interruption::Own("the host is no TLS name".to_owned()))?;
    let recorder = Arc::new(Recorder::new(&network.tls, request.verify)?);
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Interruption::Own(format!("TLS could not be set up: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::<Recorder>::clone(&recorder))
        .with_no_client_auth();
    let stream = connect::dial(&request.address, network, progress).await?;
    progress.enter(Phase::Handshaking);
    let shaken = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let seen = recorder.seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (shaken, seen) {
        // Some servers end a handshake that brings no certificate of the client's; theirs has been seen by then.
        (_, Some(seen)) => Ok(Answer::Certificates(seen)),
        (Err(error), None) => Err(tls::failed(&error)),
        (Ok(_), None) => Err(Interruption::Own("the handshake presented no certificate".to_owned())),
    }
}

/// Verifies, but lets everything pass and keeps what it found.
#[derive(Debug)]
struct Recorder {
    inner: Option<Arc<WebPkiServerVerifier>>,
    provider: CryptoProvider,
    seen: Mutex<Option<Certificates>>,
}

impl Recorder {
    fn new(tls: &Tls, verify: bool) -> Result<Self, Interruption> {
        let provider = ring::default_provider();
        let inner = if verify {
            let roots = tls.roots().map_err(Interruption::Own)?;
            let built =
                WebPkiServerVerifier::builder_with_provider(roots, Arc::new(provider.clone())).build();
            Some(built.map_err(|error| Interruption::Own(format!("TLS could not be set up: {error}")))?)
        } else {
            None
        };
        Ok(Self { inner, provider, seen: Mutex::new(None) })
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.inner.as_ref().map(|inner| {
            inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        });
        let chain = || std::iter::once(end_entity).chain(intermediates).take(CHAIN_MAX);
        let expires: Option<Vec<Instant>> = chain().map(|der| expiry(der)).collect();
        let found = Certificates {
            expires: expires.and_then(|all| all.into_iter().min()),
            presented: intermediates.len() + 1,
            fault: verified.and_then(Result::err).map(|error| tls::text(&error)),
        };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// When a certificate stops being valid.
fn expiry(der: &[u8]) -> Option<Instant> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
    Some(Instant::from_unix(certificate.validity().not_after.timestamp()))
}
