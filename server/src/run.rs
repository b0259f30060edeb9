//! Brings the parts up in order, keeps them together, takes them down in reverse.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::access::{Anonymous, Gate};
use crate::backend::Server;
use crate::clock;
use crate::collect::{Clock, Collector, Setup};
use crate::config::{self, Loaded};
use crate::demo::DemoState;
use crate::engine::{Catalog, Engine, START_GRACE};
use crate::http::{self, AppState, Site};
use crate::limits::Limits;
use crate::own;
use crate::postgres::PrivatePostgres;
use crate::samples::Intake;
use crate::store::{Database, Store};
use crate::upkeep::{self, Upkeep};

/// Where and with what to run.
#[derive(Debug)]
pub struct Settings {
    /// Address to serve on.
    pub listen: SocketAddr,
    /// Further host names to answer to.
    pub hosts: Vec<String>,
    /// Directory of the client bundle, if not the usual one.
    pub site: Option<PathBuf>,
    /// Where slices are kept.
    pub database: DatabaseChoice,
    /// How long, and when they are sealed.
    pub upkeep: Upkeep,
    /// What callers without a token may do; none: everything on loopback addresses, nothing elsewhere.
    pub anonymous: Option<Anonymous>,
    /// What is refused for its size or number.
    pub limits: Limits,
    /// Whether Nines measures itself; none: where others rely on it, that is beyond loopback.
    pub own_objectives: Option<bool>,
    /// How probes are collected.
    pub collecting: Setup,
}

impl Settings {
    fn anonymous(&self) -> Anonymous {
        let usual = if self.listen.ip().is_loopback() { Anonymous::Admin } else { Anonymous::None };
        self.anonymous.unwrap_or(usual)
    }
}

/// Whose PostgreSQL.
#[derive(Debug)]
pub enum DatabaseChoice {
    /// The operator's.
    Url(String),
    /// Our own, in this directory.
    Private(PathBuf),
}

/// Why the process ends; each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The configuration has errors, or a setting is not allowed.
    #[error("{0}")]
    Configuration(String),
    /// The address or the data directory cannot be used.
    #[error("{0}")]
    Place(String),
    /// A command that does one thing could not do it.
    #[error("{0}")]
    Task(String),
}

impl Failure {
    /// 2 for the configuration, 3 for address and data directory, 1 for a command that failed.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Configuration(_) => 2,
            Self::Place(_) => 3,
            Self::Task(_) => 1,
        }
    }
}

/// How long a start beyond loopback waits to hear whether there are tokens.
const TOKENS_TIMEOUT: Duration = Duration::from_secs(10);
/// Pause between two tries to reach the database.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

struct WallClock;

impl Clock for WallClock {
    fn now_millis(&self) -> i64 {
        i64::try_from(clock::since_epoch().as_millis()).unwrap_or(i64::MAX)
    }
}

/// Log lines go to standard error; `RUST_LOG` chooses which.
pub fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,sqlx::postgres::notice=warn"));
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
    // A second call (tests in one process) keeps the first subscriber.
    drop(subscriber.try_init());
}

/// `nines serve`.
pub async fn serve(settings: Settings, config_path: Option<PathBuf>) -> Result<(), Failure> {
    let loaded = match &config_path {
        Some(path) => configuration(path)?,
        None => Loaded::default(),
    };
    let listener = bind(&settings).await?;
    everything(settings, listener, loaded, None).await
}

/// Reads a configuration; its findings go to the log, errors end the start.
pub(crate) fn configuration(path: &Path) -> Result<Loaded, Failure> {
    let loaded = config::load(path);
    if loaded.has_errors() {
        let findings: Vec<String> = loaded.findings.iter().map(ToString::to_string).collect();
        return Err(Failure::Configuration(format!("the configuration has errors\n{}", findings.join("\n"))));
    }
    for finding in &loaded.findings {
        tracing::warn!("{finding}");
    }
    Ok(loaded)
}

/// Binds the address, without accepting anything yet. Beyond loopback there must be tokens to protect what is served:
/// what can be told without the database is told here, the rest by [`has_tokens`].
pub(crate) async fn bind(settings: &Settings) -> Result<TcpListener, Failure> {
    let listen = settings.listen;
    if !listen.ip().is_loopback() {
        if settings.anonymous == Some(Anonymous::Admin) {
            return Err(Failure::Configuration(format!(
                "refusing to listen on {listen} with NINES_ANONYMOUS=admin, because anybody could write; use `viewer` \
                 or `none`, or listen on 127.0.0.1"
            )));
        }
        if let DatabaseChoice::Private(data_dir) = &settings.database
            && !PrivatePostgres::holds_cluster(data_dir)
        {
            return Err(without_tokens(settings));
        }
    }
    TcpListener::bind(listen).await.map_err(|error| {
        Failure::Place(format!("cannot listen on {listen}: {error}; choose another address with --listen"))
    })
}

fn without_tokens(settings: &Settings) -> Failure {
    let place = match &settings.database {
        DatabaseChoice::Private(data_dir) => format!("--data-dir {}", data_dir.display()),
        // The URL may hold a password.
        DatabaseChoice::Url(_) => "--database-url URL".to_owned(),
    };
    Failure::Configuration(format!(
        "refusing to listen on {} without access tokens, because anybody could write; make one first: nines token \
         create --scope admin {place}; or listen on 127.0.0.1",
        settings.listen
    ))
}

