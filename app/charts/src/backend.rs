//! A plotters backend that writes SVG paths with classes, into a square of 10,000 units that the page stretches.
//!
//! Invariants: integer coordinates inside the square; every stroke keeps its width under the stretch; a colour is
//! only a name for a [`Mark`]; text is neither drawn nor measured (measuring differs between server and browser).

use std::convert::Infallible;

use plotters::style::{RGBAColor, ShapeStyle};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

use crate::markup::{SIDE, push_integer};

/// What a shape stands for; the style sheet decides how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Mark {
    /// The curve of figures.
    Line = 1,
    /// The space between the curve and zero.
    Area = 2,
    /// The curve of a budget that is spent evenly.
    Neutral = 3,
    /// A line of the grid.
    Grid = 4,
    /// The line where the budget is spent.
    Zero = 5,
    /// The line of the target.
    Target = 6,
    /// The space between the target and a curve below it.
    Short = 7,
}

impl Mark {
    const ALL: [Self; 7] =
        [Self::Line, Self::Area, Self::Neutral, Self::Grid, Self::Zero, Self::Target, Self::Short];

    /// The class that its shapes carry.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Area => "area",
            Self::Neutral => "neutral",
            Self::Grid => "grid",
            Self::Zero => "zero",
            Self::Target => "target",
            Self::Short => "short",
        }
    }

    /// As an outline, in plotters' terms.
    pub(crate) fn stroke(self) -> ShapeStyle {
        ShapeStyle { color: RGBAColor(self as u8, 0, 0, 1.0), filled: false, stroke_width: 1 }
    }

    /// As a filled shape, in plotters' terms.
    pub(crate) fn fill(self) -> ShapeStyle {
        ShapeStyle { filled: true, ..self.stroke() }
    }

    /// The mark that a colour stands for; none for a transparent one, which plotters uses for "no border".
    fn from_color(color: BackendColor) -> Option<Self> {
        let visible = color.alpha > 0.0;
        Self::ALL.into_iter().find(|mark| visible && *mark as u8 == color.rgb.0)
    }
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// Appends what plotters draws to `out`.
#[derive(Debug)]
pub(crate) struct Canvas<'a> {
    /// Where the markup goes.
    pub(crate) out: &'a mut String,
}

impl Canvas<'_> {
    /// Writes one path: the first point absolute, the others relative to the one before, which is about half as long;
    /// a level stretch, most of a quiet curve, becomes one segment.
    fn path(&mut self, color: BackendColor, points: impl IntoIterator<Item = BackendCoord>, filled: bool) {
        let Some(mark) = Mark::from_color(color) else { return };
        let mut points = points.into_iter().map(|(x, y)| (x.clamp(0, SIDE), y.clamp(0, SIDE)));
        let Some((mut x, mut y)) = points.next() else { return };
        self.out.push_str("<path class=\"");
        self.out.push_str(mark.class());
        self.out.push_str("\" d=\"M");
        self.pair(x, y);
        let (mut pending, mut moved) = ((0_i32, 0_i32), false);
        for (next_x, next_y) in points {
            let step = (next_x - x, next_y - y);
            (x, y) = (next_x, next_y);
            if step.1 == 0 && pending.1 == 0 && step.0.signum() * pending.0.signum() >= 0 {
                pending.0 += step.0;
            } else {
                moved |= self.segment(pending, moved);
                pending = step;
            }
        }
        moved |= self.segment(pending, moved);
        // A stroke of no length is a dot only if it has a segment.
        self.out.push_str(match (filled, moved) {
            (true, _) => "z\"/>",
            (false, true) => "\" fill=\"none\" vector-effect=\"non-scaling-stroke\"/>",
            (false, false) => "h0\" fill=\"none\" vector-effect=\"non-scaling-stroke\"/>",
        });
    }

    /// Writes a relative segment unless it has no length; says whether it did.
    fn segment(&mut self, (right, down): (i32, i32), moved: bool) -> bool {
        if (right, down) == (0, 0) {
            return false;
        }
        if !moved {
            self.out.push('l');
        } else if right >= 0 {
            self.out.push(' ');
        }
        self.pair(right, down);
        true
    }

    fn pair(&mut self, x: i32, y: i32) {
        push_integer(self.out, i64::from(x));
        if y >= 0 {
            self.out.push(' ');
        }
        push_integer(self.out, i64::from(y));
    }
}

