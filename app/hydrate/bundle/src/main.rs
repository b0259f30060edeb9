//! `bundle`: turns the compiled client, the style sheets and the public files into the site that the server serves.
//!
//! Invariants: the site appears whole, by a rename; a hashed name never changes its content; the files of the build
//! before stay for one more, so that pages which are open during an upgrade still find theirs; nothing is fetched.

mod client;
mod css;
mod error;
mod manifest;
mod options;
mod pack;
mod site;
mod size;

use std::io::Write;
use std::process::ExitCode;

use error::BundleError;
use options::{Mode, Options};

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            // Nothing is left to tell when standard error itself is gone.
            drop(writeln!(std::io::stderr(), "bundle: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode, BundleError> {
    let options = Options::parse(std::env::args().skip(1))?;
    let mut out = std::io::stdout().lock();
    let mut say =
        |line: &str| writeln!(out, "{line}").map_err(BundleError::io("write to", "standard output".as_ref()));
    match options.mode {
        Mode::Help => say(options::USAGE)?,
        Mode::Build => {
            site::build(&options, &mut say)?;
            say(&size::Report::of(&options.site)?.table())?;
        }
        Mode::Check => {
            let report = size::Report::of(&options.site)?;
            say(&report.table())?;
            if report.over_budget() {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
