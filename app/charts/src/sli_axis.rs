//! The value axis of an SLI: from a round figure up to 100 %, linear, chosen so that the target can be read.
//!
//! It shows at least twice the error budget, so that the target stands off the floor, and at most ten times, so that it
//! stands off the top: one bad hour would otherwise press everything else into one line. What lies below is marked,
//! not drawn. A target of 100 % is the top itself, and any depth leaves it readable.

use domain::{Target, format};

use crate::figure::Tick;

/// A whole, in the parts that targets are counted in.
const WHOLE_PARTS: i64 = 1_000_000_000;
/// A percent, likewise.
const PERCENT_PARTS: i64 = WHOLE_PARTS / 100;
/// The axis reaches at least so many budgets down.
const BUDGETS_MIN: i64 = 2;
/// The axis reaches at most so many budgets down.
const BUDGETS_MAX: i64 = 10;
/// The depth of an axis without a budget and without anything bad.
const FLAWLESS_PARTS: i64 = PERCENT_PARTS;
/// Labels nearer to the target's than this percentage of the height give way to it.
const LABEL_DISTANCE_PERCENT: i64 = 9;
/// Depths begin with one of these digits; with each goes the number of divisions that have a round length.
const DEPTHS: [(i64, i64); 3] = [(1, 5), (2, 4), (5, 5)];

/// An axis; all lengths are in parts per 10^9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SliAxis {
    /// From 100 % down to the floor.
    depth: i64,
    /// From a label to the next.
    division: i64,
    target: i64,
}

impl SliAxis {
    /// For a target, and the share of bad events, in parts per 10^9, of the worst that there is to show.
    pub(crate) fn new(target: Target, worst_parts: i64) -> Self {
        let budget = i64::from(target.budget_parts());
        let (least, most) = match budget {
            0 => (FLAWLESS_PARTS, WHOLE_PARTS),
            _ => (budget * BUDGETS_MIN, (budget * BUDGETS_MAX).min(WHOLE_PARTS)),
        };
        let wanted = if budget == 0 && worst_parts > 0 { worst_parts } else { worst_parts.max(least) };
        // The round depth that shows what is wanted, or the deepest that is allowed.
        let (mut depth, mut division) = (1, 1);
        for (round, divisions) in round_depths().take_while(|(round, _)| *round <= most) {
            (depth, division) = (round, (round / divisions).max(1));
            if round >= wanted {
                break;
            }
        }
        Self { depth, division, target: i64::from(target.parts()) }
    }

    /// The SLI at the bottom of the axis, a ratio.
    pub(crate) fn floor(self) -> f64 {
        ratio(WHOLE_PARTS - self.depth)
    }

    /// Height of an SLI, a fraction from the top: above 1 below the floor.
    pub(crate) fn fraction(self, sli: f64) -> f64 {
        (1.0 - sli) / ratio(self.depth)
    }

    /// The floor as text, such as `99 %`.
    pub(crate) fn floor_label(self) -> String {
        self.label(WHOLE_PARTS - self.depth)
    }

    /// Labels from the top to the bottom with the SLI at which they stand, the target's among them: at most seven.
    pub(crate) fn ticks(self) -> Vec<(f64, Tick)> {
        let near = |value: i64| (value - self.target).abs() * 100 < self.depth * LABEL_DISTANCE_PERCENT;
        let round = (0..=self.depth / self.division).map(|index| WHOLE_PARTS - index * self.division);
        let mut values: Vec<i64> = round.filter(|value| !near(*value)).collect();
        let above = values.iter().take_while(|value| **value > self.target).count();
        values.insert(above, self.target);
        let tick = |value: i64| {
            let label = if value == self.target { self.target_label() } else { self.label(value) };
            (ratio(value), Tick { fraction: self.fraction(ratio(value)), label })
        };
        values.into_iter().map(tick).collect()
    }

    fn target_label(self) -> String {
        let target = u32::try_from(self.target).ok().and_then(Target::from_parts);
        target.map(|target| format!("{} %", target.percent())).unwrap_or_default()
    }

