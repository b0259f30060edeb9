//! What an objective would be if it were declared differently, and what targets cost over its window: loads what
//! `domain::whatif` and `domain::nines` ask for.
//!
//! Invariants: nothing is changed, nothing is remembered; the engine's memory of hours is left alone, because lenses
//! of proposals would fill it; judging is off the threads that answer requests, and only so much of it at a time.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::exclusion::Effect;
use domain::nines::{cost_of, default_targets};
use domain::proposal::{Change, CostOfNines, CostOfTarget, QueryError, Remaining, WhatIf};
use domain::series::HOUR_SECONDS;
use domain::whatif::{ChangeError, Comparison, Evidence, LookBack, Side};
use domain::{Bounds, Exclusions, Instant, Series, Sli, Slo, SloStatus, fine_hours};
use tokio::sync::Semaphore;

use super::evaluate::{Sources, slice_seconds_of, with_cadence_of};
use super::views::{self, Views};
use crate::store::{SliId, StoreError};

/// Proposals judged at the same time: each keeps a core busy for a while, and figures must go on.
const JUDGED_AT_ONCE: usize = 1;
/// How long one waits for its turn; less than a request may take.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);
/// Hours whose slices are read in one question, so that an answer stays below 16 MiB.
const HOURS_PER_READ: usize = 24 * 31;

/// A turn is given back when the judging ends, not when its reader goes away.
static TURNS: Semaphore = Semaphore::const_new(JUDGED_AT_ONCE);

