//! What probes ask, one type for each protocol.
//!
//! Invariant: the text of a request, [`std::fmt::Display`], holds no header values and no bodies: it is shown, and they
//! may be secret.

use std::fmt;

use url::{Host, Url};

/// Redirects that a probe may be told to follow.
pub const REDIRECTS_MAX: u8 = 5;

/// What a probe asks.
#[derive(Debug, Clone, PartialEq)]
pub enum ProbeRequest {
    /// An HTTP request and its answer.
    Http(HttpRequest),
    /// A TCP connection that is accepted.
    Tcp(TcpRequest),
    /// A question to a name server.
    Dns(DnsRequest),
    /// A TLS handshake and the certificates that come with it.
    Tls(TlsRequest),
    /// The health service of gRPC.
    Grpc(GrpcRequest),
}

/// The request of an HTTP probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// `http` or `https`.
    pub url: Url,
    /// `GET` unless declared.
    pub method: String,
    /// Names in lower case, each once, with values; those of ours that are named here give way.
    pub headers: Vec<(String, String)>,
    /// What is sent, if anything.
    pub body: Option<String>,
    /// Redirects that are followed, at most [`REDIRECTS_MAX`]; with 0 a redirect is an answer like any other.
    pub redirects: u8,
    /// Whether somebody judges the answer's body, which is dropped otherwise.
    pub keep_body: bool,
}

impl HttpRequest {
    /// A plain `GET` of this URL, whose body nobody looks at.
    pub fn get(url: Url) -> Self {
        let method = "GET".to_owned();
        Self { url, method, headers: Vec::new(), body: None, redirects: 0, keep_body: false }
    }
}

/// Host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// A name or an IP address.
    pub host: Host,
    /// From 1.
    pub port: u16,
}

/// The target of a TCP probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcpRequest {
    /// Where to connect to.
    pub address: Address,
}

/// The question of a DNS probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsRequest {
    /// The name that is asked for.
    pub name: String,
    /// Which of its records.
    pub record: RecordType,
    /// The name server; none: the first that this machine uses.
    pub server: Option<Address>,
}

/// Records that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordType {
    A,
    AAAA,
    CNAME,
    MX,
    NS,
    SOA,
    SRV,
    TXT,
    CAA,
    PTR,
}

impl RecordType {
    /// All of them, by name.
    pub const ALL: [(&'static str, Self); 10] = [
        ("A", Self::A),
        ("AAAA", Self::AAAA),
        ("CNAME", Self::CNAME),
        ("MX", Self::MX),
        ("NS", Self::NS),
        ("SOA", Self::SOA),
        ("SRV", Self::SRV),
        ("TXT", Self::TXT),
        ("CAA", Self::CAA),
        ("PTR", Self::PTR),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, record)| *record == self).map_or("A", |(name, _)| name)
    }
}

/// The target of a TLS probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsRequest {
    /// Where to connect to.
    pub address: Address,
    /// The name that the certificate must be for, and that is asked for; else the host of the address.
    pub name: Option<String>,
    /// Whether a chain that this machine does not trust, or another name, is a failure.
    pub verify: bool,
}

/// The target of a gRPC health probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrpcRequest {
    /// Where to connect to.
    pub address: Address,
    /// The service asked about; empty is the server as a whole.
    pub service: String,
    /// Whether the connection is TLS.
    pub tls: bool,
}

impl ProbeRequest {
    /// The protocol, as the configuration calls it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Http(_) => "http",
            Self::Tcp(_) => "tcp",
            Self::Dns(_) => "dns",
            Self::Tls(_) => "tls",
            Self::Grpc(_) => "grpc",
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl fmt::Display for ProbeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(http) => http.fmt(f),
            Self::Tcp(tcp) => write!(f, "TCP connection to {}", tcp.address),
            Self::Dns(dns) => {
                write!(f, "DNS {} of {}", dns.record.name(), dns.name)?;
                dns.server.iter().try_for_each(|server| write!(f, " at {server}"))
            }
            Self::Tls(tls) => {
                write!(f, "TLS certificate of {}", tls.address)?;
                tls.name.iter().try_for_each(|name| write!(f, " for {name}"))?;
                if tls.verify { Ok(()) } else { f.write_str(", not verified") }
            }
            Self::Grpc(grpc) => {
                write!(f, "gRPC health of {}", grpc.address)?;
                if grpc.tls {
                    f.write_str(" over TLS")?;
                }
                if grpc.service.is_empty() { Ok(()) } else { write!(f, ", service {}", grpc.service) }
            }
        }
    }
}

impl fmt::Display for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)?;
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        if !names.is_empty() {
            write!(f, " with headers {}", names.join(", "))?;
        }
        if let Some(body) = &self.body {
            write!(f, " with a body of {} bytes", body.len())?;
        }
        match self.redirects {
            0 => Ok(()),
            most => write!(f, " following up to {most} redirects"),
        }
    }
}
