//! An answer's body, decoded, up to a bound.

use std::io::{self, Write};

use flate2::write::{MultiGzDecoder, ZlibDecoder};
use hyper::HeaderMap;
use hyper::header::CONTENT_ENCODING;

use crate::collect::probe::FailureReason;

/// A body is read up to here, counted after decoding: what follows is of no interest, and no endless body and no bomb
/// may hold an attempt or its memory.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// A body that somebody judges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Decoded, at most [`BODY_BYTES_MAX`].
    pub bytes: Vec<u8>,
    /// Whether there was more.
    pub is_cut: bool,
    /// The encoding that we do not know, in which the bytes still are.
    pub encoding: Option<String>,
}

/// Takes up to the bound and refuses what follows.
#[derive(Debug, Default)]
struct Capped {
    bytes: Vec<u8>,
    is_cut: bool,
}

impl Write for Capped {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        let room = BODY_BYTES_MAX.saturating_sub(self.bytes.len());
        let taken = chunk.get(..room.min(chunk.len())).unwrap_or_default();
        self.bytes.extend_from_slice(taken);
        if taken.len() < chunk.len() {
            self.is_cut = true;
            return Err(io::Error::other("the bound on bodies is reached"));
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Decodes a body as it arrives.
pub(super) struct Reader {
    decoder: Decoder,
    encoding: Option<String>,
}

enum Decoder {
    Plain(Capped),
    Gzip(MultiGzDecoder<Capped>),
    Deflate(ZlibDecoder<Capped>),
}

impl Reader {
    /// A reader of what these headers announce.
    pub(super) fn new(headers: &HeaderMap) -> Self {
        let named = headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let named = named.trim().to_ascii_lowercase();
        let capped = Capped::default();
        match named.as_str() {
            "" | "identity" => Self { decoder: Decoder::Plain(capped), encoding: None },
            "gzip" | "x-gzip" => Self { decoder: Decoder::Gzip(MultiGzDecoder::new(capped)), encoding: None },
            "deflate" => Self { decoder: Decoder::Deflate(ZlibDecoder::new(capped)), encoding: None },
            _ => Self { decoder: Decoder::Plain(capped), encoding: Some(named) },
        }
    }

    /// Takes in what arrived; whether more is wanted.
    pub(super) fn take(&mut self, chunk: &[u8]) -> Result<bool, FailureReason> {
        let written = match &mut self.decoder {
            Decoder::Plain(capped) => capped.write_all(chunk),
            Decoder::Gzip(decoder) => decoder.write_all(chunk),
            Decoder::Deflate(decoder) => decoder.write_all(chunk),
        };
        self.judged(written)
    }

    /// The body, at its end or at the bound.
    pub(super) fn finish(mut self) -> Result<Body, FailureReason> {
        if !self.capped().is_cut {
            let finished = match &mut self.decoder {
                Decoder::Plain(_) => Ok(()),
                Decoder::Gzip(decoder) => decoder.try_finish(),
                Decoder::Deflate(decoder) => decoder.try_finish(),
            };
            self.judged(finished)?;
        }
        let Capped { bytes, is_cut } = std::mem::take(self.capped());
        Ok(Body { bytes, is_cut, encoding: self.encoding })
    }

    fn judged(&mut self, result: io::Result<()>) -> Result<bool, FailureReason> {
        match result {
            Ok(()) => Ok(true),
            Err(_) if self.capped().is_cut => Ok(false),
            Err(_) => Err(FailureReason::Undecodable),
        }
    }

    fn capped(&mut self) -> &mut Capped {
        match &mut self.decoder {
            Decoder::Plain(capped) => capped,
            Decoder::Gzip(decoder) => decoder.get_mut(),
            Decoder::Deflate(decoder) => decoder.get_mut(),
        }
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn read(encoding: &str, bytes: &[u8]) -> Result<Body, FailureReason> {
        let headers = HeaderMap::from_iter([(CONTENT_ENCODING, encoding.parse().unwrap())]);
        let mut reader = Reader::new(&headers);
        for chunk in bytes.chunks(1_000) {
            if !reader.take(chunk)? {
                break;
            }
        }
        reader.finish()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_body_is_decoded_up_to_the_bound() {
        let body = read("gzip", &gzip(b"all is well")).unwrap();
        assert_eq!((body.bytes.as_slice(), body.is_cut), (&b"all is well"[..], false));
        let bomb = gzip(&vec![b'x'; 30 << 20]);
        assert!(bomb.len() < 64 << 10);
        let body = read("gzip", &bomb).unwrap();
        assert_eq!((body.bytes.len(), body.is_cut), (BODY_BYTES_MAX, true));
        assert!(body.bytes.capacity() <= 2 * BODY_BYTES_MAX);
        assert_eq!(read("gzip", b"not gzip at all").unwrap_err(), FailureReason::Undecodable);
        let whole = gzip(b"all is well");
        assert_eq!(read("gzip", &whole[..whole.len() - 6]).unwrap_err(), FailureReason::Undecodable);
        let unknown = read("br", b"\x01\x02").unwrap();
        assert_eq!((unknown.encoding.as_deref(), unknown.bytes.len()), (Some("br"), 2));
    }
}