/// Why there is no answer. All but the last three are for people to read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WhatIfError {
    /// No change can be read from the query.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The query changes nothing.
    #[error("nothing is changed: give a target, a window, a method, a slice length or a slice target")]
    Nothing,
    /// What is asked cannot be declared.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// Others are being answered.
    #[error("other proposals are being judged; ask again in a moment")]
    Busy,
    /// The judging did not end.
    #[error("the judging was cut short")]
    CutShort(#[from] tokio::task::JoinError),
    /// The store could not answer.
    #[error("the store could not answer")]
    Store(#[from] StoreError),
}

/// What a side is judged on, as loaded.
#[derive(Debug)]
struct Loaded {
    exclusions: Exclusions,
    /// What its lens shows; none where it shows the slices themselves.
    views: Option<Views>,
}

/// A change from a query; refused if it changes nothing.
pub(crate) fn change(query: &str) -> Result<Change, WhatIfError> {
    let change = Change::from_query(query)?;
    if change.is_empty() { Err(WhatIfError::Nothing) } else { Ok(change) }
}

impl Sources<'_> {
    /// An objective over the four weeks before `at`, as declared and as changed.
    pub(crate) async fn what_if(
        &self,
        slo: &Slo,
        objective_index: usize,
        change: &Change,
        at: Instant,
    ) -> Result<WhatIf, WhatIfError> {
        let comparison = Comparison::new(slo, objective_index, change, LookBack::four_weeks(at))?;
        let turn = tokio::time::timeout(TURN_TIMEOUT, TURNS.acquire()).await;
        let Ok(Ok(turn)) = turn else { return Err(WhatIfError::Busy) };
        let (sli, id) = self.sli(slo)?;
        let latest = self.store.latest(id, at).await?;
        let sli = with_cadence_of(sli, latest);
        // As declared, exclusions are on the grid of all objectives together.
        let excluded = [slo, comparison.after.slo()]
            .map(|slo| self.excluded(slo, slice_seconds_of(latest), comparison.look_back.bounds()));
        let (raw, needed) = self.raw(&comparison, &sli, &excluded, id).await?;
        let [before, after] = excluded;
        let before = self.loaded(&comparison.before, before, id, &needed, at).await?;
        let after = self.loaded(&comparison.after, after, id, &needed, at).await?;
        let judged = tokio::task::spawn_blocking(move || {
            let judged = judge(&comparison, &sli, &raw, &before, &after);
            drop(turn);
            judged
        });
        Ok(judged.await??)
    }

    /// What targets cost over the window of an objective's status, with what is left of its budget and the SLO's own
    /// burn rules; the target of the objective is among them. None if there is no such objective. `slice_seconds` is
    /// as [`Sources::slice_seconds`] says.
    pub(crate) fn cost_of_nines(
        &self,
        slo: &Slo,
        objective_index: usize,
        status: &SloStatus,
        slice_seconds: i64,
    ) -> Option<CostOfNines> {
        let objective = status.objectives.get(objective_index)?;
        let window = Bounds { from: objective.window.from, to: objective.window.to };
        let grid = u32::try_from(slice_seconds).unwrap_or(0);
        let exclusions = self.exclusions(slo, grid, window, None);
        let removed: i64 = exclusions
            .inside(window)
            .filter(|(_, effect)| *effect == Effect::RemoveTime)
            .map(|(bounds, _)| bounds.to.seconds_since(bounds.from))
            .sum();
        let seconds = window.to.seconds_since(window.from) - removed;
        let mut targets = default_targets();
        targets.push(objective.target);
        targets.sort_unstable();
        targets.dedup();
        let remaining = Remaining::of(objective);
        let row = |target| {
            let row = cost_of(seconds, target, &domain::burn::rules(slo, target), remaining);
            // Nothing known of a budget is not a budget of which nothing is spent.
            if remaining.is_some() { row } else { without_remaining(row) }
        };
        let table = domain::nines::cost_of_nines(seconds, &[], remaining);
        Some(CostOfNines { rows: targets.into_iter().map(row).collect(), ..table })
    }

    fn excluded(&self, slo: &Slo, slice_seconds: u32, Bounds { from, to }: Bounds) -> Exclusions {
        let within = Bounds { from: views::reach(slo, from).from, to: views::reach(slo, to).to };
        self.exclusions(slo, slice_seconds, within, None)
    }

    /// The slices themselves, as far as both sides ask, and the stretches that they ask for.
    async fn raw(
        &self,
        Comparison { before, after, look_back }: &Comparison,
        sli: &Sli,
        [excluded_before, excluded_after]: &[Exclusions; 2],
        id: SliId,
    ) -> Result<(Series, Vec<Bounds>), StoreError> {
        let mut needed = before.plan(*look_back, sli, excluded_before);
        needed.extend(after.plan(*look_back, sli, excluded_after));
        let raw = self.series_in_turns(id, &needed).await?;
        // Where data were stale, windows end earlier than foreseen; mostly nothing is missing.
        let mut missing = before.replan(*look_back, sli, excluded_before, &raw);
        missing.extend(after.replan(*look_back, sli, excluded_after, &raw));
        if missing.is_empty() {
            return Ok((raw, needed));
        }
        needed.extend(missing);
        Ok((self.series_in_turns(id, &needed).await?, needed))
    }

    async fn loaded(
        &self,
        side: &Side,
        exclusions: Exclusions,
        id: SliId,
        needed: &[Bounds],
        at: Instant,
    ) -> Result<Loaded, StoreError> {
        if side.lens().is_none_or(domain::Lens::is_plain) {
            return Ok(Loaded { exclusions, views: None });
        }
        let own = views::Hours::default();
        let sources = Sources { hours: &own, ..self.clone() };
        let views = views::load(&sources, side.slo(), id, needed, at).await?;
        Ok(Loaded { exclusions, views: Some(views) })
    }

    /// As `Store::series`, in several questions: a look-back in short steps cuts nearly every hour.
    async fn series_in_turns(&self, id: SliId, bounds: &[Bounds]) -> Result<Series, StoreError> {
        let from = bounds.iter().map(|bounds| bounds.from).min();
        let to = bounds.iter().map(|bounds| bounds.to).max();
        let Some((from, to)) = from.zip(to) else { return Ok(Series::default()) };
        let whole = Bounds { from: from.floor_to(HOUR_SECONDS), to: to.ceil_to(HOUR_SECONDS) };
        let fine = fine_hours(bounds);
        let mut blocks = self.store.read(id, whole, &[]).await?;
        let cut: BTreeSet<Instant> = fine.iter().copied().collect();
        blocks.retain(|block| !cut.contains(&block.start));
        let nothing = Bounds { from: whole.from, to: whole.from };
        for hours in fine.chunks(HOURS_PER_READ) {
            blocks.extend(self.store.read(id, nothing, hours).await?);
        }
        Ok(Series::new(blocks))
    }
}

fn judge(
    comparison: &Comparison,
    sli: &Sli,
    raw: &Series,
    before: &Loaded,
    after: &Loaded,
) -> Result<WhatIf, ChangeError> {
    let [before, after] = [before, after].map(|Loaded { exclusions, views }| {
        let series = views.as_ref().map_or(raw, |views| views.of(0));
        Evidence { sli, exclusions, series, slices: raw }
    });
    comparison.judge(&before, &after)
}

fn without_remaining(row: CostOfTarget) -> CostOfTarget {
    CostOfTarget { survived_seconds: None, survived: domain::format::UNKNOWN.to_owned(), ..row }
}
