//! The crate `slokit` as a second opinion where it has one: budgets, burn rates and the thresholds of the four tiers.
//! It computes in doubles and clamps what remains at 0; so figures are compared to nine digits, and remaining only
//! where it is not negative.

use oracle::engine::{Feed, statuses};
use oracle::random::Random;
use oracle::raw::{Case, generate};
use slokit::{BurnRate, MwmbrConfig, Objective, Slo, Window};

const CASES: u64 = 5_000;
/// Relative error that doubles may pile up.
const TOLERANCE: f64 = 1e-9;

fn close(what: &str, case: &Case, theirs: f64, ours: f64) {
    let error = (theirs - ours).abs() / theirs.abs().max(ours.abs()).max(1.0);
    assert!(error <= TOLERANCE, "{what}: slokit {theirs}, engine {ours}\n{case}");
}

#[test]
fn budgets_and_burn_rates_agree_with_slokit() {
    let mut compared = 0;
    for number in 0..CASES {
        let case = generate::case(&mut Random::of_case(7, number));
        for status in statuses(&case, Feed::Slices).1 {
            // Targets of nearly 1 lose their digits when 1 is taken away from them in doubles.
            let parts = status.target.parts();
            let (Some(bad), Some(total)) = (status.bad, status.total) else { continue };
            if parts > 999_999_000 || total.is_zero() {
                continue;
            }
            let objective = Objective::ratio(f64::from(parts) / 1e9).expect("a ratio between 0 and 1");
            let slo = Slo::new(objective, Window::days(30));
            let budget = slo.error_budget(total.as_f64());
            let ours = &status.error_budget;
            close("total", &case, budget.allowed_bad_events(), ours.total);
            let consumed = budget.consumed_ratio(bad.as_f64());
            close("consumed", &case, consumed, ours.consumed_ratio.expect("there is traffic"));
            let remaining = ours.remaining_ratio.expect("there is traffic");
            if remaining >= 0.0 {
                close("remaining", &case, budget.remaining_ratio(bad.as_f64()), remaining);
            } else {
                assert!(budget.remaining_ratio(bad.as_f64()) <= TOLERANCE, "{case}");
            }
            for rate in status.burn_rates {
                let (Some(ours), Some(bad), Some(total)) = (rate.burn_rate, rate.bad, rate.total) else {
                    continue;
                };
                let theirs = BurnRate::from_error_ratio(bad.as_f64() / total.as_f64(), &slo);
                close("burn rate", &case, theirs.value(), ours);
                compared += 1;
            }
        }
    }
    assert!(compared > 2_000, "only {compared} burn rates were compared");
}

#[test]
fn the_default_tiers_are_those_of_slokit() {
    use domain::rules::Condition;
    let slo = Slo::new(Objective::percent(99.9).expect("a percentage"), Window::days(30));
    let theirs: Vec<_> = MwmbrConfig::sre_default()
        .windows
        .iter()
        .map(|tier| {
            assert!((tier.threshold(&slo) - tier.factor * 0.001).abs() < TOLERANCE);
            (tier.factor, tier.long.as_secs(), tier.short.as_secs(), tier.severity.label())
        })
        .collect();
    // Any case with default rules, a target of 99.9 % and an open window shows all four.
    let mut random = Random::new(1);
    let ours = loop {
        let mut case = generate::case(&mut random);
        case.slo.rules = None;
        case.closed = false;
        for objective in &mut case.slo.objectives {
            objective.past_targets.clear();
            objective.target = domain::Target::from_parts(999_000_000).expect("a target");
        }
        if let Some(status) = statuses(&case, Feed::Slices).1.into_iter().next() {
            break status.alerts;
        }
    };
    let ours: Vec<_> = ours
        .iter()
        .map(|alert| match alert.condition {
            Condition::Burn { threshold_thousandths, long_seconds, short_seconds } => (
                f64::from(threshold_thousandths) / 1e3,
                u64::from(long_seconds),
                u64::from(short_seconds),
                alert.severity.word(),
            ),
            other => panic!("{other:?} is no burn rule"),
        })
        .collect();
    assert_eq!(ours, theirs);
}
