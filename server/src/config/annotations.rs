//! Annotations that begin with `nines/`: what OpenSLO has no field for.
//!
//! | annotation | on | says |
//! |---|---|---|
//! | `nines/cadence: 5m` | SLI, SLO, `Objective` | how often a push comes |
//! | `nines/coverage-floor: "0.95"` | SLO, `Objective` | least coverage for a verdict |
//! | `nines/gap: gap` | SLO, `Objective` | what unmeasured time stands for: `gap`, `good`, `bad` or `hold` |
//! | `nines/alerts: NAME` | SLO, `Objective` | the `BurnRatePolicy` or `AlertPolicy` to use |
//! | `nines/generation: "2"` | SLI, `Objective` | the generation that what is measured belongs to |
//! | `nines/past-targets: "0.99 until 2026-07-01T00:00:00Z; …"` | SLO with one objective, `Objective` | targets before |
//!
//! What an SLI measures (what is asked and what is good, but not how often) belongs to a generation, counted from 1. If
//! it changes, the next one begins, and what was measured before no longer counts. `nines/generation` says otherwise:
//! the stored number keeps the generation, for the same thing under another address; a greater one begins one, even of
//! the same text; a smaller one is taken for the stored one, with a warning at the start of the server.
//!
//! The targets that are stored with earlier revisions of an SLO need no `nines/past-targets`; if a file declares some,
//! they alone are right.

use domain::estate::PastTarget;
use domain::{GapPolicy, Instant, Target};

use super::duration;
use super::finding::{Place, Report, quote};
use super::metadata::Named;
use super::read::Field;

/// Longest time between two pushes: a day.
pub(super) const MAX_CADENCE_SECONDS: u32 = 86_400;
/// Targets before the present one.
const MAX_PAST_TARGETS: usize = 64;
/// Generations are counted by people; the store has room for more.
const MAX_GENERATION: u32 = 1_000_000;
const PREFIX: &str = "nines/";
const ALL: [&str; 6] = [
    "nines/alerts",
    "nines/cadence",
    "nines/coverage-floor",
    "nines/gap",
    "nines/generation",
    "nines/past-targets",
];
const PAST: &str = "0.99 until 2026-07-01T00:00:00Z";
const GAPS: [(&str, GapPolicy); 4] =
    [("gap", GapPolicy::Gap), ("good", GapPolicy::Good), ("bad", GapPolicy::Bad), ("hold", GapPolicy::Hold)];

/// Which annotations a kind of object carries out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bearer {
    /// All of them.
    ShortForm,
    /// All but the generation.
    Slo,
    /// The cadence and the generation.
    Sli,
    /// None.
    Other,
}

impl Bearer {
    fn carries(self, key: &str) -> bool {
        match self {
            Self::ShortForm => true,
            Self::Slo => key != "nines/generation",
            Self::Sli => matches!(key, "nines/cadence" | "nines/generation"),
            Self::Other => false,
        }
    }
}

/// What our annotations say.
#[derive(Debug, Clone, Default)]
pub(super) struct Annotations {
    pub(super) coverage_floor: Option<Target>,
    /// In seconds.
    pub(super) cadence: Option<(u32, Place)>,
    pub(super) gap: Option<(GapPolicy, Place)>,
    pub(super) alerts: Option<Named>,
    pub(super) generation: Option<u32>,
    /// In the order of their ends.
    pub(super) past_targets: Option<(Vec<PastTarget>, Place)>,
}

/// What our annotations say, and whether all of it can be used; those of others are theirs.
pub(super) fn read(field: &Field<'_>, bearer: Bearer, report: &mut Report) -> (Annotations, bool) {
    let mut read = Annotations::default();
    let Some(mut fields) = field.fields("{nines/coverage-floor: \"0.9\"}", report) else {
        return (read, false);
    };
    let mut sound = true;
    // In any case of letters: `Nines/gap` is meant for us, too.
    let is_ours = |key: &str| key.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX));
    for (key, value) in fields.all().filter(|(key, _)| is_ours(&key.text)) {
        if !ALL.contains(&&*key.text) {
            let hint = report.did_you_mean(&key.text, ALL);
            let message = format!("the annotation {} is unknown and ignored{hint}", quote(&key.text));
            report.warning(key.place, message);
        } else if bearer.carries(&key.text) {
            sound &= read.one(&key.text, &value, report).is_some();
        } else {
            let place = if &*key.text == "nines/generation" { "SLI" } else { "SLO" };
            let message = format!(
                "the annotation {} has no meaning here and is ignored: write it on the {place}",
                quote(&key.text)
            );
            report.warning(key.place, message);
        }
    }
    (read, sound)
}

