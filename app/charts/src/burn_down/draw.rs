//! The burn-down as a figure: grid, area, neutral line, zero line, curve; hatched bands and the end in the overlay; the
//! unmeasured share of each step in the lane under it.

use std::fmt::Write as _;

use domain::Count;

use super::plot::{self, DrawError, Plot, Point};
use super::stretches::{self, offset};
use super::{BurnDown, Step, seconds};
use crate::backend::Mark;
use crate::figure::{Figure, Tick};
use crate::markup::percent;
use crate::ticks;

pub(super) fn figure(burn_down: &BurnDown) -> Figure {
    if burn_down.range.to <= burn_down.range.from {
        return Figure::empty("There is no time to show.");
    }
    if burn_down.target.is_zero_tolerance() {
        return Figure::empty("A target of 100 % leaves no error budget to spend.");
    }
    if !burn_down.has_budget() {
        return Figure::empty("No traffic in the window, so there is no error budget to spend.");
    }
    let bottom_percent = bottom_percent(burn_down);
    let scene = Scene {
        runs: runs(burn_down),
        neutral: neutral(burn_down),
        grid: ticks::budget_ticks(bottom_percent),
        seconds: seconds(burn_down.range.to.seconds_since(burn_down.range.from)),
        bottom: f64::from(bottom_percent) / 100.0,
    };
    // The canvas itself cannot fail; plotters could only if it were drawn on from within a drawing.
    let Ok((geometry, overlay, lane)) = scene.draw(burn_down) else {
        return Figure::empty("The figure could not be drawn.");
    };
    let note = scene.runs.is_empty().then(|| "Nothing was measured in this time.".to_owned());
    let y_ticks: Vec<Tick> = scene.grid.into_iter().map(|(_, tick)| tick).collect();
    Figure { geometry, overlay, lane, x_ticks: ticks::time_ticks(burn_down.range), y_ticks, note }
}

/// The bottom of the value axis, in percent.
pub(super) fn bottom_percent(burn_down: &BurnDown) -> i32 {
    let lowest = runs(burn_down).into_iter().flatten().map(|(_, y)| y).fold(0.0, f64::min);
    ticks::bottom_percent(lowest)
}

/// What is to be drawn, in seconds and ratios.
struct Scene {
    /// A curve for each unbroken stretch of measured steps.
    runs: Vec<Vec<Point>>,
    neutral: Vec<Point>,
    /// Percent and tick.
    grid: Vec<(i32, Tick)>,
    seconds: f64,
    bottom: f64,
}

impl Scene {
    /// Geometry, overlay and lane.
    fn draw(&self, burn_down: &BurnDown) -> Result<(String, String, String), DrawError> {
        let (mut overlay, mut lane) = (String::new(), String::new());
        let geometry = plot::draw(self.seconds, self.bottom..1.0, &mut |plot| {
            self.curves(plot)?;
            overlay = stretches::draw_bands(burn_down, plot);
            self.end(plot, &mut overlay);
            lane = stretches::draw_lane(burn_down, plot);
            Ok(())
        })?;
        Ok((geometry, overlay, lane))
    }

    fn curves(&self, plot: &mut Plot<'_, '_>) -> Result<(), DrawError> {
        for (value, _) in self.grid.iter().filter(|(value, _)| *value != 0) {
            plot.level(f64::from(*value) / 100.0, Mark::Grid)?;
        }
        let runs: Vec<_> = self.runs.iter().map(|run| with_crossings(run, self.bottom)).collect();
        for run in &runs {
            let held: Vec<Point> = run.iter().map(|(x, y)| (*x, y.max(self.bottom))).collect();
            plot.area(&held, 0.0, Mark::Area)?;
        }
        plot.path(self.neutral.clone(), Mark::Neutral)?;
        plot.level(0.0, Mark::Zero)?;
        for run in &runs {
            for piece in run.split(|(_, y)| *y < self.bottom).filter(|piece| piece.len() > 1) {
                plot.line(piece, Mark::Line)?;
            }
        }
        Ok(())
    }

