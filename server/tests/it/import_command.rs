//! `nines import`: streaming, resumable, exit codes that say how far it came.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::support::{PUSHED, Server, at, line, now};

fn import(server: &Server, file: &Path, more: &[&str]) -> Output {
    let url = format!("http://{}", server.address);
    Command::new(env!("CARGO_BIN_EXE_nines"))
        .args(["import", file.to_str().unwrap(), "--server", &url])
        .args(more)
        .env_remove("NINES_TOKEN")
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn total(server: &Server, slo: &str) -> Option<u64> {
    let path = format!("/api/v1/slos/{slo}/status?at={}", at(now() / 60 * 60));
    server.get(&path).json()["objectives"][0]["total"].as_u64()
}

#[test]
fn a_file_is_stored_whole_plain_zipped_or_piped_and_repeating_is_harmless() {
    let server = Server::start(PUSHED);
    let directory = tempfile::tempdir().unwrap();
    let m = now() / 60 * 60;
    // More than two batches, within the window of the objective.
    let lines: Vec<String> = (1..=25_000).map(|k| line("orders", m - 60 * k, 60, 1, 2)).collect();
    let plain = directory.path().join("slices.ndjson");
    std::fs::write(&plain, lines.concat()).unwrap();

    let rehearsed = import(&server, &plain, &["--dry-run"]);
    assert_eq!(rehearsed.status.code(), Some(0), "{rehearsed:?}");
    assert_eq!(total(&server, "orders"), None, "a rehearsal stores nothing");

    let stored = import(&server, &plain, &[]);
    assert_eq!(stored.status.code(), Some(0), "{stored:?}");
    assert!(said(&stored).contains("25000"), "{stored:?}");
    assert_eq!(total(&server, "orders"), Some(50_000));
    assert_eq!(import(&server, &plain, &["--from", "24000"]).status.code(), Some(0));
    assert_eq!(total(&server, "orders"), Some(50_000));

    let zipped = directory.path().join("slices.gz");
    let mut encoder = GzEncoder::new(std::fs::File::create(&zipped).unwrap(), Compression::fast());
    encoder.write_all(line("mails", m - 60, 60, 3, 4).as_bytes()).unwrap();
    encoder.finish().unwrap();
    assert_eq!(import(&server, &zipped, &[]).status.code(), Some(0));
    assert_eq!(total(&server, "mails"), Some(4));

    let mut piped = Command::new(env!("CARGO_BIN_EXE_nines"))
        .args(["import", "-", "--server", &format!("http://{}", server.address)])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    piped.stdin.take().unwrap().write_all(line("mails", m - 120, 60, 1, 1).trim_end().as_bytes()).unwrap();
    assert_eq!(piped.wait().unwrap().code(), Some(0));
    assert_eq!(total(&server, "mails"), Some(5));
}

#[test]
fn a_faulty_line_is_named_and_what_stands_before_it_is_stored() {
    let server = Server::start(PUSHED);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("slices.ndjson");
    let m = now() / 60 * 60;
    let write = |lines: &[String]| std::fs::write(&file, lines.concat()).unwrap();
    let mut lines: Vec<String> = (1..=12_000).map(|k| line("orders", m - 60 * k, 60, 1, 1)).collect();
    lines[11_000] = line("nobody", m - 60, 60, 1, 1);
    write(&lines);
    let some = import(&server, &file, &[]);
    assert_eq!(some.status.code(), Some(4), "{some:?}");
    let text = said(&some);
    assert!(text.contains("line 11001: ") && text.contains("stored up to line 11000"), "{text}");
    assert!(text.contains("--from 11001"), "{text}");
    assert_eq!(total(&server, "orders"), Some(11_000));

    lines[11_000] = line("orders", m - 60 * 11_001, 60, 1, 1);
    write(&lines);
    assert_eq!(import(&server, &file, &["--from", "11001"]).status.code(), Some(0));
    assert_eq!(total(&server, "orders"), Some(12_000));

    write(&["x\n".to_owned()]);
    let none = import(&server, &file, &[]);
    assert_eq!(none.status.code(), Some(1), "{none:?}");
    write(&["x\n".to_owned(), line("orders", m - 60, 60, 1, 1), "y\n".to_owned()]);
    let rehearsed = import(&server, &file, &["--dry-run"]);
    assert_eq!(rehearsed.status.code(), Some(1), "{rehearsed:?}");
    assert!(said(&rehearsed).contains("line 1: ") && said(&rehearsed).contains("line 3: "), "{rehearsed:?}");

    assert_eq!(import(&server, Path::new("/nonexistent/x"), &[]).status.code(), Some(1));
    assert_eq!(import(&server, &file, &["--from", "0"]).status.code(), Some(64));
    let other = ["import", file.to_str().unwrap(), "--server", "ftp://localhost"];
    let other = Command::new(env!("CARGO_BIN_EXE_nines")).args(other).output().unwrap();
    assert_eq!(other.status.code(), Some(1), "{other:?}");
    std::fs::write(&file, "").unwrap();
    assert_eq!(import(&server, &file, &[]).status.code(), Some(0));
}

#[test]
fn a_token_is_sent_where_the_server_asks_for_one() {
    let server = Server::start_under(PUSHED, &[("NINES_ANONYMOUS", "none")]);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("slices.ndjson");
    std::fs::write(&file, line("orders", now() / 60 * 60 - 60, 60, 1, 1)).unwrap();
    let refused = import(&server, &file, &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("401") && said(&refused).contains("access token"), "{refused:?}");
    let token = server.token("ingest");
    assert_eq!(import(&server, &file, &["--token", &token]).status.code(), Some(0));
}

#[test]
fn a_killed_import_goes_on_where_it_was_and_a_killed_server_is_waited_for() {
    let server = Server::start(PUSHED);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("slices.ndjson");
    let m = now() / 60 * 60;
    let lines: String = (1..=40_000).map(|k| line("orders", m - 60 * k, 60, 2, 3)).collect();
    std::fs::write(&file, lines).unwrap();
    let mut half = Command::new(env!("CARGO_BIN_EXE_nines"))
        .args(["import", file.to_str().unwrap(), "--server", &format!("http://{}", server.address)])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(700));
    half.kill().unwrap();
    half.wait().unwrap();
    assert_eq!(import(&server, &file, &[]).status.code(), Some(0));
    assert_eq!(total(&server, "orders"), Some(120_000));
}
