//! What is excluded is marked and named, for any number of stretches, and as the range moves on.

use charts::{BurnDown, Excluded};
use domain::Instant;
use domain::slice::Bounds;

use crate::fixtures::{DAY, HOUR, nights_and_a_move, now, point, status, whole_window};

fn bands(overlay: &str) -> Vec<&str> {
    let rects = overlay.split("<rect class=\"excluded\"").skip(1);
    rects.map(|rect| rect.split("/>").next().unwrap_or_default()).collect()
}

#[test]
fn stretches_are_marked_in_both_figures_and_told_apart_from_gaps() {
    let burn_down = whole_window(30 * DAY, 3 * HOUR, 1_000, |index| (index != 100).then_some((1, 100)));
    let plain = burn_down.figure();
    let burn_down = burn_down.with_excluded(nights_and_a_move());
    let [left, sli] = [burn_down.figure(), burn_down.sli_figure()];
    for figure in [&left, &sli] {
        // Four nights, the move; a fifth night lies ahead.
        assert_eq!(bands(&figure.overlay).len(), 5, "{}", figure.overlay);
        assert_eq!(figure.overlay.matches("class=\"flag\"").count(), 5);
        assert_eq!(figure.overlay.matches("class=\"band\" fill=\"url(#hatch)\"").count(), 1);
    }
    assert_eq!(left.geometry, plain.geometry, "the curve goes on under them");
    assert!(left.overlay.contains(r#"fill="url(#excluded)" x="70%" y="0" width="6.66%" height="100%""#));
    assert_eq!(burn_down.excluded_names(), ["Stocktaking", "Move"]);
    assert_eq!(burn_down.excluded_at(0), Vec::<&str>::new());
    assert_eq!(burn_down.excluded_at(170), ["Move"]);
    assert_eq!(burn_down.excluded_at(9_999), Vec::<&str>::new());
}

#[test]
fn stretches_are_cut_to_the_range_and_those_beside_it_are_left_out() {
    let stretch = |from: i64, to: i64| Bounds { from: now() - from * HOUR, to: now() - to * HOUR };
    let excluded = |name: &str, stretches| Excluded { name: name.to_owned(), stretches };
    let burn_down = whole_window(10 * HOUR, HOUR, 100, |_| Some((1, 100))).with_excluded(vec![
        excluded("b", vec![stretch(4, 2), stretch(1, 1)]),
        excluded("a", vec![stretch(99, 90), stretch(12, 8)]),
        excluded("c", vec![stretch(0, -1)]),
    ]);
    let figure = burn_down.figure();
    let band = |x: &str, width: &str| {
        format!(r#" fill="url(#excluded)" x="{x}" y="0" width="{width}" height="100%""#)
    };
    assert_eq!(bands(&figure.overlay), [band("60%", "20%"), band("0%", "20%")]);
    assert_eq!(burn_down.excluded_names(), ["b", "a"]);
}

#[test]
fn what_is_written_is_read_back_and_an_end_without_a_begin_is_left_out() {
    let stretch = |from: i64, to: i64| Bounds { from: Instant::from_unix(from), to: Instant::from_unix(to) };
    let excluded = Excluded { name: "a".to_owned(), stretches: vec![stretch(60, 120), stretch(-60, 0)] };
    let written = serde_json::to_string(&excluded).unwrap();
    assert_eq!(written, r#"["a",[60,120,-60,0]]"#);
    assert_eq!(serde_json::from_str::<Excluded>(&written).unwrap(), excluded);
    let odd: Excluded = serde_json::from_str(r#"["a",[60,120,180]]"#).unwrap();
    assert_eq!(odd.stretches, [stretch(60, 120)]);
}

#[test]
fn flags_keep_their_distance() {
    let hour = |index: i64| Bounds { from: now() - index * 2 * HOUR, to: now() - index * 2 * HOUR + HOUR };
    let burn_down =
        whole_window(30 * DAY, 3 * HOUR, 1_000, |_| Some((1, 100))).with_excluded(vec![Excluded {
            name: "a".to_owned(),
            stretches: (1..=360).rev().map(hour).collect(),
        }]);
    let overlay = burn_down.figure().overlay;
    assert_eq!(bands(&overlay).len(), 360);
    assert!((25..=34).contains(&overlay.matches("class=\"flag\"").count()), "{overlay}");
}

#[test]
fn a_range_that_moves_on_reaches_what_lay_ahead() {
    let mut burn_down: BurnDown =
        whole_window(HOUR, 60, 100, |_| Some((1, 100))).with_excluded(nights_and_a_move());
    assert!(burn_down.excluded_names().is_empty());
    assert!(!burn_down.figure().overlay.contains("excluded"));
    let later = now() + DAY + 600;
    let minute = later.floor_to(60);
    burn_down.push(&status(later, HOUR, 100.0, Some(0.5)), Some(&point(minute, later, Some((0, 50)))));
    assert_eq!(burn_down.excluded_names(), ["Stocktaking"]);
    assert_eq!(bands(&burn_down.sli_figure().overlay).len(), 1);
}
