//! Runs the scripts in `golden/*.slo-test`: declare an SLO, load slices, evaluate at an instant, expect figures.
//!
//! A script begins with its tags: `# R6 R7` (rules of RULES.md), `# trap: raw-visible` (see `TRAPS`) and
//! `# source: ...`; then comes the derivation by hand. A command a line, `#` to the end of the line is a comment:
//!
//! ```text
//! slo targets=99.9,99.5 window=30d floor=0.9 interval=60s timeout=0s       all but targets have these defaults
//! slo window=month zone=Europe/Paris start=2026-01-01T00:00:00             periods of day, 2week, month, quarter, year
//! slo method=Timeslices slice=5m slice-target=95 gap=bad                   a later `slo` changes what it names
//! target 99.5 until 2026-10-15                                             of the first objective, before that
//! generation 2026-10-15T09:30                                              the SLI has measured something else since
//! rule burn 14.4 1h 5m page min=10                                         named `burn 14.4 1h 5m`, and so on:
//! rule consumed 50 · rule drop 10 6h · rule exhaustion 3d · rule absolute 2 1h      shares in percent
//! exclude remove from 2026-10-01T02:00 to 2026-10-01T03:00                 or drop, or good
//! exclude good rule=FREQ=WEEKLY;BYDAY=SU zone=Europe/Paris start=2026-01-04T02:00:00 for 2h
//! forget slices                            or exclusions, or rules
//! load 60s from 2026-10-01                 slices of 60 s, one after the other, from here on; later ones replace:
//!   998/1000 x5                            five slices of 998 good out of 1000; also x2d, or until 2026-10-03
//!   _ x2                                   two that are not there; `?` for unknown ones
//!   998/1000:40+20                         40 s of the slice measured, from its second 20 on
//! counters 60s from T of good total        or bad total, or good bad: samples every 60 s, a line a series
//!   total 0 1 2 _ 2 3                      `_` for a lost one
//! eval 2026-10-01T00:08                    or: eval T of 99.5, eval T closed
//!   state met                              any figure of the objective, see `figures`; `7/8` is the nearest double
//! history 60s from T to T                  the history of the first objective, a line a point:
//!   998 1000 1 0.5 met                     good, total, coverage, remaining, state
//! onset T bad 144 of 10000 after 30d       30 days of 10,000 good a minute; 144 bad from T on, for three days and an hour
//! fires 14.4x over 1 h at minute 60 consumed 1/50       the first full minute since the onset; and the share spent
//! never fires 6x over 6 h                  within that time
//! member front targets=90 window=1h        begins an SLO, or goes on with one: what follows is of it; settings of `slo`
//! composite shop rule=sum_of_burns target=90 no-data=leave_out of front*3 back:99.5*0.5 inner
//! composite shop rule=weighted_mean        a later `composite` changes what it names
//! blend 2026-10-01T01:00 of shop           the figures of a composite, see `composites`; of a member:
//!   share front 3/5                        or `adds`, or `taken front left_out`
//! ```
//!
//! Every figure is computed twice, from single slices and from the sums of hours with slices only where `fine_hours`
//! asks for them, and both must agree to the last bit. History points must equal the status at their end.

#[cfg(test)]
mod golden {
    mod check;
    mod composites;
    mod counters;
    mod explained;
    mod figures;
    mod script;
    mod text;

    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use domain::Bounds;

    use self::composites::Estate;
    use self::text::{at, seconds};

    /// Scripts that run at a time.
    const WORKERS: usize = 4;
    /// There are no fewer scripts than this.
    const MIN_SCRIPTS: usize = 205;
    /// The rules of RULES.md.
    const RULES: usize = 20;
    /// What others got wrong, or settled: each is the point of at least one script.
    const TRAPS: &[&str] = &[
        // Core formulas.
        "float-budget",
        "signed-remaining",
        "rounded-burn",
        "exhaustion-from-now",
        // Occurrences.
        "projected-budget",
        "good-over-total",
        "missing-numerator",
        "total-without-errors",
        "average-of-averages",
        // Timeslices and RatioTimeslices.
        "slice-at-target",
        "three-valued-slice",
        "slice-granularity",
        "cadence-above-slice",
        "ratio-without-traffic",
        // No traffic, gaps, late data, young windows, edits.
        "no-traffic",
        "not-a-number",
        "unmeasured-slice",
        "low-coverage",
        "collector-down",
        "young-window",
        "late-data",
        "target-edit",
        "meaning-edit",
        // Counters.
        "counter-reset",
        // Targets.
        "target-100",
        "low-target",
        "high-target",
        // Corrections.
        "drop-events",
        "remove-time",
        "count-as-good",
        "raw-visible",
        "share-excluded",
        "recurring",
        "pausing",
        // Calendar.
        "daylight-saving",
        "month-end",
        "anchored-start",
        "full-month",
        // Alerts.
        "both-look-backs",
        "no-for",
        "suppression",
        "governing-burn",
        "frozen",
        "low-traffic",
        // Composites.
        "four-rules",
        "weights-left-out",
        "member-without-data",
        "nested",
    ];

