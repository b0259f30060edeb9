//! What the oracle and the engine say of the same case, field by field; doubles by their bits.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::status::{Alert, BurnRate, ErrorBudget, ObjectiveStatus, ProjectedBudget, Raw};

use crate::compute;
use crate::engine::{self, Feed};
use crate::raw::Case;

/// A field about which they differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field, e.g. `error_budget.total`.
    pub field: String,
    /// The objective and how the engine was fed, and what both say.
    pub text: String,
}

/// All differences of a case; none is what is wanted.
pub fn differences(case: &Case) -> Vec<Difference> {
    let (expected, counted) = (compute::statuses(case), compute::counted(case));
    let mut found = Vec::new();
    for feed in [Feed::Slices, Feed::Hours] {
        let Ok((data_until, statuses)) = catch_unwind(AssertUnwindSafe(|| engine::statuses(case, feed)))
        else {
            found
                .push(Difference { field: "panic".to_owned(), text: format!("{feed:?}: the engine panics") });
            continue;
        };
        let mut differences = Differences { found: &mut found, place: format!("{feed:?}"), changed: false };
        if let (Some(expected), Some(actual)) = (&counted, &engine::counted(case)) {
            differences.plain("counters.slices", &expected.0, &actual.0);
            differences.plain("counters.flags", &expected.1, &actual.1);
        }
        differences.plain("data_until", &compute::data_until(case), &data_until);
        differences.plain("objectives", &expected.len(), &statuses.len());
        for (index, (expected, actual)) in expected.iter().zip(&statuses).enumerate() {
            differences.place = format!("{feed:?}, objective {index}");
            differences.status(expected, actual);
        }
        if differences.changed {
            break; // hours would say the same once more
        }
    }
    found
}

struct Differences<'a> {
    found: &'a mut Vec<Difference>,
    place: String,
    changed: bool,
}

