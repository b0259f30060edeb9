//! The reader on files: the samples under `tests/config`.

mod estate;
mod hostile;
mod probes;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::estate::Window;
use domain::{Sli, Target};

use super::*;
use crate::source::{Expect, ProbeSli};

/// Tests run in the package's directory, so this is also what a person there would type.
const SAMPLES: &str = "tests/config";

/// Loads files given as (name, content).
fn load_files(files: &[(&str, &[u8])]) -> Loaded {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let mut loaded = load(dir.path());
    let prefix = format!("{}/", dir.path().display());
    for finding in &mut loaded.findings {
        finding.file = finding.file.replace(&prefix, "");
        finding.message = finding.message.replace(&prefix, "");
    }
    loaded
}

fn load_text(text: &str) -> Loaded {
    load_files(&[("a.yaml", text.as_bytes())])
}

/// The findings, a line each.
fn lines(loaded: &Loaded) -> String {
    loaded.findings.iter().fold(String::new(), |mut out, finding| {
        let _ = writeln!(out, "{finding}");
        out
    })
}

fn samples(below: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(SAMPLES).join(below)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "yaml"));
    paths.sort();
    paths
}

#[expect(clippy::disallowed_methods, reason = "a switch of the test run, not a setting of the server")]
fn is_blessing() -> bool {
    std::env::var_os("NINES_BLESS").is_some()
}

/// To write the expected findings anew after a change of wording: `NINES_BLESS=1 cargo test -p server config`.
#[test]
fn broken_samples_have_exactly_the_expected_findings() {
    let paths = samples("broken");
    assert!(paths.len() >= 8, "a class of mistakes is missing");
    for path in paths {
        let checked = check(&path, false);
        let expected = path.with_extension("txt");
        if is_blessing() {
            fs::write(&expected, &checked.report).unwrap();
        }
        assert_eq!(checked.report, fs::read_to_string(&expected).unwrap(), "{}", path.display());
        assert_eq!(checked.exit, 1, "{}", path.display());
    }
}

#[test]
fn warned_samples_have_exactly_the_expected_findings() {
    for path in samples("warned") {
        let (lax, strict) = (check(&path, false), check(&path, true));
        let expected = path.with_extension("txt");
        if is_blessing() {
            fs::write(&expected, &lax.report).unwrap();
        }
        assert_eq!(lax.report, fs::read_to_string(&expected).unwrap(), "{}", path.display());
        assert_eq!((lax.exit, strict.exit), (0, 1), "{}", path.display());
    }
}

/// The default tiers look back up to three days, which nobody wrote into the file.
#[test]
fn a_window_shorter_than_the_default_tiers_is_no_fault() {
    let loaded = load_text(
        "apiVersion: nines/v1\nkind: Objective\nmetadata: {name: a}\n\
         spec: {service: shop, target: 99%, window: 1d, push: {}}\n",
    );
    assert_eq!(lines(&loaded), "");
}

#[test]
fn one_run_gives_the_findings_of_all_files() {
    let all = check(&Path::new(SAMPLES).join("broken"), false);
    for path in samples("broken") {
        assert!(all.report.contains(path.to_str().unwrap()), "{}", path.display());
    }
    let mut sorted: Vec<(String, u32, u32)> = Vec::new();
    for line in all.report.lines() {
        let mut parts = line.splitn(4, ':');
        let mut next = || parts.next().unwrap().to_owned();
        sorted.push((next(), next().parse().unwrap(), next().parse().unwrap()));
    }
    assert!(sorted.is_sorted());
}

