//! What changed from one revision to the next, in words.

use domain::estate::{CalendarWindow, GapPolicy, PastTarget, SliceRule};
use domain::{AlertRule, Objective, Window};

use super::{Terms, Trace, matches};

/// A line for each change; at least one, as revisions differ.
pub(super) fn of(before: &Terms, after: &Terms) -> Vec<String> {
    let mut lines = Lines::default();
    lines.changed("SLI", &before.sli, &after.sli);
    lines.changed("window", &window(&before.window), &window(&after.window));
    lines.changed("method", before.method.name(), after.method.name());
    lines.changed("gap policy", gap(before.gap), gap(after.gap));
    lines.changed(
        "coverage floor",
        &before.coverage_floor.as_f64().to_string(),
        &after.coverage_floor.as_f64().to_string(),
    );
    lines.objectives(&before.objectives, &after.objectives);
    lines.rules(before.rules.as_deref(), after.rules.as_deref());
    if lines.0.is_empty() {
        lines.0.push("order of the objectives or of the alert rules".to_owned());
    }
    lines.0
}

#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn changed(&mut self, what: &str, before: &str, after: &str) {
        if before != after {
            self.0.push(format!("{what}: {before} -> {after}"));
        }
    }

    fn objectives(&mut self, before: &[Objective], after: &[Objective]) {
        let traces: Vec<Trace> = after.iter().map(Trace::of).collect();
        let matched = matches(&traces, before);
        let is_gone = |one: &&Objective| !matched.iter().flatten().any(|found| found.name == one.name);
        let gone = before.iter().filter(is_gone).map(|one| format!("objective {}: removed", one.name));
        self.0.extend(gone);
        for (objective, was) in after.iter().zip(&matched) {
            match was {
                Some(was) => self.objective(was, objective),
                None => self.0.push(format!(
                    "objective {}: added, target {}",
                    objective.name,
                    objective.target.as_f64()
                )),
            }
        }
    }

    fn objective(&mut self, before: &Objective, after: &Objective) {
        let what = |part: &str| format!("objective {}: {part}", before.name);
        let mut line = |part: &str, before: &str, after: &str| {
            if before != after {
                self.0.push(format!("{} {before} -> {after}", what(part)));
            }
        };
        line("target", &before.target.as_f64().to_string(), &after.target.as_f64().to_string());
        line("slices", &slices(before.slices), &slices(after.slices));
        line("declared past", &past(&before.past_targets), &past(&after.past_targets));
        // A name that only says the target has changed with it.
        let is_default = |one: &Objective| one.name == one.target.percent();
        if !(is_default(before) && is_default(after)) {
            line("name", &before.name, &after.name);
        }
    }

    fn rules(&mut self, before: Option<&[AlertRule]>, after: Option<&[AlertRule]>) {
        let (Some(before), Some(after)) = (before, after) else {
            self.changed("alert rules", &names(before), &names(after));
            return;
        };
        let of = |rules: &[AlertRule], name: &str| rules.iter().find(|rule| rule.name == name).cloned();
        for rule in before.iter().filter(|rule| of(after, &rule.name).is_none()) {
            self.0.push(format!("alert rule {}: removed", rule.name));
        }
        for rule in after {
            match of(before, &rule.name) {
                None => self.0.push(format!("alert rule {}: added", rule.name)),
                Some(was) if was != *rule => self.0.push(format!("alert rule {}: changed", rule.name)),
                Some(_) => {}
            }
        }
    }
}

fn names(rules: Option<&[AlertRule]>) -> String {
    let Some(rules) = rules else { return "the default tiers".to_owned() };
    rules.iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn window(window: &Window) -> String {
    match window {
        Window::Rolling { seconds } => length(*seconds),
        Window::Calendar(CalendarWindow { count, unit, start, zone }) => {
            let domain::estate::LocalTime { year, month, day, hour, minute, second } = start;
            format!(
                "every {count} {} from {year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} {zone}",
                unit.word()
            )
        }
    }
}

fn slices(rule: Option<SliceRule>) -> String {
    let Some(SliceRule { seconds, target }) = rule else { return "none".to_owned() };
    let good = target.map(|target| format!(", good from {}", target.as_f64()));
    format!("of {}{}", length(seconds), good.unwrap_or_default())
}

/// A length of time, exactly: in the largest unit that it is a whole number of.
fn length(seconds: u32) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min")];
    let whole = units.into_iter().find(|(unit, _)| seconds > 0 && seconds.is_multiple_of(*unit));
    whole.map_or_else(|| format!("{seconds} s"), |(unit, word)| format!("{} {word}", seconds / unit))
}

fn gap(policy: GapPolicy) -> &'static str {
    match policy {
        GapPolicy::Gap => "gap",
        GapPolicy::Good => "good",
        GapPolicy::Bad => "bad",
        GapPolicy::Hold => "hold",
    }
}

fn past(targets: &[PastTarget]) -> String {
    if targets.is_empty() {
        return "none".to_owned();
    }
    let one = |past: &PastTarget| format!("{} until {}", past.target.as_f64(), past.until);
    targets.iter().map(one).collect::<Vec<_>>().join("; ")
}
