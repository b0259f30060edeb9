//! The judged slices of a member of an any-bad-slice composite.
//!
//! A slot of a member is *bad*, *good*, *idle* (measured, without traffic), *unknown*, or *out*: excluded, before the
//! member's first data, or so new that its data are not late yet. Slots lie on multiples of the member's own slice length.

use std::collections::BTreeMap;

use crate::estate::{GapPolicy, Method, Objective, SLICE_SECONDS, SliceRule, Slo};
use crate::exclusion::Effect;
use crate::lens::Lens;
use crate::plan::{Question, plan};
use crate::slice::{Block, Bounds};
use crate::time::Instant;

/// No series has more slots: 400 days, as long as slices are kept, in steps of 12 s, the common grid of slices of 60 s
/// and 72 s.
pub const MAX_SLOTS: usize = 400 * 7_200;

/// What a member, or a composite, says of a slot. In order of what prevails where slices overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Out,
    Unknown,
    Idle,
    Good,
    Bad,
}

/// The judged slices of a member, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberSlices {
    pub(super) seconds: u32,
    /// Where the first slot begins, a multiple of `seconds`.
    pub(super) first: Instant,
    pub(super) verdicts: Vec<Verdict>,
    /// What is summed of the member's window; up to now where its data are late, so that silence is not passed over.
    pub(super) counted: Bounds,
    /// Of a running period: when it ends.
    pub(super) period_ends: Option<Instant>,
}

/// How a member of an any-bad-slice composite sees slices: judged by its slice target, else by its target; as long as
/// its method has them, else a minute.
pub fn member_lens(slo: &Slo, objective: &Objective) -> Lens {
    let rule = SliceRule {
        seconds: Lens::of(slo, objective).slice_seconds().unwrap_or(SLICE_SECONDS),
        target: Some(objective.slices.and_then(|rule| rule.target).unwrap_or(objective.target)),
    };
    let judged = Slo { method: Method::Timeslices, ..slo.clone() };
    Lens::of(&judged, &Objective { slices: Some(rule), ..objective.clone() })
}

/// The stretch whose slices a member of an any-bad-slice composite is made of: its window as far as it is summed, up to
/// the instant of the question.
pub fn member_bounds(question: &Question<'_>, data_until: Option<Instant>) -> Bounds {
    let plan = plan(question, data_until);
    let is_closed = question.slo.window.is_calendar() && !plan.running;
    let to = if is_closed { plan.horizon } else { plan.horizon.max(question.at) };
    Bounds { from: plan.window.from, to }
}

impl MemberSlices {
    /// From what `member_lens` shows of the slices in `member_bounds`; none if there is no such objective, or there are
    /// more than `MAX_SLOTS`.
    ///
    /// The question's exclusions are those of the SLO, on its own grid. `data_until` is that of the SLI's slices at the
    /// question's instant.
    pub fn new(
        question: &Question<'_>,
        objective_index: usize,
        data_until: Option<Instant>,
        shown: &[Block],
    ) -> Option<Self> {
        let slo = question.slo;
        let seconds = member_lens(slo, slo.objectives.get(objective_index)?).slice_seconds()?;
        let plan = plan(question, data_until);
        let bounds = member_bounds(question, data_until);
        let generation = plan.generation;
        let shown =
            || shown.iter().filter(|block| generation.from <= block.start && block.start < generation.to);
        let first = bounds.from.ceil_to(seconds.into());
        let mut verdicts = vec![Verdict::Out; slots(Bounds { from: first, to: bounds.to }, seconds)?];
        let index = |at: Instant| usize::try_from(at.seconds_since(first).div_euclid(seconds.into())).ok();

        // From the first data on, a slot is unknown unless it is measured or yet to come.
        let began =
            shown().filter(|block| block.sum.first.is_some()).filter_map(|block| index(block.start)).min();
        let silence = match slo.gap {
            GapPolicy::Gap => Verdict::Unknown,
            // What could be held is among the slices that are shown.
            GapPolicy::Hold => Verdict::Out,
            GapPolicy::Good => Verdict::Good,
            GapPolicy::Bad => Verdict::Bad,
        };
        let is_closed = slo.window.is_calendar() && !plan.running;
        let is_late = data_until
            .is_none_or(|until| question.at.seconds_since(until) > question.sli.stale_seconds(Some(seconds)));
        let is_silent = !is_closed && is_late && slo.gap == GapPolicy::Gap;
        let due = if is_closed || is_late || slo.gap != GapPolicy::Gap { None } else { data_until };
        // A slot that is not over stands for nothing until something in it is measured.
        let waits = |slot: usize| {
            start(first, slot, seconds) + i64::from(seconds) > bounds.to
                || due.is_some_and(|due| start(first, slot, seconds) >= due)
        };
        for (slot, verdict) in verdicts.iter_mut().enumerate().skip(began.unwrap_or(0)) {
            *verdict = match began {
                Some(_) if waits(slot) => Verdict::Out,
                Some(_) => silence,
                None => Verdict::Unknown,
            };
        }
        let mut measured: BTreeMap<usize, Verdict> = BTreeMap::new();
        for block in shown() {
            let verdict = match (block.sum.total, block.sum.first) {
                (0, None) => continue,
                (0, Some(_)) => Verdict::Idle,
                (total, _) if block.sum.good >= total => Verdict::Good,
                _ => Verdict::Bad,
            };
            for part in 0..(block.seconds / seconds).max(1) {
                let Some(slot) = index(block.start + i64::from(part) * i64::from(seconds)) else { continue };
                let known = measured.entry(slot).or_insert(verdict);
                *known = verdict.max(*known);
            }
        }
        for (slot, verdict) in measured {
            if let Some(place) = verdicts.get_mut(slot) {
                *place = verdict;
            }
        }
        for (slot, verdict) in verdicts.iter_mut().enumerate() {
            match question.exclusions.at(start(first, slot, seconds)) {
                Some((_, Effect::RemoveTime | Effect::DropEvents)) => *verdict = Verdict::Out,
                Some((_, Effect::CountAsGood)) if *verdict == Verdict::Bad => *verdict = Verdict::Good,
                _ => {}
            }
        }
        let period_ends = plan.running.then_some(plan.window.to);
        let counted = if is_silent { bounds } else { plan.summed() };
        Some(Self { seconds, first, verdicts, counted, period_ends })
    }

    pub(super) fn end(&self) -> Instant {
        start(self.first, self.verdicts.len(), self.seconds)
    }

    /// What holds at an instant; out of what is known, nothing is said.
    pub(super) fn at(&self, at: Instant) -> Verdict {
        let slot = at.seconds_since(self.first).div_euclid(i64::from(self.seconds.max(1)));
        usize::try_from(slot).ok().and_then(|slot| self.verdicts.get(slot)).copied().unwrap_or(Verdict::Out)
    }
}

pub(super) fn start(first: Instant, slot: usize, seconds: u32) -> Instant {
    first + i64::try_from(slot).unwrap_or(i64::MAX).saturating_mul(seconds.into())
}

/// How many slots begin in a stretch; none if more than `MAX_SLOTS`.
pub(super) fn slots(bounds: Bounds, seconds: u32) -> Option<usize> {
    let length = bounds.to.seconds_since(bounds.from).max(0).unsigned_abs();
    usize::try_from(length.div_ceil(u64::from(seconds.max(1)))).ok().filter(|slots| *slots <= MAX_SLOTS)
}