    fn scripts() -> Vec<(PathBuf, String)> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        let mut paths: Vec<_> =
            std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "slo-test"));
        paths.sort();
        paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
    }

    fn name(path: &Path) -> String {
        path.file_name().unwrap().to_string_lossy().into_owned()
    }

    #[test]
    fn every_script_gives_what_it_expects() {
        let scripts = scripts();
        let next = AtomicUsize::new(0);
        let failures = Mutex::new(Vec::new());
        let work = || {
            while let Some((path, text)) = scripts.get(next.fetch_add(1, Ordering::Relaxed)) {
                let outcome = std::panic::catch_unwind(|| run(text));
                let found = outcome.unwrap_or_else(|_| vec!["panicked, see above".into()]);
                let found = found.into_iter().map(|failure| format!("{}:{failure}", name(path)));
                failures.lock().unwrap().extend(found);
            }
        };
        std::thread::scope(|scope| (0..WORKERS).for_each(|_| drop(scope.spawn(work))));
        let failures = failures.into_inner().unwrap();
        assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    }

    #[test]
    fn every_rule_and_every_trap_has_a_script() {
        let scripts = scripts();
        assert!(scripts.len() >= MIN_SCRIPTS, "{} scripts", scripts.len());
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        for (path, text) in &scripts {
            let tags = tags(text);
            assert!(tags.iter().any(|tag| tag.starts_with('R')), "{} names no rule", path.display());
            assert!(
                text.lines().any(|line| line.starts_with("# source: ")),
                "{} names no source",
                path.display()
            );
            for tag in tags {
                *count.entry(tag).or_default() += 1;
            }
        }
        let rules = (1..=RULES).map(|number| format!("R{number}"));
        for tag in rules.chain(TRAPS.iter().map(ToString::to_string)) {
            assert!(count.remove(&tag).is_some(), "no script for {tag}");
        }
        assert!(count.is_empty(), "unknown tags {count:?}");
    }

    /// What the header of a script names: the words of `# R1 R2`, and of `# trap: one, two`.
    fn tags(text: &str) -> Vec<String> {
        let header = text.lines().take_while(|line| line.starts_with('#'));
        let tags = header.filter_map(|line| {
            let words = line.trim_start_matches('#').trim();
            let is_rule =
                |word: &str| word.strip_prefix('R').is_some_and(|number| number.parse::<usize>().is_ok());
            let rules = words.split(' ').all(is_rule).then_some(words);
            rules.or_else(|| words.strip_prefix("trap: "))
        });
        tags.flat_map(|words| words.split([' ', ',']))
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// One line per failed expectation: `line: message`.
    fn run(text: &str) -> Vec<String> {
        let mut estate = Estate::default();
        let mut failures = Vec::new();
        let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, strip(line))).peekable();
        while let Some((number, line)) = lines.next() {
            let mut body = Vec::new();
            while let Some(inner) = lines.next_if(|(_, next)| next.starts_with(' ') || next.is_empty()) {
                body.push((inner.0, inner.1.trim()));
            }
            body.retain(|(_, line)| !line.is_empty());
            let words: Vec<&str> = line.split_whitespace().collect();
            let script = estate.script();
            match words[..] {
                [] => {}
                ["member", name, ref settings @ ..] => estate.member(name, settings),
                ["composite", name, ref words @ ..] => estate.composite(name, words),
                ["blend", instant, "of", name] => failures.extend(estate.check(at(instant), name, &body)),
                ["slo", ref settings @ ..] => script.declare(settings),
                ["target", percent, "until", until] => script.past_target(percent, at(until)),
                ["generation", began] => script.generation(at(began)),
                ["rule", ref rule @ ..] => script.rule(rule),
                ["exclude", effect, "from", from, "to", to] => {
                    script.exclude(effect, Bounds { from: at(from), to: at(to) });
                }
                ["exclude", effect, rule, zone, start, "for", length] => {
                    script.exclude_again(effect, [rule, zone, start], seconds(length));
                }
                ["forget", what] => script.forget(what),
                ["load", step, "from", start] => script.load(seconds(step), at(start), &body),
                ["counters", step, "from", start, "of", one, two] => {
                    script.counters(seconds(step), at(start), [one, two], &body);
                }
                ["eval", instant, ref of @ ..] => failures.extend(script.check(at(instant), of, &body)),
                ["history", step, "from", from, "to", to] => {
                    let bounds = Bounds { from: at(from), to: at(to) };
                    failures.extend(script.check_history(number, bounds, seconds(step), &body));
                }
                ["onset", start, "bad", bad, "of", total, "after", calm] => {
                    script.onset(at(start), bad, total, seconds(calm));
                }
                ["fires", ..] => failures.extend(script.check_fires(number, line)),
                ["never", "fires", ..] => failures.extend(script.check_never(number, line)),
                _ => failures.push(format!("{number}: `{line}` is no command")),
            }
        }
        failures
    }

    fn strip(line: &str) -> &str {
        line.split('#').next().unwrap().trim_end()
    }
}
