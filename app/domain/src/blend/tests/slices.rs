//! Any-bad-slice, slot by slot.

use super::*;

/// Five minutes each, at the end of an hour before which all is good.
fn any(no_data: MemberNoData, rows: [&str; 2]) -> (u64, u64, u64, u64) {
    let row = |row: &str| format!("{}{row}", ".".repeat(60 - row.len()));
    let members = [known("a", "90", &row(rows[0])), known("b", "90", &row(rows[1]))];
    let status = one(Composite { no_data, ..composite(AnyBadSlice, "50", &PAIR) }, &members);
    let slices = status.slices.unwrap();
    (slices.good, slices.bad, slices.unknown, slices.left_out)
}

#[test]
fn a_slice_is_bad_if_it_is_bad_for_any() {
    use MemberNoData::{Bad, LeaveOut, NoData};
    //                     both bad, one bad, bad and unknown, good and unknown, bad and idle, good and idle, both idle
    let rows = ["xx_..000.", "x.x_x..0."];
    let rows = [rows[0], "x.x_x0.0."];
    for (no_data, expected) in [
        // x/x bad, x/. bad, _/x bad, ./_ unknown, ./x bad, 0/0 out, 0/. good, 0/0 out, ./. good
        (NoData, (51 + 2, 4, 1, 2)),
        (LeaveOut, (51 + 3, 4, 0, 2)),
        (Bad, (51 + 2, 5, 0, 2)),
    ] {
        assert_eq!(any(no_data, rows), expected, "{no_data:?}");
    }
    assert_eq!(any(LeaveOut, ["._.", "._."]), (59, 0, 1, 0), "nobody knows");
}

#[test]
fn what_is_not_late_yet_is_not_unknown() {
    // The last minute of one has not come in; of the other neither have the last ten, which is late.
    for no_data in [MemberNoData::NoData, MemberNoData::Bad] {
        assert_eq!(any(no_data, ["..", "._"]), (60, 0, 0, 0), "{no_data:?}");
    }
    assert_eq!(any(MemberNoData::LeaveOut, ["...........", ".__________"]), (60, 0, 0, 0));
    assert_eq!(any(MemberNoData::Bad, ["...........", ".__________"]), (50, 10, 0, 0));
}

#[test]
fn blame_is_shared_evenly() {
    let members = [
        known("a", "90", &format!("xxx{}", ".".repeat(57))),
        known("b", "90", &format!("..xx{}", ".".repeat(56))),
    ];
    let status = one(composite(AnyBadSlice, "90", &PAIR), &members);
    // Four bad slices: two of a alone, one of b alone, one of both.
    let shares: Vec<f64> = status.members.iter().map(|member| member.share.unwrap()).collect();
    assert_eq!((status.slices.unwrap().bad, shares), (4, vec![0.625, 0.375]));
}

#[test]
fn exclusions_and_young_members_take_no_part() {
    let removed = Bounds { from: Instant::from_unix(0), to: Instant::from_unix(600) };
    let whole = "x".repeat(10) + &".".repeat(50);
    let with = |effect| {
        let exclusions = Exclusions::resolve(vec![(removed, effect)], 60);
        let a = known_of("a", &slo(3_600, &["90"]), HOUR, &exclusions, &blocks(&whole));
        // Its first data are half an hour old.
        let b = known("b", "90", &format!("{}x{}", "_".repeat(30), ".".repeat(29)));
        let slices = one(composite(AnyBadSlice, "50", &PAIR), &[a, b]).slices.unwrap();
        (slices.good, slices.bad, slices.unknown, slices.left_out)
    };
    assert_eq!(with(Effect::RemoveTime), (49, 1, 0, 10));
    assert_eq!(with(Effect::DropEvents), (49, 1, 0, 10));
    assert_eq!(with(Effect::CountAsGood), (59, 1, 0, 0));
}

#[test]
fn slices_of_different_lengths_meet_on_their_common_grid() {
    let mut long = slo(3_600, &["90"]);
    long.method = Method::Timeslices;
    long.objectives[0].slices = Some(SliceRule { seconds: 300, target: Some(target("70")) });
    // Two of five minutes bad are 60 %: a bad slice of five minutes. One is 80 %: a good one.
    let a = known_of("a", &long, HOUR, &Exclusions::default(), &blocks(&format!("xx...x{}", ".".repeat(54))));
    let b = bad("b", "90", 0);
    let slices = one(composite(AnyBadSlice, "50", &PAIR), &[a, b]).slices.unwrap();
    assert_eq!((slices.seconds, slices.good, slices.bad), (60, 55, 5));
    // A stored slice longer than those that are judged counts for all that it covers.
    let hour = [slice(0, 3_600, 3_600, 0, 10)];
    let a = known_of("a", &slo(3_600, &["90"]), HOUR, &Exclusions::default(), &hour);
    assert_eq!(one(composite(AnyBadSlice, "50", &[("a", 1)]), &[a]).slices.unwrap().bad, 60);
}

