//! Composites: one objective over several others, by one of four rules that give different numbers. What is declared,
//! and how it stands, in the shape that the API and the pages use; `blend` computes it.

use serde::{Deserialize, Serialize};

use crate::estate::Origin;
use crate::explain::Term;
use crate::ratio::Target;
use crate::slice::Bounds;
use crate::status::State;

/// One objective over several others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Composite {
    /// `metadata.name`; shares the names of SLOs.
    pub name: String,
    /// `metadata.displayName`, else the name.
    pub display_name: String,
    /// `spec.description`.
    pub description: Option<String>,
    /// Name of the service.
    pub service: String,
    /// The share of good that is aimed at.
    pub target: Target,
    /// How the members are put together.
    pub rule: CompositeRule,
    /// What a member without a figure stands for.
    pub no_data: MemberNoData,
    /// At least one; none is the composite itself, directly or not.
    pub members: Vec<Member>,
    /// Where it stands.
    pub origin: Origin,
}

/// What is put together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// An SLO or another composite.
    pub slo: String,
    /// The objective of the SLO; its first if none is named.
    pub objective: Option<String>,
    /// Weight in parts per 10^9: 1 is 10^9.
    pub weight_parts: u64,
}

/// The four rules, with what two members at 95 % and weight 1 give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompositeRule {
    /// OpenSLO's Occurrences: the weighted shares of budget that the members consumed add up.
    SumOfBurns,
    /// OpenSLO's Timeslices: a slice is bad if it is bad for any member: at most 95 %.
    AnyBadSlice,
    /// OpenSLO's `RatioTimeslices`: what the members miss, weighted, adds up: 90 %.
    SumOfMissing,
    /// The weighted mean of the members' SLIs, over the sum of their weights: 95 %.
    WeightedMean,
}

/// What a member without a figure stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberNoData {
    /// The composite has no data either.
    NoData,
    /// It is left out, and the weights of the others stand for the whole.
    LeaveOut,
    /// All of it is bad.
    Bad,
}

/// How a composite stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompositeStatus {
    /// Name of the composite.
    pub composite: String,
    /// Its name for people.
    pub display_name: String,
    /// Name of its service.
    pub service: String,
    /// How the members were put together.
    pub rule: CompositeRule,
    /// The share of good that is aimed at.
    pub target: Target,
    /// Its state; never `at_risk` by a burn rate, as composites have no alert rules.
    pub state: State,
    /// The rule that gave the state.
    pub state_reason: String,
    /// 1 less what is missing; below 0 where the members of a sum miss more than everything. None without a figure.
    pub sli: Option<f64>,
    /// What is missing / (1 - target); none without a figure or with a target of 1.
    pub consumed_ratio: Option<f64>,
    /// 1 - consumed, signed and never clamped.
    pub remaining_ratio: Option<f64>,
    /// Consumed of the budget at the end of the periods of those members whose period is running; none if none is.
    pub projected_consumed_ratio: Option<f64>,
    /// The slices that were judged; with any-bad-slice only.
    pub slices: Option<CompositeSlices>,
    /// The members in the order of declaration.
    pub members: Vec<MemberStatus>,
    /// How all of it comes about, for people.
    pub terms: Vec<Term>,
}

/// The slices of an any-bad-slice composite over its window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CompositeSlices {
    /// The window: from the latest begin of the members' windows to the latest end of what is summed of them.
    pub window: Bounds,
    /// Length of a slice: the greatest common divisor of those of the members.
    pub seconds: u32,
    /// Good for every member that has a say.
    pub good: u64,
    /// Bad for a member.
    pub bad: u64,
    /// Bad for none, and some member has no data.
    pub unknown: u64,
    /// No member has a say: no traffic, excluded, or before the first data.
    pub left_out: u64,
    /// Known slices / (known and unknown ones), idle ones known too; none without slices.
    pub coverage: Option<f64>,
}

/// What a member adds to a composite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberStatus {
    /// An SLO or another composite.
    pub slo: String,
    /// The objective of the SLO; none of a composite, or if there is no such member.
    pub objective: Option<String>,
    /// Weight in parts per 10^9, as declared.
    pub weight_parts: u64,
    /// Its own state; none if it is not known.
    pub state: Option<State>,
    /// Its own SLI.
    pub sli: Option<f64>,
    /// What it consumed of its own budget.
    pub consumed_ratio: Option<f64>,
    /// How it was taken.
    pub taken: Taken,
    /// What it consumed of the composite's budget, as a ratio of it: these add up to what the composite consumed.
    pub adds_ratio: Option<f64>,
    /// Its share of what the composite consumed, 0 to 1; none if nothing was. A slice that is bad for several members
    /// is shared evenly between them.
    pub share: Option<f64>,
}

/// How a member was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Taken {
    /// With its figures.
    Counted,
    /// It had no traffic, so nothing of it is missing.
    Idle,
    /// It had no figure and was left out.
    LeftOut,
    /// It had no figure and counts as all bad.
    AsBad,
    /// It has no figure, and so the composite has none.
    NoFigure,
}

impl Taken {
    /// The words for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::Idle => "no traffic",
            Self::LeftOut => "no data, left out",
            Self::AsBad => "no data, counts as bad",
            Self::NoFigure => "no data",
        }
    }
}

impl CompositeRule {
    /// The words for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::SumOfBurns => "sum of burns",
            Self::AnyBadSlice => "any bad slice",
            Self::SumOfMissing => "sum of missing",
            Self::WeightedMean => "weighted mean",
        }
    }
}