    /// A value with as many digits as the divisions need.
    fn label(self, value: i64) -> String {
        let mut unit = PERCENT_PARTS;
        let mut decimals = 0;
        while unit > 1 && self.division % unit != 0 {
            unit /= 10;
            decimals += 1;
        }
        format::percent_down(Some(ratio(value)), decimals)
    }
}

/// Depths with their divisions, shallow ones first, up to a whole.
fn round_depths() -> impl Iterator<Item = (i64, i64)> {
    let powers = (0..=9).map(|power| 10_i64.pow(power));
    powers
        .flat_map(|power| DEPTHS.map(|(digit, divisions)| (digit * power, divisions)))
        .take_while(|(depth, _)| *depth <= WHOLE_PARTS)
}

/// Parts as a ratio: the nearest `f64`, so that its shortest decimal is exact.
#[expect(clippy::cast_precision_loss, reason = "at most 10^9")]
fn ratio(parts: i64) -> f64 {
    parts as f64 / WHOLE_PARTS as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(target: &str, worst_parts: i64) -> String {
        let axis = SliAxis::new(Target::parse(target).unwrap(), worst_parts);
        axis.ticks().into_iter().map(|(_, tick)| tick.label).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn target_and_worst_step_can_be_read() {
        assert_eq!(labels("0.999", 0), "100 %, 99.95 %, 99.9 %, 99.85 %, 99.80 %");
        assert_eq!(labels("0.999", 4_000_000), "100 %, 99.9 %, 99.8 %, 99.7 %, 99.6 %, 99.5 %");
        assert_eq!(labels("0.9999", 0), "100 %, 99.995 %, 99.99 %, 99.985 %, 99.980 %");
        assert_eq!(labels("0.9995", 1_200_000), "100 %, 99.95 %, 99.90 %, 99.85 %, 99.80 %");
        assert_eq!(labels("0.99", 70_000_000), "100 %, 99 %, 98 %, 96 %, 94 %, 92 %, 90 %");
        assert_eq!(labels("0.5", 0), "100 %, 80 %, 60 %, 50 %, 40 %, 20 %, 0 %");
    }

    #[test]
    fn an_outage_does_not_press_the_rest_into_one_line() {
        assert_eq!(
            labels("0.9999", 1_000_000_000),
            "100 %, 99.99 %, 99.98 %, 99.96 %, 99.94 %, 99.92 %, 99.90 %"
        );
        assert_eq!(labels("0.9", 1_000_000_000), "100 %, 90 %, 80 %, 60 %, 40 %, 20 %, 0 %");
    }

    #[test]
    fn a_target_of_all_is_the_top() {
        assert_eq!(labels("1", 0), "100 %, 99.8 %, 99.6 %, 99.4 %, 99.2 %, 99.0 %");
        assert_eq!(labels("1", 30_000), "100 %, 99.999 %, 99.998 %, 99.997 %, 99.996 %, 99.995 %");
        assert_eq!(labels("1", 1_000_000_000), "100 %, 80 %, 60 %, 40 %, 20 %, 0 %");
    }

    proptest! {
        #[test]
        fn every_axis_is_labelled_in_order_and_shows_the_target_apart(
            target in 1_u32..=1_000_000_000,
            worst in 0_i64..=1_000_000_000,
        ) {
            let target = Target::from_parts(target).unwrap();
            let axis = SliAxis::new(target, worst);
            let ticks = axis.ticks();
            prop_assert!((2..=7).contains(&ticks.len()), "{ticks:?}");
            prop_assert!(ticks.windows(2).all(|pair| pair[0].1.fraction < pair[1].1.fraction), "{ticks:?}");
            prop_assert!(ticks.iter().all(|(_, tick)| (-1e-9..=1.0 + 1e-9).contains(&tick.fraction)), "{ticks:?}");
            let at = axis.fraction(target.as_f64());
            prop_assert!(target.is_zero_tolerance() || at > 0.099, "{at}");
            prop_assert!(at < 0.5001 || target.budget_parts() > 500_000_000, "{at}");
        }
    }
}