#[test]
fn the_good_sample_is_clean_and_complete() {
    let dir = Path::new(SAMPLES).join("good");
    let checked = check(&dir, true);
    assert_eq!(checked.report, "");
    assert_eq!(checked.summary, "14 objects, 6 services, 8 SLOs: no findings");
    assert_eq!(checked.exit, 0);

    let loaded = load(&dir);
    let names: Vec<&str> = loaded.estate.services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, ["checkout", "search", "website", "news", "shop", "shop-latency"]);
    let checkout = &loaded.estate.services[0];
    assert_eq!(checkout.owner.as_deref(), Some("team-pay, team-web"));
    assert_eq!(checkout.tags, ["region=eu"]);
    assert_eq!((checkout.origin.file.as_str(), checkout.origin.line), ("services.yaml", 5));

    let slo = loaded.estate.slos.iter().find(|slo| slo.name == "checkout-availability").unwrap();
    let objectives: Vec<(&str, u32)> =
        slo.objectives.iter().map(|objective| (objective.name.as_str(), objective.target.parts())).collect();
    assert_eq!(objectives, [("99.9", 999_000_000), ("stretch", 999_500_000)]);
    assert_eq!(slo.window, Window::Rolling { seconds: 30 * 86_400 });
    assert_eq!(slo.coverage_floor, Target::parse("0.95").unwrap());

    let sli = |name: &str| -> &Sli { loaded.estate.slis.iter().find(|sli| sli.name == name).unwrap() };
    assert_eq!(
        sli("checkout-fast").source,
        "GET https://shop.example/health every 15 s, good: status 200-399 within 300 ms"
    );
    assert_eq!(
        sli("search-answers").source,
        "HEAD http://search.example:8080/ every 1 s, good: status 200, 204"
    );
    assert_eq!((sli("search-answers").interval_seconds, sli("search-answers").timeout_seconds), (1, 1));
    assert_eq!((sli("orders").interval_seconds, sli("orders").timeout_seconds), (300, 0));
    assert_eq!(
        sli("search-answers").meaning,
        "HEAD http://search.example:8080/ timeout 500 ms, good: status 200,204"
    );
    assert_eq!((sli("orders").meaning.as_str(), sli("orders").declared_generation), ("push", Some(3)));
    assert_eq!(sli("search-answers").declared_generation, None);
    assert_eq!(
        sli("requests-answered").meaning,
        "counters: bad http_requests_total{code=~\"5..\",job=~\"shop\"}, total http_requests_total{job=~\"shop\"}"
    );
    let fast = loaded.metrics.iter().find(|source| source.sli == "requests-fast").unwrap();
    assert_eq!(
        (fast.first.metric.as_str(), fast.first.le),
        ("http_request_duration_seconds_bucket", Some(0.3))
    );
    assert_eq!((fast.cadence_seconds, loaded.metrics.len()), (60, 2));

    let front = loaded.probes.iter().find(|probe| probe.name == "checkout-front").unwrap();
    let judged = |sli: &str, within| ProbeSli {
        sli: sli.into(),
        status: vec![(200, 399)],
        within,
        expect: Expect::default(),
    };
    assert_eq!(
        front.slis,
        [judged("checkout-available", None), judged("checkout-fast", Some(Duration::from_millis(300)))]
    );
    assert_eq!(loaded.probes.len(), 3);
}

#[test]
fn a_short_form_is_what_it_expands_to() {
    let text = fs::read_to_string(Path::new(SAMPLES).join("good/short.yaml")).unwrap();
    let (mut declared, mut report) = (Declared::default(), Report::default());
    for node in tree::documents(0, &text, &mut report) {
        document::read(&node, &mut declared, &mut report);
    }
    let expanded: Vec<String> = declared.short_forms.iter().map(expand::expand).collect();
    let expanded = expanded.join("---\n");
    let file = Path::new(SAMPLES).join("good/short.expanded.txt");
    if is_blessing() {
        fs::write(&file, &expanded).unwrap();
    }
    assert_eq!(expanded, fs::read_to_string(&file).unwrap());

    let policy = fs::read_to_string(Path::new(SAMPLES).join("good/policy.yaml")).unwrap();
    let with_policy = |text: &str| load_text(&format!("{text}---\n{policy}"));
    let (mut short, mut long) = (with_policy(&text), with_policy(&expanded));
    assert_eq!(lines(&long), "");
    for loaded in [&mut short, &mut long] {
        let estate = &mut loaded.estate;
        estate.services.iter_mut().for_each(|service| service.origin = domain::estate::Origin::default());
        estate.slis.iter_mut().for_each(|sli| sli.origin = domain::estate::Origin::default());
        estate.slos.iter_mut().for_each(|slo| slo.origin = domain::estate::Origin::default());
        loaded.objects = 0;
    }
    assert_eq!(short, long);
}

