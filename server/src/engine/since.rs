//! Since when a firing rule has been firing: remembered from round to round, else found by going back minute by minute.

use domain::status::AlertState;
use domain::{Bounds, History, Instant, Slo, SloStatus};

use super::evaluate::{Sources, slice_seconds_of, with_cadence_of};
use super::views;
use crate::store::StoreError;

/// What was firing for longer when nobody remembered it has no known beginning.
const MINUTES_BACK: i64 = 6 * 60;

/// Fills in `since` of what fires, from the status before where it fired then.
pub(super) async fn fill_in(
    sources: &Sources<'_>,
    slo: &Slo,
    status: &mut SloStatus,
    before: Option<&SloStatus>,
) -> Result<(), StoreError> {
    let horizon = status.data_until.unwrap_or(status.at);
    for index in 0..status.objectives.len() {
        let was = |policy: &str| {
            let objective = before.and_then(|before| before.objectives.get(index))?;
            objective.alerts.iter().find(|alert| alert.policy == policy)
        };
        let Some(objective) = status.objectives.get_mut(index) else { continue };
        let mut unknown = Vec::new();
        for alert in objective.alerts.iter_mut().filter(|alert| alert.state == AlertState::Firing) {
            match was(&alert.policy) {
                Some(was) if was.state == AlertState::Firing => alert.since = was.since,
                Some(_) => alert.since = Some(horizon),
                None => unknown.push(alert.policy.clone()),
            }
        }
        if unknown.is_empty() {
            continue;
        }
        let found = look_back(sources, slo, index, horizon, &unknown).await?;
        let Some(objective) = status.objectives.get_mut(index) else { continue };
        for alert in &mut objective.alerts {
            if let Some((_, since)) = found.iter().find(|(policy, _)| *policy == alert.policy) {
                alert.since = *since;
            }
        }
    }
    Ok(())
}

/// The first minute of the present run of each rule; none if it goes back further than we look.
async fn look_back(
    sources: &Sources<'_>,
    slo: &Slo,
    objective_index: usize,
    horizon: Instant,
    policies: &[String],
) -> Result<Vec<(String, Option<Instant>)>, StoreError> {
    let (sli, id) = sources.sli(slo)?;
    let latest = sources.store.latest(id, horizon).await?;
    let sli = &with_cadence_of(sli, latest);
    let end = horizon.floor_to(60);
    let bounds = Bounds { from: end - MINUTES_BACK * 60, to: end };
    let exclusions = sources.exclusions(slo, slice_seconds_of(latest), views::reach(slo, end), None);
    let history = History { slo, sli, exclusions: &exclusions, bounds, step_seconds: 60 };
    let needed = history.plan();
    let raw = sources.store.series(id, &needed).await?;
    let views = views::load(sources, slo, id, &needed, end).await?;
    let firing = history.firing(objective_index, views.of(objective_index), &raw);
    let since = |policy: &String| {
        // Oldest first: the run begins after the last minute at which the rule did not fire.
        let quiet = firing.iter().rposition(|(_, fires)| !fires.contains(policy));
        let first = quiet.and_then(|index| firing.get(index + 1)).map(|(at, _)| *at);
        let none_after = quiet.is_some_and(|index| index + 1 == firing.len());
        (policy.clone(), if none_after { Some(horizon) } else { first })
    };
    Ok(policies.iter().map(since).collect())
}
