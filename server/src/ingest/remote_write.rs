//! Prometheus remote write 1.0 and 2.0: a snappy block that holds one protocol buffers message.
//!
//! Invariants: what a body claims of its length is checked before memory is taken for it; a message that cannot be read
//! leaves nothing behind; labels and samples are handed on borrowed. What is told of a sample is told in the order of
//! the body, once for each.

mod v1;
mod v2;

use crate::ingest::protobuf::Fault;
use crate::samples::{Label, Sample};

/// A body as it comes, compressed: Prometheus sends some hundred kilobytes at a time.
pub const BODY_BYTES_MAX: usize = 16 * 1_024 * 1_024;
/// A body after decompression: what the specifications of others recommend as a limit, too.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1_024 * 1_024;

/// Which message a body holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `prometheus.WriteRequest`.
    V1,
    /// `io.prometheus.write.v2.Request`.
    V2,
}

/// Takes what is decoded.
pub trait Sink {
    /// A series begins. Its labels are as they came: neither sorted nor checked.
    fn series(&mut self, labels: &[Label<'_>]);

    /// A series whose labels cannot even be told: the next samples are its.
    fn nameless(&mut self, reason: &'static str);

    /// A sample of the series that began last.
    fn sample(&mut self, sample: Sample);
}

/// What a body held besides samples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extras {
    /// Native histograms, which no SLI takes yet.
    pub histograms: u64,
    /// Exemplars, which no SLI needs.
    pub exemplars: u64,
}

/// Why a body cannot be taken. The text is for the sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The snappy block says that it holds more than is taken.
    #[error("the snappy block declares {declared} bytes, and at most {MESSAGE_BYTES_MAX} are taken")]
    TooLarge {
        /// What it says.
        declared: u64,
    },
    /// It is no snappy block.
    #[error("the body is no snappy block: {0}")]
    Snappy(String),
    /// It holds no such message.
    #[error("the message cannot be read: {0}")]
    Message(#[from] Fault),
    /// The first symbol is not empty.
    #[error("the message cannot be read: `symbols[0]` must be the empty string")]
    Symbols,
}

/// The message in a snappy block. Memory is taken only for what the block declares, and that only up to
/// [`MESSAGE_BYTES_MAX`].
pub fn decompress(body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let snappy = |error: snap::Error| Refusal::Snappy(error.to_string());
    let declared = match snap::raw::decompress_len(body) {
        Ok(declared) => declared,
        Err(snap::Error::TooBig { given, .. }) => return Err(Refusal::TooLarge { declared: given }),
        Err(error) => return Err(snappy(error)),
    };
    if declared > MESSAGE_BYTES_MAX {
        return Err(Refusal::TooLarge { declared: u64::try_from(declared).unwrap_or(u64::MAX) });
    }
    // A few bytes can declare megabytes: what it holds is bounded by its length.
    if declared > body.len().saturating_mul(EXPANSION_MAX) {
        return Err(Refusal::Snappy(format!(
            "{} bytes cannot hold the {declared} that it declares",
            body.len()
        )));
    }
    snap::raw::Decoder::new().decompress_vec(body).map_err(snappy)
}

/// The most that a byte of a snappy block can become: a copy of 64 bytes takes three, shorter ones at least two.
const EXPANSION_MAX: usize = 32;

/// Hands the series and samples of a message to `sink`. On an error what was handed on is to be dropped.
pub fn decode(version: Version, message: &[u8], sink: &mut impl Sink) -> Result<Extras, Refusal> {
    match version {
        Version::V1 => v1::decode(message, sink).map_err(Refusal::Message),
        Version::V2 => v2::decode(message, sink),
    }
}

#[cfg(test)]
mod tests;
