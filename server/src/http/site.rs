//! The client bundle on disk: which files there are, under which hashed names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use app::ShellOptions;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse, Response};
use tower_http::services::ServeDir;

use super::problem;

/// Where the bundle is, and what the document refers to.
#[derive(Debug)]
pub struct Site {
    root: PathBuf,
    files: BTreeSet<String>,
    /// Names for the document.
    pub shell: ShellOptions,
    /// Names the build; pages of another one reload.
    pub build: String,
}

/// The bundle is not there or cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the client bundle is not at {root}: {source}; run `make build`, or set NINES_SITE to its directory")]
pub struct SiteError {
    root: String,
    source: std::io::Error,
}

/// A hashed name never changes its content.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

impl Site {
    /// Reads the bundle's manifest below `root`.
    pub fn load(root: &Path) -> Result<Self, SiteError> {
        let fail = |source| SiteError { root: root.display().to_string(), source };
        let text = std::fs::read(root.join("manifest.json")).map_err(fail)?;
        let shell: ShellOptions = serde_json::from_slice(&text).map_err(|error| fail(error.into()))?;
        let files = std::fs::read_dir(root)
            .map_err(fail)?
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
            .map(|entry| format!("/{}", entry.file_name().to_string_lossy()))
            .collect();
        Ok(Self { root: root.to_owned(), files, build: shell.build.clone(), shell })
    }

    /// Where the bundle is unless `NINES_SITE` says otherwise: beside the binary, or where the build leaves it.
    pub fn find() -> PathBuf {
        let beside = std::env::current_exe().ok().and_then(|exe| exe.parent().map(Path::to_owned));
        let candidates = beside.iter().flat_map(|dir| [dir.join("site"), dir.join("../site")]);
        candidates
            .into_iter()
            .find(|dir| dir.join("manifest.json").exists())
            .unwrap_or_else(|| "target/site".into())
    }

    /// Serves the hashed files, compressed ahead of time.
    pub(super) fn bundle(&self) -> Router {
        let files = ServeDir::new(self.root.join("pkg")).precompressed_br().precompressed_gzip();
        let files = Router::new().fallback_service(files).layer(from_fn(read_only));
        files.layer(map_response(|mut response: Response| async {
            if response.status().is_success() {
                response.headers_mut().insert(header::CACHE_CONTROL, FOREVER);
            }
            response
        }))
    }

    /// A file at the top of the site, such as the favicon.
    pub(super) fn top_file(&self, path: &str) -> Option<ServeDir> {
        self.files.contains(path).then(|| ServeDir::new(&self.root).precompressed_br().precompressed_gzip())
    }
}

/// Files are read only. The file service would refuse other methods too, but without taking in the body, so that a
/// client could be cut off before it sees the answer.
async fn read_only(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let mut response = problem::method_not_allowed(request).await.into_response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
    response
}
