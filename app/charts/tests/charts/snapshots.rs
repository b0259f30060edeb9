//! Goldens: whole figures as SVG files that any viewer shows. `UPDATE_SNAPSHOTS=1 cargo test -p charts` writes them
//! anew; look at them before committing.

use charts::{BurnDown, Figure, strip};
use domain::Instant;
use domain::slice::Bounds;

use crate::fixtures::{DAY, HOUR, history, nights_and_a_move, now, point, status, target, whole_window};

const STYLE: &str = "svg{font:12px sans-serif}text{fill:#626b78}.grid{stroke:#e1e4e8}.zero{stroke:#9e0500}\
    .neutral{stroke:#626b78;stroke-dasharray:5 4}.line{stroke:#1a4fd0;stroke-width:2}.area{fill:#1a4fd0;opacity:.12}\
    .target{stroke:#9e0500}.short{fill:#9e0500;opacity:.22}.end{fill:#1a4fd0}.below{fill:#9e0500}\
    .depth{stroke:#fff;stroke-width:4;paint-order:stroke}.excluded{stroke:#871bf3;stroke-opacity:.5}.flag{fill:#871bf3}\
    .ok .day,.idle .day{fill:#124249}.risk .day{fill:#ca8509}.bad .day{fill:#9e0500}";
const HATCH: &str = "<pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
    patternTransform=\"rotate(45)\"><path d=\"M0 0V6\" stroke=\"#8b949c\" stroke-width=\"3\"/></pattern>\
    <pattern id=\"excluded\" width=\"8\" height=\"10\" patternUnits=\"userSpaceOnUse\"><path d=\"M4 2.4 6.6 5 4 7.6 1.4 5Z\" \
    fill=\"#871bf3\" opacity=\".55\"/></pattern>";

fn sheet(figure: &Figure) -> String {
    let Figure { geometry, overlay, lane, note, .. } = figure;
    format!(
        concat!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"310\"><style>{}</style>{}\n",
            "<svg x=\"52\" y=\"10\" width=\"830\" height=\"260\" viewBox=\"0 0 10000 10000\" ",
            "preserveAspectRatio=\"none\" overflow=\"visible\">\n{}\n</svg>\n",
            "<svg x=\"52\" y=\"10\" width=\"830\" height=\"260\" overflow=\"visible\">\n{}\n</svg>\n",
            "<svg x=\"52\" y=\"274\" width=\"830\" height=\"10\">\n{}\n</svg>\n",
            "<svg x=\"52\" y=\"280\" width=\"830\" height=\"22\" overflow=\"visible\">\n{}\n</svg>\n",
            "<svg y=\"10\" width=\"52\" height=\"260\" overflow=\"visible\">\n{}\n</svg>\n",
            "<text x=\"60\" y=\"30\">{}</text></svg>\n"
        ),
        STYLE,
        HATCH,
        geometry.replace("/><", "/>\n<"),
        overlay.replace("/><", "/>\n<"),
        lane.replace("/><", "/>\n<"),
        figure.x_axis().replace("><t", ">\n<t"),
        figure.y_axis().replace("><t", ">\n<t"),
        note.as_deref().unwrap_or_default()
    )
}

#[expect(clippy::disallowed_methods, reason = "a wish of whoever runs the tests, not a setting")]
#[expect(clippy::unwrap_used, reason = "a golden that cannot be written fails the test")]
fn check(name: &str, drawn: &str) {
    let path = format!("{}/tests/snapshots/{name}.svg", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, drawn).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == drawn, "{path} differs; UPDATE_SNAPSHOTS=1 writes it anew");
}

/// A month of three-hour steps: two bad afternoons, a collector that stood still for a day.
#[test]
fn a_month_with_a_gap() {
    let burn_down = whole_window(30 * DAY, 3 * HOUR, 9_420, |index| match index {
        84..=87 => Some((480, 40_000)),
        136..=139 => Some((380, 40_000)),
        180..=187 => None,
        228.. => Some((190, 40_000)),
        _ => Some((9, 40_000)),
    });
    check("month", &sheet(&burn_down.figure()));
}

