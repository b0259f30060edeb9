//! SLIs, objectives, windows, error budgets, burn rates and health: pure.
//!
//! Invariants: no clock (time is a parameter), no I/O, no randomness, no panic; integers until the last step, one
//! rounding; unknown is `None`, never zero. What computes figures is behind the feature `engine`, which the client
//! leaves out, and with it time zones and recurrence rules. The rules are in RULES.md.

#[cfg(feature = "engine")]
mod alerting;
#[cfg(feature = "engine")]
pub mod blend;
pub mod budget;
pub mod burn;
#[cfg(feature = "engine")]
pub mod calendar;
pub mod composite;
pub mod count;
pub mod coverage;
pub mod estate;
#[cfg(feature = "engine")]
pub mod evaluate;
pub mod excluded;
pub mod exclusion;
#[cfg(feature = "engine")]
pub mod exhaustion;
pub mod explain;
pub mod format;
pub mod health;
#[cfg(feature = "engine")]
pub mod history;
pub mod lens;
#[cfg(feature = "engine")]
pub mod measure;
#[cfg(feature = "engine")]
pub mod nines;
#[cfg(feature = "engine")]
pub mod plan;
#[cfg(feature = "engine")]
mod projection;
pub mod proposal;
pub mod ratio;
pub mod rules;
pub mod series;
pub mod slice;
pub mod status;
#[cfg(feature = "engine")]
mod tally;
#[cfg(feature = "engine")]
#[cfg(test)]
mod testing;
pub mod time;
#[cfg(feature = "engine")]
pub mod verdict;
pub mod week;
#[cfg(feature = "engine")]
pub mod whatif;
pub mod window;

pub use count::Count;
pub use estate::{Estate, GapPolicy, Method, Objective, Service, Sli, Slo, Window};
#[cfg(feature = "engine")]
pub use evaluate::evaluate;
pub use excluded::Exclusions;
pub use exclusion::{Effect, Exclusion};
pub use explain::{Term, explain};
pub use health::{HealthVerdict, Observation, SliHealth, service_health};
#[cfg(feature = "engine")]
pub use history::{History, MAX_HISTORY_POINTS};
pub use lens::Lens;
#[cfg(feature = "engine")]
pub use plan::{Plan, Question, plan};
pub use ratio::Target;
pub use rules::{AlertRule, Condition, Severity};
pub use series::{Series, fine_hours};
pub use slice::{Block, Bounds, Measured, Measurement, Slice, Sum};
pub use status::{Health, HistoryPoint, ObjectiveStatus, ServiceStatus, SloStatus, State};
pub use time::Instant;
