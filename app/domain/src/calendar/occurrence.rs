//! The stretches of an exclusion.
//!
//! Rules are expanded by the clock on the wall, with UTC standing in for the zone: the crate that expands them repeats
//! and skips occurrences where clocks change. Each is then placed by this package's own reading of local times.
//!
//! Invariants: stretches come in order, none twice, at most `MAX_OCCURRENCES`; a rule without COUNT costs what lies
//! inside the question, however long ago it started.

use chrono::{DateTime, TimeZone};
use rrule::{Frequency, RRuleSet, Tz};

use crate::exclusion::When;
use crate::slice::Bounds;
use crate::time::Instant;
use crate::window::LocalTime;

use super::CalendarError;
use super::local::{DAY_SECONDS, Wall, Zone};
use super::rule::{Rule, Until, bad, quote};

/// The most stretches that one question is answered with: a daily exclusion over 27 years.
pub const MAX_OCCURRENCES: usize = 10_000;

/// Wall clocks and UTC differ by less than this, and so do a skipped local time and the one that stands for it.
const MARGIN_SECONDS: i64 = 2 * DAY_SECONDS;

/// An answer, and whether it is the whole one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Occurrences {
    /// In order of their begin; they overlap where an occurrence is longer than the time to the next.
    pub stretches: Vec<Bounds>,
    /// False if there are more than `MAX_OCCURRENCES`; these are then the first.
    pub complete: bool,
}

/// All stretches of an exclusion that share time with `within`, in order, not clipped; at most `MAX_OCCURRENCES`.
///
/// The start is an occurrence only where the rule says so. Of an exclusion that `check_when` refuses: none, or for an
/// unknown zone those in UTC.
pub fn occurrences(when: &When, within: Bounds) -> Vec<Bounds> {
    occurrences_up_to_limit(when, within).stretches
}

/// As `occurrences`, and whether these are all.
pub fn occurrences_up_to_limit(when: &When, within: Bounds) -> Occurrences {
    match when {
        When::Once { from, to } => {
            let touches = *from < *to && *from < within.to && *to > within.from;
            let stretches = touches.then_some(Bounds { from: *from, to: *to });
            Occurrences { stretches: stretches.into_iter().collect(), complete: true }
        }
        When::Recurring { start, zone, seconds, rule } => {
            let zone = Zone::named_or_utc(zone);
            let Ok(rule) = Rule::parse(rule, *start) else {
                return Occurrences { stretches: Vec::new(), complete: true };
            };
            recurring(&rule, Wall::of(*start), zone, i64::from(*seconds), within)
        }
    }
}

fn recurring(rule: &Rule, start: Wall, zone: Zone, seconds: i64, within: Bounds) -> Occurrences {
    let mut found = Occurrences { stretches: Vec::new(), complete: true };
    if seconds == 0 || within.to <= within.from {
        return found;
    }
    let first = zone.wall((within.from - seconds).unix()).plus(-MARGIN_SECONDS);
    let last = zone.wall(within.to.unix()).plus(MARGIN_SECONDS);
    for wall in walls(rule, start, zone, first, last).into_iter().flatten() {
        let from = Instant::from_unix(zone.unix(wall));
        let to = from + seconds;
        if from >= within.to || is_over(rule, wall, from) {
            break;
        }
        // A skipped local time may move onto the next occurrence.
        let repeated = found.stretches.last().is_some_and(|previous| previous.from == from);
        if to <= within.from || repeated {
            continue;
        }
        if found.stretches.len() == MAX_OCCURRENCES {
            found.complete = false;
            break;
        }
        found.stretches.push(Bounds { from, to });
    }
    found
}

/// Whether a rule can be expanded and has a first occurrence.
pub(super) fn check(rule: &Rule, text: &str, start: LocalTime, zone: Zone) -> Result<(), CalendarError> {
    let start = Wall::of(start);
    rule.expandable.clone().validate(stand_in(start)).map_err(|error| bad(text, error.to_string()))?;
    let first = walls(rule, start, zone, start, Wall(i64::MAX)).and_then(|mut walls| walls.next());
    match first {
        Some(wall) if !is_over(rule, wall, Instant::from_unix(zone.unix(wall))) => Ok(()),
        _ => Err(CalendarError::NeverOccurs { rule: quote(text) }),
    }
}

/// Exact where UNTIL is an instant: one in an hour that comes twice has two wall clocks.
fn is_over(rule: &Rule, wall: Wall, at: Instant) -> bool {
    match rule.until {
        None => false,
        Some(Until::Wall(until)) => wall > until,
        Some(Until::Instant(until)) => at > until,
    }
}

/// The local times of occurrences from `first` to `last`, in order; none if the rule has none there.
fn walls(
    rule: &Rule,
    start: Wall,
    zone: Zone,
    first: Wall,
    last: Wall,
) -> Option<impl Iterator<Item = Wall>> {
    let until = match rule.until {
        None => last,
        Some(Until::Wall(until)) => last.min(until),
        Some(Until::Instant(until)) => last.min(zone.wall(until.unix()).plus(MARGIN_SECONDS)),
    };
    if until < first || until < start {
        return None;
    }
    let begin = stand_in(resume(rule, start, first));
    let rule = rule.expandable.clone().validate(begin).ok()?;
    // The crate's limit: it gives up after 100,000 days, months or years without an occurrence.
    let dates = RRuleSet::new(begin).rrule(rule).limit().into_iter();
    let walls = dates.map(|date| Wall(date.timestamp()));
    Some(walls.skip_while(move |wall| *wall < first).take_while(move |wall| *wall <= until))
}

/// A later start of the same phase, at least one step of the rule before `first`; the start itself if the rule counts.
fn resume(rule: &Rule, start: Wall, first: Wall) -> Wall {
    let interval = i64::from(rule.interval);
    let by_days = |days: i64| {
        let step = interval * days * DAY_SECONDS;
        let steps = (first.0 - start.0).div_euclid(step) - 1;
        if steps > 0 { start.plus(steps * step) } else { start }
    };
    let by_months = |months: i64| {
        // From the first day of the first month of the step; rules name their days.
        let step = interval * months;
        let origin = start.month() - start.month().rem_euclid(months);
        let steps = (first.month() - origin).div_euclid(step) - 1;
        if steps > 0 { Wall::in_month(origin + steps * step, 1, start.seconds_of_day()) } else { start }
    };
    match rule.frequency {
        _ if rule.counted => start,
        Frequency::Daily => by_days(1),
        Frequency::Weekly => by_days(7),
        Frequency::Monthly => by_months(1),
        _ => by_months(12),
    }
}

fn stand_in(wall: Wall) -> DateTime<Tz> {
    Tz::UTC.from_utc_datetime(&wall.naive())
}
