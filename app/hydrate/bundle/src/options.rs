//! The command line of the bundler. Paths default to where the repository keeps things, seen from its root.

use std::path::PathBuf;

use crate::error::BundleError;

pub(crate) const USAGE: &str = "\
usage: bundle [--check] [--wasm FILE] [--wasm-opt FILE] [--style FILE] [--public DIR] [--site DIR]

Without --check, builds the site. With it, measures the site that is there and exits 1 when the client is over
its budget. Run it from the repository's root.";

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Build,
    Check,
    Help,
}

/// Where things are, and what to do with them.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) mode: Mode,
    /// The compiled client, before wasm-bindgen.
    pub(crate) wasm: PathBuf,
    /// The Node script of binaryen's optimiser.
    pub(crate) wasm_opt: PathBuf,
    /// The style sheet that imports the others.
    pub(crate) style: PathBuf,
    /// Files that are served as they are.
    pub(crate) public: PathBuf,
    /// Where the site goes.
    pub(crate) site: PathBuf,
}

impl Options {
    /// Reads the arguments after the program's name. An unknown one is [`BundleError::Usage`].
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, BundleError> {
        let mut options = Self {
            mode: Mode::Build,
            wasm: "target/client/wasm32-unknown-unknown/wasm-release/hydrate.wasm".into(),
            wasm_opt: "app/hydrate/node_modules/binaryen/bin/wasm-opt".into(),
            style: "style/main.css".into(),
            public: "public".into(),
            site: "target/site".into(),
        };
        while let Some(argument) = arguments.next() {
            let place = match argument.as_str() {
                "--check" => {
                    options.mode = Mode::Check;
                    continue;
                }
                "--help" | "-h" => {
                    options.mode = Mode::Help;
                    continue;
                }
                "--wasm" => &mut options.wasm,
                "--wasm-opt" => &mut options.wasm_opt,
                "--style" => &mut options.style,
                "--public" => &mut options.public,
                "--site" => &mut options.site,
                other => return Err(BundleError::Usage(format!("unknown argument '{other}'"))),
            };
            *place = match arguments.next() {
                Some(value) => value.into(),
                None => return Err(BundleError::Usage(format!("'{argument}' needs a path"))),
            };
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, BundleError> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn reads_paths_and_mode() {
        let options = parse("--check --site elsewhere").unwrap();
        assert_eq!((options.mode, options.site), (Mode::Check, "elsewhere".into()));
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(parse("--chekc").unwrap_err().to_string().contains("'--chekc'"));
        assert!(parse("--site").unwrap_err().to_string().contains("needs a path"));
    }
}
