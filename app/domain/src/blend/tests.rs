//! The four rules against figures worked out by hand, and laws that hold for any members.

use super::*;
use crate::Series;
use crate::composite::CompositeRule::{AnyBadSlice, SumOfBurns, SumOfMissing, WeightedMean};
use crate::composite::MemberNoData;
use crate::estate::{GapPolicy, Method, Origin, SliceRule, Slo};
use crate::evaluate::evaluate;
use crate::excluded::Exclusions;
use crate::exclusion::Effect;
use crate::plan::{Question, plan};
use crate::ratio::{ONE, Target};
use crate::slice::{Block, Bounds};
use crate::status::State;
use crate::testing::{sli, slice, slo};
use crate::time::Instant;
use proptest::prelude::*;

mod slices;

fn target(percent: &str) -> Target {
    Target::parse_percent(percent).unwrap()
}

fn composite(rule: CompositeRule, percent: &str, members: &[(&str, u64)]) -> Composite {
    let member = |(name, weight): &(&str, u64)| Member {
        slo: (*name).into(),
        objective: None,
        weight_parts: weight * 1_000_000_000,
    };
    Composite {
        name: "shop".into(),
        display_name: "Shop".into(),
        description: None,
        service: "shop".into(),
        target: target(percent),
        rule,
        no_data: MemberNoData::NoData,
        members: members.iter().map(member).collect(),
        origin: Origin::default(),
    }
}

/// An objective with its slices, at the end of an hour of minutes.
struct Known {
    name: &'static str,
    status: ObjectiveStatus,
    slices: Option<MemberSlices>,
}

const HOUR: i64 = 3_600;

fn known_of(name: &'static str, slo: &Slo, at: i64, exclusions: &Exclusions, blocks: &[Block]) -> Known {
    known_since(name, slo, &[], at, exclusions, blocks)
}

/// Of an SLI that was edited at these seconds.
fn known_since(
    name: &'static str,
    slo: &Slo,
    edits: &[i64],
    at: i64,
    exclusions: &Exclusions,
    blocks: &[Block],
) -> Known {
    let series = Series::new(blocks.to_vec());
    let at = Instant::from_unix(at);
    let generations = edits.iter().copied().map(Instant::from_unix).collect();
    let sli = crate::estate::Sli { generations, ..sli(60) };
    let question = Question { slo, sli: &sli, at, closed: false, exclusions };
    let until = question.data_until(&series);
    let shown = |lens: crate::Lens| lens.derive(blocks, None, at, &sli.generations);
    let own = Series::new(shown(crate::Lens::of(slo, &slo.objectives[0])));
    let status = evaluate(&question, until, &plan(&question, until), |_, bounds| own.sum(bounds));
    let slices = MemberSlices::new(&question, 0, until, &shown(member_lens(slo, &slo.objectives[0])));
    Known { name, status: status.objectives[0].clone(), slices }
}

/// Minutes of an hour that ends at 3,600 s, each of ten events: `.` good, `x` bad, `_` not measured, `0` no traffic.
fn blocks(minutes: &str) -> Vec<Block> {
    let block = |(minute, what): (i64, char)| {
        let (good, total) = match what {
            '.' => (10, 10),
            'x' => (0, 10),
            '0' => (0, 0),
            _ => return None,
        };
        Some(slice(minute * 60, 60, 60, good, total))
    };
    (0..).zip(minutes.chars()).filter_map(block).collect()
}

fn known(name: &'static str, percent: &str, minutes: &str) -> Known {
    known_of(name, &slo(3_600, &[percent]), HOUR, &Exclusions::default(), &blocks(minutes))
}

/// So many of the sixty minutes are bad, from the beginning on.
fn bad(name: &'static str, percent: &str, count: usize) -> Known {
    known(name, percent, &format!("{}{}", "x".repeat(count), ".".repeat(60 - count)))
}