    /// The curve's end, placed by the same mapping as the geometry.
    fn end(&self, plot: &Plot<'_, '_>, out: &mut String) {
        let Some(end) = self.runs.last().and_then(|run| run.last()) else { return };
        let (x, y) = plot.place(*end);
        // Writing to a String cannot fail.
        let _ = if end.1 < self.bottom {
            write!(out, "{}", below(x))
        } else {
            write!(out, r#"<circle class="end" cx="{}" cy="{}" r="4"/>"#, percent(x), percent(y))
        };
    }
}

/// An arrow where a curve leaves the plot through the bottom, `x` units from the left.
pub(super) fn below(x: i32) -> String {
    // A nested svg puts the origin of the arrow's pixels at the foot of the plot.
    let arrow = r#"<path class="end below" d="M-5-9H5L0 0z"/>"#;
    format!(r#"<svg x="{}" y="100%" overflow="visible">{arrow}</svg>"#, percent(x))
}

/// The curves, one for each unbroken stretch of measured steps that reaches into the range.
fn runs(burn_down: &BurnDown) -> Vec<Vec<Point>> {
    let mut runs: Vec<Vec<Point>> = Vec::new();
    let mut later = Count::default();
    let mut next: Option<&Step> = None;
    // Backwards from now, as the curve is defined; put in order at the end.
    for step in burn_down.steps.iter().rev() {
        let (bad_after, bad_before) = (later, later.plus(step.bad));
        later = bad_before;
        let visible = step.from < burn_down.range.to && step.to > burn_down.range.from;
        if !visible || !step.measured {
            next = None;
            continue;
        }
        let joined = next.is_some_and(|next| next.from == step.to);
        next = Some(step);
        if !joined {
            runs.push(vec![(offset(burn_down, step.to), left(burn_down, bad_after))]);
        }
        let Some(run) = runs.last_mut() else { continue };
        run.push(start(burn_down, step, left(burn_down, bad_before), left(burn_down, bad_after)));
    }
    for run in &mut runs {
        run.reverse();
    }
    runs.reverse();
    runs
}

/// Where the curve enters a step: its start, or, of a step that reaches over the left edge, the point on the edge.
fn start(burn_down: &BurnDown, step: &Step, before: f64, after: f64) -> Point {
    let hidden = seconds(burn_down.range.from.seconds_since(step.from));
    if hidden <= 0.0 {
        return (offset(burn_down, step.from), before);
    }
    let share = hidden / seconds(step.to.seconds_since(step.from).max(1));
    (0.0, before + (after - before) * share)
}

/// Budget left when `bad` of the events up to now are still to come. More than all of it can only stem from events
/// that have left the window from inside the first step.
fn left(burn_down: &BurnDown, bad: Count) -> f64 {
    (burn_down.remaining.unwrap_or(0.0) + burn_down.share(bad)).min(1.0)
}

/// From all at the window's start to nothing at its end, cut to the range.
fn neutral(burn_down: &BurnDown) -> Vec<Point> {
    let (window, range) = (burn_down.window, burn_down.range);
    let length = seconds(window.to.seconds_since(window.from));
    let ends = [window.from.max(range.from), window.to.min(range.to)];
    if length <= 0.0 || ends[0] >= ends[1] {
        return Vec::new();
    }
    ends.map(|at| (offset(burn_down, at), seconds(window.to.seconds_since(at)) / length)).to_vec()
}

/// Adds the points where a curve crosses `bottom`, so that it can be cut there.
fn with_crossings(run: &[Point], bottom: f64) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::with_capacity(run.len() + 2);
    for (x, y) in run.iter().copied() {
        if let Some((last_x, last_y)) = points.last().copied()
            && (last_y < bottom) != (y < bottom)
        {
            points.push((last_x + (x - last_x) * (bottom - last_y) / (y - last_y), bottom));
        }
        points.push((x, y));
    }
    points
}