/// Spent on the fourth day, and on below nothing.
#[test]
fn a_week_over_budget() {
    let burn_down = whole_window(7 * DAY, HOUR, 1_000, |index| match index {
        90..=99 => Some((100, 9_000)),
        _ => Some((3, 9_000)),
    });
    check("over-budget", &sheet(&burn_down.figure()));
}

/// Far below what the axis shows: the curve leaves it, and an arrow says so.
#[test]
fn a_curve_that_is_cut() {
    let burn_down = whole_window(DAY, 900, 100, |index| match index {
        40..=45 => Some((120, 9_000)),
        _ => Some((0, 9_000)),
    });
    check("cut", &sheet(&burn_down.figure()));
}

/// An hour out of a month: the curve neither begins at 100 % nor does the neutral line.
#[test]
fn the_last_hour_of_a_young_service() {
    let range = Bounds { from: now() - HOUR, to: now() };
    let mut points = history(range, 60, |index| (index >= 25).then_some((u64::from(index % 9 == 0), 60)));
    // A collector that was busy: half of two minutes, a fifth of a third, and one second, which is not shown.
    for (index, coverage) in [(40, 0.5), (41, 0.5), (42, 0.8), (50, 0.992)] {
        points[index].coverage = Some(coverage);
    }
    let status = status(now(), 30 * DAY, 20.0, Some(0.43));
    check("hour", &sheet(&BurnDown::from_history(&points, &status, 60, range).figure()));
}

/// A month of three-hour steps against 99.9 %: noise, bad hours, an outage far below the axis, a gap, nights that nobody
/// asks anything, a night of each week and two days that are excluded.
#[test]
fn the_sli_of_a_month() {
    let burn_down = whole_window(30 * DAY, 3 * HOUR, 9_420, |index| match index {
        60..=64 => Some((80, 40_000)),
        84 => Some((35_200, 40_000)),
        85 => Some((900, 40_000)),
        120..=127 => None,
        160..=163 => Some((0, 0)),
        200..=202 => Some((260, 40_000)),
        _ => Some((u64::try_from(index * 7 % 23).unwrap_or(0), 40_000)),
    });
    let burn_down = burn_down.with_excluded(nights_and_a_move());
    check("sli-month", &sheet(&burn_down.sli_figure()));
    check("excluded", &sheet(&burn_down.figure()));
}

/// 99.99 % leaves so little budget that every bad quarter of an hour is cut.
#[test]
fn the_sli_of_a_day_against_four_nines() {
    let mut burn_down = whole_window(DAY, 900, 100, |index| match index {
        10 | 40..=45 => Some((120, 9_000)),
        41..=60 => Some((1, 9_000)),
        _ => Some((0, 9_000)),
    });
    burn_down.target = target(999_900_000);
    check("sli-cut", &sheet(&burn_down.sli_figure()));
}

#[test]
fn a_month_of_days() {
    let day = |index: i64| {
        let from = Instant::from_unix(1_795_392_000) - (29 - index) * DAY;
        let counts = match index {
            3 | 4 => None,
            10 => Some((14, 9_300)),
            11 => Some((1_900, 9_300)),
            20 => Some((0, 0)),
            _ => Some((3, 9_300)),
        };
        let mut point = point(from, from + DAY, counts);
        match index {
            7 => point.coverage = Some(0.62),
            11 => point.coverage = Some(0.4),
            29 => point.coverage = Some(0.58),
            _ => {}
        }
        point
    };
    let points: Vec<_> = (0..30).map(day).collect();
    let strip = strip(&points, target(999_000_000), 30 * DAY);
    assert_eq!(strip.summary, "30 days: 25 within target, 2 missed, 1 without traffic, 2 not measured.");
    let drawn = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"300\" height=\"26\"><style>{STYLE}</style>{HATCH}\n{}\n</svg>\n",
        strip.markup.replace("</g>", "</g>\n").trim_end()
    );
    check("strip", &drawn);
}
