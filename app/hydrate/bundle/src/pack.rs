//! Hashes for names, and the compressed twins that the server hands out as they are.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{BundleError, files_in, read, write};

/// Endings of files that shrink when compressed; pictures and fonts already are.
const COMPRESSIBLE: [&str; 9] = ["css", "html", "ico", "js", "json", "svg", "txt", "wasm", "webmanifest"];

/// Below this many bytes a compressed twin saves nothing: it all fits into one packet.
const SMALLEST_COMPRESSED: usize = 256;

/// 16 hexadecimal digits that name the content. FNV-1a: it tells builds apart and guards against nobody.
pub(crate) fn content_hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in parts.into_iter().flatten() {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("{hash:016x}")
}

/// Writes `.br` and `.gz` beside each file in `dir` that gains by it.
pub(crate) fn compress_all(dir: &Path) -> Result<(), BundleError> {
    for path in files_in(dir)? {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if !COMPRESSIBLE.contains(&extension) {
            continue;
        }
        let bytes = read(&path)?;
        if bytes.len() >= SMALLEST_COMPRESSED {
            write(&twin(&path, "br"), &brotli(&bytes)?)?;
            write(&twin(&path, "gz"), &gzip(&bytes)?)?;
        }
    }
    Ok(())
}

/// `a.js` and `br` give `a.js.br`.
pub(crate) fn twin(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>, BundleError> {
    // Quality 11 and a 4 MiB window are the most that every browser takes.
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &parameters)
        .map_err(BundleError::io("compress", "brotli".as_ref()))?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, BundleError> {
    let failed = || BundleError::io("compress", "gzip".as_ref());
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).map_err(failed())?;
    encoder.finish().map_err(failed())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn hash_is_of_the_content_alone() {
        assert_eq!(content_hash([b"".as_slice()]), "cbf29ce484222325");
        assert_eq!(content_hash([b"a".as_slice()]), "af63dc4c8601ec8c");
        assert_eq!(content_hash([b"ab".as_slice(), b"c"]), content_hash([b"abc".as_slice()]));
    }

    #[test]
    fn twins_unpack_to_the_same_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.css");
        let text = ".a { color: red }\n".repeat(50);
        std::fs::write(&path, &text).unwrap();
        compress_all(dir.path()).unwrap();

        let mut from_gzip = String::new();
        flate2::read::GzDecoder::new(&*read(&twin(&path, "gz")).unwrap())
            .read_to_string(&mut from_gzip)
            .unwrap();
        assert_eq!(from_gzip, text);
        let mut from_brotli = Vec::new();
        brotli::BrotliDecompress(&mut &*read(&twin(&path, "br")).unwrap(), &mut from_brotli).unwrap();
        assert_eq!(from_brotli, text.as_bytes());
    }

    #[test]
    fn leaves_small_and_packed_files_alone() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.css"), "a{}").unwrap();
        std::fs::write(dir.path().join("a.png"), [0; 1000]).unwrap();
        compress_all(dir.path()).unwrap();
        assert_eq!(files_in(dir.path()).unwrap().len(), 2);
    }
}
