//! Commands, flags, their environment twins, and exit codes.

mod database;
mod import;
mod token;

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::access::Anonymous;
use crate::backup::{BackupError, Place};
use crate::collect::probe::Egress;
use crate::collect::{Setup, schedule};
use crate::limits::Limits;
use crate::run::{DatabaseChoice, Failure, Settings};
use crate::upkeep::Upkeep;
use crate::{backup, config, demo, run};
use database::{DatabaseError, DatabaseFlags};
use import::ImportFlags;
use token::TokenCommand;

/// Usage errors, everywhere.
const EXIT_USAGE: u8 = 64;
/// What a command was asked for could not be done.
const EXIT_FAILED: u8 = 1;
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);
/// Deep views need more stack than a worker's default of 2 MiB, above all in unoptimised builds.
const WORKER_STACK_BYTES: usize = 8 * 1_024 * 1_024;

/// Nines, a reliability dashboard: SLIs into PostgreSQL, objectives and error budgets onto pages.
#[derive(Debug, Parser)]
#[command(name = "nines", version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run everything; without a database URL, with a private PostgreSQL in the data directory
    Serve(Serve),
    /// Run a demo: real HTTP services with scripted faults, really probed, and 90 days of history
    Demo(Demo),
    /// Validate a configuration; a line per finding
    Check(Check),
    /// Write everything that is stored to a file, whether or not the server runs
    Backup(Stored),
    /// Fill an empty database from such a file, of this version or an earlier one
    Restore(Stored),
    /// Send slices to a server, in batches; repeating is harmless
    Import(ImportFlags),
    /// Make, list and revoke access tokens, in the database itself
    #[command(subcommand)]
    Token(TokenCommand),
}

#[derive(Debug, Args)]
struct Serve {
    /// Directory (or file) of YAML that declares services, SLIs and SLOs
    #[arg(long, env = "NINES_CONFIG", value_name = "DIR")]
    config: Option<PathBuf>,
    /// Address to serve on
    #[arg(long, env = "NINES_LISTEN", value_name = "ADDR", default_value_t = DEFAULT_LISTEN)]
    listen: SocketAddr,
    #[command(flatten)]
    database: DatabaseFlags,
    #[command(flatten)]
    more: More,
}

#[derive(Debug, Args)]
struct Demo {
    /// Address to serve on
    #[arg(long, env = "NINES_LISTEN", value_name = "ADDR", default_value_t = DEFAULT_LISTEN)]
    listen: SocketAddr,
    /// Where the demo keeps its data; made if missing, refused if something else made it
    #[arg(long, env = "NINES_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[command(flatten)]
    more: More,
}

