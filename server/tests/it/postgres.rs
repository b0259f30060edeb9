//! The private PostgreSQL against the real one: whatever happens to the server or to PostgreSQL, the data
//! stays and the next start finds it. Needs PostgreSQL's programs; runs as root and as anybody else.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, which the lint's exception does not know as such"
)]

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use rustix::process::{Pid, Signal, geteuid, kill_process, test_kill_process};
use server::postgres::{PostgresError, PrivatePostgres, State, Step};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

/// How long anything here may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a killed postmaster may be away.
const RECOVERY: Duration = Duration::from_secs(10);
/// Tells the server in a process of its own which data directory to hold.
const HOLD: &str = "NINES_TEST_HOLD_DATA_DIR";

/// A directory that PostgreSQL's account can pass through when we are root.
fn open_dir() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
    dir
}

async fn start(data_dir: &Path) -> Result<PrivatePostgres, PostgresError> {
    PrivatePostgres::start(data_dir, |_| {}).await
}

async fn connect_in(socket_dir: &Path) -> sqlx::Result<PgConnection> {
    PgConnection::connect_with(
        &PgConnectOptions::new_without_pgpass().socket(socket_dir).username("nines").database("nines"),
    )
    .await
}

async fn connect(postgres: &PrivatePostgres) -> sqlx::Result<PgConnection> {
    connect_in(postgres.socket_dir()).await
}

async fn write(postgres: &PrivatePostgres) {
    let mut connection = connect(postgres).await.unwrap();
    sqlx::query("CREATE TABLE kept AS SELECT 42 AS answer").execute(&mut connection).await.unwrap();
}

async fn read(postgres: &PrivatePostgres) -> i32 {
    let mut connection = connect(postgres).await.unwrap();
    sqlx::query_scalar("SELECT answer FROM kept").fetch_one(&mut connection).await.unwrap()
}

/// The running postmaster's process id.
fn pid(postgres: &PrivatePostgres) -> Pid {
    match *postgres.state().borrow() {
        State::Running { pid } => Pid::from_raw(pid).unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Every file below `dir` with its size and the time of its last change, but for the lock, whose text
/// changes.
fn tree(dir: &Path) -> BTreeMap<PathBuf, (u64, SystemTime)> {
    let mut found = BTreeMap::new();
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let (path, meta) = entry.map(|entry| (entry.path(), entry.metadata().unwrap())).unwrap();
            if meta.is_dir() {
                open.push(path.clone());
            }
            if !path.ends_with("nines.lock") {
                found.insert(path, (meta.len(), meta.modified().unwrap()));
            }
        }
    }
    found
}