impl DrawingBackend for Canvas<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        // plotters spends the last pixel on the frame's width: one more makes both edges of the square exact.
        (SIDE.unsigned_abs() + 1, SIDE.unsigned_abs() + 1)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        self.path(color, [point], false);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.path(style.color(), [from, to], false);
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let outline = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        self.path(style.color(), outline, fill);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        self.path(style.color(), path, false);
        Ok(())
    }

    /// A diamond: under the stretch a circle would become an ellipse anyway. Round dots belong in the overlay.
    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let reach = i32::try_from(radius).unwrap_or(SIDE).min(SIDE);
        let outline = [(x - reach, y), (x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)];
        self.path(style.color(), outline, fill);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vertices: I,
        style: &S,
    ) -> Drawn {
        self.path(style.color(), vertices, true);
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, _text: &str, _style: &S, _at: BackendCoord) -> Drawn {
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        _text: &str,
        _style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        Ok((0, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters_backend::BackendColor;

    fn drawn(draw: impl FnOnce(&mut Canvas<'_>) -> Drawn) -> String {
        let mut out = String::new();
        draw(&mut Canvas { out: &mut out }).unwrap();
        out
    }

    const GRID: BackendColor = BackendColor { alpha: 1.0, rgb: (Mark::Grid as u8, 0, 0) };

    #[test]
    fn paths_are_relative_compact_and_keep_their_width() {
        let svg = drawn(|canvas| canvas.draw_path([(0, 10), (5, 10), (5, 10), (4, 0), (4, 12)], &GRID));
        let expected =
            r#"<path class="grid" d="M0 10l5 0-1-10 0 12" fill="none" vector-effect="non-scaling-stroke"/>"#;
        assert_eq!(svg, expected);
    }

    #[test]
    fn level_stretches_become_one_segment_unless_they_turn_back() {
        let svg =
            drawn(|canvas| canvas.draw_path([(0, 5), (3, 5), (7, 5), (7, 5), (9, 5), (4, 5), (4, 6)], &GRID));
        assert!(svg.starts_with(r#"<path class="grid" d="M0 5l9 0-5 0 0 1" "#), "{svg}");
    }

    #[test]
    fn shapes_stay_inside_the_square() {
        let svg = drawn(|canvas| canvas.draw_rect((-5, 0), (20_000, 7), &GRID, true));
        assert_eq!(svg, r#"<path class="grid" d="M0 0l10000 0 0 7-10000 0 0-7z"/>"#);
        let svg = drawn(|canvas| canvas.draw_circle((10, 10), 2, &GRID, true));
        assert_eq!(svg, r#"<path class="grid" d="M8 10l2-2 2 2-2 2-2-2z"/>"#);
    }

    #[test]
    fn transparent_and_nameless_colours_draw_nothing() {
        let clear = BackendColor { alpha: 0.0, ..GRID };
        let nameless = BackendColor { alpha: 1.0, rgb: (200, 0, 0) };
        assert_eq!(drawn(|canvas| canvas.draw_line((0, 0), (1, 1), &clear)), "");
        assert_eq!(drawn(|canvas| canvas.draw_line((0, 0), (1, 1), &nameless)), "");
    }

    #[test]
    fn a_stroke_without_length_is_a_dot() {
        let svg = drawn(|canvas| canvas.draw_pixel((3, 4), GRID));
        assert_eq!(svg, r#"<path class="grid" d="M3 4h0" fill="none" vector-effect="non-scaling-stroke"/>"#);
    }
}
