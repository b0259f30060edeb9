//! Runs the scripts in `golden/*.slo-test`: declare an SLO, load a series, evaluate at an instant, expect figures.
//!
//! The language, a command a line, `#` to the end of the line is a comment:
//!
//! ```text
//! slo window=30d targets=99.9,99.5 floor=0.9 interval=60s timeout=0s    (all but targets have these defaults)
//! load 60s from 2026-10-01T00:00:00Z      slices of 60 s, one after the other, from here on:
//!   998/1000 x5                           five slices of 998 good out of 1000
//!   _ x2                                  two slices that are not there
//!   998/1000:40+20                        40 s of the slice measured, from its second 20 on
//! eval 2026-10-01T00:08:00Z               or: eval 2026-10-01T00:08:00Z of 99.5
//!   state met                             any figure of the objective, its JSON name or short; see `figure`
//! history 60s from T to T                 the history of the first objective, a line a point:
//!   998 1000 1 0.5 met                    good, total, coverage, remaining, state
//! ```
//!
//! Every script runs twice, on single slices and on the sums of hours with slices only where `fine_hours` asks for
//! them, and both must agree to the last bit.

#[cfg(test)]
mod golden {
    use std::collections::BTreeMap;
    use std::path::Path;

    use domain::estate::{DEFAULT_COVERAGE_FLOOR, Method, Origin, Window};
    use domain::status::{AlertState, ObjectiveStatus};
    use domain::{
        Block, Bounds, Instant, Measured, Objective, Series, Sli, Slo, SloStatus, Sum, Target, evaluate,
        explain, fine_hours, history, history_plan, history_replan, plan,
    };

    /// A script that has been read up to some line.
    struct Script {
        slo: Slo,
        sli: Sli,
        /// Single slices.
        slices: Vec<Block>,
    }

