//! SLIs, objectives, windows, error budgets, burn rates and health: pure.
//!
//! Invariants: no clock (time is a parameter), no I/O, no randomness, no panic; integers until the last step, one
//! rounding; unknown is `None`, never zero. Client and server link the same code.

pub mod budget;
pub mod burn;
pub mod coverage;
pub mod estate;
pub mod evaluate;
pub mod exhaustion;
pub mod explain;
pub mod format;
pub mod health;
pub mod history;
pub mod plan;
pub mod ratio;
pub mod series;
pub mod slice;
pub mod status;
#[cfg(test)]
mod testing;
pub mod time;
pub mod verdict;

pub use estate::{Estate, Objective, Service, Sli, Slo};
pub use evaluate::evaluate;
pub use explain::{Term, explain};
pub use health::{HealthVerdict, Observation, SliHealth, service_health};
pub use history::{MAX_HISTORY_POINTS, history, history_plan, history_replan};
pub use plan::{Plan, plan};
pub use ratio::Target;
pub use series::{Series, fine_hours};
pub use slice::{Block, Bounds, Measured, Measurement, Slice, Sum};
pub use status::{Health, HistoryPoint, ObjectiveStatus, ServiceStatus, SloStatus, State};
pub use time::Instant;
