//! The burn-down on a page: caption, plot, cursor, tooltip. What is drawn once, the SLI over time and the same numbers
//! as a table, is a panel of the server's making (`components/sli.rs`).
//!
//! The markup of a figure is made by `charts`, the same bytes here and there, and is put in as it is. The cursor is a
//! native range input: arrow keys, Home and End and every screen reader work with it as they are.

mod cursor;

use domain::slice::Bounds;
use domain::{Instant, ObjectiveStatus, format};
use leptos::prelude::*;

use crate::live::Live;
use crate::view::{Range, SloView};
use cursor::Cursor;

/// A point that begins so much later than what is drawn leaves out some that were not told.
const MISSED_SECONDS: i64 = 120;

/// What stands for what in every burn-down.
const KEY: &str = concat!(
    r#"<li><svg aria-hidden="true" focusable="false"><line class="key-line" x1="0" y1="50%" x2="100%" y2="50%"/></svg>Budget left</li>"#,
    r#"<li><svg aria-hidden="true" focusable="false"><line class="key-neutral" x1="0" y1="50%" x2="100%" y2="50%"/></svg>Spending evenly</li>"#,
    r#"<li><svg aria-hidden="true" focusable="false"><rect class="key-unknown" width="100%" height="100%"/></svg>Not measured</li>"#,
    r#"<li><svg aria-hidden="true" focusable="false"><rect class="key-track" width="100%" height="100%"/>"#,
    r#"<rect class="key-unknown" y="60%" width="100%" height="40%"/></svg>Measured in part, hatched as high as the gap</li>"#
);

/// The error budget left over time, redrawn with each event of the live stream.
#[component]
pub(crate) fn BurnDownFigure(
    /// Name of the SLO whose events are drawn; none where nothing more comes.
    slo: Option<String>,
    /// Place of the objective in the SLO.
    place: usize,
    /// The past, as of `at`.
    burn_down: charts::BurnDown,
    /// When the page was made.
    at: Instant,
) -> impl IntoView {
    let live = Live::get();
    let title_id = format!("burn-down-{place}");
    let labelled_by = title_id.clone();
    let empty = burn_down.steps.is_empty();
    let data = RwSignal::new(burn_down);
    let event = slo.map(|slo| live.slo_events(&slo));
    Effect::new(move |before: Option<()>| {
        if let Some(event) = event.as_ref().and_then(|event| event())
            && event.status.at > at
            && let Some(objective) = event.status.objectives.get(place)
        {
            // What was not told cannot be drawn: after a silence the page asks for all of it. Of what it has just got
            // nothing more is to be had.
            let known_to = data.with_untracked(|data| data.steps.last().map(|step| step.to));
            let missed = event
                .point
                .as_ref()
                .zip(known_to)
                .is_some_and(|(point, to)| point.from.seconds_since(to) > MISSED_SECONDS);
            if missed && before.is_some() {
                live.fetch_anew();
                return;
            }
            data.update(|data| data.push(objective, event.point.as_ref()));
        }
    });
    let figure = Memo::new(move |_| data.with(charts::BurnDown::figure));
    let part = move |part: fn(&charts::Figure) -> String| move || figure.with(part);
    let cursor = if empty { None } else { Some(view! { <Cursor data=data /> }) };
    view! {
        <figure class="chart" aria-labelledby=labelled_by>
            <figcaption>
                <h3 id=title_id>"Error budget left"</h3>
                <p>{move || data.with(sentence)}</p>
            </figcaption>
            <div class="plot">
                <svg class="axis-y" aria-hidden="true" focusable="false" inner_html=part(charts::Figure::y_axis)></svg>
                <div class="canvas">
                    <svg
                        class="geometry"
                        viewBox="0 0 10000 10000"
                        preserveAspectRatio="none"
                        aria-hidden="true"
                        focusable="false"
                        inner_html=part(|figure| figure.geometry.clone())
                    ></svg>
                    <svg
                        class="overlay"
                        aria-hidden="true"
                        focusable="false"
                        inner_html=part(|figure| figure.overlay.clone())
                    ></svg>
                    {move || figure.with(|figure| figure.note.clone().map(|note| view! { <p class="note">{note}</p> }))}
                    {cursor}
                </div>
                <span class="lane-name" aria-hidden="true">"Gaps"</span>
                <svg class="lane" aria-hidden="true" focusable="false" inner_html=part(|figure| figure.lane.clone())></svg>
                <svg class="axis-x" aria-hidden="true" focusable="false" inner_html=part(charts::Figure::x_axis)></svg>
            </div>
            <ul class="key" inner_html=move || data.with(key)></ul>
        </figure>
    }
}

/// What stands for what, as markup: less code for the client than as elements of a view.
fn key(data: &charts::BurnDown) -> String {
    let names = data.excluded_names().join(", ");
    if names.is_empty() {
        return KEY.to_owned();
    }
    let sample = r#"<svg aria-hidden="true" focusable="false"><rect class="key-excluded" width="100%" height="100%"/></svg>"#;
    format!("{KEY}<li>{sample}Excluded: {}</li>", charts::escape(&names))
}

/// The past of objective `index` of a page, as the page was made.
pub(crate) fn past(view: &SloView, index: usize, objective: &ObjectiveStatus) -> charts::BurnDown {
    let points = view.histories.get(index).map(Vec::as_slice).unwrap_or_default();
    let range = shown(objective, view.range, view.status.at);
    charts::BurnDown::from_history(points, objective, view.step_seconds, range)
        .with_excluded(view.excluded.clone())
}

/// What a chart shows of a window: of a calendar period all of it, also what lies ahead; a shorter range ends with the
/// data.
fn shown(objective: &ObjectiveStatus, range: Range, at: Instant) -> Bounds {
    let window = Bounds { from: objective.window.from, to: objective.window.to };
    let (seconds, _) = range.seconds_and_step(window.to.seconds_since(window.from));
    if range == Range::Window {
        return window;
    }
    let to = window.to.min(at);
    Bounds { from: (to - seconds).max(window.from), to }
}

/// The figure in one sentence.
fn sentence(data: &charts::BurnDown) -> String {
    if data.steps.is_empty() {
        return "Nothing is measured yet.".to_owned();
    }
    let spent = data.steps.iter().max_by_key(|step| step.bad).filter(|step| !step.bad.is_zero());
    let left = match data.remaining {
        Some(left) if left < 0.0 => format!("Overspent by {}", format::percent_up(Some(-left), 0)),
        left => format!("{} left", format::percent_down(left, 0)),
    };
    let largest = spent.map_or_else(
        || ", nothing bad in this range.".to_owned(),
        |step| {
            let length = format::duration(step.to.seconds_since(step.from));
            format!(
                ", most was spent in the {length} from {}: {} bad.",
                format::clock(step.from),
                format::counted(Some(step.bad))
            )
        },
    );
    format!("{left}{largest}")
}
