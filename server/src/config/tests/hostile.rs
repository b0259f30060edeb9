//! Files that nobody should write, and directories that are not what they seem.

use std::time::Instant;

use domain::calendar;
use proptest::prelude::*;

use super::*;

#[test]
fn directories_that_are_not_there_or_empty_say_so() {
    let missing = check(Path::new("no/such/directory"), false);
    assert_eq!(
        missing.report,
        "no/such/directory:1:1: error: does not exist: create it, or name another with --config\n"
    );
    assert_eq!(missing.exit, 1);
    let empty = tempfile::tempdir().unwrap();
    fs::write(empty.path().join("readme.txt"), "x").unwrap();
    assert!(check(empty.path(), false).report.contains("holds no *.yaml or *.yml file"));
}

#[test]
fn encodings_and_line_ends() {
    let service = "apiVersion: openslo/v1\r\nkind: Servise\r\nmetadata: {name: a}\r\n";
    let loaded = load_text(&format!("\u{feff}{service}"));
    assert!(lines(&loaded).starts_with("a.yaml:2:7: error: the kind `Servise`"), "{}", lines(&loaded));
    let loaded = load_text("\u{feff}kind: Servise");
    assert!(lines(&loaded).contains("a.yaml:1:7: error"), "{}", lines(&loaded));
    let loaded = load_files(&[("a.yaml", b"kind: a\nmetadata: {name: \xff}\n")]);
    assert_eq!(lines(&loaded), "a.yaml:2:18: error: is not UTF-8 from here on: save the file as UTF-8\n");
    let loaded = load_text("kind: Service\nmetadata:\n\tname: a\n");
    assert!(lines(&loaded).contains("indent with spaces, not with tabs"), "{}", lines(&loaded));
    let loaded = load_text("# nothing\n---\n---\n");
    assert_eq!((lines(&loaded).as_str(), loaded.objects), ("", 0));
}

#[test]
fn a_syntax_error_costs_one_document() {
    let good = "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: NAME}\n";
    let text = format!("{}---\na: \"open\n---\n{}", good.replace("NAME", "one"), good.replace("NAME", "Two"));
    let loaded = load_files(&[("a.yaml", text.as_bytes()), ("b.yaml", b"a: [")]);
    assert_eq!(loaded.estate.services.len(), 2, "{}", lines(&loaded));
    assert!(lines(&loaded).contains("a.yaml:9:18: warning: the name `Two`"), "{}", lines(&loaded));
    assert!(lines(&loaded).contains("b.yaml:1:5: error"), "{}", lines(&loaded));
}

#[test]
fn what_is_meant_to_exhaust_the_reader_is_refused_quickly() {
    let bomb = {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..20 {
            let alias = format!("*a{}, ", level - 1).repeat(9);
            let _ = writeln!(text, "a{level}: &a{level} [{alias}]");
        }
        text
    };
    let chain = (1..20_000).fold("- &a0 [x]\n".to_owned(), |mut text, level| {
        let _ = writeln!(text, "- &a{level} [*a{}]", level - 1);
        text
    });
    let names = (0..11_000).fold(String::new(), |mut text, i| {
        let _ = write!(
            text,
            "---\nkind: Service\napiVersion: openslo/v1\nmetadata: {{name: {}{i}}}\n",
            "n".repeat(9)
        );
        text
    });
    let hostile = [
        (bomb, "values, aliases counted"),
        (chain, "levels stand inside each other"),
        ("[".repeat(500_000), "levels stand inside each other"),
        ("{a: ".repeat(200_000), "levels stand inside each other"),
        ("- ".repeat(500_000), "levels stand inside each other"),
        ("? ".repeat(500_000), "levels stand inside each other"),
        ("a: &x [*x]\n".to_owned(), ""),
        ("a: *nothing\n".to_owned(), "not YAML"),
        ("x".repeat(2 << 20), "is longer than 1048576 bytes"),
        ("a: b\n---\n".repeat(100_000), "`apiVersion` is missing"),
        ("\"\n---\n".repeat(100_000), "not YAML"),
        ("a: 1\n".repeat(200_000), "stands here twice"),
        (names, "more than 10000 objects"),
        (format!("{}: 1", "k".repeat(900_000)), "not YAML"),
    ];
    for (text, expected) in hostile {
        let began = Instant::now();
        let loaded = load_text(&text);
        let found = lines(&loaded);
        let start: String = text.chars().take(30).collect();
        assert!(
            loaded.has_errors() && found.contains(expected),
            "{start}: {}",
            found.chars().take(500).collect::<String>()
        );
        assert!(loaded.findings.len() <= 1_001);
        assert!(began.elapsed() < Duration::from_secs(20), "{start}: {:?}", began.elapsed());
    }
}

