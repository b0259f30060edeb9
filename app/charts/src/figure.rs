//! A drawn figure: geometry for a square that stretches, an overlay that does not, and the ticks of both axes.

use crate::markup::{escape, percent, units};

/// A mark on an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Place along the axis, 0 to 1: from the left, or from the top.
    pub fraction: f64,
    /// Text for people, not escaped.
    pub label: String,
}

/// Markup of a figure, all of it safe to put into a page as it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figure {
    /// Content of an `<svg viewBox="0 0 10000 10000" preserveAspectRatio="none">`: paths of the classes `grid`,
    /// `area`, `neutral`, `zero` and `line`; of an SLI `grid`, `short`, `target` and `line`.
    pub geometry: String,
    /// Content of a sibling `<svg>` without a viewBox, coordinates in percent: hatched rectangles of the class `band`
    /// where nothing is known and `excluded` in a pattern of their own, the latter with a `flag` above; the curve's
    /// `end`, which is a dot, or an arrow (class `end below`) where the curve leaves the axis; and in words the
    /// `depth` of an SLI that lies below the axis.
    pub overlay: String,
    /// Content of an `<svg>` without a viewBox, as wide as the plot and a few pixels high: rectangles of the class
    /// `gap`, as high as the share of the time over them that was not measured.
    pub lane: String,
    /// Ticks of the time axis, from left to right.
    pub x_ticks: Vec<Tick>,
    /// Ticks of the value axis, from top to bottom.
    pub y_ticks: Vec<Tick>,
    /// Why there is no curve, if there is none: a sentence.
    pub note: Option<String>,
}

/// Labels nearer to an end of the time axis than this are set inwards, so that they stay over the plot.
const INWARD_FRACTION: f64 = 0.04;

impl Figure {
    /// A figure that shows nothing but says why.
    pub(crate) fn empty(note: &str) -> Self {
        Self { note: Some(note.to_owned()), ..Self::default() }
    }

    /// Labels under the plot: content of an `<svg>` without a viewBox, as wide as the plot.
    pub fn x_axis(&self) -> String {
        let label = |tick: &Tick| {
            let anchor = if tick.fraction < INWARD_FRACTION {
                "start"
            } else if tick.fraction > 1.0 - INWARD_FRACTION {
                "end"
            } else {
                "middle"
            };
            let (x, text) = (percent(units(tick.fraction)), escape(&tick.label));
            format!(r#"<text x="{x}" y="1.2em" text-anchor="{anchor}">{text}</text>"#)
        };
        self.x_ticks.iter().map(label).collect()
    }

    /// Labels left of the plot: content of an `<svg>` without a viewBox, as high as the plot.
    pub fn y_axis(&self) -> String {
        let label = |tick: &Tick| {
            let (y, text) = (percent(units(tick.fraction)), escape(&tick.label));
            format!(r#"<text x="100%" dx="-8" y="{y}" dy=".32em" text-anchor="end">{text}</text>"#)
        };
        self.y_ticks.iter().map(label).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_placed_in_percent_and_escaped() {
        let tick = |fraction, label: &str| Tick { fraction, label: label.to_owned() };
        let figure = Figure {
            x_ticks: vec![tick(0.0, "24 Oct"), tick(0.5, "<b>"), tick(0.999, "14:05")],
            y_ticks: vec![tick(2.0 / 3.0, "0 %")],
            ..Figure::default()
        };
        assert_eq!(
            figure.x_axis(),
            concat!(
                r#"<text x="0%" y="1.2em" text-anchor="start">24 Oct</text>"#,
                r#"<text x="50%" y="1.2em" text-anchor="middle">&lt;b&gt;</text>"#,
                r#"<text x="99.9%" y="1.2em" text-anchor="end">14:05</text>"#
            )
        );
        assert_eq!(
            figure.y_axis(),
            r#"<text x="100%" dx="-8" y="66.67%" dy=".32em" text-anchor="end">0 %</text>"#
        );
    }
}