fn of(composites: &[Composite], known: &[Known]) -> Vec<CompositeStatus> {
    let leaf = |name: &str, objective: Option<&str>| {
        let found = known.iter().find(|known| known.name == name)?;
        let is_its = objective.is_none_or(|objective| objective == found.status.name);
        is_its.then_some(Leaf { status: &found.status, slices: found.slices.as_ref() })
    };
    blend(composites, &leaf)
}

fn one(composite: Composite, known: &[Known]) -> CompositeStatus {
    of(&[composite], known).remove(0)
}

const PAIR: [(&str, u64); 2] = [("a", 1), ("b", 1)];

/// Two members at 95 %: three bad minutes of sixty each, at different times.
fn pair() -> [Known; 2] {
    let early = format!("{}{}", "x".repeat(3), ".".repeat(57));
    let late = format!("{}{}", ".".repeat(57), "x".repeat(3));
    [known("a", "90", &early), known("b", "90", &late)]
}

/// The table of the four rules.
#[test]
fn two_members_at_95_percent() {
    let sli = |rule| one(composite(rule, "90", &PAIR), &pair()).sli;
    assert_eq!(sli(SumOfMissing), Some(0.9));
    assert_eq!(sli(WeightedMean), Some(0.95));
    assert_eq!(sli(AnyBadSlice), Some(0.9));
    let same = [bad("a", "90", 3), bad("b", "90", 3)];
    assert_eq!(one(composite(AnyBadSlice, "90", &PAIR), &same).sli, Some(0.95), "at once: 95 % at most");
    // Each consumed half of its own budget of 10 %: they add up to all of it.
    let burns = one(composite(SumOfBurns, "90", &PAIR), &pair());
    assert_eq!((burns.consumed_ratio, burns.remaining_ratio, burns.sli), (Some(1.0), Some(0.0), Some(0.9)));
    assert_eq!(burns.state, State::AtRisk, "spent, not missed: {}", burns.state_reason);
    // Also where the composite's own target is another one.
    let strict = one(composite(SumOfBurns, "99", &PAIR), &pair());
    assert_eq!((strict.consumed_ratio, strict.sli), (Some(1.0), Some(0.99)));
}

#[test]
fn weights_and_states() {
    // Missing 5 % and 10 %, weights 3 and 1: the mean misses 25 / 400.
    let members = [bad("a", "90", 3), bad("b", "80", 6)];
    let weighted = [("a", 3), ("b", 1)];
    let mean = one(composite(WeightedMean, "90", &weighted), &members);
    assert_eq!((mean.sli, mean.consumed_ratio, mean.state), (Some(0.9375), Some(0.625), State::Met));
    let adds: Vec<_> =
        mean.members.iter().map(|member| (member.adds_ratio.unwrap(), member.share.unwrap())).collect();
    assert_eq!(adds, [(0.375, 0.6), (0.25, 0.4)]);
    // 3 x 0.05 + 0.1; and in budgets 3 x 0.5 + 0.5.
    let sum = one(composite(SumOfMissing, "75", &weighted), &members);
    assert_eq!((sum.sli, sum.remaining_ratio, sum.state), (Some(0.75), Some(0.0), State::AtRisk));
    let burns = one(composite(SumOfBurns, "90", &weighted), &members);
    assert_eq!((burns.consumed_ratio, burns.remaining_ratio), (Some(2.0), Some(-1.0)));
    assert_eq!((burns.state, burns.state_reason.as_str()), (State::Breached, "SLI < target"));
    // What is missing may be more than all there is.
    let huge = one(composite(SumOfMissing, "50", &[("a", 30)]), &members);
    assert_eq!((huge.sli, huge.remaining_ratio), (Some(-0.5), Some(-2.0)));
}