fn composite(name: usize, member: usize) -> String {
    format!(
        "---\napiVersion: nines/v1\nkind: Composite\nmetadata: {{name: c{name}}}\n\
         spec: {{service: s, target: 99%, rule: sum-of-burns, members: [{{slo: c{member}}}]}}\n"
    )
}

#[test]
fn composites_without_end_are_refused_quickly() {
    let base = "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: s}\n---\napiVersion: nines/v1\nkind: Objective\n\
                metadata: {name: c0}\nspec: {service: s, target: 99%, window: 30d, push: {}}\n";
    let began = Instant::now();
    let tower: String = (1..3_000).map(|i| composite(i, i - 1)).collect();
    let loaded = load_text(&format!("{base}{tower}"));
    assert_eq!(loaded.estate.composites.len(), 8);
    assert!(lines(&loaded).contains("the Composite `c9` holds more than 8 composites inside each other"));
    assert_eq!(loaded.findings.len(), 1, "{}", lines(&loaded));

    let ring: String = (1..3_000).map(|i| composite(i, i % 2_999 + 1)).collect();
    let loaded = load_text(&format!("{base}{ring}"));
    assert!(loaded.estate.composites.is_empty());
    assert_eq!(loaded.findings.len(), 1, "{}", lines(&loaded));
    assert!(
        lines(&loaded).contains("`c1` → `c2` →") && lines(&loaded).contains("→ … → `c1`"),
        "{}",
        lines(&loaded)
    );
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[test]
fn only_so_many_rules_are_expanded() {
    let texts = (0..600).map(|i| {
        format!(
            "---\napiVersion: nines/v1\nkind: Exclusion\nmetadata: {{name: e{i}}}\nspec: {{category: other, author: a, \
             reason: b, effect: remove-time, recurring: {{start: 1970-01-01 00:00:00, timeZone: Europe/Paris, \
             duration: 1h, rule: FREQ=DAILY}}}}\n"
        )
    });
    let loaded = load_text(&texts.collect::<String>());
    assert_eq!((loaded.estate.exclusions.len(), loaded.findings.len()), (500, 100));
    assert!(lines(&loaded).contains("is one of more than 500 recurring exclusions"), "{}", lines(&loaded));
}

#[cfg(unix)]
#[test]
fn links_hidden_entries_and_what_is_no_file() {
    use std::os::unix::fs::symlink;
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let service = "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: a}\n";
    // What a mounted volume looks like: the file, and a hidden copy that it is a link to.
    fs::create_dir_all(at("..2026")).unwrap();
    fs::write(at("..2026/a.yaml"), service).unwrap();
    symlink("..2026", at("..data")).unwrap();
    symlink("..data/a.yaml", at("a.yaml")).unwrap();
    let loaded = load(dir.path());
    assert_eq!((lines(&loaded).as_str(), loaded.estate.services.len()), ("", 1));

    symlink("..", at("loop")).unwrap();
    symlink("nowhere", at("b.yaml")).unwrap();
    fs::create_dir_all(at("c.yaml/d/e")).unwrap();
    symlink("/dev/zero", at("z.yaml")).unwrap();
    let loaded = load(dir.path());
    let found = lines(&loaded).replace(&format!("{}/", dir.path().display()), "");
    let starts: Vec<&str> = found.lines().map(|line| line.split(" (").next().unwrap()).collect();
    assert_eq!(
        starts,
        [
            "b.yaml:1:1: error: cannot be read",
            "loop:1:1: warning: is a link to a directory and is not followed: put its files here",
            "z.yaml:1:1: error: cannot be read",
        ]
    );
}

/// Every sample in one text, to be mutated.
fn sample_text() -> String {
    let mut paths = samples("broken");
    paths.extend(["good", "full", "warned"].into_iter().flat_map(samples));
    paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect::<Vec<_>>().join("---\n")
}

/// Estates are sound whatever is read.
fn assert_sound(loaded: &Loaded) {
    let estate = &loaded.estate;
    for slo in &estate.slos {
        assert!(estate.services.iter().any(|service| service.name == slo.service));
        assert!(estate.slis.iter().any(|sli| sli.name == slo.sli));
        assert!(!slo.objectives.is_empty());
    }
    for probe in &loaded.probes {
        assert!(
            probe.timeout <= probe.interval
                && probe.interval >= Duration::from_secs(1)
                && !probe.slis.is_empty()
        );
        assert!(probe.slis.iter().all(|judge| judge.within.is_none_or(|within| within <= probe.timeout)));
        assert!(probe.slis.iter().all(|judge| estate.slis.iter().any(|sli| sli.name == judge.sli)));
    }
    for slo in &estate.slos {
        if let Window::Calendar(window) = &slo.window {
            assert_eq!(calendar::check_window(window), Ok(()));
        }
        for objective in &slo.objectives {
            assert_eq!(objective.slices.is_some(), slo.method != domain::Method::Occurrences);
            let rule = objective.slices.map_or(60, |rule| rule.seconds);
            assert!((60..=3_600).contains(&rule) && 3_600_u32.is_multiple_of(rule));
            for rule in slo.rules.iter().flatten() {
                if let domain::Condition::Burn { threshold_thousandths, long_seconds, short_seconds } =
                    rule.condition
                {
                    assert!(domain::burn::can_burn(threshold_thousandths, objective.target));
                    assert!(
                        short_seconds <= long_seconds && short_seconds % 60 == 0 && long_seconds % 60 == 0
                    );
                }
            }
        }
    }
    for exclusion in &estate.exclusions {
        assert_eq!(calendar::check_when(&exclusion.when), Ok(()));
        assert!(exclusion.slos.iter().all(|name| estate.slos.iter().any(|slo| slo.name == *name)));
    }
    for composite in &estate.composites {
        assert!(composite.members.iter().all(|member| member.weight_parts > 0
            && (estate.slos.iter().any(|slo| slo.name == member.slo)
                || estate.composites.iter().any(|other| other.name == member.slo && *other != *composite))));
    }
    assert!(loaded.findings.is_sorted());
    assert!(lines(loaded).lines().count() == loaded.findings.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC*|[-\\[\\]{}:,&*!|>'\"%@`#? \n\ta-c<~\\\\]{0,200}") {
        assert_sound(&load_text(&text));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        assert_sound(&load_files(&[("a.yaml", &bytes)]));
    }

    #[test]
    fn mutated_samples_never_panic(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..40, "[-\\[\\]{}:,&*!|>'\"%@`#? \n\ta-c0-9.]{0,3}"), 1..12)
    ) {
        let mut chars: Vec<char> = sample_text().chars().collect();
        for (at, length, insert) in cuts {
            let start = at.index(chars.len());
            let end = (start + length).min(chars.len());
            chars.splice(start..end, insert.chars());
        }
        assert_sound(&load_text(&chars.into_iter().collect::<String>()));
    }
}
