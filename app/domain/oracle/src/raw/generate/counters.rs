//! Random counters: processes that count good and bad events, restart and go away, and a source that asks them with
//! jitter, loses scrapes, delivers some twice and all in any order.

use crate::random::Random;
use crate::raw::counters::{Counters, MILLIONTHS, Sample, Sides, Value};

/// Most scrapes of a case.
const SCRAPES: [u64; 4] = [4, 20, 50, 100];
/// Seconds between two scrapes.
const CADENCES: [u32; 9] = [1, 5, 15, 15, 30, 60, 60, 120, 300];
/// Most processes, each a series on either side.
const MAX_SERIES: u8 = 4;
const MILLIS: i64 = 1_000;

/// How a case's counters look; chances in a hundred.
struct Style {
    cadence: i64,
    jitter: i64,
    skipped: u64,
    lost: u64,
    resets: u64,
    ends: u64,
    traffic: u64,
    bad: u64,
    fractions: bool,
    births: Births,
}

/// What samples say of the time at which their series was zero.
#[derive(Clone, Copy)]
enum Births {
    Untold,
    Told,
    /// As who does not know says it: the time of the first sample.
    First,
    Nonsense,
}

/// A process that counts.
struct Process {
    good: u64,
    bad: u64,
    born: i64,
    told: Option<i64>,
    /// It is there in the scrapes of this range only.
    from: u64,
    to: u64,
    /// It is asked so much later than others.
    phase: i64,
}

fn style(random: &mut Random) -> Style {
    let cadence = i64::from(random.pick(&CADENCES, 60)) * MILLIS;
    Style {
        cadence,
        jitter: random.pick(&[0, 0, 1, 900, cadence / 2], 0),
        skipped: random.pick(&[0, 0, 2, 10, 40], 0),
        lost: random.pick(&[0, 0, 0, 5, 30], 0),
        resets: random.pick(&[0, 2, 10, 30], 0),
        ends: random.pick(&[0, 0, 3, 10], 0),
        traffic: random.pick(&[1, 10, 1_000, 1_000_000_000], 10),
        bad: random.pick(&[0, 5, 30, 100, 100], 5),
        fractions: random.one_in(10),
        births: random.pick(
            &[Births::Untold, Births::Untold, Births::Told, Births::First, Births::Nonsense],
            Births::Untold,
        ),
    }
}

/// Counters from about an instant on, in seconds since 1970.
pub(super) fn counters(random: &mut Random, begin: i64) -> Counters {
    let style = style(random);
    let sides = random.pick(&[Sides::GoodTotal, Sides::BadTotal, Sides::GoodBad], Sides::GoodTotal);
    let most = random.pick(&SCRAPES, 12);
    let scrapes = random.below(most) + 1;
    let begin = begin * MILLIS + random.between(0, 60_000);
    let count = 1 + random.below(MAX_SERIES.into());
    let mut processes: Vec<Process> = (0..count).map(|_| process(random, &style, begin, scrapes)).collect();
    let absent = random.pick(&[None, None, None, None, Some(false), Some(true)], None);
    let mut samples = Vec::new();
    let mut now = begin;
    for scrape in 0..scrapes {
        now += style.cadence;
        if random.below(100) < style.skipped {
            now += style.cadence * random.pick(&[1, 1, 2, 3, 30], 1) + random.pick(&[-1, 0, 0, 1], 0);
        }
        for (series, process) in (0..).zip(&mut processes) {
            let at = now + process.phase + random.between(-style.jitter, style.jitter);
            if random.below(100) < style.resets {
                (process.good, process.bad, process.told) = (0, 0, None);
                process.born = at - random.between(1, style.cadence * 3);
            }
            process.count(random, &style);
            if (process.from..process.to).contains(&scrape) && random.below(100) >= style.lost {
                process.scraped(random, &style, sides, (series, at), &mut samples);
            }
        }
    }
    samples.retain(|sample: &Sample| Some(sample.second) != absent);
    if random.one_in(2) {
        random.shuffle(&mut samples);
    }
    Counters {
        sides,
        slice_seconds: random.pick(&[60, 60, 60, 120, 300], 60),
        cadence_seconds: u32::try_from(style.cadence / MILLIS).unwrap_or(60),
        covered_from: random.one_in(3).then(|| begin + random.between(-100, 300) * MILLIS),
        samples,
    }
}

fn process(random: &mut Random, style: &Style, begin: i64, scrapes: u64) -> Process {
    let old = if random.one_in(2) { random.below(1_000) } else { 0 };
    let from = if random.one_in(3) { random.below(scrapes) } else { 0 };
    Process {
        good: old * MILLIONTHS,
        bad: random.below(old + 1) * MILLIONTHS,
        born: begin - random.between(0, 600 * MILLIS) + style.cadence * from.cast_signed(),
        told: None,
        from,
        to: if random.one_in(4) { from + random.below(scrapes) } else { scrapes },
        phase: random.pick(&[0, 0, 1, 500, style.cadence / 3], 0),
    }
}

impl Process {
    fn count(&mut self, random: &mut Random, style: &Style) {
        let events = random.below(style.traffic + 1);
        let bad = if random.below(100) < style.bad { random.below(events + 1) } else { 0 };
        self.good += (events - bad) * MILLIONTHS;
        self.bad += bad * MILLIONTHS;
        if style.fractions {
            self.good += random.pick(&[0, 500_000, 500_000, 1], 0);
        }
    }

    /// Its two samples, and what goes wrong with them.
    fn scraped(
        &mut self,
        random: &mut Random,
        style: &Style,
        sides: Sides,
        (series, at): (u8, i64),
        samples: &mut Vec<Sample>,
    ) {
        let created = match style.births {
            Births::Untold => None,
            Births::Told => Some(self.born),
            Births::First => Some(*self.told.get_or_insert(at)),
            Births::Nonsense => {
                random.pick(&[None, Some(self.born), Some(at), Some(at + 1), Some(at - 1)], None)
            }
        };
        let (good, bad) = (self.good, self.bad);
        let counts = match sides {
            Sides::GoodTotal => [good, good + bad],
            Sides::BadTotal => [bad, good + bad],
            Sides::GoodBad => [good, bad],
        };
        for (second, count) in [false, true].into_iter().zip(counts) {
            let value = match random.below(200) {
                chance if chance < style.ends => Value::End,
                199 if style.ends > 0 => Value::Invalid,
                _ => Value::Millionths(count),
            };
            let sample = Sample { second, series, at, created, value };
            samples.push(sample);
            match random.below(60) {
                0 => samples.push(sample), // delivered once more
                1 => samples.push(Sample { value: Value::Millionths(count + MILLIONTHS), ..sample }),
                2 => drop(samples.pop()),
                _ => {}
            }
        }
    }
}