#[test]
fn a_member_without_data_follows_the_rule() {
    let members = || [bad("a", "90", 3), known("b", "80", "")];
    let with = |rule, no_data| one(Composite { no_data, ..composite(rule, "50", &PAIR) }, &members());
    for rule in [SumOfBurns, SumOfMissing, WeightedMean, AnyBadSlice] {
        let status = with(rule, MemberNoData::NoData);
        assert_eq!((status.state, status.sli, status.consumed_ratio), (State::NoData, None, None));
        assert_eq!(status.state_reason, "member b: no data yet");
        assert_eq!(status.members[1].taken, Taken::NoFigure);
    }
    // Left out: the other stands for the whole, twice its weight in the sums.
    let out = |rule| with(rule, MemberNoData::LeaveOut);
    assert_eq!(
        [out(SumOfMissing), out(WeightedMean), out(AnyBadSlice)].map(|status| status.sli),
        [Some(0.9), Some(0.95), Some(0.95)]
    );
    assert_eq!(out(SumOfBurns).consumed_ratio, Some(1.0));
    assert_eq!(out(WeightedMean).members[1].taken, Taken::LeftOut);
    // Bad: all of it is missing, five budgets of 20 %.
    let bad = |rule| with(rule, MemberNoData::Bad);
    assert_eq!(
        [bad(SumOfMissing), bad(WeightedMean), bad(AnyBadSlice)].map(|status| status.sli),
        [Some(-0.05), Some(0.475), Some(0.0)]
    );
    assert_eq!(bad(SumOfBurns).consumed_ratio, Some(5.5));
    assert_eq!(bad(AnyBadSlice).members[1].taken, Taken::AsBad);
    let nobody = Composite { no_data: MemberNoData::LeaveOut, ..composite(WeightedMean, "50", &[("b", 1)]) };
    assert_eq!(one(nobody, &members()).state_reason, "every member is left out");
    let gone = composite(WeightedMean, "50", &[("a", 1), ("z", 1)]);
    assert_eq!(one(gone, &members()).state_reason, "member z is not there");
}

#[test]
fn without_traffic_nothing_is_missing() {
    let members = [bad("a", "90", 3), known("b", "80", &"0".repeat(60))];
    for (rule, sli) in [(SumOfMissing, 0.95), (WeightedMean, 0.95), (SumOfBurns, 0.95), (AnyBadSlice, 0.95)] {
        let status = one(composite(rule, "90", &PAIR), &members);
        assert_eq!((status.sli, status.members[1].taken), (Some(sli), Taken::Idle), "{rule:?}");
    }
    for rule in [SumOfMissing, WeightedMean, SumOfBurns, AnyBadSlice] {
        let status = one(composite(rule, "90", &[("b", 1)]), &members);
        assert_eq!((status.state, status.sli), (State::NoTraffic, None), "{rule:?} {}", status.state_reason);
    }
}

#[test]
fn a_target_of_one_hundred_tolerates_nothing() {
    let clean = [bad("a", "100", 0), bad("b", "90", 3)];
    assert_eq!(one(composite(SumOfBurns, "90", &PAIR), &clean).consumed_ratio, Some(0.5));
    let spoilt = [bad("a", "100", 1), bad("b", "90", 0)];
    let burns = one(composite(SumOfBurns, "90", &PAIR), &spoilt);
    assert_eq!((burns.state, burns.consumed_ratio, burns.sli), (State::Breached, None, None));
    assert_eq!(burns.state_reason, "member a has target 100 % and bad > 0");
    for rule in [SumOfBurns, WeightedMean, SumOfMissing, AnyBadSlice] {
        let own = |members: &[Known]| one(composite(rule, "100", &[("b", 1)]), members);
        assert_eq!(own(&spoilt).state, State::Met);
        let missed = own(&clean);
        assert_eq!((missed.state, missed.remaining_ratio), (State::Breached, None), "{rule:?}");
    }
}

