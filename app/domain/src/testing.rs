//! What the unit tests of several modules share.

use std::collections::BTreeMap;

use crate::estate::{Objective, Origin, Sli, Slo, Window};
use crate::ratio::Target;
use crate::series::fine_hours;
use crate::slice::{Block, Bounds, Sum};
use crate::time::Instant;

/// An SLO with one objective for each target in percent.
pub(crate) fn slo(window_seconds: u32, targets: &[&str]) -> Slo {
    let objective = |text: &&str| Objective::new(*text, Target::parse_percent(text).unwrap());
    let window = Window::Rolling { seconds: window_seconds };
    let objectives = targets.iter().map(objective).collect();
    Slo {
        display_name: "Checkout availability".into(),
        revision: 3,
        origin: Origin { file: "checkout.yaml".into(), line: 12 },
        ..Slo::new("checkout-availability", "checkout", "checkout", window, objectives)
    }
}

pub(crate) fn sli(interval_seconds: u32) -> Sli {
    Sli {
        name: "checkout".into(),
        display_name: "Checkout".into(),
        interval_seconds,
        source: "pushed".into(),
        ..Sli::default()
    }
}

/// A measured slice; `measured` seconds from its start on.
pub(crate) fn slice(start: i64, seconds: u32, measured: u32, good: u64, total: u64) -> Block {
    let start = Instant::from_unix(start);
    let sum = Sum {
        good: good.min(total),
        total,
        measured_seconds: measured.into(),
        good_over_total: u64::from(good > total),
        first: Some(start),
        last: Some(start + i64::from(measured)),
    };
    Block { start, seconds, sum }
}

/// Sums of hours, with single slices in the hours that `bounds` ask for, as a store delivers them.
pub(crate) fn coarse(slices: &[Block], bounds: &[Bounds]) -> Vec<Block> {
    let fine = fine_hours(bounds);
    let mut hours: BTreeMap<Instant, Sum> = BTreeMap::new();
    let mut blocks = Vec::new();
    for slice in slices {
        let hour = slice.start.floor_to(3_600);
        if fine.binary_search(&hour).is_ok() {
            blocks.push(*slice);
        } else {
            hours.entry(hour).or_default().add(&slice.sum);
        }
    }
    blocks.extend(hours.into_iter().map(|(start, sum)| Block { start, seconds: 3_600, sum }));
    blocks
}
