//! Lays the site out: hashed files in `pkg/`, public files at the top, compressed twins, the manifest.
//!
//! Built beside the present site and swapped in. A build that changes nothing leaves the site alone, so that the
//! files of the build before it are not pushed out.

use std::collections::BTreeMap;
use std::path::Path;

use crate::client::{self, Client};
use crate::css;
use crate::error::{BundleError, files_in, make_dir, read, remove_dir, write};
use crate::manifest::Manifest;
use crate::options::Options;
use crate::pack::{compress_all, content_hash, twin};

/// Public scripts that the document refers to; the others are served, but play no part.
const SCRIPTS: [&str; 2] = ["start", "stream"];

/// Builds the site at `options.site`. `say` takes a line for people at a time.
pub(crate) fn build(
    options: &Options,
    say: &mut impl FnMut(&str) -> Result<(), BundleError>,
) -> Result<(), BundleError> {
    let client = client::build(options, say)?;
    let sheet = css::bundle(&options.style)?;
    let changed = lay_out(options, &client, &sheet)?;
    let site = options.site.display();
    say(&if changed { format!("    {site} is new") } else { format!("    {site} is as it was") })
}

/// Writes the site; `false` when it already was this one.
fn lay_out(options: &Options, client: &Client, sheet: &str) -> Result<bool, BundleError> {
    let new = options.site.with_extension("new");
    let pkg = new.join("pkg");
    remove_dir(&new)?;
    make_dir(&pkg)?;

    let mut parts = BTreeMap::new();
    for (part, bytes) in [("js", client.js.as_slice()), ("wasm", &client.wasm), ("css", sheet.as_bytes())] {
        parts.insert(part.to_owned(), format!("pkg/{}", client::place(&pkg, "nines", part, bytes)?));
    }
    for script in SCRIPTS {
        let bytes = read(&options.public.join(script).with_extension("js"))?;
        parts.insert(script.to_owned(), format!("pkg/{}", client::place(&pkg, script, "js", &bytes)?));
    }
    let manifest = Manifest::new(parts, &copy_public(&options.public, &new)?);

    let old = Manifest::of(&options.site)?;
    if old.as_ref() == Some(&manifest) {
        remove_dir(&new)?;
        return Ok(false);
    }
    compress_all(&pkg)?;
    compress_all(&new)?;
    if let Some(old) = old {
        carry_over(&old, &options.site, &new)?;
    }
    manifest.write(&new)?;
    swap(&options.site, &new)?;
    Ok(true)
}

/// Copies the public files to the top of the site and returns a hash over them all.
fn copy_public(public: &Path, new: &Path) -> Result<String, BundleError> {
    let mut hashes = Vec::new();
    for path in files_in(public)? {
        let bytes = read(&path)?;
        let name = path.file_name().unwrap_or_default();
        write(&new.join(name), &bytes)?;
        hashes.push(format!("{} {}\n", name.display(), content_hash([bytes.as_slice()])));
    }
    Ok(content_hash(hashes.iter().map(String::as_bytes)))
}

/// Keeps the hashed files of the build before, and only of that one.
fn carry_over(old: &Manifest, site: &Path, new: &Path) -> Result<(), BundleError> {
    for part in old.parts.values() {
        let (from, to) = (site.join(part), new.join(part));
        for (from, to) in [
            (from.clone(), to.clone()),
            (twin(&from, "br"), twin(&to, "br")),
            (twin(&from, "gz"), twin(&to, "gz")),
        ] {
            if from.exists() && !to.exists() {
                std::fs::copy(&from, &to).map_err(BundleError::io("copy", &from))?;
            }
        }
    }
    Ok(())
}

/// Puts the new site in the place of the present one, which is missing for no longer than between two renames.
fn swap(site: &Path, new: &Path) -> Result<(), BundleError> {
    let old = site.with_extension("old");
    remove_dir(&old)?;
    if site.exists() {
        std::fs::rename(site, &old).map_err(BundleError::io("move aside", site))?;
    }
    std::fs::rename(new, site).map_err(BundleError::io("move into place", new))?;
    remove_dir(&old)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::read_text;

    fn site_of(dir: &Path, js: &str) -> (Options, Manifest) {
        let mut options = Options::parse(std::iter::empty()).unwrap();
        options.public = dir.join("public");
        options.site = dir.join("site");
        make_dir(&options.public).unwrap();
        for name in ["start.js", "stream.js", "favicon.svg"] {
            write(&options.public.join(name), name.repeat(100).as_bytes()).unwrap();
        }
        let client = Client { js: js.repeat(100).into_bytes(), wasm: vec![0; 1000] };
        lay_out(&options, &client, "a{}").unwrap();
        let manifest = Manifest::of(&options.site).unwrap().unwrap();
        (options, manifest)
    }

    #[test]
    fn every_part_is_there_under_a_hashed_name() {
        let dir = tempfile::tempdir().unwrap();
        let (options, manifest) = site_of(dir.path(), "first");
        assert_eq!(manifest.parts.keys().collect::<Vec<_>>(), ["css", "js", "start", "stream", "wasm"]);
        for part in manifest.parts.values() {
            let hash = content_hash([read(&options.site.join(part)).unwrap().as_slice()]);
            assert!(part.starts_with("pkg/") && part.contains(&hash), "{part}");
        }
        assert!(options.site.join("favicon.svg.br").exists());
        assert!(read_text(&options.site.join("manifest.json")).unwrap().contains("\"build\""));
    }

    #[test]
    fn keeps_one_generation_of_hashed_files() {
        let dir = tempfile::tempdir().unwrap();
        let names = ["first", "second", "second", "third"].map(|js| {
            let (options, manifest) = site_of(dir.path(), js);
            (options.site.join(manifest.parts.get("js").unwrap()), manifest.build)
        });
        let [(first, _), (second, second_build), (again, again_build), (third, _)] = names;
        assert_eq!((&second, second_build), (&again, again_build));
        assert!(third.exists() && twin(&third, "br").exists());
        assert!(second.exists() && twin(&second, "br").exists());
        assert!(!first.exists());
    }
}
