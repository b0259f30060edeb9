//! The burn-down as a figure: grid, area, neutral line, zero line, curve; hatched bands and the end in the overlay; the
//! unmeasured share of each step in the lane under it.

use std::convert::Infallible;
use std::fmt::Write as _;

use domain::Count;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{
    AreaSeries, Cartesian2d, ChartBuilder, ChartContext, DrawingAreaErrorKind, IntoDrawingArea, LineSeries,
    PathElement,
};

use super::{BurnDown, Step};
use crate::backend::{Canvas, Mark};
use crate::figure::{Figure, Tick};
use crate::markup::{SIDE, percent};
use crate::ticks;

/// A gap of less than a hundredth of its step is left to the table: it is no news, and no eye could tell its height.
const SHOWN_DIVISOR: i64 = 100;
/// The least height of what is shown in the lane, in units of its height: about three of its pixels.
const LANE_HEIGHT_MIN: i32 = 3_000;

/// Seconds since the range's start, and budget left as a ratio.
type Point = (f64, f64);
type Chart<'a, 'b> = ChartContext<'a, Canvas<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
type DrawError = DrawingAreaErrorKind<Infallible>;

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
        bands: bands(burn_down),
        partial: partial(burn_down),
        neutral: neutral(burn_down),
        grid: ticks::budget_ticks(bottom_percent),
        seconds: seconds(burn_down.range.to.seconds_since(burn_down.range.from)),
        bottom: f64::from(bottom_percent) / 100.0,
    };
    // The canvas itself cannot fail; plotters could only if it were drawn on from within a drawing.
    let Ok((geometry, overlay, lane)) = scene.draw() else {
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
    /// Stretches of which nothing is known, as seconds from and to.
    bands: Vec<(f64, f64)>,
    /// Stretches that are measured in part, as seconds from and to, and the height of the rest in units.
    partial: Vec<(f64, f64, i32)>,
    neutral: Vec<Point>,
    /// Percent and tick.
    grid: Vec<(i32, Tick)>,
    seconds: f64,
    bottom: f64,
}

impl Scene {
    /// Geometry, overlay and lane.
    fn draw(&self) -> Result<(String, String, String), DrawError> {
        let (mut geometry, mut overlay, mut lane) = (String::new(), String::new(), String::new());
        let area = Canvas { out: &mut geometry }.into_drawing_area();
        let mut chart = ChartBuilder::on(&area).build_cartesian_2d(0.0..self.seconds, self.bottom..1.0)?;
        for (value, _) in self.grid.iter().filter(|(value, _)| *value != 0) {
            self.level(&chart, f64::from(*value) / 100.0, Mark::Grid)?;
        }
        let runs: Vec<_> = self.runs.iter().map(|run| with_crossings(run, self.bottom)).collect();
        for run in &runs {
            let held = run.iter().map(|(x, y)| (*x, y.max(self.bottom)));
            chart.draw_series(AreaSeries::new(held, 0.0, Mark::Area.fill()))?;
        }
        chart.plotting_area().draw(&PathElement::new(self.neutral.clone(), Mark::Neutral.stroke()))?;
        self.level(&chart, 0.0, Mark::Zero)?;
        for run in &runs {
            for piece in run.split(|(_, y)| *y < self.bottom).filter(|piece| piece.len() > 1) {
                chart.draw_series(LineSeries::new(piece.iter().copied(), Mark::Line.stroke()))?;
            }
        }
        self.overlay(&chart, &mut overlay);
        self.lane(&chart, &mut lane);
        drop(chart);
        drop(area);
        Ok((geometry, overlay, lane))
    }

    fn level(&self, chart: &Chart<'_, '_>, y: f64, mark: Mark) -> Result<(), DrawError> {
        let ends = vec![(0.0, y), (self.seconds, y)];
        chart.plotting_area().draw(&PathElement::new(ends, mark.stroke()))
    }

    /// What is not measured, from the bottom of the lane up: all of its height where nothing is.
    fn lane(&self, chart: &Chart<'_, '_>, out: &mut String) {
        let whole = self.bands.iter().map(|(from, to)| (*from, *to, SIDE));
        for (from, to, height) in whole.chain(self.partial.iter().copied()) {
            let (x, width) = extent(chart, from, to);
            let (y, height) = (percent(SIDE - height), percent(height));
            // Writing to a String cannot fail, here and below.
            let _ = write!(
                out,
                r#"<rect class="gap" fill="url(#hatch)" x="{x}" y="{y}" width="{width}" height="{height}"/>"#
            );
        }
    }

    /// Bands and end, placed by the same mapping as the geometry.
    fn overlay(&self, chart: &Chart<'_, '_>, out: &mut String) {
        for (from, to) in &self.bands {
            let (x, width) = extent(chart, *from, *to);
            let _ = write!(
                out,
                r#"<rect class="band" fill="url(#hatch)" x="{x}" y="0" width="{width}" height="100%"/>"#
            );
        }
        let Some(end) = self.runs.last().and_then(|run| run.last()) else { return };
        let (x, y) = chart.backend_coord(end);
        let cx = percent(x.clamp(0, SIDE));
        let _ = if end.1 < self.bottom {
            // A nested svg puts the origin of the arrow's pixels at the foot of the plot.
            let arrow = r#"<path class="end below" d="M-5-9H5L0 0z"/>"#;
            write!(out, r#"<svg x="{cx}" y="100%" overflow="visible">{arrow}</svg>"#)
        } else {
            write!(out, r#"<circle class="end" cx="{cx}" cy="{}" r="4"/>"#, percent(y.clamp(0, SIDE)))
        };
    }
}

/// Where a stretch begins and how wide it is, in percent of the plot.
fn extent(chart: &Chart<'_, '_>, from: f64, to: f64) -> (String, String) {
    let (left, right) = (chart.backend_coord(&(from, 0.0)).0, chart.backend_coord(&(to, 0.0)).0);
    (percent(left), percent((right - left).max(1)))
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

/// Stretches inside the range of which nothing is known: unmeasured steps and holes before and between steps.
fn bands(burn_down: &BurnDown) -> Vec<(f64, f64)> {
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

/// Steps inside the range that are measured in part, neighbours of one height as one.
fn partial(burn_down: &BurnDown) -> Vec<(f64, f64, i32)> {
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

/// Seconds from the range's start, inside the range.
fn offset(burn_down: &BurnDown, at: domain::Instant) -> f64 {
    let range = burn_down.range;
    seconds(at.min(range.to).max(range.from).seconds_since(range.from))
}

#[expect(clippy::cast_precision_loss, reason = "spans between instants are far below 2^53")]
fn seconds(span: i64) -> f64 {
    span as f64
}
