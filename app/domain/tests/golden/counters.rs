//! Counters as a source delivers them, made into slices of a minute.

use domain::measure::{Amount, Counter, Reading, Sample, Side, Sides, Slicing, Timestamp, sum_increases};
use domain::{Block, Instant, Sum};

const SLICE_SECONDS: u32 = 60;

/// The slices of `sides` (`good total`, `bad total` or `good bad`); a line is a side and the samples of one series of
/// it, one every `step` seconds, `_` for a lost one.
pub(crate) fn blocks(step: i64, start: Instant, sides: [&str; 2], body: &[(usize, &str)]) -> Vec<Block> {
    let slicing = Slicing::new(SLICE_SECONDS, u32::try_from(step).unwrap()).unwrap();
    let of = |side: &str| {
        let lines = body.iter().filter_map(|(_, line)| line.strip_prefix(side));
        let series: Vec<Counter> = lines.map(|samples| series(step, start, samples)).collect();
        sum_increases(&series, &slicing)
    };
    let [first, second] = sides.map(of);
    let length = body.iter().map(|(_, line)| line.split_whitespace().count()).max().unwrap();
    let first_minute = start.floor_to(SLICE_SECONDS.into());
    let minutes = (i64::try_from(length).unwrap() + 1) * step / i64::from(SLICE_SECONDS) + 1;
    let minute = |index: i64| first_minute + index * i64::from(SLICE_SECONDS);
    let slice = |at: Instant| {
        let [one, two] = [&first, &second].map(|counts| Side::of(counts, at, Amount::whole));
        let combined = match sides {
            ["good", "total"] => Sides::GoodTotal { good: one, total: two },
            ["bad", "total"] => Sides::BadTotal { bad: one, total: two },
            ["good", "bad"] => Sides::GoodBad { good: one, bad: two },
            _ => panic!("no sides {sides:?}"),
        };
        let both = combined.combine()?;
        let counted = second.get(at).or_else(|| first.get(at))?;
        let sum = Sum::from(&counted.to_measured(at, both.good, both.total));
        Some(Block { start: at, seconds: SLICE_SECONDS, sum })
    };
    (0..minutes).map(minute).filter_map(slice).collect()
}

fn series(step: i64, start: Instant, samples: &str) -> Counter {
    let at = |index: usize| {
        let seconds = start + step * i64::try_from(index).unwrap();
        Timestamp::from_millis(seconds.unix() * 1_000)
    };
    let sample = |(index, word): (usize, &str)| {
        let value = (word != "_").then(|| word.parse::<u64>().unwrap())?;
        Some(Sample { at: at(index), created: None, reading: Reading::from_u64(value) })
    };
    samples.split_whitespace().enumerate().filter_map(sample).collect()
}
