//! What exclusions take from an SLO: as a list for its page, and as stretches for its figures.

use std::cmp::Reverse;

use app::view::{Excluded, ExcludedStretch};
use domain::estate::SLICE_SECONDS;
use domain::slice::Bounds;
use domain::{Estate, Slo, calendar};

/// Excluded stretches that a page lists: a year of days.
const EXCLUSIONS_SHOWN: usize = 366;
/// Stretches of one exclusion that the charts mark; further ones would be narrower than a pixel.
const STRETCHES_DRAWN: usize = 366;
/// A page that stays open moves on into exclusions that lie so far ahead.
const AHEAD_SECONDS: i64 = 86_400;

/// What exclusions take from a window, latest first.
pub(super) fn listed(estate: &Estate, slo: &Slo, window: Bounds) -> Vec<ExcludedStretch> {
    let touching = estate.exclusions.iter();
    let mut stretches: Vec<ExcludedStretch> = touching
        .filter(|exclusion| exclusion.touches(&slo.name, &slo.service))
        .flat_map(|exclusion| {
            let occurrences = calendar::occurrences(&exclusion.when, window).into_iter();
            occurrences.map(|bounds| ExcludedStretch { bounds, exclusion: exclusion.clone() })
        })
        .collect();
    stretches.sort_by_key(|stretch| Reverse(stretch.bounds.from));
    stretches.truncate(EXCLUSIONS_SHOWN);
    stretches
}

/// What exclusions take from a range and from what follows it, on the grid of the slices that they take whole.
pub(super) fn stretches(estate: &Estate, slo: &Slo, range: Bounds, slice_seconds: i64) -> Vec<Excluded> {
    let grid = slice_seconds.max(i64::from(SLICE_SECONDS));
    let snap = |bounds: Bounds| Bounds { from: bounds.from.ceil_to(grid), to: bounds.to.ceil_to(grid) };
    let within = Bounds { to: range.to + AHEAD_SECONDS, ..range };
    let touching = estate.exclusions.iter();
    touching
        .filter(|exclusion| exclusion.touches(&slo.name, &slo.service))
        .map(|exclusion| {
            let occurrences = calendar::occurrences(&exclusion.when, within).into_iter().map(snap);
            let mut stretches: Vec<Bounds> = occurrences.fold(Vec::new(), merged);
            stretches.drain(..stretches.len().saturating_sub(STRETCHES_DRAWN));
            Excluded { name: format!("{} ({})", exclusion.display_name, exclusion.effect.words()), stretches }
        })
        .filter(|excluded| !excluded.stretches.is_empty())
        .collect()
}

/// Stretches in order, with a further one: those that meet are one.
fn merged(mut before: Vec<Bounds>, next: Bounds) -> Vec<Bounds> {
    match before.last_mut() {
        Some(last) if next.from <= last.to => last.to = last.to.max(next.to),
        _ => before.push(next),
    }
    before
}
