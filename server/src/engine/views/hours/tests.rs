//! What is kept in memory is what a lens shows of all slices, whatever happened in whatever order.

use domain::estate::SliceRule;
use domain::{GapPolicy, Measured, Method, Objective, Slo, Target, Window};
use proptest::prelude::*;

use super::*;

/// Slices lie within a week from here, asked for up to a week later.
const BEGIN: i64 = 1_790_000_000 / 3_600 * 3_600;
const DAY: i64 = 86_400;
/// The longest slice here.
const LONGEST: i64 = 7_200;

/// The slices of an SLI as a database would hold them, and how often one was read.
#[derive(Default)]
struct Stored {
    slices: BTreeMap<Instant, Block>,
    reads: usize,
}

impl Stored {
    /// Stores a slice and says so; as the store, it refuses one that overlaps another.
    fn write(&mut self, hours: &Hours, start: i64, seconds: u32, (good, total): (u64, u64)) {
        let start = Instant::from_unix(start);
        let end = start + i64::from(seconds);
        let ends = |block: &Block| block.start + i64::from(block.seconds);
        let mut near = self.slices.range(start - LONGEST..end).map(|(_, block)| block);
        if near.any(|block| ends(block) > start && (block.start, block.seconds) != (start, seconds)) {
            return;
        }
        let measured = Measured { good, total, measured_seconds: seconds, from: start, to: end };
        self.slices.insert(start, Block { start, seconds, sum: Sum::from(&measured) });
        hours.changed(SliId::ANY, start);
    }

    fn all(&self) -> Vec<Block> {
        self.slices.values().copied().collect()
    }

    /// What the engine reads for an answer: the slices of the missing hours, and those before.
    fn read(&mut self, asked: &Asked) -> (Vec<Block>, Vec<Block>) {
        let missing =
            |block: &&Block| asked.missing().binary_search(&block.start.floor_to(HOUR_SECONDS)).is_ok();
        let slices: Vec<Block> = self.slices.values().filter(missing).copied().collect();
        let before = asked.begins().into_iter().filter_map(|begin| self.slices.range(..begin).next_back());
        let mut before: Vec<Block> = before.map(|(_, block)| *block).collect();
        before.dedup();
        self.reads += slices.len() + before.len();
        (slices, before)
    }
}

fn lens(method: Method, seconds: u32, gap: GapPolicy) -> Lens {
    let target = Target::parse_percent("60").unwrap();
    let slices = Some(SliceRule { seconds, target: None });
    let objective = Objective { slices, ..Objective::new("60", target) };
    let window = Window::Rolling { seconds: 86_400 };
    let slo = Slo { method, gap, ..Slo::new("orders", "shop", "orders", window, vec![objective.clone()]) };
    Lens::of(&slo, &objective)
}

