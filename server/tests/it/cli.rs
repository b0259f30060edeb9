//! Commands and exit codes.

use std::process::{Command, Output};

fn nines(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nines")).args(arguments).env_remove("DATABASE_URL").output().unwrap()
}

#[test]
fn check_prints_a_line_per_finding_and_says_by_its_exit_code_whether_there_are_errors() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/config");
    assert_eq!(nines(&["check", "--config", &format!("{directory}/good")]).status.code(), Some(0));
    let broken = format!("{directory}/broken");
    let mut classes = 0;
    for entry in std::fs::read_dir(&broken).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        classes += 1;
        let output = nines(&["check", "--config", path.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1), "{path:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let first = text.lines().next().unwrap();
        let mut parts = first.splitn(4, ':');
        assert_eq!(parts.next(), path.to_str());
        assert!(
            parts.next().unwrap().parse::<u32>().is_ok() && parts.next().unwrap().parse::<u32>().is_ok(),
            "{first}"
        );
        assert!(text.contains(": error: "), "{text}");
    }
    assert!(classes >= 8, "{classes} classes");
}

#[test]
fn usage_errors_exit_64_and_refused_settings_2() {
    assert_eq!(nines(&["serve", "--nonsense"]).status.code(), Some(64));
    assert_eq!(nines(&["nonsense"]).status.code(), Some(64));
    assert_eq!(nines(&["--version"]).status.code(), Some(0));
    let beyond = nines(&["serve", "--listen", "0.0.0.0:0", "--data-dir", "/nonexistent/nines"]);
    assert_eq!(beyond.status.code(), Some(2), "{beyond:?}");
    let both = ["serve", "--database-url", "postgres://localhost/x", "--data-dir", "/nonexistent/nines"];
    assert_eq!(nines(&both).status.code(), Some(64));
    let broken = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/config/broken");
    assert_eq!(nines(&["serve", "--config", broken, "--listen", "127.0.0.1:0"]).status.code(), Some(2));
}

#[test]
fn a_directory_that_the_demo_did_not_make_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("precious"), "1").unwrap();
    let output =
        nines(&["demo", "--listen", "127.0.0.1:0", "--data-dir", directory.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("not made by"), "{output:?}");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}