    #[test]
    fn every_script_gives_what_it_expects() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        let mut names: Vec<_> =
            std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.retain(|path| path.extension().is_some_and(|extension| extension == "slo-test"));
        names.sort();
        assert!(names.len() >= 12, "scripts are missing");
        let mut failures = Vec::new();
        for path in names {
            let text = std::fs::read_to_string(&path).unwrap();
            failures.extend(run(&text).into_iter().map(|failure| format!("{}:{failure}", path.display())));
        }
        assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    }

    /// One line per failed expectation: `line: message`.
    fn run(text: &str) -> Vec<String> {
        let mut script = Script { slo: slo(), sli: sli(), slices: Vec::new() };
        let mut failures = Vec::new();
        let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, strip(line))).peekable();
        while let Some((number, line)) = lines.next() {
            let mut body = Vec::new();
            while let Some(inner) = lines.next_if(|(_, next)| next.starts_with(' ') || next.is_empty()) {
                body.push((inner.0, inner.1.trim()));
            }
            body.retain(|(_, line)| !line.is_empty());
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                [] => {}
                ["slo", ref settings @ ..] => script.declare(settings),
                ["load", step, "from", start] => script.load(seconds(step), at(start), &body),
                ["eval", instant] => failures.extend(script.check(at(instant), None, &body)),
                ["eval", instant, "of", name] => {
                    failures.extend(script.check(at(instant), Some(name), &body));
                }
                ["history", step, "from", from, "to", to] => {
                    let bounds = Bounds { from: at(from), to: at(to) };
                    failures.extend(script.check_history(number, bounds, seconds(step), &body));
                }
                _ => failures.push(format!("{number}: `{line}` is no command")),
            }
        }
        failures
    }

    fn strip(line: &str) -> &str {
        line.split('#').next().unwrap().trim_end()
    }

    fn slo() -> Slo {
        Slo {
            name: "slo".into(),
            display_name: "slo".into(),
            description: None,
            service: "service".into(),
            sli: "sli".into(),
            window: Window::Rolling { seconds: 30 * 86_400 },
            method: Method::Occurrences,
            objectives: Vec::new(),
            coverage_floor: DEFAULT_COVERAGE_FLOOR.unwrap(),
            revision: 1,
            origin: Origin::default(),
        }
    }

    fn sli() -> Sli {
        Sli { name: "sli".into(), interval_seconds: 60, ..Sli::default() }
    }

    impl Script {
        fn declare(&mut self, settings: &[&str]) {
            for setting in settings {
                let (key, value) = setting.split_once('=').unwrap();
                match key {
                    "window" => {
                        self.slo.window = Window::Rolling { seconds: u32::try_from(seconds(value)).unwrap() }
                    }
                    "floor" => self.slo.coverage_floor = Target::parse(value).unwrap(),
                    "interval" => self.sli.interval_seconds = u32::try_from(seconds(value)).unwrap(),
                    "timeout" => self.sli.timeout_seconds = u32::try_from(seconds(value)).unwrap(),
                    "targets" => {
                        let objective = |text: &str| Objective {
                            name: text.into(),
                            target: Target::parse_percent(text).unwrap(),
                        };
                        self.slo.objectives = value.split(',').map(objective).collect();
                    }
                    _ => panic!("no setting {key}"),
                }
            }
        }

        fn load(&mut self, step: i64, mut start: Instant, body: &[(usize, &str)]) {
            for (_, line) in body {
                let (slice, times) = line.rsplit_once(" x").unwrap_or((line, "1"));
                for _ in 0..times.parse::<u32>().unwrap() {
                    self.slices.extend(block(slice.trim(), start, step));
                    start = start + step;
                }
            }
        }

        /// The slices, or the sums of hours with slices only where `bounds` need them.
        fn series(&self, bounds: Option<&[Bounds]>) -> Series {
            let Some(bounds) = bounds else {
                return Series::new(self.slices.clone());
            };
            let fine = fine_hours(bounds);
            let mut hours: BTreeMap<Instant, Sum> = BTreeMap::new();
            let mut blocks = Vec::new();
            for slice in &self.slices {
                let hour = slice.start.floor_to(3_600);
                if fine.contains(&hour) {
                    blocks.push(*slice);
                } else {
                    hours.entry(hour).or_default().add(&slice.sum);
                }
            }
            blocks.extend(hours.into_iter().map(|(start, sum)| Block { start, seconds: 3_600, sum }));
            Series::new(blocks)
        }

        fn status(&self, at: Instant) -> SloStatus {
            let single = self.series(None);
            let data_until = single.data_until(at);
            let plan = plan(&self.slo, at, data_until);
            let status = evaluate(&self.slo, &self.sli, at, data_until, &plan, |bounds| single.sum(bounds));
            let mut bounds = plan.bounds();
            bounds.push(Bounds { from: at, to: at });
            let coarse = self.series(Some(&bounds));
            assert_eq!(coarse.data_until(at), data_until, "the end of the data from sums of hours");
            let same = evaluate(&self.slo, &self.sli, at, data_until, &plan, |bounds| coarse.sum(bounds));
            assert_eq!(status, same, "sums of hours");
            status
        }

        fn check(&self, at: Instant, name: Option<&str>, body: &[(usize, &str)]) -> Vec<String> {
            let status = self.status(at);
            let index = name
                .map_or(Some(0), |name| status.objectives.iter().position(|one| one.name == name))
                .unwrap();
            assert!(!explain(&status, index, &self.slo, &self.sli).is_empty());
            let objective = &status.objectives[index];
            let check = |(number, line): &(usize, &str)| {
                let (key, expected) = line.split_once(' ').unwrap_or((line, ""));
                let found = figure(&status, objective, key, expected);
                (found != expected).then(|| format!("{number}: {key}: expected {expected}, found {found}"))
            };
            body.iter().filter_map(check).collect()
        }

        fn check_history(
            &self,
            number: usize,
            bounds: Bounds,
            step: i64,
            body: &[(usize, &str)],
        ) -> Vec<String> {
            let single = self.series(None);
            let points = history(&self.slo, &self.sli, 0, bounds, step, &single);
            let mut stretches = history_plan(&self.slo, &self.sli, bounds, step);
            let first = self.series(Some(&stretches));
            stretches.extend(history_replan(&self.slo, &self.sli, bounds, step, &first));
            let coarse = history(&self.slo, &self.sli, 0, bounds, step, &self.series(Some(&stretches)));
            assert_eq!(points, coarse, "history from sums of hours");
            let mut failures = Vec::new();
            if points.len() != body.len() {
                failures.push(format!("{number}: expected {} points, found {}", body.len(), points.len()));
            }
            for (point, (number, expected)) in points.iter().zip(body) {
                let now = &self.status(point.to).objectives[0];
                assert_eq!(point.state, Some(now.state), "the state at {}", point.to);
                assert_eq!(point.remaining_ratio, now.error_budget.remaining_ratio, "at {}", point.to);
                let found = format!(
                    "{} {} {} {} {}",
                    text(point.good),
                    text(point.total),
                    text(point.coverage),
                    text(point.remaining_ratio),
                    json(&point.state)
                );
                if found != *expected {
                    failures.push(format!("{number}: expected {expected}, found {found}"));
                }
            }
            failures
        }
    }

    /// A figure as text; `expected` chooses among burn rates (`1h ...`) and alerts (`14.4x over 1 h ...`).
    fn figure(status: &SloStatus, objective: &ObjectiveStatus, key: &str, expected: &str) -> String {
        let budget = &objective.error_budget;
        match key {
            "state" => json(&objective.state),
            "reason" => objective.state_reason.clone(),
            "data_until" => text(status.data_until),
            "window" => format!("{} {}", objective.window.from, objective.window.to),
            "effective_from" => text(objective.effective_from),
            "good" => objective.good.to_string(),
            "bad" => objective.bad.to_string(),
            "total" => objective.total.to_string(),
            "sli" => text(objective.sli),
            "coverage" => text(objective.coverage),
            "flags" => objective.flags.join(" "),
            "budget" => budget.total.to_string(),
            "consumed" => text(budget.consumed_ratio),
            "remaining" => text(budget.remaining_ratio),
            "exhausts_at" => text(budget.exhausts_at),
            "burn" => {
                let wanted = expected.split(' ').next().unwrap();
                let rate = objective
                    .burn_rates
                    .iter()
                    .find(|rate| i64::from(rate.window_seconds) == seconds(wanted));
                rate.map_or("none".into(), |rate| {
                    format!("{wanted} {} {}", text(rate.burn_rate), text(rate.coverage))
                })
            }
            "burns" => {
                let lengths = objective.burn_rates.iter().map(|rate| rate.window_seconds.to_string());
                lengths.collect::<Vec<_>>().join(" ")
            }
            "alert" => {
                let policy = expected.rsplit_once(' ').unwrap().0;
                let alert = objective.alerts.iter().find(|alert| alert.policy == policy);
                alert.map_or("none".into(), |alert| format!("{policy} {}", json(&alert.state)))
            }
            "firing" => {
                let is_firing = |state| state == AlertState::Firing;
                objective.alerts.iter().filter(|alert| is_firing(alert.state)).count().to_string()
            }
            "alerts" => objective.alerts.len().to_string(),
            _ => format!("no figure {key}"),
        }
    }

    /// `good/total`, `good/total:measured+offset`, or `_` for no slice.
    fn block(text: &str, start: Instant, length: i64) -> Option<Block> {
        if text == "_" {
            return None;
        }
        let (counts, part) = text.split_once(':').unwrap_or((text, ""));
        let (good, total) = counts.split_once('/').unwrap();
        let (measured, offset) = match part.split_once('+') {
            Some((measured, offset)) => (measured.parse().unwrap(), offset.parse().unwrap()),
            None => (length, 0),
        };
        let sum = Sum::from(&Measured {
            good: good.parse().unwrap(),
            total: total.parse().unwrap(),
            measured_seconds: u32::try_from(measured).unwrap(),
            from: start + offset,
            to: start + offset + measured,
        });
        Some(Block { start, seconds: u32::try_from(length).unwrap(), sum })
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn seconds(text: &str) -> i64 {
        let (number, unit) = text.split_at(text.len() - 1);
        let unit_seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => panic!("no duration {text}"),
        };
        number.parse::<i64>().unwrap() * unit_seconds
    }

    fn text<T: ToString>(value: Option<T>) -> String {
        value.map_or("null".into(), |value| value.to_string())
    }

    fn json<T: serde::Serialize>(value: &T) -> String {
        serde_json::to_string(value).unwrap().replace('"', "")
    }
}