/// Whether there are tokens to protect what is served beyond loopback. A database that cannot be reached is no reason
/// to end: until it is, nobody gets in.
async fn has_tokens(store: &Store) -> bool {
    let asking = async {
        store.migrate().await?;
        store.valid_tokens(clock::now(), 1).await
    };
    if let Ok(Ok(tokens)) = tokio::time::timeout(TOKENS_TIMEOUT, asking).await {
        return !tokens.is_empty();
    }
    tracing::warn!("whether there are access tokens is not known yet: until it is, every caller is refused");
    true
}

/// Runs until SIGTERM or SIGINT.
pub(crate) async fn everything(
    settings: Settings,
    listener: TcpListener,
    loaded: Loaded,
    demo: Option<Arc<DemoState>>,
) -> Result<(), Failure> {
    let place = |error: std::io::Error| Failure::Place(error.to_string());
    let mut terminate = signal(SignalKind::terminate()).map_err(place)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(place)?;
    let site = Site::load(&settings.site.clone().unwrap_or_else(Site::find))
        .map_err(|error| Failure::Place(error.to_string()))?;
    let listen = listener.local_addr().map_err(place)?;

    let (database, private) = match &settings.database {
        DatabaseChoice::Url(url) => (Database::Url(url.clone()), None),
        DatabaseChoice::Private(data_dir) => {
            let starting = PrivatePostgres::start(data_dir, |step| tracing::info!("{step}"));
            let private = tokio::select! {
                started = starting => started.map_err(|error| Failure::Place(error.to_string()))?,
                _ = terminate.recv() => return Ok(()),
                _ = interrupt.recv() => return Ok(()),
            };
            (private.reached(), Some(private))
        }
    };
    let store = Store::open(&database)
        .map_err(|error| Failure::Configuration(format!("DATABASE_URL cannot be used: {error}")))?;
    if !listen.ip().is_loopback() && !has_tokens(&store).await {
        store.close().await;
        if let Some(private) = private {
            private.stop().await;
        }
        return Err(without_tokens(&settings));
    }
    let gate = Arc::new(Gate::new(store.clone(), settings.anonymous()));

    let mut estate = loaded.estate;
    let measures_itself =
        settings.own_objectives.unwrap_or(!listen.ip().is_loopback()) && own::declare(&mut estate);
    let catalog = Arc::new(Catalog::new(estate));
    let engine = Arc::new(Engine::new(Arc::clone(&catalog), store.clone()));
    let server = Arc::new(Server::new(Arc::clone(&engine), site.build.clone(), demo.clone()));
    let (intake, writer) = Intake::new(loaded.metrics);
    let cancel = CancellationToken::new();
    let state = AppState {
        engine: Arc::clone(&engine),
        server: Arc::clone(&server),
        intake: Arc::new(intake),
        site: Arc::new(site),
        gate: Arc::clone(&gate),
        limits: settings.limits,
        bodies: Arc::new(Semaphore::new(settings.limits.bodies)),
        cancel: cancel.clone(),
    };
    let router = http::router(state, listen, settings.hosts);
    let web =
        tokio::spawn(http::listen::serve(listener, router, settings.limits.connections, cancel.clone()));
    let writing = CancellationToken::new();
    let writer =
        tokio::spawn(writer.run(store.clone(), Arc::clone(&catalog), server.clone(), writing.clone()));
    let ready = tokio::spawn(bring_up(Arc::clone(&engine), catalog, store.clone(), cancel.clone()));
    let rounds = tokio::spawn(Arc::clone(&engine).run(cancel.clone()));
    let closing = tokio::spawn(Arc::clone(&engine).close_periods(cancel.clone()));
    let upkeep = tokio::spawn(upkeep::run(settings.upkeep, store.clone(), cancel.clone()));
    // Collecting does not wait for the database: results are kept until it is there.
    let collecting = CancellationToken::new();
    let itself = measures_itself.then(|| tokio::spawn(own::run(Arc::clone(&server), collecting.clone())));
    let clock = Arc::new(WallClock);
    let collecting_setup = Setup { canaries: loaded.canaries, ..settings.collecting };
    let collector = Collector::start(loaded.probes, collecting_setup, server, clock, collecting.clone());
    if let Some(demo) = &demo {
        demo.listening(listen, gate.own_token());
    }
    tracing::info!("serving on http://{listen}/");

    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    collecting.cancel();
    let collected = collector.await;
    if let Some(itself) = itself
        && let Err(error) = itself.await
    {
        tracing::error!(error = %error, "a task ended badly");
    }
    cancel.cancel();
    let web = web.await;
    // Requests that were under way are answered by now.
    writing.cancel();
    for task in [collected, web, writer.await, ready.await, rounds.await, closing.await, upkeep.await] {
        if let Err(error) = task {
            tracing::error!(error = %error, "a task ended badly");
        }
    }
    store.close().await;
    if let Some(private) = private {
        private.stop().await;
    }
    Ok(())
}

/// Reaches the database, however long that takes; after the grace of a start the log and the pages say that it is away.
async fn bring_up(engine: Arc<Engine>, catalog: Arc<Catalog>, store: Store, cancel: CancellationToken) {
    let grace_ends = tokio::time::Instant::now() + START_GRACE;
    let mut told = false;
    loop {
        let ready = async {
            store.migrate().await?;
            catalog.declare(&store).await?;
            engine.recall().await
        };
        let result = tokio::select! {
            () = cancel.cancelled() => return,
            result = ready => result,
        };
        let Err(error) = result else { return };
        if !told && tokio::time::Instant::now() >= grace_ends {
            tracing::warn!(error = ?error, "the database cannot be used yet; trying on");
            told = true;
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(RETRY_PAUSE) => {}
        }
    }
}
