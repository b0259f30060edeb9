//! Rounding against us, and the shapes of texts.

use super::*;
use proptest::prelude::*;

fn target(percent: &str) -> Target {
    Target::parse_percent(percent).unwrap()
}

fn of_counts(good: u64, total: u64, target: Target) -> String {
    sli_percent(Some(Count::whole(good)), Some(Count::whole(total)), target)
}

#[test]
fn an_sli_has_one_digit_more_than_its_target_and_never_reaches_100_by_rounding() {
    assert_eq!(of_counts(998, 1_000, target("99.9")), "99.80 %");
    assert_eq!(of_counts(99_947, 100_000, target("99.95")), "99.947 %");
    assert_eq!(of_counts(999_999_999, 1_000_000_000, target("99.9")), "99.99 %");
    assert_eq!(of_counts(u64::MAX - 1, u64::MAX, target("99.9")), "99.99 %");
    assert_eq!(of_counts(u64::MAX, u64::MAX, target("99.9999999")), "100 %");
    assert_eq!(of_counts(0, 5, target("95")), "0 %");
    assert_eq!(of_counts(2, 3, target("95")), "66.6 %");
    assert_eq!(of_counts(0, 0, target("95")), UNKNOWN);
}

#[test]
fn ratios_go_the_way_that_is_worse_for_us() {
    assert_eq!(percent_down(Some(0.9995), 2), "99.95 %");
    assert_eq!(percent_down(Some(0.9995), 1), "99.9 %");
    assert_eq!(percent_up(Some(0.9991), 1), "100 %");
    assert_eq!(remaining(Some(-0.001)), "−0.1 %");
    assert_eq!(remaining(Some(-0.0011)), "−0.2 %");
    assert_eq!(remaining(Some(-1.0)), "−100 %");
    assert_eq!(consumed(Some(1e-12)), "0.1 %");
    assert_eq!(consumed(Some(2.0)), "200 %");
    assert_eq!(consumed(Some(-1e-12)), "0 %");
    assert_eq!(percent_down(Some(f64::NAN), 1), UNKNOWN);
    assert_eq!(percent_down(None, 1), UNKNOWN);
    assert_eq!(burn(Some(6.11)), "6.2×");
    assert_eq!(burn(Some(14.4)), "14.4×");
    assert_eq!(burn(Some(0.0)), "0.0×");
    assert_eq!(burn(Some(12_345.0)), "12,345.0×");
    assert_eq!(burn(None), UNKNOWN);
}

#[test]
fn counts_durations_and_ages() {
    assert_eq!(count(0), "0");
    assert_eq!(count(999), "999");
    assert_eq!(count(1_000_000), "1,000,000");
    assert_eq!(events_down(1_000.0), "1,000");
    assert_eq!(events_down(0.4329), "0.432");
    assert_eq!(events_down(f64::INFINITY), UNKNOWN);
    let texts = [
        (0, "0 s"),
        (59, "59 s"),
        (2_592, "43 min 12 s"),
        (7_200, "2 h"),
        (7_500, "2 h 5 min"),
        (86_400, "1 d"),
        (3 * 86_400 + 4 * 3_600, "3 d 4 h"),
        (12 * 86_400 + 5, "12 d"),
        (-61, "−1 min 1 s"),
    ];
    for (seconds, text) in texts {
        assert_eq!(duration(seconds), text);
    }
    assert_eq!(age(Some(8)), "8 s");
    assert_eq!(age(Some(8_580)), "2 h 23 min");
    assert_eq!(age(Some(-3)), "0 s");
    assert_eq!(age(None), UNKNOWN);
    assert!(duration(i64::MIN).ends_with(" d"));
}

#[test]
fn instants_in_utc() {
    let at = Instant::parse("2026-11-23T14:05:07Z").unwrap();
    assert_eq!(clock(at), "23 Nov 14:05 UTC");
    assert_eq!(date(at), "23 Nov");
    assert_eq!(date_year(at), "23 Nov 2026");
    assert_eq!(time_of_day(at), "14:05:07");
}

proptest! {
    #[test]
    fn one_hundred_percent_means_nothing_bad(bad in 1_u64.., total in 1_u64.., parts in 1_u32..=1_000_000_000) {
        let target = Target::from_parts(parts).unwrap();
        let bad = bad.min(total);
        prop_assert_ne!(of_counts(total - bad, total, target), "100 %");
        prop_assert_eq!(of_counts(total, total, target), "100 %");
    }

    #[test]
    fn below_the_target_never_reads_as_met(good in 0_u64..1_000_000_000, total in 1_u64..1_000_000_000, places in 0_usize..=2) {
        let target = target(["99", "99.9", "99.95"][places]);
        let good = good.min(total);
        let shown: f64 = of_counts(good, total, target).trim_end_matches(" %").parse().unwrap();
        let is_missed = u128::from(good) * 1_000_000_000 < u128::from(total) * u128::from(target.parts());
        prop_assert_eq!(is_missed, shown < target.percent().parse::<f64>().unwrap());
    }

    #[test]
    fn down_is_at_most_and_up_at_least(value in -1e6_f64..1e6, places in 0_usize..4) {
        let number = |text: String| -> f64 { text.trim_end_matches(" %").replace('−', "-").replace(',', "").parse().unwrap() };
        let (down, up) = (number(percent_down(Some(value), places)), number(percent_up(Some(value), places)));
        let slack = 1e-6;
        prop_assert!(down <= value * 100.0 + slack && value * 100.0 <= up + slack);
        prop_assert!(up - down <= 10_f64.powi(-i32::try_from(places).unwrap()) + slack);
    }

    #[test]
    fn any_float_has_a_text(value in any::<f64>(), places in 0_usize..40) {
        prop_assert!(percent_down(Some(value), places).len() <= 400);
        prop_assert!(!burn(Some(value)).is_empty());
    }
}
