//! A strip of cells, one for each day: was the target met?
//!
//! Worse days are taller, so that the strip does not speak through colour alone. Unmeasured time is hatched, never
//! filled. A day is judged in integers.

use std::fmt::Write as _;

use domain::ratio::{ONE, compare_products};
use domain::{HistoryPoint, Target, format};

use crate::markup::{SIDE, escape, percent, units};

/// A drawn strip.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Strip {
    /// Content of an `<svg>` without a viewBox, of any width and height: a `<g class="cell …">` for each day, of the
    /// class `ok`, `idle`, `risk`, `bad` or `unknown`, with a `<title>`; unmeasured time in it is a `<rect class="gap">`.
    pub markup: String,
    /// One sentence for screen readers.
    pub summary: String,
}

/// Share of a window's budget that one day must spend to be `bad`: the threshold at which the SRE workbook's error
/// budget policy asks for a postmortem, as a divisor.
const BAD_SHARE_DIVISOR: u128 = 5;
/// A day of which less is measured shows the rest hatched.
const COVERAGE_MIN: f64 = 0.9;
/// A strip has at most this many cells; more would be thinner than the gap between them.
const CELLS_MAX: usize = 120;
/// The cell's share of its place, in percent; the rest is the gap between cells.
const CELL_PERCENT: i32 = 80;

/// What a day was, judged against the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Nothing was measured.
    Unknown,
    /// Measured, without any event.
    Idle,
    /// The target was met.
    Ok,
    /// The target was missed.
    Risk,
    /// The target was missed, and the day alone spent a large share of the whole window's budget.
    Bad,
}

impl Verdict {
    fn of(point: &HistoryPoint, target: Target, window_seconds: i64) -> Self {
        let Some(total) = point.total else { return Self::Unknown };
        let good = point.good.unwrap_or_default().min(total);
        if total.is_zero() {
            return Self::Idle;
        }
        let parts = |share: u32| u128::from(share);
        if compare_products(good.parts(), ONE.unsigned_abs(), total.parts(), parts(target.parts())).is_ge() {
            return Self::Ok;
        }
        // burn x day / window >= 1 / divisor, with burn = (bad / total) / (1 - target), multiplied out.
        let seconds = |length: i64| u128::from(length.max(0).unsigned_abs());
        let day = seconds(point.to.seconds_since(point.from)) * ONE.unsigned_abs() * BAD_SHARE_DIVISOR;
        let window = seconds(window_seconds) * parts(target.budget_parts());
        let spent = compare_products(total.less(good).parts(), day, total.parts(), window);
        if spent.is_ge() { Self::Bad } else { Self::Risk }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Idle => "idle",
            Self::Ok => "ok",
            Self::Risk => "risk",
            Self::Bad => "bad",
        }
    }

    /// Height in units of the strip's height.
    const fn height(self) -> i32 {
        match self {
            Self::Idle => 2_000,
            Self::Ok | Self::Unknown => 6_000,
            Self::Risk => 8_000,
            Self::Bad => SIDE,
        }
    }
}

/// Draws `points` (days, oldest first; the last may still be running) judged against `target` over a window of
/// `window_seconds`. Only the newest 120 days are drawn.
pub fn strip(points: &[HistoryPoint], target: Target, window_seconds: i64) -> Strip {
    let points = points.iter().skip(points.len().saturating_sub(CELLS_MAX));
    let cells: Vec<_> = points.map(|point| (point, Verdict::of(point, target, window_seconds))).collect();
    let count = i32::try_from(cells.len()).unwrap_or(i32::MAX);
    let mut markup = String::new();
    for (index, (point, verdict)) in (0_i32..).zip(&cells) {
        let (left, right) = (SIDE * index / count, SIDE * (index + 1) / count);
        let width = (right - left) * CELL_PERCENT / 100;
        let coverage = if index + 1 == count { None } else { point.coverage };
        push_cell(&mut markup, &Place { left, width }, *verdict, coverage, &title(point, *verdict, target));
    }
    let verdicts: Vec<_> = cells.iter().map(|(_, verdict)| *verdict).collect();
    Strip { markup, summary: summary(&verdicts) }
}

/// Where a cell stands, in units of the strip's width.
struct Place {
    left: i32,
    width: i32,
}

/// `coverage` is none where a low one is no news: of the day that is still running.
fn push_cell(out: &mut String, place: &Place, verdict: Verdict, coverage: Option<f64>, title: &str) {
    let (class, height) = (verdict.class(), verdict.height());
    let top = SIDE - height;
    let hatched = match (verdict, coverage) {
        (Verdict::Unknown, _) => height,
        (_, Some(coverage)) if coverage < COVERAGE_MIN => height * (SIDE - units(coverage)) / SIDE,
        _ => 0,
    };
    // Writing to a String cannot fail, here and below.
    let _ = write!(out, r#"<g class="cell {class}"><title>{}</title>"#, escape(title));
    if hatched > 0 {
        push_rect(out, r#"class="gap" fill="url(#hatch)""#, place, top, hatched);
    }
    if hatched < height {
        push_rect(out, r#"class="day""#, place, top + hatched, height - hatched);
    }
    out.push_str("</g>");
}

fn push_rect(out: &mut String, attributes: &str, place: &Place, top: i32, height: i32) {
    let [x, y, width, height] = [place.left, top, place.width, height].map(percent);
    let _ = write!(
        out,
        r#"<rect {attributes} x="{x}" y="{y}" width="{width}" height="{height}" shape-rendering="crispEdges"/>"#
    );
}

fn title(point: &HistoryPoint, verdict: Verdict, target: Target) -> String {
    let date = format::date(point.from);
    let (Some(total), true) = (point.total, verdict != Verdict::Unknown) else {
        return format!("{date}: not measured");
    };
    let good = point.good.unwrap_or_default().min(total);
    let coverage = format::percent_down(point.coverage, 0);
    if verdict == Verdict::Idle {
        return format!("{date}: no traffic, coverage {coverage}");
    }
    let sli = format::sli_percent(Some(good), Some(total), target);
    let (bad, total) = (format::counted(Some(total.less(good))), format::counted(Some(total)));
    format!("{date}: {sli}, {bad} bad of {total}, coverage {coverage}")
}

/// One sentence such as `30 days: 27 within target, 2 missed, 1 not measured.`
fn summary(verdicts: &[Verdict]) -> String {
    let of = |wanted: &[Verdict]| verdicts.iter().filter(|verdict| wanted.contains(verdict)).count();
    let parts = [
        (of(&[Verdict::Ok]), "within target"),
        (of(&[Verdict::Risk, Verdict::Bad]), "missed"),
        (of(&[Verdict::Idle]), "without traffic"),
        (of(&[Verdict::Unknown]), "not measured"),
    ];
    let named = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let named = named.collect::<Vec<_>>().join(", ");
    match verdicts.len() {
        0 => "No days.".to_owned(),
        1 => format!("1 day: {named}."),
        days => format!("{days} days: {named}."),
    }
}
