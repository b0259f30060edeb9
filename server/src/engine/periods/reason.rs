//! Why a period is frozen once more, in words: pure.
//!
//! Invariants: no change, no reason; data are compared before anybody judged them, so that a change of the declaration
//! and late data are told apart; a reason has a bounded number of parts.

use domain::estate::SliceRule;
use domain::{Target, Window, format};

use super::record::{Figures, Policy, Promise, Record};
use crate::store::MeasuredInPeriod;

/// The reason of a first revision.
pub(crate) const CLOSED: &str = "closed";
/// Changes that a reason tells; more are counted.
const PARTS_MAX: usize = 12;

/// What is different now, joined by `; `: `late data: 120 events, 3 of them bad; target 0.999 -> 0.995`. None if
/// nothing is that bears on the period.
pub(crate) fn reason(before: &Record, now: &Record) -> Option<String> {
    let paired = Paired::of(&before.policy.objectives, &now.policy.objectives);
    let mut parts = declared(before, now, &paired);
    if parts.is_empty() && same_figures(&before.objectives, &now.objectives, &paired) {
        return None;
    }
    // Of another indicator or another length of time other counts are no news.
    if before.policy.sli == now.policy.sli && before.bounds == now.bounds {
        let late = late(before.measured, now.measured);
        parts.splice(0..0, late);
    }
    if parts.is_empty() {
        parts.push("the same counts, judged anew: slices were moved, or the rules put right".to_owned());
    }
    let further = parts.len().saturating_sub(PARTS_MAX);
    parts.truncate(PARTS_MAX);
    if further > 0 {
        parts.push(format!("and {further} more changes"));
    }
    Some(parts.join("; "))
}

/// Places of objectives before and now: those of one name, then the others in their order.
struct Paired {
    both: Vec<(usize, usize)>,
    removed: Vec<usize>,
    added: Vec<usize>,
}

impl Paired {
    fn of(before: &[Promise], now: &[Promise]) -> Self {
        let named = |list: &[Promise], name: &str| list.iter().position(|its| its.name == name);
        let mut both: Vec<(usize, usize)> = before
            .iter()
            .enumerate()
            .filter_map(|(index, promise)| Some((index, named(now, &promise.name)?)))
            .collect();
        // Unless it is named, an objective is called by its target: a new target renames it.
        let lone = |list: &[Promise], other: &[Promise]| -> Vec<usize> {
            let lone = list.iter().enumerate().filter(|(_, its)| named(other, &its.name).is_none());
            lone.map(|(index, _)| index).collect()
        };
        let (mut removed, mut added) = (lone(before, now), lone(now, before));
        let renamed = removed.len().min(added.len());
        both.extend(removed.drain(..renamed).zip(added.drain(..renamed)));
        both.sort_unstable();
        Self { both, removed, added }
    }
}

fn same_figures(before: &[Figures], now: &[Figures], paired: &Paired) -> bool {
    before.len() == now.len()
        && paired.both.iter().all(|(old, new)| match (before.get(*old), now.get(*new)) {
            (Some(old), Some(new)) => old.is_same(new),
            _ => false,
        })
}

/// What is declared differently.
fn declared(before: &Record, now: &Record, paired: &Paired) -> Vec<String> {
    let (old, new) = (&before.policy, &now.policy);
    let changed =
        |what: &str, old: String, new: String| (old != new).then(|| format!("{what} {old} -> {new}"));
    let mut parts: Vec<String> = Vec::new();
    // A window that gives the same period bears on it no differently.
    if before.bounds != now.bounds {
        parts.extend(changed("window", window(&old.window), window(&new.window)));
    }
    parts.extend(changed("indicator", format!("`{}`", old.sli), format!("`{}`", new.sli)));
    parts.extend(changed("method", old.method.name().to_owned(), new.method.name().to_owned()));
    if old.gap != new.gap {
        parts.push(format!("gap policy {} -> {}", gap(old), gap(new)));
    }
    parts.extend(changed("coverage floor", ratio(old.coverage_floor), ratio(new.coverage_floor)));
    parts.extend(objectives(&old.objectives, &new.objectives, paired));
    parts.extend(exclusions(old, new));
    parts
}