impl Differences<'_> {
    fn differ(&mut self, field: &str, expected: &dyn Debug, actual: &dyn Debug) {
        self.changed = true;
        let text = format!("{}: {field}: oracle {expected:?}, engine {actual:?}", self.place);
        self.found.push(Difference { field: field.to_owned(), text });
    }

    fn plain<T: PartialEq + Debug>(&mut self, field: &str, expected: &T, actual: &T) {
        if expected != actual {
            self.differ(field, expected, actual);
        }
    }

    fn double(&mut self, field: &str, expected: Option<f64>, actual: Option<f64>) {
        if expected.map(f64::to_bits) != actual.map(f64::to_bits) {
            self.differ(field, &expected, &actual);
        }
    }

    fn status(&mut self, expected: &ObjectiveStatus, actual: &ObjectiveStatus) {
        self.plain("name", &expected.name, &actual.name);
        self.plain("target", &expected.target, &actual.target);
        self.plain("window", &expected.window, &actual.window);
        self.plain("effective_from", &expected.effective_from, &actual.effective_from);
        self.plain("good", &expected.good, &actual.good);
        self.plain("bad", &expected.bad, &actual.bad);
        self.plain("total", &expected.total, &actual.total);
        self.plain("unit", &expected.unit, &actual.unit);
        self.double("sli", expected.sli, actual.sli);
        self.double("coverage", expected.coverage, actual.coverage);
        self.plain("measured_seconds", &expected.measured_seconds, &actual.measured_seconds);
        self.plain("covered_seconds", &expected.covered_seconds, &actual.covered_seconds);
        self.plain("flags", &expected.flags, &actual.flags);
        self.plain("gap", &expected.gap, &actual.gap);
        self.raw(expected.raw.as_ref(), actual.raw.as_ref());
        self.plain("excluded", &expected.excluded, &actual.excluded);
        self.budget(&expected.error_budget, &actual.error_budget);
        self.burn_rates(&expected.burn_rates, &actual.burn_rates);
        self.alerts(&expected.alerts, &actual.alerts);
        self.plain("state", &expected.state, &actual.state);
        if !speaks_of(&expected.state_reason, &actual.state_reason) {
            self.differ("state_reason", &expected.state_reason, &actual.state_reason);
        }
    }

    fn raw(&mut self, expected: Option<&Raw>, actual: Option<&Raw>) {
        let (Some(expected), Some(actual)) = (expected, actual) else {
            return self.plain("raw", &expected, &actual);
        };
        self.plain("raw.good", &expected.good, &actual.good);
        self.plain("raw.bad", &expected.bad, &actual.bad);
        self.plain("raw.total", &expected.total, &actual.total);
        self.double("raw.sli", expected.sli, actual.sli);
        self.double("raw.coverage", expected.coverage, actual.coverage);
    }

    fn budget(&mut self, expected: &ErrorBudget, actual: &ErrorBudget) {
        self.double("error_budget.total", Some(expected.total), Some(actual.total));
        self.double("error_budget.consumed_ratio", expected.consumed_ratio, actual.consumed_ratio);
        self.double("error_budget.remaining_ratio", expected.remaining_ratio, actual.remaining_ratio);
        self.plain("error_budget.seconds", &expected.seconds, &actual.seconds);
        self.plain("error_budget.remaining_seconds", &expected.remaining_seconds, &actual.remaining_seconds);
        // Reckoned in doubles: the nearest second may be the next one.
        let apart = expected.exhausts_at.zip(actual.exhausts_at).map(|(a, b)| a.seconds_since(b).abs());
        if apart.is_none_or(|seconds| seconds > 1) {
            self.plain("error_budget.exhausts_at", &expected.exhausts_at, &actual.exhausts_at);
        }
        match (&expected.projected, &actual.projected) {
            (Some(expected), Some(actual)) => self.projected(expected, actual),
            (expected, actual) => self.plain("error_budget.projected", expected, actual),
        }
    }

    fn projected(&mut self, expected: &ProjectedBudget, actual: &ProjectedBudget) {
        let seconds = |projected: &ProjectedBudget| (projected.period_seconds, projected.rest_seconds);
        self.plain("error_budget.projected seconds", &seconds(expected), &seconds(actual));
        self.double("error_budget.projected.total", Some(expected.total), Some(actual.total));
        self.double("error_budget.projected.consumed_ratio", expected.consumed_ratio, actual.consumed_ratio);
        let left = |projected: &ProjectedBudget| projected.remaining_ratio;
        self.double("error_budget.projected.remaining_ratio", left(expected), left(actual));
        self.plain("error_budget.projected.profile", &expected.profile, &actual.profile);
        let counts = |projected: &ProjectedBudget| {
            [projected.expected_total, projected.week_total, projected.part_total]
        };
        self.plain("error_budget.projected counts", &counts(expected), &counts(actual));
    }

    fn burn_rates(&mut self, expected: &[BurnRate], actual: &[BurnRate]) {
        let lengths = |rates: &[BurnRate]| rates.iter().map(|rate| rate.window_seconds).collect::<Vec<_>>();
        self.plain("burn_rates", &lengths(expected), &lengths(actual));
        for (expected, actual) in expected.iter().zip(actual) {
            if expected.window_seconds == actual.window_seconds {
                let length = expected.window_seconds;
                self.double(&format!("burn_rates.burn_rate({length})"), expected.burn_rate, actual.burn_rate);
                self.double(&format!("burn_rates.coverage({length})"), expected.coverage, actual.coverage);
                self.plain(&format!("burn_rates.bad({length})"), &expected.bad, &actual.bad);
                self.plain(&format!("burn_rates.total({length})"), &expected.total, &actual.total);
            }
        }
    }

    fn alerts(&mut self, expected: &[Alert], actual: &[Alert]) {
        let names = |alerts: &[Alert]| alerts.iter().map(|alert| alert.policy.clone()).collect::<Vec<_>>();
        self.plain("alerts", &names(expected), &names(actual));
        for (expected, actual) in expected.iter().zip(actual) {
            let condition = format!("{:?}", expected.condition);
            let kind = condition.split(' ').next().unwrap_or_default();
            self.plain(&format!("alerts.severity {kind}"), &expected.severity, &actual.severity);
            self.plain(&format!("alerts.condition {kind}"), &expected.condition, &actual.condition);
            self.plain(&format!("alerts.state {kind}"), &expected.state, &actual.state);
            self.plain(&format!("alerts.since {kind}"), &expected.since, &actual.since);
            self.double(&format!("alerts.burn_rate {kind}"), expected.burn_rate, actual.burn_rate);
            self.plain(
                &format!("alerts.suppressed_by {kind}"),
                &expected.suppressed_by,
                &actual.suppressed_by,
            );
        }
    }
}

/// What the engine's sentences have in them, for each clause of the rule about states.
const SENTENCES: [(&str, &[&str]); 10] = [
    ("Nothing", &["no data yet", "nothing measured in the window"]),
    ("Stale", &["no data for "]),
    (
        "Coverage",
        &["is below the floor", "nothing measured in the window", "all that was measured is excluded"],
    ),
    ("NoTraffic", &["no events in the window"]),
    ("Budget", &["SLI < target", "bad > projected budget", "target 100 % and bad > 0"]),
    ("Quarter", &["is below 25 %"]),
    ("Burn", &["burn rate is at least"]),
    ("SoFar", &["bad > budget so far"]),
    ("Exhaustion", &["at the present rate the budget is exhausted"]),
    ("Met", &["SLI >= target"]),
];

/// Whether a sentence of the engine gives the reason that the oracle found; its words are not part of the rules.
fn speaks_of(reason: &str, sentence: &str) -> bool {
    let known = SENTENCES.iter().find(|(its, _)| *its == reason);
    known.is_some_and(|(_, words)| words.iter().any(|words| sentence.contains(words)))
}
