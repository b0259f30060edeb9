//! The judged slices of a member, from the store: single slices over its window, which no sum of hours can stand for.

use domain::blend::{MemberSlices, member_bounds, member_lens};
use domain::composite::Member;
use domain::series::HOUR_SECONDS;
use domain::{GapPolicy, Instant, Question};

use crate::engine::evaluate::{Sources, slice_seconds_of, with_cadence_of};
use crate::engine::views;
use crate::store::StoreError;

/// The judged slices of an objective; none if there is no such objective, or they are too many.
pub(super) async fn of(
    sources: &Sources<'_>,
    member: &Member,
    at: Instant,
) -> Result<Option<MemberSlices>, StoreError> {
    let Some(slo) = sources.estate.slo(&member.slo) else { return Ok(None) };
    let is_named = |name: &String| slo.objectives.iter().position(|objective| objective.name == *name);
    let Some(index) = member.objective.as_ref().map_or(Some(0), is_named) else { return Ok(None) };
    let Some(objective) = slo.objectives.get(index) else { return Ok(None) };
    let (sli, id) = sources.sli(slo)?;
    let latest = sources.latest(id, at, sli.generation(at)).await?;
    let data_until = latest.map(|latest| latest.data_until);
    let sli = &with_cadence_of(sli, latest);
    let exclusions = sources.exclusions(slo, slice_seconds_of(latest), views::reach(slo, at), None);
    let question = Question { slo, sli, at, closed: false, exclusions: &exclusions };
    let bounds = member_bounds(&question, data_until);
    let first = bounds.from.floor_to(HOUR_SECONDS);
    let before = if slo.gap == GapPolicy::Hold {
        sources.store.latest_before(id, &[first]).await?
    } else {
        Vec::new()
    };
    let slices = views::slices(sources, id, &views::hours_of(&[bounds])).await?;
    let mut shown = member_lens(slo, objective).derive(&slices, before.first(), at, &sli.generations);
    // What is held before the first hour is nobody's.
    shown.retain(|block| block.start >= first);
    Ok(MemberSlices::new(&question, index, data_until, &shown))
}
