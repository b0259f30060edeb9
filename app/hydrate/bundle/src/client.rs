//! The client proper: the compiler's wasm becomes a JavaScript module and a small wasm file.
//!
//! Shrinking is the slow half, so its result is kept beside the compiler's output under the hash of what went in.

use std::path::{Path, PathBuf};
use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

use crate::error::{BundleError, files_in, make_dir, read, remove_dir, write};
use crate::options::Options;
use crate::pack::content_hash;

/// What the linker may assume of a browser: all of it is older than two years in each of the big three.
const WASM_OPT_FLAGS: [&str; 7] = [
    "-Oz",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-multivalue",
];

/// Shrunk files kept beside the compiler's output: this one and the ones of a few branches.
const KEPT_RESULTS: usize = 4;

/// The two files of the client.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) js: Vec<u8>,
    pub(crate) wasm: Vec<u8>,
}

/// Binds and shrinks the client. `say` is told before the slow step.
pub(crate) fn build(
    options: &Options,
    say: &mut impl FnMut(&str) -> Result<(), BundleError>,
) -> Result<Client, BundleError> {
    let cache = options.wasm.with_file_name("bundle-cache");
    let work = cache.join("work");
    remove_dir(&work)?;
    make_dir(&work)?;
    bind(&options.wasm, &work)?;
    let js = read(&work.join("nines.js"))?;
    let bound = read(&work.join("nines_bg.wasm"))?;

    let key = content_hash([bound.as_slice(), WASM_OPT_FLAGS.join(" ").as_bytes()]);
    let shrunk = cache.join(format!("{key}.wasm"));
    if !shrunk.exists() {
        say(&format!("    shrinking {} kB of wasm with wasm-opt", bound.len() / 1000))?;
        let fresh = work.join("shrunk.wasm");
        wasm_opt(&options.wasm_opt, &work.join("nines_bg.wasm"), &fresh)?;
        forget_oldest(&cache)?;
        std::fs::rename(&fresh, &shrunk).map_err(BundleError::io("write", &shrunk))?;
    }
    Ok(Client { js, wasm: read(&shrunk)? })
}

/// Runs wasm-bindgen: `nines.js` and `nines_bg.wasm` in `out`. The start script passes the wasm's address in, so the
/// module knows no default one.
fn bind(wasm: &Path, out: &Path) -> Result<(), BundleError> {
    let refused = |error: &dyn std::fmt::Display| BundleError::Bindgen {
        path: wasm.to_owned(),
        reason: error.to_string(),
    };
    // Read here for an error that names the path and says that it is missing.
    let bytes = read(wasm)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes("nines", bytes).typescript(false).omit_default_module_path(true);
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.web(true).map_err(|error| refused(&error))?;
    let mut output = bindgen.generate_output().map_err(|error| refused(&format!("{error:#}")))?;
    // A crate that has none is listed all the same, with an empty list.
    let inline = output.snippets().iter().filter(|(_, list)| !list.is_empty()).map(|(name, _)| name);
    let snippets: Vec<&str> = inline.chain(output.local_modules().keys()).map(String::as_str).collect();
    if !snippets.is_empty() {
        return Err(BundleError::Snippets(snippets.join(", ")));
    }
    output.emit(out).map_err(|error| refused(&format!("{error:#}")))
}

fn wasm_opt(script: &Path, from: &Path, to: &Path) -> Result<(), BundleError> {
    if !script.exists() {
        let missing = std::io::Error::other("not found; run `make setup`");
        return Err(BundleError::io("run", script)(missing));
    }
    let output = Command::new("node")
        .arg(script)
        .args(WASM_OPT_FLAGS)
        .arg(from)
        .arg("-o")
        .arg(to)
        .output()
        .map_err(BundleError::io("run node for", script))?;
    if output.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(BundleError::WasmOpt { status: output.status, message })
}

/// Makes room for one more result.
fn forget_oldest(cache: &Path) -> Result<(), BundleError> {
    let mut results: Vec<(std::time::SystemTime, PathBuf)> = files_in(cache)?
        .into_iter()
        .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)))
        .collect();
    results.sort();
    let surplus = (results.len() + 1).saturating_sub(KEPT_RESULTS);
    for (_, path) in results.into_iter().take(surplus) {
        std::fs::remove_file(&path).map_err(BundleError::io("remove", &path))?;
    }
    Ok(())
}

/// Writes a client file under its hashed name into `pkg` and returns the name.
pub(crate) fn place(pkg: &Path, stem: &str, extension: &str, bytes: &[u8]) -> Result<String, BundleError> {
    let name = format!("{stem}.{}.{extension}", content_hash([bytes]));
    write(&pkg.join(&name), bytes)?;
    Ok(name)
}
