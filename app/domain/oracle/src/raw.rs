//! A case: everything that a status depends on, as it reaches the system, and its text.
//!
//! Invariants: slices are in the order of their arrival, which is not that of time; the same place may come twice, and
//! the later write wins; where there are counters, slices are made of them and there are no others; the text of a case reads back as the same case.

pub mod counters;
pub mod generate;
pub mod shrink;
mod text;

use domain::estate::{Sli, Slo};
use domain::exclusion::Effect;
use domain::slice::{Measurement, Slice};

use counters::Counters;
pub use text::CaseError;

/// A question about an SLO, and the data that there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The objective, with all that is declared of it.
    pub slo: Slo,
    /// Its indicator.
    pub sli: Sli,
    /// The instant asked about, in seconds since 1970.
    pub at: i64,
    /// Whether the last closed period is asked for.
    pub closed: bool,
    /// Stretches `[from, to)` in seconds since 1970 and what becomes of them.
    pub exclusions: Vec<(i64, i64, Effect)>,
    /// Slices in the order of their arrival.
    pub slices: Vec<Slice>,
    /// What slices are made of, where they are; then there are no others.
    pub counters: Option<Counters>,
}

impl Case {
    /// The slices that stand after all have arrived, in the order of time: the later write to a place wins.
    pub fn stored(&self) -> Vec<Slice> {
        let mut places = std::collections::BTreeMap::new();
        for slice in &self.slices {
            places.insert(slice.start, slice);
        }
        places.into_values().cloned().collect()
    }

    /// As `stored`, measured ones only.
    pub fn measured(&self) -> Vec<Slice> {
        let stored = self.stored();
        stored.into_iter().filter(|slice| matches!(slice.measurement, Measurement::Measured(_))).collect()
    }
}
