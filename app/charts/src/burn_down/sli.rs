//! The SLI of each step as a figure: a curve of stairs, the target across it, and what lies below the target filled.
//!
//! A step without a measurement is hatched, one without events leaves a hole. What lies below the floor of the axis is
//! cut: the curve leaves through the bottom and comes back, an arrow marks the place, and the lowest is told in figures.

use std::cmp::Ordering;
use std::fmt::Write as _;

use domain::format;
use domain::ratio::compare_products;

use super::draw::below;
use super::plot::{self, DrawError, Plot, Point};
use super::stretches::{self, offset};
use super::{BurnDown, Step, seconds};
use crate::backend::Mark;
use crate::figure::Figure;
use crate::markup::{SIDE, escape, percent};
use crate::sli_axis::SliAxis;
use crate::ticks;

/// Arrows stand at least this far apart, in units; so there are at most 67 of them.
const ARROW_DISTANCE_MIN: i32 = 150;

/// What the steps of a range amount to, in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SliSummary {
    /// Steps with events.
    pub steps: usize,
    /// Of these, the ones below the target.
    pub short: usize,
    /// The step with the lowest SLI, of several the oldest.
    pub lowest: usize,
    /// The floor of the axis as text, if the lowest lies below it.
    pub floor: Option<String>,
}

/// A step that has an SLI, in seconds and ratios.
#[derive(Debug, Clone, Copy)]
struct Stair {
    from: f64,
    to: f64,
    sli: f64,
}

impl BurnDown {
    /// Draws the SLI of each step against the target. The figure has no lane: it stands under the burn-down's.
    pub fn sli_figure(&self) -> Figure {
        if self.range.to <= self.range.from {
            return Figure::empty("There is no time to show.");
        }
        let length = seconds(self.range.to.seconds_since(self.range.from));
        let axis = self.sli_axis();
        let runs = self.stairs();
        let mut overlay = String::new();
        let drawn = plot::draw(length, axis.floor()..1.0, &mut |plot| {
            curves(plot, &runs, axis, self.target.as_f64())?;
            overlay = stretches::draw_bands(self, plot);
            self.arrows(plot, &runs, axis, &mut overlay);
            Ok(())
        });
        // The canvas itself cannot fail; plotters could only if it were drawn on from within a drawing.
        let Ok(geometry) = drawn else { return Figure::empty("The figure could not be drawn.") };
        let note = match () {
            () if !runs.is_empty() => None,
            () if self.steps.iter().any(|step| step.measured) => Some("No events in this time."),
            () => Some("Nothing was measured in this time."),
        };
        Figure {
            geometry,
            overlay,
            lane: String::new(),
            x_ticks: ticks::time_ticks(self.range),
            y_ticks: axis.ticks().into_iter().map(|(_, tick)| tick).collect(),
            note: note.map(str::to_owned),
        }
    }

    /// As [`BurnDown::place`], in the figure of the SLI.
    pub fn sli_place(&self, index: usize) -> Option<(f64, Option<f64>)> {
        let step = self.steps.get(index)?;
        let height = step.sli().map(|sli| self.sli_axis().fraction(sli).clamp(0.0, 1.0));
        Some((self.fraction(step.to.min(self.range.to)), height))
    }

    /// The SLI of step `index` as the pages write it, none without events.
    pub fn sli_text(&self, index: usize) -> Option<String> {
        let step = self.steps.get(index).filter(|step| step.sli().is_some())?;
        Some(format::sli_percent(Some(step.total.less(step.bad)), Some(step.total), self.target))
    }

    /// What the steps amount to; none if none has events.
    pub fn sli_summary(&self) -> Option<SliSummary> {
        let with_events = || self.steps.iter().enumerate().filter(|(_, step)| step.sli().is_some());
        let (lowest, step) = with_events().reduce(|a, b| if b.1.is_worse(a.1) { b } else { a })?;
        let axis = self.sli_axis();
        Some(SliSummary {
            steps: with_events().count(),
            short: with_events().filter(|(_, step)| step.is_short(self)).count(),
            lowest,
            floor: step.sli().filter(|sli| *sli < axis.floor()).map(|_| axis.floor_label()),
        })
    }

    fn sli_axis(&self) -> SliAxis {
        let worst = self.steps.iter().filter_map(Step::bad_parts).max();
        SliAxis::new(self.target, worst.unwrap_or(0))
    }

    /// The steps that have an SLI, for each unbroken stretch of them.
    fn stairs(&self) -> Vec<Vec<Stair>> {
        let mut runs: Vec<Vec<Stair>> = Vec::new();
        for step in &self.steps {
            let (from, to) = (offset(self, step.from), offset(self, step.to));
            let Some(sli) = step.sli().filter(|_| from < to) else { continue };
            let stair = Stair { from, to, sli };
            match runs.last_mut() {
                #[expect(clippy::float_cmp, reason = "both are the same whole number of seconds, or are not")]
                Some(run) if run.last().is_some_and(|last| last.to == from) => run.push(stair),
                _ => runs.push(vec![stair]),
            }
        }
        runs
    }