#[test]
fn warnings_fail_a_strict_check_only() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.yml"), "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: A}\n")
        .unwrap();
    let (lax, strict) = (check(dir.path(), false), check(dir.path(), true));
    assert_eq!((lax.exit, strict.exit), (0, 1));
    assert_eq!(lax.summary, "1 object, 1 service, 0 SLOs: 1 warning");
    assert!(!load(dir.path()).has_errors());
}

#[test]
fn labels_may_be_lists() {
    let loaded = load_text(
        "apiVersion: openslo/v1\nkind: Service\nmetadata:\n  name: a\n  labels: [critical, owner=team-a, {tier: [1, 2]}]\n",
    );
    let service = &loaded.estate.services[0];
    assert_eq!((service.owner.as_deref(), service.tier.as_deref()), (Some("team-a"), Some("1, 2")));
    assert_eq!(service.tags, ["critical=true"]);
    assert_eq!(
        lines(&loaded),
        "a.yaml:5:11: warning: `metadata.labels` is a list, whose words are taken for keys: write `{owner: team-a}`\n"
    );
}

#[test]
fn positions_are_those_of_an_editor() {
    let loaded = load_text(
        "apiVersion: openslo/v1\nkind: Service\nmetadata:\n  # ünï\n  \"näme\": 1\n  name: 'ä b'\n",
    );
    assert_eq!(
        lines(&loaded),
        "a.yaml:5:3: warning: the field `näme` in `metadata` is unknown and ignored; did you mean `name`?\n\
         a.yaml:6:9: error: `ä b` is no name: use 1 to 63 of letters, digits, `-`, `_` and `.`, such as `b`\n"
    );
}

#[test]
fn an_inline_probe_and_a_data_source_of_one_name_collide() {
    let loaded = load_text(
        "apiVersion: nines/v1\nkind: Objective\nmetadata: {name: a}\n\
         spec: {service: s, target: 99%, window: 1d, probe: {url: 'http://a.example/'}}\n---\n\
         apiVersion: openslo/v1\nkind: DataSource\nmetadata: {name: a}\n\
         spec: {type: Probe, connectionDetails: {http: {url: 'http://a.example/'}}}\n",
    );
    assert!(
        lines(&loaded).contains("a.yaml:3:18: error: the inline probe of the SLI `a`"),
        "{}",
        lines(&loaded)
    );
}

#[test]
fn a_cadence_comes_from_the_sli_else_from_its_slo() {
    let text = "apiVersion: openslo/v1\nkind: SLI\nmetadata: {name: a}\nspec: {ratioMetric: {good: &p {metricSource: \
                {type: Push}}, total: *p}}\n---\napiVersion: openslo/v1\nkind: SLO\nmetadata: {name: b, annotations: \
                {nines/cadence: 10m}}\nspec: {service: s, indicatorRef: a, timeWindow: [{duration: 7d, isRolling: true}], \
                budgetingMethod: Occurrences, objectives: [{target: 0.99}]}\n---\napiVersion: openslo/v1\nkind: Service\n\
                metadata: {name: s}\n";
    let loaded = load_text(text);
    assert_eq!(lines(&loaded), "");
    assert_eq!(loaded.estate.slis[0].interval_seconds, 600);
    let loaded = load_text(&text.replace("{name: a}", "{name: a, annotations: {nines/cadence: 30s}}"));
    assert_eq!(loaded.estate.slis[0].interval_seconds, 30);
    assert!(lines(&loaded).contains("`nines/cadence` is ignored: the cadence of the SLI `a` is 30 s"));
}
