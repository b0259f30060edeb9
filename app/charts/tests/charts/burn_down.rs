//! What a drawn burn-down promises, for any history.

use charts::{BurnDown, Reading};
use domain::Count;
use domain::slice::Bounds;
use proptest::prelude::*;

use crate::fixtures::{DAY, HOUR, history, now, paths, point, status, target, whole_window};

/// Stretches of measured steps.
fn runs(burn_down: &BurnDown) -> usize {
    burn_down.steps.split(|step| !step.measured).filter(|run| !run.is_empty()).count()
}

proptest! {
    #[test]
    fn geometry_is_inside_whole_and_ends_at_the_remaining_budget(
        counts in prop::collection::vec(prop::option::weighted(0.8, 0_u64..60), 1..120),
        step_seconds in prop::sample::select(vec![60_i64, 300, 3_600, 86_400]),
        overhang in 0_i64..86_400,
        budget in 2_000_u32..20_000,
        overspent in 0_u32..3_000,
    ) {
        let seconds = i64::try_from(counts.len()).unwrap() * step_seconds - overhang % step_seconds;
        let range = Bounds { from: now() - seconds, to: now() };
        let points = history(range, step_seconds, |index| {
            counts.get(usize::try_from(index).unwrap()).copied().flatten().map(|bad| (bad, 1_000))
        });
        let remaining = 0.5 - f64::from(overspent) / f64::from(budget);
        let status = status(now(), 40 * DAY, f64::from(budget), Some(remaining));
        let burn_down = BurnDown::from_history(&points, &status, step_seconds, range);
        let figure = burn_down.figure();

        let markup = format!("{}{}", figure.geometry, figure.overlay);
        prop_assert!(!markup.contains("NaN") && !markup.contains("inf"), "{markup}");
        let strokes = figure.geometry.matches("fill=\"none\"").count();
        prop_assert_eq!(figure.geometry.matches("vector-effect=\"non-scaling-stroke\"").count(), strokes);
        let all = ["grid", "area", "neutral", "zero", "line"].map(|class| paths(&figure.geometry, class));
        for (x, y) in all.iter().flatten().flatten() {
            prop_assert!((0..=10_000).contains(x) && (0..=10_000).contains(y), "{x} {y}");
        }
        let lines = paths(&figure.geometry, "line");
        prop_assert_eq!(lines.len(), runs(&burn_down));
        prop_assert_eq!(paths(&figure.geometry, "area").len(), lines.len());
        prop_assert_eq!(figure.note.is_some(), lines.is_empty());
        prop_assert!(figure.y_ticks.len() <= 6);

        if let Some((_, y)) = lines.last().and_then(|line| line.last()) {
            let last = (0..burn_down.steps.len()).rev().find(|index| burn_down.steps[*index].measured).unwrap();
            prop_assert_eq!(burn_down.y_at(last), Some(remaining));
            let (_, height) = burn_down.place(last).unwrap();
            #[expect(clippy::cast_precision_loss, reason = "at most 10,000")]
            let drawn = *y as f64 / 10_000.0;
            prop_assert!((height.unwrap() - drawn).abs() < 2e-4, "{height:?} {drawn}");
        }
        let again: BurnDown = serde_json::from_str(&serde_json::to_string(&burn_down).unwrap()).unwrap();
        prop_assert_eq!(again.figure(), figure);
    }

    #[test]
    fn the_cursor_finds_every_step_at_its_own_place(steps in 1_i64..200) {
        let burn_down = whole_window(steps * 900, 900, 5_000, |_| Some((1, 100)));
        for index in 0..burn_down.steps.len() {
            let (fraction, _) = burn_down.place(index).unwrap();
            prop_assert_eq!(burn_down.nearest(fraction), index);
        }
    }
}

#[test]
fn the_curve_is_walked_backwards_from_now() {
    let burn_down = whole_window(4 * HOUR, HOUR, 100, |index| {
        [Some((10, 50)), Some((20, 50)), None, Some((5, 50)), Some((0, 9))][usize::try_from(index).unwrap()]
    });
    let read: Vec<_> = (0..5).map(|index| burn_down.y_at(index).map(|y| (y * 100.0).round())).collect();
    assert_eq!(read, [Some(90.0), Some(70.0), None, Some(65.0), Some(65.0)]);
    let last = Reading {
        at: now(),
        remaining: Some(0.65),
        bad: Count::default(),
        total: Count::whole(9),
        measured: true,
        coverage: Some(1.0),
    };
    assert_eq!(burn_down.reading(4), last);
    assert_eq!(burn_down.reading(99), last, "past the end, the last step");
    let gap = burn_down.reading(2);
    assert_eq!(
        (gap.remaining, gap.bad, gap.total, gap.measured),
        (None, Count::default(), Count::default(), false)
    );
    assert_eq!(gap.coverage, Some(0.0));
    assert_eq!([burn_down.nearest(-1.0), burn_down.nearest(0.0), burn_down.nearest(1.0)], [0, 0, 4]);
}

