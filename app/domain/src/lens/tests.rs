//! What lenses show.

use super::*;
use crate::testing::{slice, slo};
use proptest::prelude::*;

fn lens(method: Method, seconds: u32, target: &str, gap: GapPolicy) -> Lens {
    let mut slo = slo(3_600, &["99"]);
    (slo.method, slo.gap) = (method, gap);
    let target = Some(Target::parse_percent(target).unwrap());
    slo.objectives[0].slices = Some(crate::estate::SliceRule { seconds, target });
    Lens::of(&slo, &slo.objectives[0])
}

fn shown(lens: Lens, slices: &[Block], until: i64) -> Vec<(i64, u64, u64)> {
    let blocks = lens.derive(slices, None, Instant::from_unix(until), &[]);
    blocks.iter().map(|block| (block.start.unix(), block.sum.good, block.sum.total)).collect()
}

#[test]
fn a_judged_slice_is_good_from_its_target_on() {
    let slices = [
        slice(0, 60, 60, 95, 100),
        slice(60, 60, 60, 94, 100),
        slice(300, 60, 60, 95, 100),
        slice(600, 60, 60, 0, 0),
    ];
    let one = lens(Method::Timeslices, 60, "95", GapPolicy::Gap);
    assert_eq!(shown(one, &slices, 900), [(0, 1, 1), (60, 0, 1), (300, 1, 1), (600, 0, 0)]);
    // 189 of 200 is 94.5 %: the five minutes are judged together.
    let five = lens(Method::Timeslices, 300, "95", GapPolicy::Gap);
    assert_eq!(shown(five, &slices, 900), [(0, 0, 1), (300, 1, 1), (600, 0, 0)]);
}

#[test]
fn a_slice_longer_than_a_judged_one_counts_for_all_it_covers() {
    let hour = [slice(3_600, 3_600, 3_600, 1, 2)];
    assert_eq!(shown(lens(Method::Timeslices, 300, "50", GapPolicy::Gap), &hour, 7_200), [(3_600, 12, 12)]);
    let ratios = lens(Method::RatioTimeslices, 300, "50", GapPolicy::Gap);
    assert_eq!(shown(ratios, &hour, 7_200), [(3_600, 6_000_000_000, 12_000_000_000)]);
}

#[test]
fn ratios_are_rounded_half_up() {
    let ratios = lens(Method::RatioTimeslices, 60, "50", GapPolicy::Gap);
    assert_eq!(shown(ratios, &[slice(0, 60, 60, 2, 3)], 60), [(0, 666_666_667, 1_000_000_000)]);
    assert_eq!(ratios.scale(), 1_000_000_000);
}

#[test]
fn held_minutes_repeat_the_slice_before_and_none_comes_first() {
    let events = lens(Method::Occurrences, 60, "50", GapPolicy::Hold);
    let slices = [slice(120, 60, 60, 3, 4), slice(300, 60, 30, 1, 1)];
    let expected = [(120, 3, 4), (180, 3, 4), (240, 3, 4), (300, 1, 1), (360, 1, 1)];
    assert_eq!(shown(events, &slices, 420), expected);
    let before = slice(0, 120, 120, 8, 10);
    let held: Vec<_> = events.derive(&[], Some(&before), Instant::from_unix(240), &[]);
    assert_eq!(
        held.iter().map(|block| (block.sum.good, block.sum.total, block.sum.first)).collect::<Vec<_>>(),
        [(4, 5, None); 2]
    );
}

#[test]
fn no_block_is_of_two_generations_and_nothing_is_held_over_a_begin() {
    let edits = [Instant::from_unix(120)];
    let blocks = |lens: Lens, slices: &[Block]| -> Vec<(i64, u64, u64)> {
        let shown = lens.derive(slices, None, Instant::from_unix(300), &edits);
        shown.iter().map(|block| (block.start.unix(), block.sum.good, block.sum.total)).collect()
    };
    let minutes = [slice(0, 60, 60, 0, 10), slice(180, 60, 60, 10, 10)];
    let five = lens(Method::Timeslices, 300, "95", GapPolicy::Gap);
    assert_eq!(blocks(five, &minutes), [(0, 0, 1), (120, 1, 1)]);
    let events = lens(Method::Occurrences, 60, "50", GapPolicy::Hold);
    assert_eq!(blocks(events, &minutes), [(0, 0, 10), (60, 0, 10), (180, 10, 10), (240, 10, 10)]);
    // A longer slice off the grid: it lies where it is judged, but not before the edit.
    let long = [slice(180, 600, 600, 10, 10)];
    assert_eq!(blocks(five, &long), [(120, 2, 2)]);
}

proptest! {
    #[test]
    fn deriving_hour_by_hour_is_deriving_at_once(
        minutes in proptest::collection::btree_map(0_i64..240, (1_u32..=60, 0_u64..9, 0_u64..9), 0..60),
        method in prop_oneof![Just(Method::Occurrences), Just(Method::Timeslices), Just(Method::RatioTimeslices)],
        edits in proptest::collection::btree_set(0_i64..240, 0..3), hold in any::<bool>(), seconds in prop_oneof![Just(60_u32), Just(300), Just(3_600)],
    ) {
        let gap = if hold { GapPolicy::Hold } else { GapPolicy::Gap };
        let lens = lens(method, seconds, "50", gap);
        let slices: Vec<Block> = minutes.into_iter().map(|(minute, (m, good, total))| slice(minute * 60, 60, m, good, total)).collect();
        let until = Instant::from_unix(4 * 3_600);
        let edits: Vec<Instant> = edits.into_iter().map(|minute| Instant::from_unix(minute * 60)).collect();
        let at_once = lens.derive(&slices, None, until, &edits);
        let mut by_hour = Vec::new();
        for hour in 0..4 {
            let (from, to) = (Instant::from_unix(hour * 3_600), Instant::from_unix((hour + 1) * 3_600));
            let own: Vec<Block> = slices.iter().filter(|slice| from <= slice.start && slice.start < to).copied().collect();
            let before = slices.iter().rfind(|slice| slice.start < from);
            let shown = lens.derive(&own, before, to, &edits);
            by_hour.extend(shown.into_iter().filter(|block| from <= block.start));
        }
        prop_assert_eq!(at_once, by_hour);
    }
}
