//! Random cases: small, but with everything that has ever gone wrong in such sums.

mod counters;
mod declare;
mod measure;

use domain::estate::GapPolicy;
use domain::exclusion::Effect;
use domain::time::Instant;

use super::Case;
use crate::random::Random;
use crate::zone;

/// Days around which clocks change or months end, as year, month, day: many cases lie there.
const ODD_DAYS: [(i64, i64, i64); 14] = [
    (2024, 2, 29),
    (2024, 3, 10),
    (2024, 3, 31),
    (2024, 4, 7),
    (2024, 10, 6),
    (2024, 10, 27),
    (2024, 11, 3),
    (2024, 12, 31),
    (2025, 1, 31),
    (2025, 2, 28),
    (2025, 4, 6),
    (2025, 9, 7),
    (2025, 10, 26),
    (2026, 1, 1),
];
/// One case of so many has weeks of data in a longer period, which is projected by them.
const WEEKLY_PARTS: u64 = 10;
/// One in so many cases has counters.
const COUNTERS_ONE_IN: u64 = 5;
/// Most exclusions of a case.
const MAX_EXCLUSIONS: u64 = 5;
/// Held slices are looked at for so long, less than slices are kept.
const MAX_HELD_DAYS: i64 = 120;
/// Most edits of what an SLI measures.
const MAX_EDITS: u64 = 3;
const DAY: i64 = 86_400;

/// A case; the same one for the same random numbers.
pub fn case(random: &mut Random) -> Case {
    let (year, month, day) = random.pick(&ODD_DAYS, (2025, 6, 15));
    let noon = if random.one_in(4) {
        zone::days(random.between(2024, 2026), random.between(1, 12), random.between(1, 28)) * DAY
    } else {
        zone::days(year, month, day) * DAY + DAY / 2
    };
    let begin = noon + random.between(-36, 24) * 3_600 + random.between(0, 59) * 60;
    let weekly = random.one_in(WEEKLY_PARTS);
    let counters = (!weekly && random.one_in(COUNTERS_ONE_IN)).then(|| counters::counters(random, begin));
    let slices = match counters {
        Some(_) => Vec::new(),
        None if weekly => measure::weeks(random, begin),
        None => measure::slices(random, begin),
    };
    let last = counters.iter().flat_map(|counters| &counters.samples).map(|sample| sample.at / 1_000 + 1);
    let end = slices.iter().map(|slice| slice.end().unix()).chain(last).max().unwrap_or(begin + 600);
    let at = at(random, begin, end);
    let (mut slo, mut sli) = declare::slo(random, at, end - begin);
    if weekly {
        slo.window = declare::long_period(random, at);
    }
    if let Some(counters) = counters.as_ref().filter(|_| random.one_in(2)) {
        sli.interval_seconds = counters.cadence_seconds;
    }
    let exclusions =
        if weekly && random.below(3) > 0 { Vec::new() } else { exclusions(random, begin, end.max(at)) };
    let closed = random.one_in(if weekly { 16 } else { 4 });
    // A closed period is worth asking about only when there are data in it.
    let at = match &slo.window {
        domain::estate::Window::Calendar(window) if closed && random.below(4) > 0 => {
            zone::period(window, random.between(begin, end), false).1 + random.below(3).cast_signed()
        }
        _ => at,
    };
    let mut case = Case { slo, sli, at, closed, exclusions, slices, counters };
    case.sli.generations = generations(random, &case, begin, end);
    // Targets that end with a period, or a second before or after.
    if case.closed && random.one_in(4) {
        let end = match &case.slo.window {
            domain::estate::Window::Calendar(window) => zone::period(window, case.at, true).1,
            domain::estate::Window::Rolling { .. } => case.at,
        };
        let ends = instant(end + random.between(-1, 1));
        let pasts = case.slo.objectives.iter_mut().map(|objective| &mut objective.past_targets);
        pasts.filter_map(|pasts| pasts.last_mut()).for_each(|past| past.until = past.until.max(ends));
    }
    // What is held for longer than data are kept is nobody's business.
    if at - end > MAX_HELD_DAYS * DAY && case.slo.gap == GapPolicy::Hold {
        case.slo.gap = GapPolicy::Bad;
    }
    case
}

/// Before, inside, at the edge of and after the data; on minutes and off them.
fn at(random: &mut Random, begin: i64, end: i64) -> i64 {
    match random.below(12) {
        0 => begin - random.between(0, 7_200),
        1 => begin,
        2 | 3 => random.between(begin, end),
        4 => random.between(begin, end) / 60 * 60,
        5 => end,
        6 => end + random.between(-61, 61),
        7 => end + random.between(0, 20) * 60 + random.between(-1, 1),
        8 => end + random.between(0, 2 * DAY),
        _ => end + random.between(0, 130),
    }
}

fn exclusions(random: &mut Random, begin: i64, end: i64) -> Vec<(i64, i64, Effect)> {
    if random.one_in(2) {
        return Vec::new();
    }
    let span = end - begin;
    let mut list: Vec<(i64, i64, Effect)> = Vec::new();
    for _ in 0..=random.below(MAX_EXCLUSIONS) {
        let effect =
            random.pick(&[Effect::RemoveTime, Effect::DropEvents, Effect::CountAsGood], Effect::DropEvents);
        let neighbour = list.last().map_or(begin, |last| last.1);
        let from = match random.below(6) {
            0 => neighbour,
            1 => end + random.between(-600, 40 * DAY),
            2 => begin - random.between(0, DAY),
            _ => begin + random.between(-600, span),
        };
        let length = match random.below(8) {
            0 => random.between(0, 60),
            1 => 2 * span,
            2 => random.between(0, 4 * DAY),
            3 => random.between(1, 20) * 60,
            _ => random.between(0, (span / 3).max(60)),
        };
        let round = if random.one_in(2) { 60 } else { 1 };
        list.push((from / round * round, (from + length) / round * round, effect));
    }
    list
}

/// Begins of generations, whole minutes: in the data and beside them, at slices, near the question and its period.
fn generations(random: &mut Random, case: &Case, begin: i64, end: i64) -> Vec<Instant> {
    if !random.one_in(3) {
        return Vec::new();
    }
    let asked = match &case.slo.window {
        domain::estate::Window::Calendar(window) => zone::period(window, case.at, case.closed).1,
        domain::estate::Window::Rolling { .. } => case.at,
    };
    let slices: Vec<i64> = case.slices.iter().map(|slice| slice.start.unix()).collect();
    let edit = |random: &mut Random| match random.below(8) {
        0 => random.between(begin - 3_600, end + 3_600),
        1 => case.at + random.between(-1, 1) * 60,
        2 => asked + random.between(-2, 2) * 60,
        3 => asked - random.between(0, 2 * 3_600),
        4 => case.at - random.between(0, 8 * 3_600),
        5 => random.pick(&slices, begin),
        _ => random.between(begin, end.max(case.at)),
    };
    let count = random.between(1, MAX_EDITS.cast_signed());
    let up = |edit: i64| edit + (-edit).rem_euclid(60);
    let mut list: Vec<i64> = (0..count).map(|_| up(edit(random))).collect();
    list.sort_unstable();
    list.dedup();
    list.into_iter().map(instant).collect()
}

/// The instant of a number of seconds since 1970.
pub(crate) const fn instant(seconds: i64) -> Instant {
    Instant::from_unix(seconds)
}
