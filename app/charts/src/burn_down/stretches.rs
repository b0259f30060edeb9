//! Stretches of a range, in seconds since its start: of which nothing is known, which are measured in part, which are
//! excluded. All figures of a range hatch and mark the same.

use std::fmt::Write as _;

use domain::Instant;

use super::plot::Plot;
use super::{BurnDown, seconds};
use crate::markup::{SIDE, percent};

/// A gap of less than a hundredth of its step is left to the table: it is no news, and no eye could tell its height.
const SHOWN_DIVISOR: i64 = 100;
/// The least height of what is shown in the lane, in units of its height: about three of its pixels.
const LANE_HEIGHT_MIN: i32 = 3_000;
/// Flags of excluded stretches stand at least this far apart, in units: on a phone nearer ones would run into each
/// other. So an exclusion has at most 34 of them.
const FLAG_DISTANCE_MIN: i32 = 300;

/// Seconds from the range's start, inside the range.
pub(super) fn offset(burn_down: &BurnDown, at: Instant) -> f64 {
    let range = burn_down.range;
    seconds(at.min(range.to).max(range.from).seconds_since(range.from))
}

/// Stretches inside the range of which nothing is known: unmeasured steps and holes before and between steps.
pub(super) fn bands(burn_down: &BurnDown) -> Vec<(f64, f64)> {
    let mut bands: Vec<(f64, f64)> = Vec::new();
    let mut known_to = burn_down.range.from;
    let mut add = |from, to| {
        let (from, to) = (offset(burn_down, from), offset(burn_down, to));
        match bands.last_mut() {
            _ if to <= from => {}
            Some(last) if last.1 >= from => last.1 = to,
            _ => bands.push((from, to)),
        }
    };
    for step in &burn_down.steps {
        add(known_to, step.from);
        if !step.measured {
            add(step.from, step.to);
        }
        known_to = step.to;
    }
    bands
}

/// Steps inside the range that are measured in part, neighbours of one height as one; the height of the rest in units.
pub(super) fn partial(burn_down: &BurnDown) -> Vec<(f64, f64, i32)> {
    let mut stretches: Vec<(f64, f64, i32)> = Vec::new();
    for step in burn_down.steps.iter().filter(|step| step.measured) {
        let (gap, length) = (step.unmeasured_seconds(), step.to.seconds_since(step.from));
        let (from, to) = (offset(burn_down, step.from), offset(burn_down, step.to));
        if to <= from || gap.saturating_mul(SHOWN_DIVISOR) < length {
            continue;
        }
        let share = gap.saturating_mul(i64::from(SIDE)) / length.max(1);
        let height = i32::try_from(share).unwrap_or(SIDE).clamp(LANE_HEIGHT_MIN, SIDE);
        match stretches.last_mut() {
            Some(last) if last.1 >= from && last.2 == height => last.1 = to,
            _ => stretches.push((from, to, height)),
        }
    }
    stretches
}

/// What is not known, hatched, and over it what is excluded, in its own pattern and with a flag above the plot.
pub(super) fn draw_bands(burn_down: &BurnDown, plot: &Plot<'_, '_>) -> String {
    let mut out = String::new();
    for band in bands(burn_down) {
        push_band(&mut out, r#"class="band" fill="url(#hatch)""#, plot.extent(band));
    }
    for excluded in &burn_down.excluded {
        let mut flagged = -FLAG_DISTANCE_MIN;
        for bounds in excluded.stretches.iter().filter(|bounds| burn_down.shows(**bounds)) {
            let (from, to) = (offset(burn_down, bounds.from), offset(burn_down, bounds.to));
            push_band(&mut out, r#"class="excluded" fill="url(#excluded)""#, plot.extent((from, to)));
            let (middle, _) = plot.place((f64::midpoint(from, to), 0.0));
            if middle - flagged < FLAG_DISTANCE_MIN {
                continue;
            }
            flagged = middle;
            // Writing to a string cannot fail. A nested svg puts the origin of the flag's pixels at the plot's top.
            let _ = write!(
                out,
                r#"<svg x="{}" y="0" overflow="visible"><path class="flag" d="M0-9l4 4-4 4-4-4z"/></svg>"#,
                percent(middle)
            );
        }
    }
    out
}

fn push_band(out: &mut String, attributes: &str, (x, width): (String, String)) {
    // Writing to a string cannot fail.
    let _ = write!(out, r#"<rect {attributes} x="{x}" y="0" width="{width}" height="100%"/>"#);
}

/// What is not measured, from the bottom of the lane up: all of its height where nothing is.
pub(super) fn draw_lane(burn_down: &BurnDown, plot: &Plot<'_, '_>) -> String {
    let whole = bands(burn_down).into_iter().map(|(from, to)| (from, to, SIDE));
    let mut out = String::new();
    for (from, to, height) in whole.chain(partial(burn_down)) {
        let (x, width) = plot.extent((from, to));
        let (y, height) = (percent(SIDE - height), percent(height));
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            r#"<rect class="gap" fill="url(#hatch)" x="{x}" y="{y}" width="{width}" height="{height}"/>"#
        );
    }
    out
}
