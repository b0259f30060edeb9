//! Why a target failed, in words for people.

use std::fmt;
use std::time::Duration;

/// What a target did wrong. The text is shown to people; it holds no answer's content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FailureReason {
    /// Nothing listens at the port.
    #[error("connection refused")]
    Refused,
    /// The network says that the host cannot be reached, or nobody answers for its address.
    #[error("host unreachable")]
    Unreachable,
    /// The deadline passed.
    #[error("timed out after {} while {phase}", Seconds(*after))]
    TimedOut {
        /// The deadline.
        after: Duration,
        /// What was going on.
        phase: Phase,
    },
    /// The name has no address.
    #[error("name not found: {0}")]
    NameNotFound(String),
    /// The TLS handshake failed.
    #[error("TLS: {0}")]
    Tls(String),
    /// The connection ended before the answer's headers.
    #[error("connection closed before an answer")]
    Closed,
    /// The connection ended inside the answer's body.
    #[error("connection closed before the end of the answer")]
    Truncated,
    /// What came is no HTTP/1.1 answer, or its headers are larger than we read.
    #[error("the answer is not valid HTTP/1.1")]
    NotHttp,
    /// The body is not in the encoding that its header names.
    #[error("the answer's body cannot be decoded")]
    Undecodable,
    /// A redirect that is not followed. The text says where to, without the address.
    #[error("redirect {0}")]
    Redirect(String),
    /// More redirects than the probe is told to follow.
    #[error("more than {0} redirects")]
    TooManyRedirects(u8),
    /// A name server's answer is no answer.
    #[error("DNS: {0}")]
    Dns(String),
    /// What a gRPC server said instead of that it serves.
    #[error("gRPC: {0}")]
    Grpc(String),
}

/// The phases of an attempt, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Looking the name up.
    Resolving,
    /// TCP.
    Connecting,
    /// TLS.
    Handshaking,
    /// Request sent, no complete headers yet.
    Headers,
    /// Headers complete.
    Body,
    /// Asked, and no whole answer yet, of protocols without headers.
    Answer,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolving => "resolving",
            Self::Connecting => "connecting",
            Self::Handshaking => "negotiating TLS",
            Self::Headers => "reading headers",
            Self::Body => "reading body",
            Self::Answer => "waiting for the answer",
        })
    }
}

/// A duration as people write timeouts: `5 s`, `500 ms`, `1500 ms`.
#[derive(Debug)]
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.subsec_millis(), self.0.as_secs()) {
            (0, seconds) => write!(f, "{seconds} s"),
            _ => write!(f, "{} ms", self.0.as_millis()),
        }
    }
}
