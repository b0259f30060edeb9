//! What all figures of an objective's past are drawn with: a chart over the seconds of the range, levels, curves and
//! areas on it, and where a stretch of time stands in percent of the plot.

use std::convert::Infallible;
use std::ops::Range;

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{
    AreaSeries, Cartesian2d, ChartBuilder, ChartContext, DrawingAreaErrorKind, IntoDrawingArea, LineSeries,
    PathElement,
};

use crate::backend::{Canvas, Mark};
use crate::markup::{SIDE, percent};

/// Seconds since the range's start, and a ratio.
pub(super) type Point = (f64, f64);
pub(super) type DrawError = DrawingAreaErrorKind<Infallible>;
type Chart<'a, 'b> = ChartContext<'a, Canvas<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// A chart that is being drawn.
pub(super) struct Plot<'a, 'b> {
    chart: Chart<'a, 'b>,
    seconds: f64,
}

/// Draws into a string over `seconds` from left to right, and over `values` from the bottom to the top.
///
/// What draws is a trait object, so that plotters is compiled for one kind of chart only.
pub(super) fn draw(
    seconds: f64,
    values: Range<f64>,
    with: &mut dyn FnMut(&mut Plot<'_, '_>) -> Result<(), DrawError>,
) -> Result<String, DrawError> {
    let mut geometry = String::new();
    let area = Canvas { out: &mut geometry }.into_drawing_area();
    let chart = ChartBuilder::on(&area).build_cartesian_2d(0.0..seconds, values)?;
    with(&mut Plot { chart, seconds })?;
    drop(area);
    Ok(geometry)
}

impl Plot<'_, '_> {
    /// A line across the plot.
    pub(super) fn level(&self, y: f64, mark: Mark) -> Result<(), DrawError> {
        self.path(vec![(0.0, y), (self.seconds, y)], mark)
    }

    /// Points joined by straight lines, as one path even if there is none.
    pub(super) fn path(&self, points: Vec<Point>, mark: Mark) -> Result<(), DrawError> {
        self.chart.plotting_area().draw(&PathElement::new(points, mark.stroke()))
    }

    /// A curve.
    pub(super) fn line(&mut self, points: &[Point], mark: Mark) -> Result<(), DrawError> {
        self.chart.draw_series(LineSeries::new(points.iter().copied(), mark.stroke())).map(drop)
    }

    /// What lies between a curve and `baseline`.
    pub(super) fn area(&mut self, points: &[Point], baseline: f64, mark: Mark) -> Result<(), DrawError> {
        self.chart.draw_series(AreaSeries::new(points.iter().copied(), baseline, mark.fill())).map(drop)
    }

    /// Where a point stands, in units from the left and from the top, held inside the plot.
    pub(super) fn place(&self, point: Point) -> (i32, i32) {
        let (x, y) = self.chart.backend_coord(&point);
        (x.clamp(0, SIDE), y.clamp(0, SIDE))
    }

    /// Where a stretch of seconds begins and how wide it is, in percent of the plot.
    pub(super) fn extent(&self, (from, to): (f64, f64)) -> (String, String) {
        let (left, right) = (self.place((from, 0.0)).0, self.place((to, 0.0)).0);
        (percent(left), percent((right - left).max(1)))
    }
}
