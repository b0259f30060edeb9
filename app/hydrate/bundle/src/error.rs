//! What can go wrong while bundling, each in a sentence that names the file.

use std::path::{Path, PathBuf};

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BundleError {
    #[error("{0}\n\n{usage}", usage = crate::options::USAGE)]
    Usage(String),
    #[error("cannot {action} {path}: {source}")]
    Io { action: &'static str, path: PathBuf, source: std::io::Error },
    #[error("wasm-bindgen refused {path}: {reason}")]
    Bindgen { path: PathBuf, reason: String },
    #[error(
        "the client imports the JavaScript snippets {0}, whose names carry no hash; give them a file in public/"
    )]
    Snippets(String),
    #[error("wasm-opt failed ({status}): {message}")]
    WasmOpt { status: std::process::ExitStatus, message: String },
    #[error("{path}: {reason}")]
    Css { path: PathBuf, reason: String },
    #[error("{path}: not the manifest of a bundle: {reason}")]
    Manifest { path: PathBuf, reason: String },
}

impl BundleError {
    /// For `map_err`: names what was tried on which path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

/// Reads a file whole.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, BundleError> {
    std::fs::read(path).map_err(BundleError::io("read", path))
}

/// Reads a text file whole.
pub(crate) fn read_text(path: &Path) -> Result<String, BundleError> {
    std::fs::read_to_string(path).map_err(BundleError::io("read", path))
}

/// Writes a file whole.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), BundleError> {
    std::fs::write(path, bytes).map_err(BundleError::io("write", path))
}

/// Makes a directory and those above it.
pub(crate) fn make_dir(path: &Path) -> Result<(), BundleError> {
    std::fs::create_dir_all(path).map_err(BundleError::io("make", path))
}

/// Removes a directory and all in it; one that is not there is fine.
pub(crate) fn remove_dir(path: &Path) -> Result<(), BundleError> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(BundleError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// The plain files in a directory, by name.
pub(crate) fn files_in(dir: &Path) -> Result<Vec<PathBuf>, BundleError> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(BundleError::io("list", dir))? {
        let path = entry.map_err(BundleError::io("list", dir))?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
