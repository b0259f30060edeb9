//! Random slices: holes, unknown ones, part measured, good over total, twice at one place, in any order.

use domain::slice::{Measured, Measurement, Slice};

use super::instant;
use crate::random::Random;

/// Most slices of a case; most cases have far fewer.
const MAX_SLICES: u64 = 160;
/// Lengths of slices; each divides an hour.
const LENGTHS: [i64; 10] = [60, 60, 60, 60, 120, 300, 600, 900, 1_800, 3_600];
/// Bad events of 10,000 that meet a target, a quarter of a budget, or a burn rate of the default tiers exactly.
const EXACT: [u64; 12] = [1, 10, 100, 100, 1_000, 1_000, 5_000, 144, 60, 75, 750, 750];
/// Most that import accepts in one slice.
const MOST: u64 = 1_000_000_000_000;

/// How a case's data look.
struct Style {
    length: i64,
    mixed: bool,
    aligned: bool,
    holes: u64,
    unknown: u64,
    partial: u64,
    over: u64,
    traffic: u64,
    bad: u64,
    /// Of 10,000 events of every slice so many are bad, so that budgets and thresholds are met exactly; 0 for no such rule.
    exact: u64,
}

fn style(random: &mut Random) -> Style {
    Style {
        length: random.pick(&LENGTHS, 60),
        mixed: random.one_in(3),
        aligned: random.below(4) > 0,
        holes: random.pick(&[0, 0, 1, 10, 50], 0),
        unknown: random.pick(&[0, 0, 5, 20], 0),
        partial: random.pick(&[0, 0, 10, 100], 0),
        over: random.pick(&[0, 0, 0, 5], 0),
        traffic: random.pick(&[1, 10, 1_000, 100_000, MOST], 10),
        bad: random.pick(&[0, 1, 5, 20, 50, 100], 5),
        exact: if random.one_in(5) { random.pick(&EXACT, 10) } else { 0 },
    }
}

/// Slices from about an instant on, in the order of their arrival.
pub(super) fn slices(random: &mut Random, begin: i64) -> Vec<Slice> {
    let style = style(random);
    let limit = random.pick(&[0, 3, 12, 40, MAX_SLICES], 12);
    let count = random.below(limit + 1);
    of_style(random, &style, begin, count)
}

/// The same of about a week to three, in long slices, mostly without holes.
pub(super) fn weeks(random: &mut Random, begin: i64) -> Vec<Slice> {
    let style = Style {
        length: random.pick(&[1_800, 3_600, 3_600], 3_600),
        mixed: false,
        holes: random.pick(&[0, 0, 0, 1], 0),
        unknown: random.pick(&[0, 0, 0, 5], 0),
        partial: random.pick(&[0, 0, 10], 0),
        ..style(random)
    };
    let hours = random.between(160, 500).unsigned_abs();
    of_style(random, &style, begin, hours * 3_600 / style.length.unsigned_abs())
}

fn of_style(random: &mut Random, style: &Style, begin: i64, count: u64) -> Vec<Slice> {
    let mut slices = Vec::new();
    let mut start = begin;
    for _ in 0..count {
        let length = if style.mixed { random.pick(&LENGTHS, 60) } else { style.length };
        if style.aligned {
            start += (-start).rem_euclid(length);
        }
        if random.below(100) < style.holes {
            start += length * random.pick(&[1, 1, 2, 5, 60, 1_000], 1);
        }
        slices.push(slice(random, style, start, length));
        if random.one_in(30) {
            slices.push(slice(random, style, start, length)); // a second write to the place
        }
        start += length;
    }
    if random.one_in(2) {
        random.shuffle(&mut slices);
    }
    slices
}

fn slice(random: &mut Random, style: &Style, start: i64, length: i64) -> Slice {
    let measurement = if random.below(100) < style.unknown {
        Measurement::Unknown("not_collected".to_owned())
    } else {
        Measurement::Measured(measured(random, style, start, length))
    };
    Slice { start: instant(start), seconds: u32::try_from(length).unwrap_or(60), measurement }
}

fn measured(random: &mut Random, style: &Style, start: i64, length: i64) -> Measured {
    let (mut from, mut to, mut seconds) = (start, start + length, length);
    if random.below(100) < style.partial {
        from = start + random.between(0, length - 1);
        to = from + random.between(1, start + length - from);
        seconds = random.between(1, to - from);
    }
    if style.exact > 0 {
        let times = 1 + random.below(3);
        let (good, total) = (times * (10_000 - style.exact), times * 10_000);
        let measured_seconds = u32::try_from(seconds).unwrap_or(0);
        return Measured { good, total, measured_seconds, from: instant(from), to: instant(to) };
    }
    let total = match random.below(10) {
        0 => 0,
        1 => 1,
        2 => style.traffic,
        _ => random.below(style.traffic + 1),
    };
    let bad = match random.below(100) {
        chance if chance >= style.bad => 0,
        chance if chance % 4 == 0 => total,
        chance if chance % 4 == 1 => total.min(1),
        chance if chance % 4 == 2 => random.below(total + 1) / 100,
        _ => random.below(total + 1),
    };
    let over = if random.below(100) < style.over { 1 + random.below(5) } else { 0 };
    let good = if over > 0 { total + over } else { total - bad };
    let measured_seconds = u32::try_from(seconds).unwrap_or(0);
    Measured { good, total, measured_seconds, from: instant(from), to: instant(to) }
}