#[derive(Debug, Clone)]
enum Step {
    /// A run of slices on or off the minute, of ever the same counts.
    Write { from: i64, seconds: u32, count: i64, every: i64, good: u64, total: u64 },
    /// Stretches back from an instant, as windows and look-backs are, and one that goes on after it.
    Ask { at: i64, back: Vec<i64>, ahead: i64 },
    /// A slice is written while somebody reads.
    WriteWithin { start: i64, good: u64, at: i64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let length =
        prop_oneof![4 => Just(60_u32), 1 => Just(20), 1 => Just(600), 1 => Just(3_600), 1 => Just(7_200)];
    let start = prop_oneof![4 => (0..7 * DAY / 60).prop_map(|minute| minute * 60), 1 => 0..7 * DAY];
    let write =
        (start.clone(), length, 1..90_i64, prop_oneof![4 => Just(1_i64), 1 => 2..30_i64], 0..9_u64, 0..9_u64);
    let write = write.prop_map(|(from, seconds, count, every, good, total)| Step::Write {
        from,
        seconds,
        count,
        every,
        good,
        total,
    });
    let back = prop_oneof![Just(300_i64), Just(3_600), Just(6 * 3_600), Just(3 * DAY), 1..8 * DAY];
    let ask =
        (0..9 * DAY, proptest::collection::vec(back, 1..5), prop_oneof![4 => Just(0_i64), 1 => 0..7_200_i64]);
    let ask = ask.prop_map(|(at, back, ahead)| Step::Ask { at, back, ahead });
    let within =
        (start, 0..9_u64, 0..9 * DAY).prop_map(|(start, good, at)| Step::WriteWithin { start, good, at });
    proptest::collection::vec(prop_oneof![4 => write, 6 => ask, 1 => within], 1..30)
}

fn stretches(at: i64, back: &[i64], ahead: i64) -> (Instant, Vec<Bounds>) {
    let until = Instant::from_unix(BEGIN + at);
    let mut bounds: Vec<Bounds> = back.iter().map(|back| Bounds { from: until - *back, to: until }).collect();
    bounds.push(Bounds { from: until - 60, to: until + ahead });
    (until, bounds)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]
    #[test]
    fn kept_hours_sum_to_what_the_lens_shows_of_all_slices(
        steps in steps(),
        method in prop_oneof![Just(Method::Occurrences), Just(Method::Timeslices), Just(Method::RatioTimeslices)],
        edits in proptest::collection::btree_set(0..9 * DAY / 60, 0..3), holds in proptest::bool::weighted(0.8), seconds in prop_oneof![Just(60_u32), Just(300), Just(3_600)],
    ) {
        let lens = lens(method, seconds, if holds { GapPolicy::Hold } else { GapPolicy::Gap });
        let edits: Vec<Instant> = edits.into_iter().map(|minute| Instant::from_unix(BEGIN + minute * 60)).collect();
        let (hours, mut stored) = (Hours::default(), Stored::default());
        for step in steps {
            match step {
                Step::Write { from, seconds, count, every, good, total } => for index in 0..count {
                    let start = BEGIN + from + index * every * i64::from(seconds);
                    stored.write(&hours, start, seconds, (good, total));
                },
                Step::Ask { at, back, ahead } => {
                    let (until, bounds) = stretches(at, &back, ahead);
                    let asked = hours.ask(SliId::ANY, lens, &bounds, until, &edits);
                    let (slices, before) = stored.read(&asked);
                    let found = hours.answer(asked, &slices, &before);
                    let expected = Series::new(lens.derive(&stored.all(), None, until, &edits));
                    for bounds in bounds {
                        prop_assert_eq!(found.sum(bounds), expected.sum(bounds), "{:?} until {:?}", bounds, until);
                    }
                }
                Step::WriteWithin { start, good, at } => {
                    let (until, bounds) = stretches(at, &[3 * DAY], 0);
                    let asked = hours.ask(SliId::ANY, lens, &bounds, until, &edits);
                    let (slices, before) = stored.read(&asked);
                    stored.write(&hours, BEGIN + start, 60, (good, 8));
                    hours.answer(asked, &slices, &before);
                }
            }
        }
    }
}

/// Thirty days of minutes, asked every second of a minute in which a slice grows.
#[test]
fn a_round_reads_the_cut_hours_only() {
    let lens = lens(Method::Occurrences, 60, GapPolicy::Hold);
    let (hours, mut stored) = (Hours::default(), Stored::default());
    let at = 30 * DAY + 1_830;
    (0..at / 60).for_each(|minute| stored.write(&hours, BEGIN + minute * 60, 60, (9, 10)));
    let back = [30 * DAY, 3_600, 300, 6 * 3_600, 1_800, DAY, 7_200, 3 * DAY, 6 * 3_600];
    let mut reads = Vec::new();
    for second in 0..3 {
        let (until, bounds) = stretches(at + second, &back, 0);
        stored.write(&hours, BEGIN + at / 60 * 60, 60, (9, 10));
        let asked = hours.ask(SliId::ANY, lens, &bounds, until, &[]);
        stored.reads = 0;
        let (slices, before) = stored.read(&asked);
        hours.answer(asked, &slices, &before);
        reads.push(stored.reads);
    }
    assert!(reads[0] > 43_000 && reads[1..].iter().all(|reads| *reads < 600), "{reads:?}");
}
