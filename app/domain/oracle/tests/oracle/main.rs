//! A bounded run of the comparison with the engine, and a second opinion from elsewhere.

mod second_opinion;

use std::time::{Duration, Instant};

use domain::status::Profile;
use oracle::compare::differences;
use oracle::random::Random;
use oracle::raw::counters::Flags;
use oracle::raw::{Case, generate, shrink};

/// Cases that are compared at most, and for how long: `oracle --cases 1000000` goes on.
const CASES: u64 = 20_000;
const TIME: Duration = Duration::from_secs(10);
const SEED: u64 = 2_026;

#[test]
fn the_engine_computes_by_the_rules() {
    let begin = Instant::now();
    for number in (0..CASES).take_while(|_| begin.elapsed() < TIME) {
        let case = generate::case(&mut Random::of_case(SEED, number));
        let Some(difference) = differences(&case).into_iter().next() else { continue };
        let fails = |case: &Case| differences(case).iter().any(|other| other.field == difference.field);
        let small = shrink::shrink(&case, fails);
        let all: Vec<String> = differences(&small).into_iter().map(|difference| difference.text).collect();
        panic!("case {number} of seed {SEED}:\n{small}{}", all.join("\n"));
    }
}

#[test]
fn the_text_of_a_case_reads_back() {
    for number in 0..500 {
        let case = generate::case(&mut Random::of_case(SEED, number));
        assert_eq!(case.to_string().parse::<Case>(), Ok(case));
    }
    assert!("slice 0".parse::<Case>().is_err());
}

#[test]
fn cases_are_worth_comparing() {
    let cases = (0..2_000).map(|number| generate::case(&mut Random::of_case(SEED, number)));
    let cases: Vec<_> = cases.collect();
    let statuses: Vec<_> = cases.iter().flat_map(oracle::compute::statuses).collect();
    let share = |what: &str, least: usize, count: usize| assert!(count >= least, "{what}: {count}");
    for (state, least) in
        [("Breached", 200), ("AtRisk", 60), ("NoData", 400), ("NoTraffic", 30), ("Met", 200)]
    {
        share(state, least, statuses.iter().filter(|status| format!("{:?}", status.state) == state).count());
    }
    share("raw", 200, statuses.iter().filter(|status| status.raw.is_some()).count());
    share(
        "exhaustion",
        100,
        statuses.iter().filter(|status| status.error_budget.exhausts_at.is_some()).count(),
    );
    share("flags", 60, statuses.iter().filter(|status| !status.flags.is_empty()).count());
    share(
        "projection",
        200,
        statuses.iter().filter(|status| status.error_budget.projected.is_some()).count(),
    );
    let projected = statuses.iter().filter_map(|status| status.error_budget.projected.as_ref());
    let by_weeks: Vec<_> = projected.filter(|projected| projected.profile == Profile::Week).collect();
    share("projected by the week before", 150, by_weeks.len());
    let several = by_weeks.iter().filter(|projected| projected.rest_seconds > 2 * 7 * 86_400);
    share("weeks to come", 40, several.count());
    let alerts = || statuses.iter().flat_map(|status| &status.alerts);
    for (state, least) in [("Firing", 100), ("Frozen", 200), ("Ok", 200)] {
        share(state, least, alerts().filter(|alert| format!("{:?}", alert.state) == state).count());
    }
    let matters = |case: &&Case| {
        let mut unedited = (*case).clone();
        unedited.sli.generations.clear();
        oracle::compute::statuses(case) != oracle::compute::statuses(&unedited)
    };
    share("generations", 200, cases.iter().filter(matters).count());
    let counted: Vec<_> = cases.iter().filter_map(oracle::compute::counted).collect();
    share("counters", 250, counted.iter().filter(|(slices, _)| !slices.is_empty()).count());
    for (what, least, flag) in [
        ("resets", 100, (|flags| flags.resets) as fn(&Flags) -> u32),
        ("gaps", 100, |flags| flags.gaps),
        ("conflicts", 100, |flags| flags.conflicts),
        ("invalid", 20, |flags| flags.invalid),
        ("unseen starts", 40, |flags| flags.unseen_starts),
    ] {
        share(what, least, counted.iter().filter(|(_, flags)| flag(flags) > 0).count());
    }
    share("suppressed", 10, alerts().filter(|alert| alert.suppressed_by.is_some()).count());
}