#[test]
fn a_gap_is_hatched_and_interrupts_curve_and_area() {
    let burn_down =
        whole_window(10 * HOUR - 310, HOUR, 100, |index| (index != 4 && index != 5).then_some((1, 50)));
    let figure = burn_down.figure();
    assert_eq!(paths(&figure.geometry, "line").len(), 2);
    assert_eq!(figure.overlay.matches("class=\"band\"").count(), 1, "{}", figure.overlay);
    assert!(figure.overlay.contains("fill=\"url(#hatch)\""));
    assert!(figure.overlay.contains("<circle class=\"end\" cx=\"100%\""), "{}", figure.overlay);
}

#[test]
fn a_step_that_is_measured_in_part_stands_in_the_lane_as_high_as_its_gap() {
    let range = Bounds { from: now().floor_to(HOUR) - 10 * HOUR, to: now().floor_to(HOUR) };
    let mut points = history(range, HOUR, |index| (index != 9).then_some((1, 100)));
    for (index, coverage) in [(2, 0.62), (3, 0.62), (5, 0.95), (7, 0.995)] {
        points[index].coverage = Some(coverage);
    }
    let status = status(range.to, DAY, 100.0, Some(0.5));
    let burn_down = BurnDown::from_history(&points, &status, HOUR, range);
    let figure = burn_down.figure();
    let gap = |x: &str, y: &str, width: &str, height: &str| {
        format!(r#"<rect class="gap" fill="url(#hatch)" x="{x}" y="{y}" width="{width}" height="{height}"/>"#)
    };
    let expected = [
        gap("90%", "0%", "10%", "100%"),
        gap("20%", "62%", "20%", "38%"),
        gap("50%", "70%", "10%", "30%"), // a twentieth, drawn as high as the least that can be seen
    ];
    assert_eq!(figure.lane, expected.concat());
    assert_eq!(figure.overlay.matches("class=\"band\"").count(), 1, "the curve itself goes on");
    assert_eq!(burn_down.reading(2).coverage, Some(0.62));
    assert_eq!(burn_down.reading(9).coverage, Some(0.0));
}

#[test]
fn a_curve_below_the_axis_is_cut_at_it() {
    let burn_down =
        whole_window(10 * HOUR, HOUR, 100, |index| Some((if index == 5 { 900 } else { 0 }, 1_000)));
    let figure = burn_down.figure();
    let lines = paths(&figure.geometry, "line");
    assert_eq!(lines.len(), 1);
    let (last, before) = (lines[0].last().unwrap(), lines[0][lines[0].len() - 2]);
    assert_eq!(last.1, 10_000, "it leaves through the bottom");
    assert!(last.0 > before.0, "on the way, not at the end of the step before");
    assert!(last.0 < 7_000, "and does not run along it");
    assert!(figure.overlay.contains("class=\"end below\""));
    assert_eq!(figure.y_ticks.last().unwrap().label, "−300 %");
}

#[test]
fn without_a_budget_the_figure_says_why() {
    let range = Bounds { from: now() - HOUR, to: now() };
    let points = history(range, 60, |_| Some((0, 0)));
    let idle = BurnDown::from_history(&points, &status(now(), DAY, 0.0, None), 60, range);
    let figure = idle.figure();
    assert_eq!((figure.geometry.as_str(), figure.overlay.as_str()), ("", ""));
    assert_eq!(figure.note.unwrap(), "No traffic in the window, so there is no error budget to spend.");
    assert_eq!(idle.y_at(3), None);

    let mut strict = status(now(), DAY, 0.0, None);
    strict.target = target(1_000_000_000);
    let figure = BurnDown::from_history(&points, &strict, 60, range).figure();
    assert_eq!(figure.note.unwrap(), "A target of 100 % leaves no error budget to spend.");

    let empty = BurnDown::from_history(&[], &status(now(), DAY, 5.0, Some(1.0)), 60, range);
    assert_eq!(empty.figure().note.unwrap(), "Nothing was measured in this time.");
    let nothing = Reading {
        at: now(),
        remaining: None,
        bad: Count::default(),
        total: Count::default(),
        measured: false,
        coverage: None,
    };
    assert_eq!((empty.reading(0), empty.nearest(0.5), empty.place(0)), (nothing, 0, None));
}

#[test]
fn a_step_that_reaches_over_the_left_edge_is_entered_on_the_edge() {
    let range = Bounds { from: now() - 90 * 60, to: now() };
    let points =
        [point(now() - 2 * HOUR, now() - HOUR, Some((40, 100))), point(now() - HOUR, now(), Some((10, 100)))];
    let burn_down = BurnDown::from_history(&points, &status(now(), DAY, 100.0, Some(0.2)), HOUR, range);
    let lines = paths(&burn_down.figure().geometry, "line");
    // Half of the first step's 40 lies behind the edge: 20 % + 10 % + 20 % are left there.
    assert_eq!(lines, [vec![(0, 5_000), (3_333, 7_000), (10_000, 8_000)]]);
}
