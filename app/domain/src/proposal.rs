//! What proposals about an objective are made of and answered with: the cost of nines, and "what if it were declared
//! differently". Types only; `nines` and `whatif` compute them.
//!
//! Invariants: unknown is `None`, never zero; seconds are whole; labels are the strings that people read. A change has
//! an address (`query`) that reads back as the same change.

mod query;

use serde::{Deserialize, Serialize};

use crate::estate::{Method, Window};
use crate::ratio::Target;
use crate::rules::{Condition, Severity};
use crate::slice::Bounds;
use crate::status::{ObjectiveStatus, State};

pub use query::{MAX_QUERY_BYTES, QueryError};

/// What an objective would be declared as instead; `None` leaves it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The share of good that is aimed at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// What makes a judged slice good; with Timeslices only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice_target: Option<Target>,
    /// Length of the judged slices; with Timeslices and `RatioTimeslices`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice_seconds: Option<u32>,
    /// How budget is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// What the target is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
}

impl Change {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// An objective as it is declared, and as it would stand if it were declared differently.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhatIf {
    /// The stretch in which alerts and states are counted.
    pub range: Bounds,
    /// How far apart the instants are at which the objective was judged in it.
    pub step_seconds: i64,
    /// As declared.
    pub before: Outlook,
    /// As changed.
    pub after: Outlook,
}

/// How an objective stands, and how it would have done over a stretch of the past.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// The window in words, e.g. `the last 30 d`.
    pub window: String,
    /// How budget is counted.
    pub method: Method,
    /// Length of the judged slices; none where events are counted.
    pub slice_seconds: Option<u32>,
    /// What makes one good; with Timeslices only.
    pub slice_target: Option<Target>,
    /// The status at the end of the range.
    pub status: ObjectiveStatus,
    /// What each alert rule would have done, in the order of the rules.
    pub rules: Vec<RuleActivity>,
    /// Burn rules that no outage can make fire, because not even all events being bad burns that fast.
    pub unreachable: Vec<String>,
    /// Seconds of the range in each state that occurred, worst first; a step has the state at its end.
    pub states: Vec<StateTime>,
    /// Steps of the range.
    pub steps: u32,
    /// Steps at whose end something could be said, that is, not `no_data`.
    pub judged_steps: u32,
    /// Steps at whose end the objective was breached.
    pub breached_steps: u32,
    /// Breached steps / judged steps; none if none was judged.
    pub breached_share: Option<f64>,
}

/// What an alert rule would have done over a range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleActivity {
    /// Name of the rule.
    pub policy: String,
    /// How urgent it is.
    pub severity: Severity,
    /// What must be true.
    pub condition: Condition,
    /// How often it began to fire inside the range; frozen in between is no new beginning.
    pub firings: u32,
    /// Whether it was firing already where the range begins, which is not among `firings`.
    pub was_firing: bool,
    /// Seconds in which it fired; a step counts by what the rule says at its end.
    pub firing_seconds: i64,
    /// Of these, the ones in which a more urgent burn rule spoke for it.
    pub suppressed_seconds: i64,
    /// Seconds in which there was too little data to say.
    pub frozen_seconds: i64,
}

/// How long a state lasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateTime {
    /// The state.
    pub state: State,
    /// Seconds.
    pub seconds: i64,
}

/// What targets cost over a window of one length.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CostOfNines {
    /// Length of the window.
    pub window_seconds: i64,
    /// The same for people, e.g. `30 d`.
    pub window: String,
    /// A line for each target, in the order asked for.
    pub rows: Vec<CostOfTarget>,
}

/// What one target allows over a window: in time of full outage at steady traffic, and in events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CostOfTarget {
    /// The target.
    pub target: Target,
    /// The same for people: `99.9 %`.
    pub target_label: String,
    /// Full outage that the whole budget allows, in seconds, rounded down; 0 with a target of 1.
    pub allowed_seconds: i64,
    /// The same for people: `43 min 12 s`.
    pub allowed: String,
    /// Length of the longest single outage that what is left of the budget survives; negative if more than all is
    /// spent; none if what is left is not known.
    pub survived_seconds: Option<i64>,
    /// The same for people; `—` if not known.
    pub survived: String,
    /// What each burn rule says of a full outage, in their order; rules out of reach are left out.
    pub tiers: Vec<TierCost>,
    /// With fewer events than this in the window a single failure misses the target; none with a target of 1, which
    /// no number of events makes up for.
    pub events_for_one_failure: Option<u64>,
    /// The same for people: `1,000`, or `never`.
    pub events: String,
}

/// When a burn rule fires in a full outage at steady traffic that nothing bad came before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TierCost {
    /// Name of the rule, e.g. `14.4x over 1 h`.
    pub policy: String,
    /// How urgent it is.
    pub severity: Severity,
    /// The first whole second of the outage at whose end it fires.
    pub fires_after_seconds: i64,
    /// The same for people: `52 s`.
    pub fires_after: String,
    /// Share of the window's budget that is gone by then; above 1 if the rule comes too late.
    pub consumed_ratio: Option<f64>,
    /// The same for people, rounded up: `2.1 %`.
    pub consumed: String,
}

/// What is left of a budget, as the status of an objective has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remaining {
    /// The target of that objective.
    pub target: Target,
    /// `error_budget.remaining_seconds`: time of full outage, rounded down; negative when over budget.
    pub seconds: i64,
}

impl Remaining {
    /// Of an objective; none if it has none: without traffic, or with a target of 1.
    pub fn of(status: &ObjectiveStatus) -> Option<Self> {
        Some(Self { target: status.target, seconds: status.error_budget.remaining_seconds? })
    }
}
