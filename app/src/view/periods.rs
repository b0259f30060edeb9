//! Calendar periods: the one that a page is about, and those that have ended as they were frozen. The machine API
//! answers frozen ones in this very shape.

use domain::{Count, Instant, State, Target};
use serde::{Deserialize, Serialize};

/// A period of a calendar window and its neighbours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// Its name, e.g. `October 2026`.
    pub label: String,
    /// Whether it is still running.
    pub running: bool,
    /// The end of the period before it, for its address.
    pub previous: Instant,
    /// The end of the period after it; none if that is the running one.
    pub next: Option<Instant>,
}

/// What a page shows of closed periods.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ClosedPeriods {
    /// The closed period that the page is about, its revisions oldest first; none if it is not frozen, or still running.
    pub shown: Option<FrozenPeriod>,
    /// Whether the figures of the page, as known now, are others than those of its latest revision.
    pub differs: bool,
    /// The last periods before the running one, newest first, each with its latest revision only.
    pub latest: Vec<FrozenPeriod>,
}

/// A period and its revisions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrozenPeriod {
    /// Inclusive.
    pub from: Instant,
    /// Exclusive.
    pub to: Instant,
    /// Its name, e.g. `October 2026`.
    pub label: String,
    /// Oldest first.
    pub revisions: Vec<FrozenRevision>,
}

/// What was known of a period when it was frozen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrozenRevision {
    /// Counts up from 1.
    pub revision: u32,
    /// When.
    pub frozen_at: Instant,
    /// Why there is this revision, e.g. `closed` or `late data: 120 events, 3 of them bad`.
    pub reason: String,
    /// The figures, in the order of declaration.
    pub objectives: Vec<FrozenObjective>,
}

/// The main figures of an objective.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrozenObjective {
    /// Name.
    pub name: String,
    /// The target that it was judged by.
    pub target: Target,
    /// Its state.
    pub state: State,
    /// Good events or slices.
    #[serde(skip)]
    pub good: Option<Count>,
    /// All events or slices.
    #[serde(skip)]
    pub total: Option<Count>,
    /// good / total.
    pub sli: Option<f64>,
    /// Measured share.
    pub coverage: Option<f64>,
    /// bad / budget.
    pub consumed_ratio: Option<f64>,
}

impl FrozenPeriod {
    /// The state that speaks for a revision: the worst of its objectives.
    pub fn latest_state(&self) -> Option<State> {
        self.revisions.last()?.objectives.iter().map(|objective| objective.state).min()
    }
}