impl Annotations {
    fn one(&mut self, key: &str, value: &Field<'_>, report: &mut Report) -> Option<()> {
        match key {
            "nines/cadence" => {
                let seconds = duration::read_seconds(value, "60s", MAX_CADENCE_SECONDS, report)?;
                self.cadence = Some((seconds, value.place()));
            }
            "nines/coverage-floor" => self.coverage_floor = Some(read_floor(value, report)?),
            "nines/gap" => self.gap = Some((read_gap(value, report)?, value.place())),
            "nines/alerts" => {
                let name = value.text("my-policy", report)?.to_owned();
                self.alerts = Some(Named { name, place: value.place() });
            }
            "nines/generation" => self.generation = Some(read_generation(value, report)?),
            _ => self.past_targets = Some((read_past_targets(value, report)?, value.place())),
        }
        Some(())
    }
}

fn read_floor(value: &Field<'_>, report: &mut Report) -> Option<Target> {
    let text = value.text("0.9", report)?;
    match Target::parse(text) {
        Ok(floor) => Some(floor),
        Err(error) => {
            report
                .error(value.place(), format!("`{}`: {error}: write a fraction such as \"0.9\"", value.path));
            None
        }
    }
}

/// `gap`, `good`, `bad` or `hold`.
pub(super) fn read_gap(value: &Field<'_>, report: &mut Report) -> Option<GapPolicy> {
    value.one_of(&GAPS, report)
}

/// The word for a gap policy.
#[cfg(test)]
pub(super) fn gap_word(policy: GapPolicy) -> &'static str {
    GAPS.iter().find(|(_, other)| *other == policy).map_or("gap", |(word, _)| word)
}

fn read_generation(value: &Field<'_>, report: &mut Report) -> Option<u32> {
    let text = value.text("2", report)?;
    let number = text.parse().ok().filter(|number| (1..=MAX_GENERATION).contains(number));
    if number.is_none() {
        let message = format!(
            "`{}`: {} is no number of a generation: write a whole number from 1 on, such as \"2\"",
            value.path,
            quote(text)
        );
        report.error(value.place(), message);
    }
    number
}

fn read_past_targets(value: &Field<'_>, report: &mut Report) -> Option<Vec<PastTarget>> {
    let text = value.text(PAST, report)?;
    let mut past: Vec<PastTarget> = Vec::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let problem = match past_target(part) {
            Err(problem) => problem,
            Ok(_) if past.len() >= MAX_PAST_TARGETS => {
                format!("is one of more than {MAX_PAST_TARGETS}: remove some")
            }
            Ok(next) if past.last().is_some_and(|last| last.until >= next.until) => {
                "does not end after the one before it: write them in the order of their ends".to_owned()
            }
            Ok(next) => {
                past.push(next);
                continue;
            }
        };
        value.wrong(part, &problem, report);
        return None;
    }
    if past.is_empty() {
        value.wrong(text, &format!("holds no target and its end: write e.g. `{PAST}`, or remove it"), report);
        return None;
    }
    Some(past)
}

/// `0.99 until 2026-07-01T00:00:00Z`; else the problem and its fix.
fn past_target(text: &str) -> Result<PastTarget, String> {
    let mut words = text.split_whitespace();
    let (Some(target), Some("until"), Some(until), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(format!("is no target and its end: write e.g. `{PAST}`"));
    };
    let target = match target.strip_suffix('%') {
        Some(percent) => Target::parse_percent(percent),
        None => Target::parse(target),
    };
    let target = target.map_err(|error| format!("begins with no target ({error}): write e.g. `{PAST}`"))?;
    let until =
        Instant::parse(until).map_err(|error| format!("has no end ({error}): write e.g. `{PAST}`"))?;
    Ok(PastTarget { until, target })
}
