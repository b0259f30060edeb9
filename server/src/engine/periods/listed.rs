//! What is frozen, for those who ask: pages and the machine API.

use app::view::{FrozenObjective, FrozenPeriod, FrozenRevision};
use domain::{Instant, SloStatus, Window, calendar};

use super::record::{Figures, Policy};
use crate::engine::Sources;
use crate::store::{ClosedPeriod, StoreError};

impl Sources<'_> {
    /// What is frozen of an SLO: the newest `periods` of those that begin before `before`, newest first, and of each the
    /// newest `revisions`, oldest first. A revision that cannot be read any more lists no objectives.
    pub(crate) async fn frozen(
        &self,
        slo: &str,
        before: Option<Instant>,
        periods: u32,
        revisions: u32,
    ) -> Result<Vec<FrozenPeriod>, StoreError> {
        let mut found: Vec<FrozenPeriod> = Vec::new();
        for frozen in self.store.closed_periods(slo, before, periods, revisions).await? {
            // The latest revision says where the period ends, and what it is called.
            let (bounds, label) = (frozen.bounds, label(&frozen));
            match found.last_mut().filter(|last| last.from == bounds.from) {
                Some(period) => {
                    (period.to, period.label) = (bounds.to, label);
                    period.revisions.push(listed(frozen));
                }
                None => found.push(FrozenPeriod {
                    from: bounds.from,
                    to: bounds.to,
                    label,
                    revisions: vec![listed(frozen)],
                }),
            }
        }
        Ok(found)
    }
}

/// Whether what is known now gives other figures than a revision of the same period; names and their order are none.
pub(crate) fn differs(status: &SloStatus, frozen: &FrozenRevision) -> bool {
    let known: Vec<FrozenObjective> =
        Figures::of(status).unwrap_or_default().into_iter().map(objective).collect();
    let is_known = |old: &FrozenObjective| {
        known.iter().any(|new| FrozenObjective { name: old.name.clone(), ..new.clone() } == *old)
    };
    known.len() != frozen.objectives.len() || !frozen.objectives.iter().all(is_known)
}

fn listed(frozen: ClosedPeriod) -> FrozenRevision {
    let figures = Figures::read(&frozen.status).unwrap_or_default();
    FrozenRevision {
        revision: frozen.revision,
        frozen_at: frozen.frozen_at,
        reason: frozen.reason,
        objectives: figures.into_iter().map(objective).collect(),
    }
}

fn objective(figures: Figures) -> FrozenObjective {
    FrozenObjective {
        name: figures.name,
        target: figures.target,
        state: figures.state,
        good: figures.good,
        total: figures.total,
        sli: figures.sli,
        coverage: figures.coverage,
        consumed_ratio: figures.error_budget.consumed_ratio,
    }
}

/// The name of a frozen period in the calendar that it was declared in.
fn label(frozen: &ClosedPeriod) -> String {
    match serde_json::from_str::<Policy>(&frozen.policy).map(|policy| policy.window) {
        Ok(Window::Calendar(window)) => calendar::label(&window, frozen.bounds),
        _ => format!("{} to {}", frozen.bounds.from, frozen.bounds.to),
    }
}
