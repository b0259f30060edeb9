//! What is frozen of a period, in the form that revisions are compared in.
//!
//! Invariants: only what bears on a closed period's verdict is compared. Its burn rates also look at what was before it
//! and no rule of it fires, the words of a reason may be put better by a later version, and an exclusion counts by what
//! it takes: none of these makes a revision. What an earlier version did not write yet reads as absent.

use domain::estate::{Method, SliceRule};
use domain::exclusion::Category;
use domain::status::{Excluded, GapFill, Raw};
use domain::{
    Bounds, Count, Effect, Estate, GapPolicy, Instant, Slo, SloStatus, State, Target, Window, calendar,
};
use serde::{Deserialize, Serialize};

use crate::store::{ClosedPeriod, MeasuredInPeriod};

/// A period as it was, or would be, frozen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    /// The period.
    pub bounds: Bounds,
    /// Its events before anybody judged them.
    pub measured: MeasuredInPeriod,
    /// What bore on its figures.
    pub policy: Policy,
    /// Its figures, in the order of declaration.
    pub objectives: Vec<Figures>,
}

/// The declaration as far as it bears on the figures of one period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Policy {
    /// Name of the indicator.
    pub sli: String,
    /// The window.
    pub window: Window,
    /// How budget is counted.
    pub method: Method,
    /// What time without a measurement stands for.
    pub gap: GapPolicy,
    /// Least coverage for a verdict.
    pub coverage_floor: Target,
    /// The objectives, in the order of declaration.
    pub objectives: Vec<Promise>,
    /// What is excluded in the period, in the order of declaration.
    pub exclusions: Vec<Taken>,
}

/// An objective with the target that was valid in the period's last second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Promise {
    /// Name.
    pub name: String,
    /// The target.
    pub target: Target,
    /// How slices are judged.
    #[serde(default)]
    pub slices: Option<SliceRule>,
}

/// What an exclusion takes of a period, and who says so and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Taken {
    /// Name.
    pub name: String,
    /// What kind of reason.
    pub category: Category,
    /// Who answers for it.
    pub author: String,
    /// Why.
    pub reason: String,
    /// What becomes of the time.
    pub effect: Effect,
    /// When, inside the period.
    pub stretches: Vec<Bounds>,
}

/// What is compared of an objective's status.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Figures {
    /// Name of the objective.
    pub name: String,
    /// Its target.
    pub target: Target,
    /// Its state.
    pub state: State,
    /// First measured second.
    pub effective_from: Option<Instant>,
    /// Good events or slices.
    pub good: Option<Count>,
    /// All events or slices.
    pub total: Option<Count>,
    /// good / total.
    pub sli: Option<f64>,
    /// Measured share.
    pub coverage: Option<f64>,
    measured_seconds: Option<u64>,
    covered_seconds: Option<u64>,
    #[serde(default)]
    flags: Vec<String>,
    gap: Option<GapFill>,
    raw: Option<Raw>,
    excluded: Option<Excluded>,
    /// The budget.
    pub error_budget: Consumed,
}

/// What is compared of an error budget.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Consumed {
    /// bad / budget.
    pub consumed_ratio: Option<f64>,
}

/// The part of a status that is read back.
#[derive(Deserialize)]
struct Judged {
    objectives: Vec<Figures>,
}

impl Policy {
    /// What bears on the figures of an SLO in a period.
    pub(crate) fn of(slo: &Slo, estate: &Estate, period: Bounds) -> Self {
        let promise = |objective: &domain::Objective| Promise {
            name: objective.name.clone(),
            // A closed period is judged by the target of its last second.
            target: objective.target_at(period.to - 1),
            slices: objective.slices,
        };
        let inside =
            |bounds: Bounds| Bounds { from: bounds.from.max(period.from), to: bounds.to.min(period.to) };
        let touching = estate.exclusions.iter().filter(|one| one.touches(&slo.name, &slo.service));
        let taken = touching.map(|one| Taken {
            name: one.name.clone(),
            category: one.category,
            author: one.author.clone(),
            reason: one.reason.clone(),
            effect: one.effect,
            stretches: calendar::occurrences(&one.when, period).into_iter().map(inside).collect(),
        });
        Self {
            sli: slo.sli.clone(),
            window: slo.window.clone(),
            method: slo.method,
            gap: slo.gap,
            coverage_floor: slo.coverage_floor,
            objectives: slo.objectives.iter().map(promise).collect(),
            exclusions: taken.filter(|taken| !taken.stretches.is_empty()).collect(),
        }
    }
}

impl Figures {
    /// The figures of a status, as they read once they are frozen.
    pub(crate) fn of(status: &SloStatus) -> Result<Vec<Self>, serde_json::Error> {
        Self::read(&serde_json::to_string(status)?)
    }

    /// The figures of a frozen status.
    pub(crate) fn read(status: &str) -> Result<Vec<Self>, serde_json::Error> {
        serde_json::from_str::<Judged>(status).map(|judged| judged.objectives)
    }

    /// Whether nothing but the name differs.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        *self == Self { name: self.name.clone(), ..other.clone() }
    }
}

impl Record {
    /// Reads what was frozen; an error if a version that this one does not know has written it.
    pub(crate) fn read(frozen: &ClosedPeriod) -> Result<Self, serde_json::Error> {
        Ok(Self {
            bounds: frozen.bounds,
            measured: frozen.measured,
            policy: serde_json::from_str(&frozen.policy)?,
            objectives: Figures::read(&frozen.status)?,
        })
    }
}
