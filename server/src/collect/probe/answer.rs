//! What a target answered.

use domain::Instant;

use super::http::HttpAnswer;

/// An answer, by protocol.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Of HTTP, after redirects.
    Http(Box<HttpAnswer>),
    /// The TCP connection was accepted.
    Connected,
    /// The records of a DNS answer, as text, names without a dot at their end.
    Records(Vec<String>),
    /// The certificates of a TLS handshake.
    Certificates(Certificates),
    /// The gRPC service says that it serves.
    Serving,
}

/// What is known of a target's certificates, trusted or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificates {
    /// When the first of the chain expires; none if a certificate could not be read.
    pub expires: Option<Instant>,
    /// How many were presented.
    pub presented: usize,
    /// Why they are not trusted, in words for people; none if they are.
    pub fault: Option<String>,
}

impl Answer {
    /// When the first certificate of the chain expires, if the answer is about certificates.
    pub fn expires(&self) -> Option<Instant> {
        match self {
            Self::Certificates(found) => found.expires,
            _ => None,
        }
    }
}
