//! Alert rules as declared: what must be true of an objective for somebody to be told.
//!
//! Thresholds are integers: shares of a budget in parts per 10^9, burn rates in thousandths.

use serde::{Deserialize, Serialize};

/// A rule and how urgent it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertRule {
    /// Name for people and scripts, e.g. `14.4x over 1 h`; unique within an SLO.
    pub name: String,
    /// How urgent.
    pub severity: Severity,
    /// What must be true.
    pub condition: Condition,
    /// Fewest events in the (long) look-back for the rule to speak; 0 for no such floor.
    #[serde(default)]
    pub min_events: u64,
}

/// How urgent an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Somebody must look now.
    Page,
    /// Somebody must look in working hours.
    Ticket,
}

impl Severity {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Ticket => "ticket",
        }
    }
}

/// What must be true for a rule to fire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Condition {
    /// The burn rate is at or above the threshold over the long and the short look-back.
    Burn {
        /// In thousandths: 14,400 is 14.4 times the neutral rate.
        threshold_thousandths: u32,
        /// Length of the long look-back, a multiple of 60.
        long_seconds: u32,
        /// Length of the short look-back, a multiple of 60 and at most the long one.
        short_seconds: u32,
    },
    /// At least this share of the budget is spent (of a running period: of the projected budget).
    BudgetConsumed {
        /// Parts per 10^9; above 10^9 means over budget.
        share_parts: u64,
    },
    /// What remains fell by at least this share of the budget over a look-back.
    BudgetDrop {
        /// Parts per 10^9.
        share_parts: u64,
        /// Length of the look-back, a multiple of 60.
        seconds: u32,
    },
    /// The budget will be gone within this time at the present rate, or is gone.
    Exhaustion {
        /// Seconds from the end of the data.
        within_seconds: u32,
    },
    /// For low traffic: the bad events of a look-back are at least this share of the budget of a whole window at its
    /// usual traffic. A ratio over ten requests says nothing, ten failures out of a month's budget do.
    AbsoluteBudget {
        /// Parts per 10^9.
        share_parts: u64,
        /// Length of the look-back, a multiple of 60.
        seconds: u32,
    },
}

impl Condition {
    /// The look-backs that it needs, in seconds.
    pub fn look_backs(self) -> impl Iterator<Item = u32> {
        let pair = match self {
            Self::Burn { long_seconds, short_seconds, .. } => [Some(long_seconds), Some(short_seconds)],
            Self::AbsoluteBudget { seconds, .. } => [Some(seconds), None],
            Self::BudgetDrop { .. } | Self::BudgetConsumed { .. } | Self::Exhaustion { .. } => [None, None],
        };
        pair.into_iter().flatten()
    }
}
