//! What a first visit downloads, against what we allow ourselves.

use std::fmt::Write as _;
use std::path::Path;

use crate::error::BundleError;
use crate::manifest::Manifest;
use crate::pack::twin;

/// The client's wasm and script together, as brotli sends them. At most, in bytes.
const CLIENT_BUDGET_BYTES: u64 = 350_000;

/// Sizes of one file in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sizes {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Sizes of the client's files.
#[derive(Debug)]
pub(crate) struct Report {
    wasm: Sizes,
    js: Sizes,
    css: Sizes,
}

impl Report {
    /// Measures the site at `site`.
    pub(crate) fn of(site: &Path) -> Result<Self, BundleError> {
        let manifest = Manifest::of(site)?.ok_or_else(|| BundleError::Manifest {
            path: site.join("manifest.json"),
            reason: "it is not there; run `make build`".to_owned(),
        })?;
        let measure = |part: &str| {
            let path = manifest.parts.get(part).map(|path| site.join(path)).ok_or_else(|| {
                BundleError::Manifest {
                    path: site.join("manifest.json"),
                    reason: format!("it names no {part}"),
                }
            })?;
            let length = |path: &Path| {
                path.metadata().map(|data| data.len()).map_err(BundleError::io("measure", path))
            };
            let raw = length(&path)?;
            // A file without a twin is sent as it is.
            let packed = |ending| {
                Ok(twin(&path, ending)).and_then(|twin| if twin.exists() { length(&twin) } else { Ok(raw) })
            };
            Ok::<_, BundleError>(Sizes { raw, gzip: packed("gz")?, brotli: packed("br")? })
        };
        Ok(Self { wasm: measure("wasm")?, js: measure("js")?, css: measure("css")? })
    }

    /// Whether wasm and script are more than we allow.
    pub(crate) fn over_budget(&self) -> bool {
        self.client_brotli() > CLIENT_BUDGET_BYTES
    }

    fn client_brotli(&self) -> u64 {
        self.wasm.brotli + self.js.brotli
    }

    /// A table for people, with the verdict as its last line.
    pub(crate) fn table(&self) -> String {
        let mut table = format!("    {:<9} {:>9} {:>9} {:>9}\n", "bytes", "raw", "gzip", "brotli");
        let sum = Sizes {
            raw: self.wasm.raw + self.js.raw,
            gzip: self.wasm.gzip + self.js.gzip,
            brotli: self.client_brotli(),
        };
        for (name, size) in [("wasm", self.wasm), ("js", self.js), ("css", self.css), ("wasm+js", sum)] {
            // Writing to a string cannot fail.
            let _ = writeln!(table, "    {name:<9} {:>9} {:>9} {:>9}", size.raw, size.gzip, size.brotli);
        }
        let percent = sum.brotli * 100 / CLIENT_BUDGET_BYTES;
        let verdict = if self.over_budget() { "OVER" } else { "within" };
        let _ = write!(
            table,
            "    {verdict} the budget of {CLIENT_BUDGET_BYTES} bytes brotli for wasm+js: {percent} %"
        );
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(wasm: u64, js: u64) -> Report {
        let sizes = |brotli| Sizes { raw: brotli * 3, gzip: brotli * 2, brotli };
        Report { wasm: sizes(wasm), js: sizes(js), css: sizes(9) }
    }

    #[test]
    fn the_budget_is_for_wasm_and_script_together() {
        assert!(!report(349_000, 1_000).over_budget());
        assert!(report(349_000, 1_001).over_budget());
        assert!(report(349_000, 1_001).table().contains("OVER"));
    }

    #[test]
    fn a_missing_site_says_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Report::of(dir.path()).unwrap_err().to_string().contains("make build"));
    }
}