/// A server in a process of its own that holds `data_dir` until it is killed.
fn hold(data_dir: &Path) -> Child {
    let module = module_path!().split_once("::").unwrap().1;
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", &format!("{module}::holds_a_data_directory_until_killed")])
        .env(HOLD, data_dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test]
#[ignore = "the other process of other tests"]
#[expect(clippy::disallowed_methods, reason = "said by the test that starts this process")]
async fn holds_a_data_directory_until_killed() {
    let Some(data_dir) = std::env::var_os(HOLD) else { return };
    let postgres = start(Path::new(&data_dir)).await.unwrap();
    write(&postgres).await;
    fs::write(Path::new(&data_dir).with_extension("ready"), "").unwrap();
    sleep(PATIENCE * 4).await;
}

#[tokio::test]
async fn a_fresh_start_makes_a_database_and_the_next_one_keeps_its_data() {
    let dir = open_dir();
    let data_dir = dir.path().join("deep/data");
    let steps = std::sync::Mutex::new(Vec::new());
    let postgres = PrivatePostgres::start(&data_dir, |step| steps.lock().unwrap().push(step)).await.unwrap();
    assert_eq!(*steps.lock().unwrap(), [Step::Creating, Step::Starting]);
    assert_eq!(postgres.socket_dir(), fs::canonicalize(&data_dir).unwrap().join("run"));
    assert_eq!((postgres.user(), postgres.database()), ("nines", "nines"));
    assert_eq!(fs::metadata(postgres.socket_dir()).unwrap().permissions().mode() & 0o777, 0o700);
    write(&postgres).await;
    let first = pid(&postgres);
    let found = PrivatePostgres::find(&data_dir).await;
    assert_eq!(found.as_deref(), Some(postgres.socket_dir()));
    postgres.stop().await;
    assert!(test_kill_process(first).is_err(), "stop leaves nothing running");
    assert_eq!(PrivatePostgres::find(&data_dir).await, None);

    let postgres = start(&data_dir).await.unwrap();
    assert_eq!(read(&postgres).await, 42);
    postgres.stop().await;
    let log = fs::read_to_string(data_dir.join("postgres.log")).unwrap();
    assert!(!log.contains("was not properly shut down"), "stop is orderly: {log}");
}

#[tokio::test]
async fn settings_are_ours_whatever_the_environment_says() {
    let dir = open_dir();
    let postgres = start(dir.path()).await.unwrap();
    let mut connection = connect(&postgres).await.unwrap();
    for (name, expected) in [
        ("listen_addresses", ""),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("data_checksums", "on"),
        ("shared_buffers", "64MB"),
        ("max_connections", "40"),
        ("client_connection_check_interval", "1s"),
        ("TimeZone", "UTC"),
        ("server_encoding", "UTF8"),
    ] {
        let shown: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(name)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(shown, expected, "{name}");
    }
    drop(connection);
    postgres.stop().await;
}

#[tokio::test]
async fn a_held_directory_is_refused_and_names_the_holder() {
    let dir = open_dir();
    let postgres = start(dir.path()).await.unwrap();
    let error = start(dir.path()).await.unwrap_err();
    assert!(
        matches!(&error, PostgresError::Locked { pid, .. } if *pid == std::process::id().to_string()),
        "{error}"
    );
    connect(&postgres).await.unwrap();
    postgres.stop().await;
}

#[tokio::test]
async fn a_foreign_directory_is_refused_and_untouched() {
    let dir = open_dir();
    fs::write(dir.path().join("thesis.txt"), "years of work").unwrap();
    let before = tree(dir.path());
    let error = start(dir.path()).await.unwrap_err();
    assert!(matches!(&error, PostgresError::Foreign { entry, .. } if entry == "thesis.txt"), "{error}");
    assert_eq!(tree(dir.path()), before);
    assert!(!dir.path().join("nines.lock").exists());
}

#[tokio::test]
async fn a_fresh_file_system_counts_as_empty() {
    let dir = open_dir();
    fs::create_dir(dir.path().join("lost+found")).unwrap();
    let path = dir.path().to_owned();
    // In a task of its own, as the server may start it.
    let postgres = tokio::spawn(async move { start(&path).await }).await.unwrap().unwrap();
    postgres.stop().await;
}

#[tokio::test]
async fn a_later_format_is_refused() {
    let dir = open_dir();
    fs::write(dir.path().join("nines-data"), "nines data directory, format 99\n").unwrap();
    let error = start(dir.path()).await.unwrap_err();
    assert!(matches!(&error, PostgresError::Format { format, .. } if format == "99"), "{error}");
}

#[tokio::test]
async fn a_cluster_of_another_version_is_refused_and_untouched() {
    let dir = open_dir();
    start(dir.path()).await.unwrap().stop().await;
    let version = dir.path().join("postgres/PG_VERSION");
    let ours = fs::read_to_string(&version).unwrap();
    fs::write(&version, "9.6\n").unwrap();
    let before = tree(dir.path());
    let error = start(dir.path()).await.unwrap_err();
    assert!(matches!(&error, PostgresError::OtherVersion { cluster, .. } if cluster == "9.6"), "{error}");
    assert!(error.to_string().contains("install PostgreSQL 9.6"), "{error}");
    assert_eq!(tree(dir.path()), before);
    fs::write(&version, ours).unwrap();
    start(dir.path()).await.unwrap().stop().await;
}

#[tokio::test]
async fn a_killed_postmaster_comes_back_with_its_data() {
    let dir = open_dir();
    let postgres = start(dir.path()).await.unwrap();
    write(&postgres).await;
    let first = pid(&postgres);
    let mut state = postgres.state();
    state.mark_unchanged();
    kill_process(first, Signal::KILL).unwrap();
    let killed = Instant::now();
    let back = timeout(RECOVERY, async {
        state.wait_for(|state| matches!(state, State::Restarting { .. })).await.unwrap();
        state.wait_for(|state| matches!(state, State::Running { .. })).await.unwrap();
        read(&postgres).await
    });
    assert_eq!(back.await.expect("it is back in time"), 42);
    println!("back after {:?}", killed.elapsed());
    assert_ne!(pid(&postgres), first);
    postgres.stop().await;
}

#[tokio::test]
async fn stop_interrupts_a_restart() {
    let dir = open_dir();
    let postgres = start(dir.path()).await.unwrap();
    let mut state = postgres.state();
    kill_process(pid(&postgres), Signal::KILL).unwrap();
    let restarting = state.wait_for(|state| matches!(state, State::Restarting { .. }));
    timeout(RECOVERY, restarting).await.unwrap().unwrap();
    timeout(RECOVERY, postgres.stop()).await.expect("it does not wait for the restart");
    assert_eq!(PrivatePostgres::find(dir.path()).await, None);
    start(dir.path()).await.unwrap().stop().await;
}

#[tokio::test]
async fn the_orphan_of_a_killed_server_is_adopted_supervised_and_stopped() {
    let dir = open_dir();
    let data_dir = dir.path().join("data");
    let mut server = hold(&data_dir);
    wait_until("the other server is ready", || dir.path().join("data.ready").exists()).await;
    let held = start(&data_dir).await.unwrap_err();
    assert!(matches!(&held, PostgresError::Locked { pid, .. } if *pid == server.id().to_string()), "{held}");
    let before = fs::read_to_string(data_dir.join("postgres/postmaster.pid")).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();

    let steps = std::sync::Mutex::new(Vec::new());
    let postgres = PrivatePostgres::start(&data_dir, |step| steps.lock().unwrap().push(step)).await.unwrap();
    assert_eq!(*steps.lock().unwrap(), [Step::Adopting]);
    let orphan = pid(&postgres);
    assert!(before.starts_with(&format!("{orphan}\n")), "the same postmaster");
    assert_eq!(fs::read_to_string(data_dir.join("postgres/postmaster.pid")).unwrap(), before);
    assert_eq!(read(&postgres).await, 42);

    let mut state = postgres.state();
    kill_process(orphan, Signal::KILL).unwrap();
    let back = state
        .wait_for(|state| matches!(state, State::Running { pid } if Pid::from_raw(*pid) != Some(orphan)));
    timeout(RECOVERY, back).await.expect("it is back in time").unwrap();
    assert_eq!(read(&postgres).await, 42);
    drop(postgres);

    // Dropped, it runs on; an adopted one is stopped like our own.
    let postgres = loop {
        match start(&data_dir).await {
            Err(PostgresError::Locked { .. }) => sleep(Duration::from_millis(20)).await,
            other => break other.unwrap(),
        }
    };
    let adopted = pid(&postgres);
    postgres.stop().await;
    wait_until("the adopted postmaster has ended", || test_kill_process(adopted).is_err()).await;
    assert!(!data_dir.join("postgres/postmaster.pid").exists());
}

#[tokio::test]
async fn postgres_has_a_process_group_of_its_own() {
    let dir = open_dir();
    let postgres = start(dir.path()).await.unwrap();
    let group = rustix::process::getpgid(Some(pid(&postgres))).unwrap();
    assert_eq!(group, pid(&postgres), "Ctrl-C in our terminal does not reach it");
    postgres.stop().await;
}

#[tokio::test]
async fn a_long_path_gets_a_short_socket() {
    let dir = open_dir();
    let data_dir = dir.path().join("x".repeat(60)).join("y, \"z\"".repeat(8));
    let postgres = start(&data_dir).await.unwrap();
    let socket_dir = postgres.socket_dir().to_owned();
    assert!(!socket_dir.starts_with(&data_dir));
    let found = fs::symlink_metadata(&socket_dir).unwrap();
    assert!(found.is_dir());
    assert_eq!(found.permissions().mode() & 0o777, 0o700);
    assert_eq!(found.uid(), fs::metadata(data_dir.join("postgres")).unwrap().uid());
    assert_eq!(fs::read_to_string(data_dir.join("socket-dir")).unwrap(), socket_dir.to_str().unwrap());
    write(&postgres).await;
    postgres.stop().await;

    let postgres = start(&data_dir).await.unwrap();
    assert_eq!(postgres.socket_dir(), socket_dir, "the same every time");
    assert_eq!(read(&postgres).await, 42);
    postgres.stop().await;
    fs::remove_dir_all(socket_dir).unwrap();
}

#[tokio::test]
async fn a_cut_off_initdb_is_made_again() {
    let dir = open_dir();
    let data_dir = dir.path().join("data");
    let mut server = hold(&data_dir);
    let unfinished = || {
        let entries = fs::read_dir(&data_dir).into_iter().flatten().flatten();
        let mut names = entries.map(|entry| entry.file_name().into_string().unwrap());
        names.find(|name| name.starts_with("postgres.new."))
    };
    wait_until("initdb is at work", || {
        unfinished().is_some_and(|name| data_dir.join(name).join("PG_VERSION").exists())
    })
    .await;
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(!data_dir.join("postgres").exists());
    let leftover = unfinished().unwrap();

    let postgres = start(&data_dir).await.unwrap();
    connect(&postgres).await.unwrap();
    assert_ne!(unfinished(), Some(leftover));
    postgres.stop().await;
}

#[tokio::test]
async fn a_cluster_without_a_version_is_left_alone() {
    let dir = open_dir();
    fs::write(dir.path().join("nines-data"), "nines data directory, format 1\n").unwrap();
    start(dir.path()).await.unwrap().stop().await;
    fs::remove_file(dir.path().join("postgres/PG_VERSION")).unwrap();
    let before = tree(dir.path());
    let error = start(dir.path()).await.unwrap_err();
    assert!(matches!(error, PostgresError::Incomplete { .. }), "{error}");
    assert_eq!(tree(dir.path()), before);
}

#[tokio::test]
async fn a_postmaster_that_cannot_start_says_why() {
    let dir = open_dir();
    start(dir.path()).await.unwrap().stop().await;
    let conf = dir.path().join("postgres/postgresql.conf");
    let text = fs::read_to_string(&conf).unwrap();
    fs::write(&conf, format!("{text}\nno_such_setting = 1\n")).unwrap();
    let error = start(dir.path()).await.unwrap_err();
    assert!(matches!(error, PostgresError::DidNotStart { .. }), "{error}");
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}

#[tokio::test]
async fn a_lock_file_that_names_another_program_is_left_to_a_person() {
    let dir = open_dir();
    start(dir.path()).await.unwrap().stop().await;
    let cluster = dir.path().join("postgres");
    let owner = fs::metadata(&cluster).unwrap();
    let mut command = Command::new("sleep");
    if geteuid().is_root() {
        command.uid(owner.uid()).gid(owner.gid()); // PostgreSQL ignores processes of other accounts.
    }
    let mut other = command.arg("60").spawn().unwrap();
    let file = cluster.join("postmaster.pid");
    let text = format!("{}\n{}\n1700000000\n5432\n\n\n\nready\n", other.id(), cluster.display());
    fs::write(&file, &text).unwrap();
    lchown(&file, Some(owner.uid()), Some(owner.gid())).unwrap();
    let error = start(dir.path()).await.unwrap_err();
    assert!(
        matches!(error, PostgresError::PidTaken { pid, .. } if pid == other.id().cast_signed()),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    other.kill().unwrap();
    other.wait().unwrap();
    start(dir.path()).await.unwrap().stop().await;
}

#[tokio::test]
async fn a_directory_that_postgres_cannot_enter_is_named() {
    if !geteuid().is_root() {
        return; // Everybody else runs PostgreSQL as themselves.
    }
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), Permissions::from_mode(0o700)).unwrap();
    let error = start(&dir.path().join("data")).await.unwrap_err();
    let PostgresError::CannotEnter { dir: named, .. } = &error else { panic!("{error}") };
    assert_eq!(*named, fs::canonicalize(dir.path()).unwrap());
}