#[test]
fn composites_nest_and_cycles_have_no_data() {
    let inner = Composite { name: "inner".into(), ..composite(AnyBadSlice, "80", &PAIR) };
    let outer = composite(WeightedMean, "90", &[("inner", 1), ("c", 1)]);
    let [a, b] = pair();
    let known = [a, b, bad("c", "90", 0)];
    let found = of(&[outer.clone(), inner.clone()], &known);
    assert_eq!((found[0].sli, found[1].sli), (Some(0.95), Some(0.9)));
    assert_eq!((found[0].members[0].consumed_ratio, found[0].members[0].share), (Some(0.5), Some(1.0)));
    // Slices of a composite are those of its members; other rules have none.
    let any = Composite { name: "any".into(), ..composite(AnyBadSlice, "80", &[("inner", 1), ("c", 1)]) };
    let mean = Composite { name: "inner".into(), rule: WeightedMean, ..inner.clone() };
    assert_eq!(of(&[any.clone(), inner.clone()], &known)[0].sli, Some(0.9));
    let refused = &of(&[any, mean], &known)[0];
    assert_eq!(refused.state_reason, "member inner has no slices, as it is put together by another rule");
    // A boundless member of a member.
    let spoilt = [bad("a", "100", 1), bad("b", "90", 0), bad("c", "90", 0)];
    let burns = Composite { rule: SumOfBurns, ..inner };
    let found = of(&[Composite { rule: SumOfBurns, ..outer }, burns], &spoilt);
    assert_eq!(found[0].state_reason, "member inner has target 100 % and bad > 0");
    let circle = |name: &str, other: &str| Composite {
        name: name.into(),
        ..composite(WeightedMean, "90", &[(other, 1)])
    };
    let found = of(&[circle("x", "y"), circle("y", "x")], &known);
    assert!(found.iter().all(|status| status.state == State::NoData), "{found:#?}");
    let names: Vec<String> = (0..20).map(|level| format!("level-{level}")).collect();
    let mut chain: Vec<Composite> = names.windows(2).map(|pair| circle(&pair[0], &pair[1])).collect();
    chain.push(circle(&names[19], "a"));
    assert_eq!(of(&chain, &known)[0].state, State::NoData);
    assert_eq!(of(&chain[12..], &known)[0].sli, Some(0.95), "eight inside each other");
}

#[test]
fn leaves_are_named_once() {
    let composites = [
        composite(WeightedMean, "90", &PAIR),
        Composite { name: "any".into(), ..composite(AnyBadSlice, "90", &[("shop", 1), ("b", 1)]) },
    ];
    let found: Vec<(&str, bool)> =
        leaves(&composites).into_iter().map(|(member, slices)| (member.slo.as_str(), slices)).collect();
    assert_eq!(found, [("a", false), ("b", true)]);
}