#[derive(Debug, Args)]
struct More {
    /// Further host names to answer to, separated by commas
    #[arg(long, env = "NINES_HOSTS", value_name = "NAMES", value_delimiter = ',')]
    hosts: Vec<String>,
    /// Directory of the client bundle, if it is not beside the binary
    #[arg(long, env = "NINES_SITE", value_name = "DIR")]
    site: Option<PathBuf>,
    #[command(flatten)]
    upkeep: Upkeep,
    /// What callers without a token may do; by default admin on loopback addresses and none elsewhere
    #[arg(long, env = "NINES_ANONYMOUS", value_name = "WHAT", value_enum)]
    anonymous: Option<Anonymous>,
    /// Whether Nines measures itself, as a service `nines`; by default on where it listens beyond loopback
    #[arg(long, env = "NINES_OWN_OBJECTIVES", value_name = "on|off", value_enum)]
    own_objectives: Option<Switch>,
    /// Whether probes may connect to private and loopback addresses; metadata and link-local ones never
    #[arg(long, env = "NINES_PRIVATE_PROBES", value_name = "allow|deny", default_value = "allow")]
    private_probes: PrivateProbes,
    #[command(flatten)]
    limits: Limits,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum PrivateProbes {
    Allow,
    Deny,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Switch {
    On,
    Off,
}

impl More {
    /// `data_dir` is where we keep things of our own beside the database.
    fn settings(self, listen: SocketAddr, database: DatabaseChoice, data_dir: &Path) -> Settings {
        let Self { hosts, site, upkeep, anonymous, own_objectives, private_probes, limits } = self;
        let own_objectives = own_objectives.map(|switch| switch == Switch::On);
        let egress = match private_probes {
            PrivateProbes::Allow => Egress::Any,
            PrivateProbes::Deny => Egress::Public,
        };
        let spool_dir = match &database {
            DatabaseChoice::Private(data_dir) => data_dir.join("spool"),
            // Results for another database are none of this one's.
            DatabaseChoice::Url(url) => data_dir.join(format!("spool-{:016x}", schedule::hash(url))),
        };
        let collecting = Setup { egress, spool_dir: Some(spool_dir), canaries: Vec::new() };
        Settings { listen, hosts, site, database, upkeep, anonymous, limits, own_objectives, collecting }
    }
}

#[derive(Debug, Args)]
struct Check {
    /// Directory (or file) of YAML to validate
    #[arg(long, env = "NINES_CONFIG", value_name = "DIR")]
    config: PathBuf,
    /// Warnings count as errors
    #[arg(long)]
    strict: bool,
}

#[derive(Debug, Args)]
struct Stored {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    database: DatabaseFlags,
}

impl Stored {
    fn place(self, matches: &ArgMatches) -> Result<Place, DatabaseError> {
        let choice = self.database.choice(matches, || default_data_dir("nines"))?;
        Ok(match choice {
            DatabaseChoice::Url(url) => Place::Url(url),
            DatabaseChoice::Private(data_dir) => Place::DataDir(data_dir),
        })
    }
}

/// Parses the command line and does what it says.
pub fn main() -> ExitCode {
    let parsed =
        Cli::command().try_get_matches().and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            drop(error.print());
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return ExitCode::from(if asked { 0 } else { EXIT_USAGE });
        }
    };
    match cli.command {
        Command::Backup(stored) => {
            let file = stored.file.clone();
            match stored.place(&matches) {
                Ok(place) => keep("backed up", backup::backup(&place, &file)),
                Err(error) => refused(&error, EXIT_USAGE),
            }
        }
        Command::Restore(stored) => {
            let file = stored.file.clone();
            match stored.place(&matches) {
                Ok(place) => keep("restored", backup::restore(&place, &file)),
                Err(error) => refused(&error, EXIT_USAGE),
            }
        }
        Command::Check(Check { config, strict }) => check(&config, strict),
        Command::Serve(Serve { config, listen, database, more }) => {
            let data_dir = database.data_dir(|| default_data_dir("nines"));
            let database = match database.choice(&matches, || default_data_dir("nines")) {
                Ok(database) => database,
                Err(error) => return refused(&error, EXIT_USAGE),
            };
            let settings = more.settings(listen, database, &data_dir);
            block_on(async move { run::serve(settings, config).await })
        }
        Command::Token(command) => tokens(command, &matches),
        Command::Import(flags) => match runtime() {
            Ok(runtime) => ExitCode::from(runtime.block_on(import::run(flags))),
            Err(error) => refused(&error, EXIT_FAILED),
        },
        Command::Demo(Demo { listen, data_dir, more }) => {
            let data_dir = data_dir.unwrap_or_else(|| default_data_dir("nines-demo"));
            let database = DatabaseChoice::Private(data_dir.join("database"));
            let settings = more.settings(listen, database, &data_dir);
            block_on(async move { demo::run(settings, &data_dir).await })
        }
    }
}

/// Runs a backup or a restore; what came of it goes to standard error, as everything that is no result.
fn keep(done: &str, work: impl Future<Output = Result<backup::Summary, BackupError>>) -> ExitCode {
    block_on(async {
        let summary = work.await.map_err(|error| Failure::Task(error.to_string()))?;
        let text = format!("nines: {done} {} tables, {} kB of rows\n", summary.tables, summary.bytes / 1_000);
        drop(std::io::stderr().write_all(text.as_bytes()));
        Ok(())
    })
}

fn check(path: &std::path::Path, strict: bool) -> ExitCode {
    let checked = config::check(path, strict);
    let mut out = std::io::stdout().lock();
    // A closed pipe (`| head`) is the reader's choice and no failure of ours.
    drop(out.write_all(checked.report.as_bytes()));
    drop(std::io::stderr().write_all(format!("{}\n", checked.summary).as_bytes()));
    ExitCode::from(checked.exit)
}

fn block_on(work: impl Future<Output = Result<(), Failure>>) -> ExitCode {
    let result = match runtime() {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => Err(Failure::Place(format!("no runtime: {error}"))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => refused(&failure, failure.exit_code()),
    }
}

fn tokens(command: TokenCommand, matches: &ArgMatches) -> ExitCode {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return refused(&error, EXIT_FAILED),
    };
    match runtime.block_on(token::run(command, matches)) {
        Ok(text) => {
            let shown = std::io::stdout().write_all(text.as_bytes());
            ExitCode::from(if shown.is_ok() { 0 } else { EXIT_FAILED })
        }
        Err(error @ token::TokenError::Database(DatabaseError::Both)) => refused(&error, EXIT_USAGE),
        Err(error) => refused(&error, EXIT_FAILED),
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    run::log_to_stderr();
    tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(WORKER_STACK_BYTES).build()
}

fn refused(error: &dyn std::error::Error, exit: u8) -> ExitCode {
    drop(std::io::stderr().write_all(format!("nines: {error}\n").as_bytes()));
    ExitCode::from(exit)
}

/// Root's data must be reachable by PostgreSQL's user, so not in root's home.
#[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
fn default_data_dir(name: &str) -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return PathBuf::from("/var/lib").join(name);
    }
    let base = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_else(|| ".".into())).join(".local/share");
    base.unwrap_or_else(home).join(name)
}