fn objectives(old: &[Promise], new: &[Promise], paired: &Paired) -> Vec<String> {
    let mut parts = Vec::new();
    for (before, now) in paired.both.iter().filter_map(|(before, now)| old.get(*before).zip(new.get(*now))) {
        let of = if old.len() > 1 || new.len() > 1 { format!(" of `{}`", now.name) } else { String::new() };
        if before.target != now.target {
            parts.push(format!("target{of} {} -> {}", ratio(before.target), ratio(now.target)));
        }
        if before.slices != now.slices {
            parts.push(format!("slices{of} {} -> {}", slices(before.slices), slices(now.slices)));
        }
    }
    let names = |list: &[Promise], places: &[usize], what: &str| -> Vec<String> {
        let of = places.iter().filter_map(|place| list.get(*place));
        of.map(|promise| format!("objective `{}` {what}", promise.name)).collect()
    };
    parts.extend(names(new, &paired.added, "added"));
    parts.extend(names(old, &paired.removed, "removed"));
    parts
}

/// Exclusions count by what they take; who says so, and why, may be put better.
fn exclusions(old: &Policy, new: &Policy) -> Vec<String> {
    let named = |policy: &'_ Policy, name: &str| policy.exclusions.iter().position(|one| one.name == name);
    let mut parts = Vec::new();
    for now in &new.exclusions {
        let before = named(old, &now.name).and_then(|index| old.exclusions.get(index));
        match before {
            None => parts.push(format!("exclusion `{}` added", now.name)),
            Some(before) if (before.effect, &before.stretches) != (now.effect, &now.stretches) => {
                parts.push(format!("exclusion `{}` changed", now.name));
            }
            Some(_) => {}
        }
    }
    let gone = old.exclusions.iter().filter(|before| named(new, &before.name).is_none());
    parts.extend(gone.map(|before| format!("exclusion `{}` removed", before.name)));
    parts
}

/// What was measured since, in events; none if that is nothing.
fn late(before: MeasuredInPeriod, now: MeasuredInPeriod) -> Option<String> {
    let growth = |before: u64, now: u64| i128::from(now) - i128::from(before);
    let total = growth(before.total, now.total);
    let bad = growth(before.total.saturating_sub(before.good), now.total.saturating_sub(now.good));
    let seconds = growth(before.seconds, now.seconds);
    let what = match (total, bad, seconds) {
        (0, 0, 0) => return None,
        (0, 0, 1..) => format!("late data: {} without events", format::duration(clamped(seconds))),
        (0, 0, _) => format!("corrected data: {} unknown", format::duration(clamped(-seconds))),
        (1.., 0.., _) if bad <= total => {
            let of_them = if bad == 0 { "none".to_owned() } else { number(bad) };
            format!("late data: {}, {of_them} of them bad", events(total))
        }
        (0, 1.., _) => format!("corrected data: {} bad instead of good", events(bad)),
        (0, _, _) => format!("corrected data: {} good instead of bad", events(-bad)),
        _ => format!(
            "corrected data: {}, {}",
            more(total, &events(total.abs())),
            more(bad, &format!("{} bad", number(bad.abs())))
        ),
    };
    Some(what)
}

fn more(growth: i128, what: &str) -> String {
    format!("{what} {}", if growth < 0 { "fewer" } else { "more" })
}

fn events(count: i128) -> String {
    format!("{} {}", number(count), if count == 1 { "event" } else { "events" })
}

fn number(count: i128) -> String {
    format::count(u64::try_from(count).unwrap_or(u64::MAX))
}

fn clamped(seconds: i128) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

/// A target as it stands in a status.
fn ratio(target: Target) -> String {
    target.as_f64().to_string()
}

fn gap(policy: &Policy) -> &'static str {
    use domain::GapPolicy::{Bad, Gap, Good, Hold};
    match policy.gap {
        Gap => "gap",
        Good => "good",
        Bad => "bad",
        Hold => "hold",
    }
}

fn slices(rule: Option<SliceRule>) -> String {
    let Some(SliceRule { seconds, target }) = rule else { return "none".to_owned() };
    let target = target.map(|target| format!(" from {} on good", ratio(target))).unwrap_or_default();
    format!("{}{target}", format::duration(i64::from(seconds)))
}

fn window(window: &Window) -> String {
    match window {
        Window::Rolling { seconds } => format::duration(i64::from(*seconds)),
        Window::Calendar(calendar) => {
            let plural = if calendar.count == 1 { "" } else { "s" };
            format!("{} {}{plural} in {}", calendar.count, calendar.unit.word(), calendar.zone)
        }
    }
}

#[cfg(test)]
mod tests;
