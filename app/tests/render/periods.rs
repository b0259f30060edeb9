//! Periods of one calendar objective: September missed, October met and revised, November running.

use app::view::{ClosedPeriods, FrozenObjective, FrozenPeriod, FrozenRevision, Period};
use domain::{Count, Instant, State, Target};

/// The objective whose page shows them.
pub(crate) const MONTHLY: &str = "login-availability";
/// A calendar objective that is too young for any.
pub(crate) const YOUNG: &str = "gateway-availability";

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn revision(revision: u32, reason: &str, states: &[State]) -> FrozenRevision {
    let objective = |(place, state): (usize, &State)| FrozenObjective {
        name: format!("o{place}"),
        target: Target::parse("0.999").unwrap(),
        state: *state,
        good: Some(Count::whole(998_100)),
        total: Some(Count::whole(1_000_000)),
        sli: Some(0.9981),
        coverage: Some(0.9876),
        consumed_ratio: Some(1.9),
    };
    FrozenRevision {
        revision,
        frozen_at: at("2026-11-01T00:00:09Z"),
        reason: reason.to_owned(),
        objectives: states.iter().enumerate().map(objective).collect(),
    }
}

fn october(revisions: Vec<FrozenRevision>) -> FrozenPeriod {
    let (from, to) = (at("2026-10-01T00:00:00Z"), at("2026-11-01T00:00:00Z"));
    FrozenPeriod { from, to, label: "October 2026".to_owned(), revisions }
}

/// What the backend says of an SLO's periods, for the end of a closed one or the running one.
pub(crate) fn of(slo: &str, closed: Option<Instant>) -> (Option<Period>, Option<ClosedPeriods>) {
    if slo != MONTHLY && slo != YOUNG {
        return (None, None);
    }
    let label = if closed.is_some() { "October 2026" } else { "November 2026" };
    let period = Period {
        label: label.to_owned(),
        running: closed.is_none(),
        previous: at("2026-10-01T00:00:00Z"),
        next: None,
    };
    let late = "late data: 120 events, 3 of them bad";
    let september = FrozenPeriod {
        from: at("2026-09-01T00:00:00Z"),
        to: at("2026-10-01T00:00:00Z"),
        label: "September 2026".to_owned(),
        revisions: vec![revision(1, "closed", &[State::Met, State::Breached])],
    };
    let frozen = match (slo, closed) {
        (YOUNG, _) => ClosedPeriods::default(),
        (_, None) => {
            let latest = vec![october(vec![revision(2, late, &[State::Met, State::Met])]), september];
            ClosedPeriods { latest, ..ClosedPeriods::default() }
        }
        (_, Some(_)) => {
            let revisions = vec![revision(1, "closed", &[State::Met]), revision(2, late, &[State::Breached])];
            ClosedPeriods { shown: Some(october(revisions)), differs: true, latest: vec![] }
        }
    };
    (Some(period), Some(frozen))
}
