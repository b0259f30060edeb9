//! The budget of a period that is still running, and what it is reckoned from.

use serde::{Deserialize, Serialize};

use crate::count::Count;

/// What the rest of a running period is expected to be like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// The mean of the period so far goes on.
    #[default]
    Linear,
    /// It repeats the week before.
    Week,
}

impl Profile {
    /// How the budget is projected, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Linear => "projected, linearly",
            Self::Week => "projected, as the week before",
        }
    }
}

/// Budget of a period that is still running, projected to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectedBudget {
    /// Bad events allowed over the whole period.
    pub total: f64,
    /// bad so far / that budget.
    pub consumed_ratio: Option<f64>,
    /// 1 - consumed, rounded from integers on its own.
    #[serde(default)]
    pub remaining_ratio: Option<f64>,
    /// Seconds of the period from the effective window's begin on, without what is removed or dropped.
    pub period_seconds: u64,
    /// What the rest of the period is expected to be like.
    #[serde(default)]
    pub profile: Profile,
    /// Of the period's seconds, those after the horizon.
    #[serde(default)]
    pub rest_seconds: u64,
    /// Events or slices that the rest of the period is expected to bring: as many whole weeks as fit into it times
    /// `week_total`, and `part_total`. None if projected linearly, in proportion to time.
    #[serde(default)]
    pub expected_total: Option<Count>,
    /// Events or slices of the seven days before the horizon; none if projected linearly.
    #[serde(default)]
    pub week_total: Option<Count>,
    /// Of these, the ones at the begin of the week, in as many seconds as the rest has beyond whole weeks; none if
    /// projected linearly.
    #[serde(default)]
    pub part_total: Option<Count>,
}