#[test]
fn gap_policies_stand_for_slices() {
    let with = |gap| {
        let slo = Slo { gap, ..slo(3_600, &["90"]) };
        let minutes = format!("x____{}", ".".repeat(55));
        let a = known_of("a", &slo, HOUR, &Exclusions::default(), &blocks(&minutes));
        let slices = one(composite(AnyBadSlice, "50", &[("a", 1)]), &[a]).slices.unwrap();
        (slices.good, slices.bad, slices.unknown)
    };
    assert_eq!(with(GapPolicy::Gap), (55, 1, 4));
    assert_eq!(with(GapPolicy::Good), (59, 1, 0));
    assert_eq!(with(GapPolicy::Bad), (55, 5, 0));
    assert_eq!(with(GapPolicy::Hold), (55, 5, 0));
}

#[test]
fn too_few_known_slices_are_no_verdict() {
    // Each misses five minutes of sixty, which is little; together they miss ten.
    let a = known("a", "90", &format!("..{}{}", "_".repeat(5), ".".repeat(53)));
    let b = known("b", "90", &format!("{}{}..", ".".repeat(53), "_".repeat(5)));
    assert_eq!((a.status.state, b.status.state), (State::Met, State::Met));
    let status = one(composite(AnyBadSlice, "50", &PAIR), &[a, b]);
    assert_eq!(status.state_reason, "83.3 % of the slices are known, below the floor 90 %");
    assert_eq!((status.state, status.sli), (State::NoData, None));
    assert_eq!(status.slices.unwrap().unknown, 10);
}

#[test]
fn a_member_has_no_slices_from_before_its_generation() {
    let minutes = blocks(&format!("{}{}", "x".repeat(22), ".".repeat(38)));
    let with = |seconds, edits: &[i64], at| {
        let mut slo = slo(3_600, &["90"]);
        slo.method = Method::Timeslices;
        slo.objectives[0].slices = Some(SliceRule { seconds, target: Some(target("90")) });
        let none = Exclusions::default();
        let a = known_since("a", &slo, edits, at, &none, &minutes);
        let slices = one(composite(AnyBadSlice, "50", &[("a", 1)]), &[a]).slices.unwrap();
        (slices.good, slices.bad, slices.unknown)
    };
    // The fifth slice of five minutes has two bad minutes of before the edit and three good ones since.
    assert_eq!(with(60, &[22 * 60], HOUR), (38, 0, 0));
    assert_eq!(with(300, &[22 * 60], HOUR), (8, 0, 0));
    assert_eq!(with(300, &[], HOUR), (7, 5, 0));
    // At the edit all is seen that was before it.
    assert_eq!(with(300, &[22 * 60], 22 * 60).1, 5);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// Alone, a member that counts slices is the composite, wherever its window cuts them.
    #[test]
    fn alone_timeslices_are_the_composite(
        row in "[.x_0]{60}", at in 600_i64..4_000, window in 10_u32..60, seconds in prop_oneof![Just(60_u32), Just(300), Just(900)],
        edits in proptest::collection::vec(0_i64..60, 0..2), excluded in 0_i64..3_600, effect in prop_oneof![Just(Effect::RemoveTime), Just(Effect::DropEvents), Just(Effect::CountAsGood)],
    ) {
        let mut slo = slo(window * 60, &["90"]);
        slo.method = Method::Timeslices;
        slo.objectives[0].slices = Some(SliceRule { seconds, target: Some(target("70")) });
        let stretch = Bounds { from: Instant::from_unix(excluded), to: Instant::from_unix(excluded + 300) };
        let exclusions = Exclusions::resolve(vec![(stretch, effect)], seconds);
        let blocks: Vec<Block> = blocks(&row).into_iter().filter(|block| block.start.unix() + 60 <= at).collect();
        let edits: Vec<i64> = edits.into_iter().map(|minute| minute * 60).collect();
        let member = known_since("a", &slo, &edits, at, &exclusions, &blocks);
        // A slot lies at its multiple: where an edit and the window cut the same one, the composite leaves it out.
        let from = member.status.window.from.unix();
        let cut = |edit: &i64| Instant::from_unix(*edit).floor_to(seconds.into()).unix() < from && from < *edit;
        prop_assume!(!edits.iter().any(cut));
        let status = one(Composite { no_data: MemberNoData::LeaveOut, ..composite(AnyBadSlice, "90", &[("a", 1)]) }, &[member]);
        let member = known_since("a", &slo, &edits, at, &exclusions, &blocks).status;
        if status.sli.is_some() {
            let slices = status.slices.unwrap();
            let count = |count: Option<crate::Count>| count.unwrap().floor();
            prop_assert_eq!((slices.bad, slices.good + slices.bad), (count(member.bad), count(member.total)));
            prop_assert_eq!(status.sli, member.sli);
            prop_assert_eq!(status.remaining_ratio, member.error_budget.remaining_ratio);
        }
    }
}
