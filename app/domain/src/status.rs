//! The answer to "how does this SLO stand?", in the very shape that the API, the stream and the pages use.
//!
//! Unknown is `None`, in JSON `null`, never zero. Ratios are rounded once from integers.

mod projected;

use serde::{Deserialize, Serialize};

use crate::count::Count;
use crate::estate::GapPolicy;
use crate::ratio::Target;
use crate::rules::{Condition, Severity};
use crate::time::Instant;

pub use projected::{Profile, ProjectedBudget};

/// The flag of an objective whose window holds a slice with more good than total.
pub const FLAG_GOOD_OVER_TOTAL: &str = "good_over_total";
/// The flag of an objective whose counts hold some for time without a measurement.
pub const FLAG_GAP_FILLED: &str = "gap_filled";

/// State of an objective over its window; the order is worst first, as pages list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The target is missed, or the budget spent.
    Breached,
    /// It will be, if nothing changes.
    AtRisk,
    /// Too little or too old data for a verdict.
    NoData,
    /// Measured, but no event at all.
    NoTraffic,
    /// Within budget.
    Met,
}

/// Health of a service now; the order is worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Every fresh SLI fails.
    Down,
    /// Some SLI fails or is impaired.
    Degraded,
    /// No SLI is fresh.
    Unknown,
    /// Planned work.
    Maintenance,
    /// All is well.
    Up,
}

/// Status of an SLO at an instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SloStatus {
    /// Name of the SLO.
    pub slo: String,
    /// Name of its service.
    pub service: String,
    /// OpenSLO's budgeting method.
    pub method: String,
    /// Revision of the declaration.
    pub revision: u32,
    /// The instant asked about.
    pub at: Instant,
    /// End of the latest measured slice that starts before `at`, at most `at`.
    pub data_until: Option<Instant>,
    /// One for each target.
    pub objectives: Vec<ObjectiveStatus>,
}

/// Status of one objective.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObjectiveStatus {
    /// Name of the objective.
    pub name: String,
    /// Its target.
    pub target: Target,
    /// Its state.
    pub state: State,
    /// The rule that gave the state.
    pub state_reason: String,
    /// The nominal window.
    pub window: WindowBounds,
    /// First measured second inside the window.
    pub effective_from: Option<Instant>,
    /// Good events or slices, capped at total; like bad and total none if nothing was measured in the window.
    pub good: Option<Count>,
    /// Bad events or slices.
    pub bad: Option<Count>,
    /// All events or slices.
    pub total: Option<Count>,
    /// What is counted: `events` or `slices`.
    pub unit: String,
    /// good / total.
    pub sli: Option<f64>,
    /// Measured seconds / seconds of the effective window, excluded time left out of both.
    pub coverage: Option<f64>,
    /// The measured seconds.
    pub measured_seconds: Option<u64>,
    /// The seconds of the effective window without excluded time.
    pub covered_seconds: Option<u64>,
    /// Remarks on the data: `good_over_total`, `gap_filled`.
    pub flags: Vec<String>,
    /// What stands for time without a measurement, where the gap policy is not to leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<GapFill>,
    /// The figures without exclusions, where there are exclusions.
    pub raw: Option<Raw>,
    /// What was excluded, where something was.
    pub excluded: Option<Excluded>,
    /// The budget.
    pub error_budget: ErrorBudget,
    /// The long and short windows of every burn-rate tier, shortest first.
    pub burn_rates: Vec<BurnRate>,
    /// The alert rules and what they say, most urgent first; none of a closed period.
    pub alerts: Vec<Alert>,
}

/// What stands for time without a measurement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GapFill {
    /// The policy.
    pub policy: GapPolicy,
    /// Seconds of the effective window without a measurement.
    pub seconds: u64,
    /// Events or slices that were added to total for them, and to good if the policy is good; none if held, which is
    /// part of the counts.
    pub added: Option<Count>,
}

/// Nominal bounds of a window, start inclusive, end exclusive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowBounds {
    /// Inclusive.
    pub from: Instant,
    /// Exclusive.
    pub to: Instant,
    /// `rolling` or `calendar`.
    pub kind: String,
    /// IANA zone of a calendar window.
    pub time_zone: Option<String>,
}

