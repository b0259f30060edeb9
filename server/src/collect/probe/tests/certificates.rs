//! Attempts against TLS servers whose certificates `openssl` made for the test; skipped on machines without it.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::source::{Address, TlsRequest};

/// Runs `openssl` in `directory`; false if it is missing or refuses.
fn openssl(directory: &Path, arguments: &str) -> bool {
    let mut command = Command::new("openssl");
    command.current_dir(directory).args(arguments.split(' '));
    command.output().is_ok_and(|output| output.status.success())
}

/// An authority (`ca.pem`), an unrelated one (`other.pem`), a certificate for localhost and one that expired in 2020, with their keys.
fn make(directory: &Path) -> bool {
    std::fs::write(directory.join("san"), "subjectAltName=DNS:localhost").unwrap();
    std::fs::write(directory.join("index"), "").unwrap();
    std::fs::write(directory.join("serial"), "01").unwrap();
    let ca = "[ca]\ndefault_ca=x\n[x]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n\
              unique_subject=no\n[p]\ncommonName=supplied\n";
    std::fs::write(directory.join("ca.cnf"), ca).unwrap();
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    let sign = "ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key -extfile san -notext -in leaf.csr";
    openssl(directory, &format!("req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=Test -days 30"))
        && openssl(
            directory,
            &format!("req -x509 {key} -keyout other.key -out other.pem -subj /CN=Other -days 30"),
        )
        && openssl(directory, &format!("req {key} -keyout leaf.key -out leaf.csr -subj /CN=localhost"))
        && openssl(directory, &format!("{sign} -out good.pem -days 20"))
        && openssl(
            directory,
            &format!("{sign} -out expired.pem -startdate 20200101000000Z -enddate 20200201000000Z"),
        )
}

/// A client that trusts one authority.
fn trusting(directory: &Path, authority: &str) -> Network {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(directory.join(authority)).unwrap()).unwrap();
    Network { tls: Tls::trusting(roots), egress: Egress::Any }
}

/// A TLS server with that certificate, that answers 200; its port.
async fn server(directory: &Path, certificate: &str) -> u16 {
    let chain = vec![CertificateDer::from_pem_file(directory.join(certificate)).unwrap()];
    let key = PrivateKeyDer::from_pem_file(directory.join("leaf.key")).unwrap();
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut head = [0; 4_096];
            // A client that wants the certificates only sends nothing.
            let Ok(1..) = stream.read(&mut head).await else { continue };
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.ok();
            stream.shutdown().await.ok();
        }
    });
    port
}

#[tokio::test]
async fn certificates_are_judged_and_their_faults_named() {
    let directory = tempfile::tempdir().unwrap();
    if !make(directory.path()) {
        return;
    }
    let ours = trusting(directory.path(), "ca.pem");
    let good = server(directory.path(), "good.pem").await;
    let expired = server(directory.path(), "expired.pem").await;
    let plain = says("SSH-2.0-OpenSSH_9.2\r\n", Duration::ZERO, "").await.replace("http:", "https:");
    let on = |host: &str, port: u16| format!("https://{host}:{port}/");
    let found =
        async |url: String, network: &Network| ask(request(&url), Duration::from_secs(5), network).await;
    let reached = found(on("localhost", good), &ours).await;
    assert_eq!(status(&reached), 200);
    let Timings { dns, connect, tls, first_byte, body } = reached.timings;
    assert!([dns, connect, tls, first_byte, body].iter().all(Option::is_some), "{:?}", reached.timings);
    assert_eq!(failed(&found(on("127.0.0.1", good), &ours).await), "TLS: certificate is for another name");
    assert_eq!(failed(&found(on("localhost", expired), &ours).await), "TLS: certificate expired");
    assert_eq!(failed(&found(plain, &ours).await), "TLS: handshake failed");
    let stranger = trusting(directory.path(), "other.pem");
    assert_eq!(
        failed(&found(on("localhost", good), &stranger).await),
        "TLS: certificate from an unknown issuer"
    );
    expiry_is_told_of_every_certificate([good, expired], &ours, &stranger).await;
}

/// Of expired, untrusted and misnamed ones, too.
async fn expiry_is_told_of_every_certificate([good, expired]: [u16; 2], ours: &Network, stranger: &Network) {
    let told = async |host: &str, port: u16, name: Option<&str>, verify, network: &Network| {
        let address = Address { host: url::Host::parse(host).unwrap(), port };
        let request = TlsRequest { address, name: name.map(str::to_owned), verify };
        let asked = attempt(
            &ProbeRequest::Tls(request),
            Instant::from_unix(SCHEDULED),
            Duration::from_secs(5),
            network,
        )
        .await;
        match asked.outcome {
            Outcome::Answered(Answer::Certificates(found)) => {
                assert_eq!(found.presented, 1);
                (found.expires.unwrap().unix(), found.fault)
            }
            other => panic!("{other:?}"),
        }
    };
    let now = crate::clock::now().unix();
    let fault = |text: &str| Some(text.to_owned());
    let lasts = |expires: i64| (19 * 86_400..=20 * 86_400).contains(&(expires - now));
    let (end, found) = told("localhost", good, None, true, ours).await;
    assert!(lasts(end) && found.is_none(), "{end} {found:?}");
    for (host, name, verify, network, why) in [
        ("127.0.0.1", None, true, ours, fault("certificate is for another name")),
        ("127.0.0.1", Some("localhost"), true, ours, None),
        ("localhost", None, true, stranger, fault("certificate from an unknown issuer")),
        ("localhost", None, false, stranger, None),
    ] {
        let (end, found) = told(host, good, name, verify, network).await;
        assert!(lasts(end), "{end}");
        assert_eq!(found, why);
    }
    // 2020-02-01
    let told = told("localhost", expired, None, true, ours).await;
    assert_eq!(told, (1_580_515_200, fault("certificate expired")));
}
