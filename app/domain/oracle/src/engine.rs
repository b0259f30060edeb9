//! Asks the engine, through the interface that the server uses.
//!
//! Invariant: slices reach it as the store would deliver them, one by one or, where `fine_hours` does not ask for
//! them, as sums of hours.

mod counters;

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::estate::{Method, Objective};
use domain::lens::Lens;
use domain::plan::{Question, plan};
use domain::series::{Series, fine_hours};
use domain::slice::{Block, Bounds, Measurement, Slice, Sum};
use domain::status::ObjectiveStatus;
use domain::{Exclusions, evaluate};

use crate::raw::Case;
use crate::raw::counters::Flags;
use crate::raw::generate::instant;

const HOUR: i64 = 3_600;

/// How data reach the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feed {
    /// Every slice by itself.
    Slices,
    /// Sums of hours, slices only of the hours that are asked for.
    Hours,
}

/// The end of the data, and the status of each objective, in their order.
pub fn statuses(case: &Case, feed: Feed) -> (Option<i64>, Vec<ObjectiveStatus>) {
    let stretch = |from: i64, to: i64| Bounds { from: instant(from), to: instant(to) };
    let stretches: Vec<_> =
        case.exclusions.iter().map(|(from, to, effect)| (stretch(*from, *to), *effect)).collect();
    let stored: Vec<Block> = sliced(case).stored().iter().filter_map(block).collect();
    let at = instant(case.at);
    let grids = case.slo.objectives.iter().map(|objective| grid(case.slo.method, objective));
    let exclusions = Exclusions::resolve(stretches, grids.max().unwrap_or(60));
    let question =
        Question { slo: &case.slo, sli: &case.sli, at, closed: case.closed, exclusions: &exclusions };
    let cuts = case.sli.generations.iter().copied().chain([at]);
    let cut_hours: Vec<_> = cuts.map(|cut| instant(cut.unix() - cut.unix().rem_euclid(HOUR))).collect();
    let data = question.data_until(&Series::new(summed(&stored, feed, &cut_hours)));
    let plan = plan(&question, data);
    let fine = fine_hours(&plan.bounds());
    let lens = |objective: &Objective| {
        Lens::of(&case.slo, objective).derive(&stored, None, at, &case.sli.generations)
    };
    let of = |objective: &Objective| Series::new(summed(&lens(objective), feed, &fine));
    let series: Vec<Series> = case.slo.objectives.iter().map(of).collect();
    let sums =
        |index: usize, bounds: Bounds| series.get(index).map_or(Sum::default(), |series| series.sum(bounds));
    let status = evaluate(&question, data, &plan, sums);
    (data.map(domain::Instant::unix), status.objectives)
}

/// The case with the slices that its counters make, if it has any.
fn sliced(case: &Case) -> Cow<'_, Case> {
    let Some((slices, _)) = counted(case) else { return Cow::Borrowed(case) };
    Cow::Owned(Case { slices, counters: None, ..case.clone() })
}

/// The slices that a case's counters make, and what was met on the way; none without counters.
pub fn counted(case: &Case) -> Option<(Vec<Slice>, Flags)> {
    counters::slices(case.counters.as_ref()?).ok()
}

/// What exclusions are moved to: minutes, or judged slices.
fn grid(method: Method, objective: &Objective) -> u32 {
    objective.slices.filter(|_| method != Method::Occurrences).map_or(60, |rule| rule.seconds)
}

/// A stored slice as the store delivers it; nothing of an unknown one.
fn block(slice: &Slice) -> Option<Block> {
    let Measurement::Measured(measured) = &slice.measurement else { return None };
    Some(Block { start: slice.start, seconds: slice.seconds, sum: Sum::from(measured) })
}

/// Blocks as asked for: single ones, or sums of hours but for the fine ones.
fn summed(blocks: &[Block], feed: Feed, fine: &[domain::Instant]) -> Vec<Block> {
    if feed == Feed::Slices {
        return blocks.to_vec();
    }
    let mut single = Vec::new();
    let mut hours: BTreeMap<i64, Sum> = BTreeMap::new();
    for block in blocks {
        let hour = block.start.unix() - block.start.unix().rem_euclid(HOUR);
        if fine.contains(&instant(hour)) {
            single.push(*block);
            continue;
        }
        hours.entry(hour).or_default().add(&block.sum);
    }
    single.extend(hours.into_iter().map(|(hour, sum)| Block { start: instant(hour), seconds: 3_600, sum }));
    single
}