/// Figures before exclusions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Raw {
    /// Good events or slices.
    pub good: Count,
    /// Bad events or slices.
    pub bad: Count,
    /// All events or slices.
    pub total: Count,
    /// good / total.
    pub sli: Option<f64>,
    /// Coverage.
    pub coverage: Option<f64>,
}

/// What exclusions took out, or counted as good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// Seconds inside the effective window.
    pub seconds: u64,
    /// Of these, the ones that shorten the window.
    pub removed_seconds: u64,
    /// Good events or slices measured in them.
    pub good: Count,
    /// All events or slices measured in them.
    pub total: Count,
}

/// Signed and unclamped: over budget is negative.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorBudget {
    /// Bad events allowed: total x (1 - target).
    pub total: f64,
    /// bad / budget; none without traffic or with a target of 1.
    pub consumed_ratio: Option<f64>,
    /// 1 - consumed.
    pub remaining_ratio: Option<f64>,
    /// The budget as time of full outage over the window, in seconds, rounded down.
    pub seconds: Option<u64>,
    /// What is left of it, rounded down; negative when over budget.
    pub remaining_seconds: Option<i64>,
    /// When the budget will be gone at the rate of the last six hours, less what the window gives back; none if never.
    pub exhausts_at: Option<Instant>,
    /// The budget of a whole running calendar period.
    pub projected: Option<ProjectedBudget>,
}

impl ErrorBudget {
    /// What is left of the budget that the state goes by, signed: of a running period of the one projected to its end.
    pub fn left(&self) -> Option<f64> {
        self.projected.as_ref().map_or(self.remaining_ratio, |projected| projected.remaining_ratio)
    }
}

/// How many times faster than neutral the budget was spent over a look-back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BurnRate {
    /// Length of the look-back.
    pub window_seconds: u32,
    /// (bad / total) / (1 - target); none without traffic or with a target of 1.
    pub burn_rate: Option<f64>,
    /// Coverage of the look-back.
    pub coverage: Option<f64>,
    /// Bad events or slices of the look-back; none if nothing was measured in it.
    pub bad: Option<Count>,
    /// All events or slices of the look-back; none if nothing was measured in it.
    pub total: Option<Count>,
}

/// An alert rule and what it says now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Name of the rule, e.g. `14.4x over 1 h`.
    pub policy: String,
    /// How urgent it is.
    pub severity: Severity,
    /// What must be true.
    pub condition: Condition,
    /// What it says.
    pub state: AlertState,
    /// Since when it has been firing without a break; none if it is not, or not known.
    pub since: Option<Instant>,
    /// Of a burn rule: the smaller of the two burn rates, which governs it.
    pub burn_rate: Option<f64>,
    /// The more urgent burn rule that fires too and speaks for this one.
    pub suppressed_by: Option<String>,
}

/// What an alert rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Its condition is not met.
    Ok,
    /// Its condition is met.
    Firing,
    /// Too little data to say.
    Frozen,
}

/// A step of an objective's past: good, total and coverage are the step's own, remaining and state as of its `to`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryPoint {
    /// Inclusive.
    pub from: Instant,
    /// Exclusive.
    pub to: Instant,
    /// Good events or slices of the step; none if nothing was measured in it.
    pub good: Option<Count>,
    /// All events or slices of the step; none if nothing was measured in it.
    pub total: Option<Count>,
    /// Measured share of the step.
    pub coverage: Option<f64>,
    /// Budget left as of `to`.
    pub remaining_ratio: Option<f64>,
    /// State as of `to`.
    pub state: Option<State>,
}

/// A service as the API and the stream show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServiceStatus {
    /// Name.
    pub name: String,
    /// Name for people.
    pub display_name: String,
    /// Label `group`.
    pub group: Option<String>,
    /// Label `owner`.
    pub owner: Option<String>,
    /// Other labels as `key=value`.
    pub tags: Vec<String>,
    /// Health now.
    pub health: Health,
    /// Since when; none if it was so before anybody looked.
    pub since: Option<Instant>,
    /// Why, as a sentence for people.
    pub reason: String,
    /// Age of the oldest of the service's latest data; none if it has none.
    pub data_age_seconds: Option<i64>,
    /// Its objectives; left out on the stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objectives: Option<Vec<ServiceObjective>>,
}

/// An objective in the list of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServiceObjective {
    /// Name of the SLO.
    pub slo: String,
    /// As in the status of the SLO.
    #[serde(flatten)]
    pub status: ObjectiveStatus,
}
