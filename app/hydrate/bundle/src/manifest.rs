//! `manifest.json`: which hashed file plays which part. The server reads it at start.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::error::{BundleError, read, write};
use crate::pack::content_hash;

/// Digits of the hash that names a build.
const BUILD_DIGITS: usize = 12;

/// Parts such as `js`, `wasm`, `css`, `start` and `stream`, each a path below the site such as `pkg/nines.0a1b.js`;
/// and `build`, which names them all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) parts: BTreeMap<String, String>,
    /// Names this build; pages of another one reload.
    pub(crate) build: String,
}

impl Manifest {
    /// Of hashed parts, and of the hash over the files whose names carry none.
    pub(crate) fn new(parts: BTreeMap<String, String>, unhashed: &str) -> Self {
        let bytes = parts.values().map(String::as_bytes).chain([unhashed.as_bytes()]);
        let build = content_hash(bytes).chars().take(BUILD_DIGITS).collect();
        Self { parts, build }
    }

    /// The manifest of the site at `site`, or `None` when there is no site yet.
    pub(crate) fn of(site: &Path) -> Result<Option<Self>, BundleError> {
        let path = site.join("manifest.json");
        if !path.exists() {
            return Ok(None);
        }
        let fail = |reason: String| BundleError::Manifest { path: path.clone(), reason };
        let mut parts: BTreeMap<String, String> =
            serde_json::from_slice(&read(&path)?).map_err(|error| fail(error.to_string()))?;
        let build = parts.remove("build").ok_or_else(|| fail("it names no build".to_owned()))?;
        Ok(Some(Self { parts, build }))
    }

    /// Writes it into `site`.
    pub(crate) fn write(&self, site: &Path) -> Result<(), BundleError> {
        let named = self.parts.iter().map(|(name, path)| (name.clone(), Value::from(path.as_str())));
        let all: serde_json::Map<String, Value> =
            named.chain([("build".to_owned(), Value::from(self.build.as_str()))]).collect();
        write(&site.join("manifest.json"), format!("{:#}\n", Value::from(all)).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_as_it_was_written() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Manifest::of(dir.path()).unwrap(), None);
        let manifest =
            Manifest::new(BTreeMap::from([("js".to_owned(), "pkg/nines.1.js".to_owned())]), "icons");
        manifest.write(dir.path()).unwrap();
        assert_eq!(Manifest::of(dir.path()).unwrap(), Some(manifest));
    }

    #[test]
    fn build_follows_every_file() {
        let build = |js: &str, unhashed: &str| {
            Manifest::new(BTreeMap::from([("js".to_owned(), js.to_owned())]), unhashed).build
        };
        assert_eq!(build("a", "b"), build("a", "b"));
        assert_ne!(build("a", "b"), build("c", "b"));
        assert_ne!(build("a", "b"), build("a", "c"));
        assert_eq!(build("a", "b").len(), BUILD_DIGITS);
    }
}
