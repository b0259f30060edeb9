//! Sealing by the real server: killed in the middle of it, figures stay; likewise through a backup and its restore.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which the lint's exception does not know as such")]

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

use super::support::{PUSHED, Server, at, eventually, line, now};

/// Kills of the server while it seals.
const KILLS: u64 = 20;
const DAYS: i64 = 380;
/// Seals at once, and keeps at it.
const SEALING: [&str; 4] = ["--seal-after", "0", "--seal-delay", "0"];

/// The first second of the first whole day that is written.
fn first_day() -> i64 {
    now() / 86_400 * 86_400 - DAYS * 86_400
}

/// Half hours of two SLIs up to the end of yesterday, each with counts of its own; some unknown, some missing, one day
/// in minutes.
fn fill(server: &Server, from: i64) {
    for sli in ["orders", "mails"] {
        let mut body = String::new();
        for half_hour in 0..DAYS * 48 {
            let (start, total) = (from + half_hour * 1_800, (half_hour * 31 % 977).unsigned_abs());
            match half_hour % 97 {
                3 => writeln!(
                    body,
                    r#"{{"sli":"{sli}","start":"{}","seconds":1800,"unknown":"away"}}"#,
                    at(start)
                )
                .unwrap(),
                5 => {}
                7 => body += &line(sli, start, 1_800, total + 3, total),
                _ => body += &line(sli, start, 1_800, total - total / 50, total),
            }
        }
        let answer = server.import(&body);
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

/// Every figure there is of the days, as text.
fn figures(server: &Server, from: i64) -> String {
    let mut text = String::new();
    for slo in ["orders", "mails"] {
        for day in [7, 200, DAYS] {
            text += &server
                .get(&format!("/api/v1/slos/{slo}/status?at={}", at(from + day * 86_400 - 3_000)))
                .body;
        }
        let to = from + DAYS * 86_400;
        text +=
            &server.get(&format!("/api/v1/slos/{slo}/history?from={}&to={}&step=12h", at(from), at(to))).body;
    }
    text
}

fn query<T>(server: &Server, text: &'static str) -> T
where
    T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    let options = PgConnectOptions::new_without_pgpass().socket(server.directory.path().join("data/run"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection =
            PgConnection::connect_with(&options.username("nines").database("nines")).await.unwrap();
        sqlx::query_scalar(text).fetch_one(&mut connection).await.unwrap()
    })
}

const SEALED: &str = "select count(*) from slice_day";
const ROWS: &str = "select count(*) from slice";
/// A killed server's lease would keep the next one waiting for minutes.
const NO_LEASE: &str = "with gone as (delete from lease returning 1) select count(*) from gone";

#[test]
fn a_server_killed_while_it_seals_loses_and_doubles_nothing() {
    let mut server = Server::start(PUSHED);
    let from = first_day();
    fill(&server, from);
    let before = figures(&server, from);
    let mut cut = 0;
    let mut sealed = 0;
    for kill in 0..KILLS {
        server = server.restart_saying(&SEALING);
        std::thread::sleep(Duration::from_millis(20 + kill * 37 % 190));
        server.kill();
        let rows: i64 = query(&server, ROWS);
        let now_sealed: i64 = query(&server, SEALED);
        assert!(now_sealed >= sealed, "{now_sealed} after {sealed}");
        cut += u64::from(now_sealed > sealed && rows > 0);
        sealed = now_sealed;
        query::<i64>(&server, NO_LEASE);
    }
    server = server.restart_saying(&SEALING);
    eventually("all is sealed", Duration::from_mins(2), || query::<i64>(&server, ROWS) == 0);
    assert_eq!(query::<i64>(&server, SEALED), 2 * DAYS);
    assert_eq!(query::<i64>(&server, "select count(*) from slice_hour"), 0);
    assert_eq!(figures(&server, from), before);
    assert!(cut >= 3, "only {cut} kills were between the first and the last sealed day ({sealed})");
}

fn nines(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nines")).args(arguments).env_remove("DATABASE_URL").output().unwrap()
}

fn keep(command: &str, file: &Path, data: &Path) -> Output {
    nines(&[command, file.to_str().unwrap(), "--data-dir", data.to_str().unwrap()])
}

#[test]
fn a_restored_backup_gives_the_same_answers() {
    let server = Server::start(PUSHED);
    let from = first_day();
    fill(&server, from);
    // Some days are sealed, the last one is not.
    let until = (now() - (from + 300 * 86_400)).to_string();
    let server = server.restart_saying(&["--seal-delay", "0", "--seal-after", &until]);
    eventually("most is sealed", Duration::from_mins(2), || query::<i64>(&server, SEALED) == 2 * 300);
    let before = figures(&server, from);
    let file = server.directory.path().join("all.nines");
    let data = server.directory.path().join("data");
    let output = keep("backup", &file, &data);
    assert_eq!(output.status.code(), Some(0), "{output:?}");

    // What is there is left alone, what is damaged is refused.
    let refused = keep("restore", &file, &data);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("not empty"), "{refused:?}");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let damaged = server.directory.path().join("damaged.nines");
    std::fs::write(&damaged, &bytes).unwrap();
    let elsewhere = super::support::open_directory();
    let refused = keep("restore", &damaged, &elsewhere.path().join("data"));
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("checksum"), "{refused:?}");
    assert!(!elsewhere.path().join("data").exists(), "nothing was made for a damaged backup");

    // On an empty machine: the same answers, and the next SLI gets a number of its own.
    let other = Server::start(PUSHED);
    let mut other = other;
    other.kill();
    let data = other.directory.path().join("data");
    stop_postgres(&data);
    std::fs::remove_dir_all(&data).unwrap();
    let output = keep("restore", &file, &data);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let more = PUSHED.to_owned()
        + "---\napiVersion: nines/v1\nkind: Objective\nmetadata: {name: newer}\nspec: {service: shop, target: 99%, window: 7d, push: {cadence: 60s}}\n";
    let other = other.restart_with(&more);
    assert_eq!(figures(&other, from), before);
    assert_eq!(query::<i64>(&other, "select count(distinct id) from sli"), 3);
}

/// Ends the PostgreSQL that a killed server left behind.
fn stop_postgres(data: &Path) {
    let text = std::fs::read_to_string(data.join("postgres/postmaster.pid")).unwrap();
    let pid = text.lines().next().unwrap().to_owned();
    Command::new("kill").args(["-INT", &pid]).status().unwrap();
    eventually("PostgreSQL ends", Duration::from_secs(30), || !data.join("postgres/postmaster.pid").exists());
}
