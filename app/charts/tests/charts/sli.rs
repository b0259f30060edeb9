//! What a drawn SLI promises, for any history.

use charts::{BurnDown, SliSummary};
use domain::slice::Bounds;
use proptest::prelude::*;

use crate::fixtures::{DAY, HOUR, history, now, paths, status, target, whole_window};

fn hours(counts: &[Option<(u64, u64)>]) -> BurnDown {
    let hours = i64::try_from(counts.len()).unwrap_or(0);
    let range = Bounds { from: now().floor_to(HOUR) - hours * HOUR, to: now().floor_to(HOUR) };
    let points = history(range, HOUR, |index| {
        usize::try_from(index).ok().and_then(|index| counts.get(index).copied()).flatten()
    });
    BurnDown::from_history(&points, &status(range.to, DAY, 100.0, Some(0.5)), HOUR, range)
}

proptest! {
    #[test]
    fn geometry_is_inside_and_above_the_floor(
        counts in prop::collection::vec(prop::option::weighted(0.8, (0_u64..60, 0_u64..2_000)), 1..120),
        step_seconds in prop::sample::select(vec![60_i64, 300, 3_600, 86_400]),
        overhang in 0_i64..86_400,
        parts in 900_000_000_u32..=1_000_000_000,
    ) {
        let seconds = i64::try_from(counts.len()).unwrap() * step_seconds - overhang % step_seconds;
        let mut burn_down = whole_window(seconds, step_seconds, 5_000, |index| {
            counts.get(usize::try_from(index).unwrap()).copied().flatten().map(|(bad, total)| (bad.min(total), total))
        });
        burn_down.target = target(parts);
        let figure = burn_down.sli_figure();

        let markup = format!("{}{}", figure.geometry, figure.overlay);
        prop_assert!(!markup.contains("NaN") && !markup.contains("inf"), "{markup}");
        for class in ["grid", "short", "target", "line"] {
            for (x, y) in paths(&figure.geometry, class).into_iter().flatten() {
                prop_assert!((0..=10_000).contains(&x) && (0..=10_000).contains(&y), "{x} {y}");
            }
        }
        prop_assert_eq!(paths(&figure.geometry, "target").len(), 1);
        let read: Vec<_> = (0..burn_down.steps.len()).filter_map(|index| burn_down.sli_text(index)).collect();
        let summary = burn_down.sli_summary();
        prop_assert_eq!(summary.as_ref().map_or(0, |summary| summary.steps), read.len());
        prop_assert_eq!(figure.note.is_some(), read.is_empty());
        if let Some(SliSummary { lowest, floor, .. }) = summary {
            let cut = figure.overlay.contains("class=\"end below\"");
            prop_assert_eq!(floor.is_some(), cut);
            let (_, height) = burn_down.sli_place(lowest).unwrap();
            prop_assert!(!cut || height == Some(1.0), "what is cut lies at the floor: {height:?}");
            for index in 0..burn_down.steps.len() {
                if let Some((_, Some(other))) = burn_down.sli_place(index) {
                    prop_assert!(other <= height.unwrap());
                }
            }
        }
        let again: BurnDown = serde_json::from_str(&serde_json::to_string(&burn_down).unwrap()).unwrap();
        prop_assert_eq!(again.sli_figure(), figure);
    }
}

#[test]
fn steps_are_stairs_and_what_is_below_the_target_is_filled() {
    let burn_down = hours(&[Some((0, 1_000)), Some((2, 1_000)), None, Some((0, 0)), Some((5, 1_000))]);
    let figure = burn_down.sli_figure();
    // The axis ends at 99.5 %: the target is a fifth down.
    assert_eq!(figure.y_ticks.last().unwrap().label, "99.5 %");
    let lines = paths(&figure.geometry, "line");
    assert_eq!(
        lines,
        [vec![(0, 0), (2_000, 0), (2_000, 4_000), (4_000, 4_000)], vec![(8_000, 10_000), (10_000, 10_000)]]
    );
    let short = paths(&figure.geometry, "short");
    assert_eq!(short[0], [(2_000, 4_000), (4_000, 4_000), (4_000, 2_000), (2_000, 2_000)]);
    assert_eq!(paths(&figure.geometry, "target"), [[(0, 2_000), (10_000, 2_000)]]);
    assert_eq!(figure.overlay.matches("class=\"band\"").count(), 1, "no events are no gap");
    assert!(!figure.overlay.contains("below"));
    let summary = SliSummary { steps: 3, short: 2, lowest: 4, floor: None };
    assert_eq!(burn_down.sli_summary(), Some(summary));
    assert_eq!(burn_down.sli_text(4).unwrap(), "99.50 %");
    assert_eq!((burn_down.sli_text(2), burn_down.sli_text(3), burn_down.sli_text(99)), (None, None, None));
    let (across, down) = burn_down.sli_place(1).unwrap();
    assert_eq!((across, (down.unwrap() * 1e9).round()), (0.4, 4e8));
    assert_eq!((burn_down.sli_place(3), burn_down.sli_place(5)), (Some((0.8, None)), None));
}

#[test]
fn an_outage_is_cut_and_told_in_figures() {
    let burn_down = hours(&[
        Some((0, 1_000)),
        Some((880, 1_000)),
        Some((500, 1_000)),
        Some((1, 1_000)),
        Some((200, 1_000)),
    ]);
    let figure = burn_down.sli_figure();
    assert_eq!(figure.y_ticks.last().unwrap().label, "99.0 %", "ten budgets");
    let lines = paths(&figure.geometry, "line");
    let through_the_floor = [
        vec![(0, 0), (2_000, 0), (2_000, 10_000)],
        vec![(6_000, 10_000), (6_000, 1_000), (8_000, 1_000), (8_000, 10_000)],
    ];
    assert_eq!(lines, through_the_floor);
    // One arrow for the two hours in a row, at the worse of them.
    assert_eq!(figure.overlay.matches("class=\"end below\"").count(), 2);
    assert!(figure.overlay.contains(r#"<svg x="30%" y="100%""#), "{}", figure.overlay);
    let told =
        r#"<text class="depth" x="30%" dx="9" y="100%" dy="-5" text-anchor="start">down to 12.00 %</text>"#;
    assert!(figure.overlay.contains(told), "{}", figure.overlay);
    let summary = SliSummary { steps: 5, short: 3, lowest: 1, floor: Some("99.0 %".to_owned()) };
    assert_eq!(burn_down.sli_summary(), Some(summary));
}

#[test]
fn without_events_the_figure_says_why() {
    let idle = hours(&[Some((0, 0)), Some((0, 0))]);
    assert_eq!(idle.sli_figure().note.unwrap(), "No events in this time.");
    assert_eq!(idle.sli_summary(), None);
    assert_eq!(hours(&[None]).sli_figure().note.unwrap(), "Nothing was measured in this time.");
    let mut nothing = hours(&[None]);
    nothing.range.to = nothing.range.from;
    assert_eq!(nothing.sli_figure().note.unwrap(), "There is no time to show.");
}

#[test]
fn a_target_of_all_has_an_sli_though_no_budget() {
    let mut burn_down = hours(&[Some((0, 1_000)), Some((300, 1_000))]);
    burn_down.target = target(1_000_000_000);
    let figure = burn_down.sli_figure();
    assert_eq!(figure.y_ticks.last().unwrap().label, "50 %");
    assert_eq!(paths(&figure.geometry, "target"), [[(0, 0), (10_000, 0)]]);
    assert_eq!(burn_down.sli_summary().unwrap().short, 1);
}
