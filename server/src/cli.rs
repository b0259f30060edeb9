//! Commands, flags, their environment twins, and exit codes.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::backup::{BackupError, Place};
use crate::run::{DatabaseChoice, Failure, Settings};
use crate::upkeep::Upkeep;
use crate::{backup, config, demo, run};

/// Usage errors, everywhere.
const EXIT_USAGE: u8 = 64;
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
}

#[derive(Debug, Args)]
struct Serve {
    /// Directory (or file) of YAML that declares services, SLIs and SLOs
    #[arg(long, env = "NINES_CONFIG", value_name = "DIR")]
    config: Option<PathBuf>,
    /// Address to serve on
    #[arg(long, env = "NINES_LISTEN", value_name = "ADDR", default_value_t = DEFAULT_LISTEN)]
    listen: SocketAddr,
    /// PostgreSQL to use instead of a private one
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Where the private PostgreSQL lives
    #[arg(long, env = "NINES_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
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
    /// The server's PostgreSQL, if it is not a private one
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Where the private PostgreSQL lives
    #[arg(long, env = "NINES_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Stored {
    /// A flag beats the environment, also where they name different databases.
    fn place(&self, given: impl Fn(&str) -> bool) -> Place {
        let url = self.database_url.clone().filter(|url| !url.is_empty() && !given("data_dir"));
        let data_dir = || self.data_dir.clone().unwrap_or_else(|| default_data_dir("nines"));
        url.map_or_else(|| Place::DataDir(data_dir()), Place::Url)
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
    let given = |name: &str| {
        matches.subcommand().and_then(|(_, flags)| flags.value_source(name)) == Some(ValueSource::CommandLine)
    };
    if !matches!(cli.command, Command::Check(_) | Command::Demo(_))
        && given("database_url")
        && given("data_dir")
    {
        drop(std::io::stderr().write_all(b"nines: give --database-url or --data-dir, not both\n"));
        return ExitCode::from(EXIT_USAGE);
    }
    match cli.command {
        Command::Backup(stored) => {
            let place = stored.place(given);
            keep("backed up", backup::backup(&place, &stored.file))
        }
        Command::Restore(stored) => {
            let place = stored.place(given);
            keep("restored", backup::restore(&place, &stored.file))
        }
        Command::Check(Check { config, strict }) => check(&config, strict),
        Command::Serve(serve) => {
            let Serve { config, listen, database_url, data_dir, more } = serve;
            // A flag beats the environment, also where they name different databases.
            let url = database_url.filter(|url| !url.is_empty() && !given("data_dir"));
            let private = || DatabaseChoice::Private(data_dir.unwrap_or_else(|| default_data_dir("nines")));
            let database = url.map_or_else(private, DatabaseChoice::Url);
            let settings =
                Settings { listen, hosts: more.hosts, site: more.site, database, upkeep: more.upkeep };
            block_on(async move { run::serve(settings, config).await })
        }
        Command::Demo(Demo { listen, data_dir, more }) => {
            let data_dir = data_dir.unwrap_or_else(|| default_data_dir("nines-demo"));
            let database = DatabaseChoice::Private(data_dir.join("database"));
            let settings =
                Settings { listen, hosts: more.hosts, site: more.site, database, upkeep: more.upkeep };
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
    run::log_to_stderr();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(WORKER_STACK_BYTES)
        .build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => Err(Failure::Place(format!("no runtime: {error}"))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            drop(std::io::stderr().write_all(format!("nines: {failure}\n").as_bytes()));
            ExitCode::from(failure.exit_code())
        }
    }
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