#[test]
fn a_running_period_is_judged_by_its_projected_budget() {
    let mut day = slo(0, &["90"]);
    let start = crate::estate::LocalTime { year: 2024, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    let unit = crate::estate::CalendarUnit::Day;
    day.window =
        crate::Window::Calendar(crate::estate::CalendarWindow { count: 1, unit, start, zone: "UTC".into() });
    // Twelve of the first sixty minutes of a day: two budgets so far, a twelfth of the day's.
    let minutes = format!("{}{}", "x".repeat(12), ".".repeat(48));
    let a = || known_of("a", &day, HOUR, &Exclusions::default(), &blocks(&minutes));
    for rule in [WeightedMean, SumOfMissing, SumOfBurns, AnyBadSlice] {
        let status = one(composite(rule, "90", &[("a", 1)]), &[a()]);
        assert_eq!((status.consumed_ratio, status.state), (Some(2.0), State::AtRisk), "{rule:?}");
        assert_eq!(status.state_reason, "consumed > budget so far");
        assert!((status.projected_consumed_ratio.unwrap() - 2.0 / 24.0).abs() < 1e-15, "{rule:?}");
    }
    // A member with a window of its own counts as it is.
    let mixed = one(composite(WeightedMean, "90", &PAIR), &[a(), bad("b", "90", 6)]);
    let projected = 13.0 / 24.0;
    assert!((mixed.projected_consumed_ratio.unwrap() - projected).abs() < 1e-15);
}

#[test]
fn old_figures_are_none_where_everybody_is_silent() {
    let stale = || ["a", "b"].map(|name| known(name, "90", &format!("{}{}", ".".repeat(56), "_".repeat(4))));
    for rule in [SumOfBurns, SumOfMissing, WeightedMean, AnyBadSlice] {
        let with = |no_data| one(Composite { no_data, ..composite(rule, "99", &PAIR) }, &stale());
        let out = with(MemberNoData::LeaveOut);
        assert_eq!((out.state, out.state_reason.as_str()), (State::NoData, "every member is left out"));
        assert_eq!(with(MemberNoData::NoData).state, State::NoData);
        assert_eq!(with(MemberNoData::Bad).state, State::Breached, "{rule:?}");
    }
    let slices =
        one(Composite { no_data: MemberNoData::Bad, ..composite(AnyBadSlice, "99", &PAIR) }, &stale()).slices;
    assert_eq!(slices.map(|slices| (slices.good, slices.bad)), Some((56, 4)));
}

#[test]
fn every_figure_is_derived() {
    let lines = |status: &CompositeStatus| -> Vec<String> {
        status
            .terms
            .iter()
            .map(|term| format!("{}: {} = {}", term.label, term.expression, term.value))
            .collect()
    };
    let members = [bad("a", "90", 3), bad("b", "80", 6)];
    let burns = one(composite(SumOfBurns, "90", &[("a", 3), ("b", 1)]), &members);
    assert_eq!(
        lines(&burns),
        [
            "Rule: consumed = sum of weight × (bad ÷ total) ÷ (1 − the member's target) = sum of burns",
            "Member a, 90: 3 × (30 ÷ 600) ÷ 10 % = adds 150.0 % of the budget, 75.0 % of what is consumed",
            "Member b, 80: 1 × (60 ÷ 600) ÷ 20 % = adds 50.0 % of the budget, 25.0 % of what is consumed",
            "SLI: 1 − consumed × 10 %, rounded down = 80.0 %",
            "Target: as declared = 90 %",
            "Error budget: 1 − target = 10 %",
            "Consumed: sum of what the members add, rounded up = 200 %",
            "Remaining: 1 − consumed, rounded down; below zero when over budget = −100 %",
            "State: SLI < target = breached",
        ]
    );
    let any = one(composite(AnyBadSlice, "90", &PAIR), &members);
    let found = lines(&any);
    assert_eq!(
        found[3],
        "Window: where the windows of all members have begun = 1970-01-01T00:00:00Z to 1970-01-01T01:00:00Z, 60 s each"
    );
    assert!(found.contains(&"Bad: slices bad for a member = 6".to_owned()), "{found:#?}");
    let out = [known("a", "90", ""), bad("b", "80", 6)];
    let out =
        one(Composite { no_data: MemberNoData::LeaveOut, ..composite(SumOfMissing, "50", &PAIR) }, &out);
    assert_eq!(
        lines(&out)[1],
        "Member a, 90: no data, left out = adds 0 % of the budget, 0 % of what is consumed"
    );
    assert_eq!(
        lines(&out)[2],
        "Member b, 80: 1 × 2 ÷ 1 × (60 ÷ 600) = adds 40.0 % of the budget, 100 % of what is consumed"
    );
    let json = serde_json::to_value(&out).unwrap();
    assert_eq!(
        (&json["rule"], &json["members"][0]["taken"], &json["slices"]),
        (&"sum_of_missing".into(), &"left_out".into(), &serde_json::Value::Null)
    );
    assert_eq!(serde_json::from_value::<CompositeStatus>(json).unwrap(), out);
}

fn rule() -> impl Strategy<Value = CompositeRule> {
    prop_oneof![Just(SumOfBurns), Just(AnyBadSlice), Just(SumOfMissing), Just(WeightedMean)]
}

fn no_data() -> impl Strategy<Value = MemberNoData> {
    prop_oneof![Just(MemberNoData::NoData), Just(MemberNoData::LeaveOut), Just(MemberNoData::Bad)]
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn laws(
        rows in proptest::collection::vec(("[.x_0]{60}", prop_oneof![Just("50"), Just("90"), Just("100")], 1_u64..9), 1..4),
        rule in rule(), no_data in no_data(), percent in prop_oneof![Just("50"), Just("99.9")],
    ) {
        let known: Vec<Known> = rows.iter().zip(NAMES).map(|((row, percent, _), name)| known(name, percent, row)).collect();
        let members: Vec<(&str, u64)> = rows.iter().zip(NAMES).map(|((_, _, weight), name)| (name, *weight)).collect();
        let status = one(Composite { no_data, ..composite(rule, percent, &members) }, &known);
        // A figure or none of them, and a state that says so.
        let has_figure = status.consumed_ratio.is_some();
        prop_assert_eq!(has_figure, status.remaining_ratio.is_some());
        let silent = matches!(status.state, State::NoData | State::NoTraffic);
        prop_assert!(!(silent && (has_figure || status.sli.is_some())), "{:?}", status);
        prop_assert!(silent || has_figure || status.state == State::Breached);
        if let Some(consumed) = status.consumed_ratio {
            let adds: f64 = status.members.iter().map(|member| member.adds_ratio.unwrap()).sum();
            prop_assert!((adds - consumed).abs() <= 1e-9 * consumed.max(1.0), "{} {}", adds, consumed);
            prop_assert_eq!(consumed > 1.0, status.state == State::Breached);
            let shares: Vec<f64> = status.members.iter().filter_map(|member| member.share).collect();
            prop_assert!(shares.is_empty() == (consumed == 0.0));
            prop_assert!(shares.is_empty() || (shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        // Order does not matter, but for which member a reason names.
        let mut turned = members.clone();
        turned.reverse();
        let other = one(Composite { no_data, ..composite(rule, percent, &turned) }, &known);
        prop_assert_eq!((status.state, status.sli, status.consumed_ratio), (other.state, other.sli, other.consumed_ratio));
        // Any-bad-slice is never better than its worst member, where all are minutes of the same hour without gaps.
        if rule == AnyBadSlice && rows.iter().all(|(row, ..)| !row.contains(['_', '0'])) {
            let worst = known.iter().map(|known| known.status.sli.unwrap()).fold(1.0, f64::min);
            prop_assert!(status.sli.unwrap() <= worst);
        }
    }

    /// One member of weight 1 is itself, to the last bit, by every rule but slices.
    #[test]
    fn alone_a_member_is_the_composite(row in "[.x]{60}", parts in 1_u32..1_000_000_000, rule in rule()) {
        let percent = Target::from_parts(parts).unwrap().percent();
        let member = known("a", &percent, &row);
        let status = one(composite(rule, &percent, &[("a", 1)]), std::slice::from_ref(&member));
        prop_assert_eq!(status.consumed_ratio, member.status.error_budget.consumed_ratio);
        prop_assert_eq!(status.remaining_ratio, member.status.error_budget.remaining_ratio);
        prop_assert_eq!(status.sli, member.status.sli);
        prop_assert_eq!(status.state == State::Breached, member.status.state == State::Breached);
    }

    /// The weighted mean against sums of integers over a common denominator.
    #[test]
    fn the_mean_is_exact(members in proptest::collection::vec((0_usize..=60, 1_u64..1_000), 1..4)) {
        let known: Vec<Known> = members.iter().zip(NAMES).map(|((count, _), name)| bad(name, "50", *count)).collect();
        let named: Vec<(&str, u64)> = members.iter().zip(NAMES).map(|((_, weight), name)| (name, *weight)).collect();
        let status = one(composite(WeightedMean, "99.9", &named), &known);
        let weighted = |of: &dyn Fn(&(usize, u64)) -> u64| i128::from(members.iter().map(of).sum::<u64>());
        let missing = weighted(&|(count, weight)| u64::try_from(*count).unwrap() * weight);
        let whole = weighted(&|(_, weight)| 60 * weight);
        prop_assert_eq!(status.sli, crate::ratio::ratio(whole - missing, whole));
        prop_assert_eq!(status.consumed_ratio, crate::ratio::ratio(missing * ONE, whole * 1_000_000));
    }
}