    /// Arrows where stairs lie below the floor, of several in a row at the lowest, and in figures the lowest of all.
    fn arrows(&self, plot: &Plot<'_, '_>, runs: &[Vec<Stair>], axis: SliAxis, out: &mut String) {
        let mut marked = -ARROW_DISTANCE_MIN;
        for run in runs {
            for low in run.chunk_by(|a, b| is_cut(a, axis) == is_cut(b, axis)) {
                let Some(stair) = lowest(low).filter(|stair| is_cut(stair, axis)) else { continue };
                let x = middle(plot, stair);
                if x - marked >= ARROW_DISTANCE_MIN {
                    marked = x;
                    out.push_str(&below(x));
                }
            }
        }
        let Some(stair) = lowest(runs.iter().flatten()).filter(|stair| is_cut(stair, axis)) else { return };
        let Some(text) = self.sli_summary().and_then(|summary| self.sli_text(summary.lowest)) else { return };
        let x = middle(plot, stair);
        let (away, anchor) = if x < SIDE / 2 { (9, "start") } else { (-9, "end") };
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            r#"<text class="depth" x="{}" dx="{away}" y="100%" dy="-5" text-anchor="{anchor}">down to {}</text>"#,
            percent(x),
            escape(&text)
        );
    }
}

fn is_cut(stair: &Stair, axis: SliAxis) -> bool {
    stair.sli < axis.floor()
}

fn lowest<'a>(stairs: impl IntoIterator<Item = &'a Stair>) -> Option<&'a Stair> {
    stairs.into_iter().reduce(|a, b| if b.sli < a.sli { b } else { a })
}

/// Where the middle of a stair stands, in units from the left.
fn middle(plot: &Plot<'_, '_>, stair: &Stair) -> i32 {
    plot.place((f64::midpoint(stair.from, stair.to), stair.sli)).0
}

fn curves(plot: &mut Plot<'_, '_>, runs: &[Vec<Stair>], axis: SliAxis, target: f64) -> Result<(), DrawError> {
    for (value, _) in axis.ticks() {
        if (value - target).abs() > 0.0 {
            plot.level(value, Mark::Grid)?;
        }
    }
    for run in runs {
        for short in run.split(|stair| stair.sli >= target).filter(|short| !short.is_empty()) {
            let held = |stair: &Stair| corners(stair, stair.sli.max(axis.floor()));
            let outline: Vec<Point> = short.iter().flat_map(held).collect();
            plot.area(&outline, target, Mark::Short)?;
        }
    }
    plot.level(target, Mark::Target)?;
    for run in runs {
        for piece in pieces(run, axis) {
            plot.line(&piece, Mark::Line)?;
        }
    }
    Ok(())
}

/// A run as curves above the floor: where a stair lies below it, one curve ends at the floor and the next begins there.
fn pieces(run: &[Stair], axis: SliAxis) -> Vec<Vec<Point>> {
    let mut pieces = Vec::new();
    let mut piece: Vec<Point> = Vec::new();
    for stair in run {
        if !is_cut(stair, axis) {
            piece.extend(corners(stair, stair.sli));
            continue;
        }
        if piece.len() > 1 {
            piece.push((stair.from, axis.floor()));
            pieces.push(std::mem::take(&mut piece));
        }
        piece = vec![(stair.to, axis.floor())];
    }
    pieces.push(piece);
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

fn corners(stair: &Stair, y: f64) -> [Point; 2] {
    [(stair.from, y), (stair.to, y)]
}

impl Step {
    /// good / total, none without events.
    fn sli(&self) -> Option<f64> {
        let bad = self.bad_share()?;
        Some(1.0 - bad)
    }

    /// bad / total, none without events.
    fn bad_share(&self) -> Option<f64> {
        (self.measured && !self.total.is_zero()).then(|| (self.bad.as_f64() / self.total.as_f64()).min(1.0))
    }

    /// bad / total in parts per 10^9, rounded up, none without events.
    #[expect(clippy::cast_possible_truncation, reason = "at most 10^9")]
    fn bad_parts(&self) -> Option<i64> {
        self.bad_share().map(|share| (share * 1e9).ceil() as i64)
    }

    /// Whether its SLI is lower than that of another step, both with events.
    fn is_worse(&self, other: &Self) -> bool {
        let compared =
            compare_products(self.bad.parts(), other.total.parts(), other.bad.parts(), self.total.parts());
        compared == Ordering::Greater
    }

    /// Whether its SLI is below the target, in integers.
    fn is_short(&self, of: &BurnDown) -> bool {
        let good = self.total.less(self.bad);
        let target = u128::from(of.target.parts());
        compare_products(good.parts(), WHOLE_PARTS, self.total.parts(), target) == Ordering::Less
    }
}

/// A whole, in the parts that targets are counted in.
const WHOLE_PARTS: u128 = 1_000_000_000;
