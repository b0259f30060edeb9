//! The SLI over time: a figure that the server draws with the page, and the numbers behind both figures as a table.
//!
//! The client carries no code for it, so it says as of when it is; it is drawn anew when the page's data are fetched
//! anew. By keyboard the steps are read on the burn-down's cursor, which tells their SLI too.

use charts::{BurnDown, Figure, SliSummary, Step};
use domain::{Instant, format};
use leptos::prelude::*;

use super::steps::steps;

/// The figure of objective `place`, as of `at`, and the table under it; `name` is that of the objective where a page has
/// several, and `as_of` says in a sentence as of when it is.
pub(crate) fn sli_over_time(
    past: &BurnDown,
    place: usize,
    name: Option<&str>,
    at: Instant,
    as_of: &str,
) -> impl IntoView + use<> {
    let figure = past.sli_figure();
    let (x_axis, y_axis) = (figure.x_axis(), figure.y_axis());
    let Figure { geometry, overlay, note, .. } = figure;
    let (title_id, labelled_by) = (format!("sli-{place}"), format!("sli-{place}"));
    view! {
        <figure class="chart sli" aria-labelledby=labelled_by>
            <figcaption>
                <h3 id=title_id>"SLI over time"</h3>
                <p>{format!("{} {as_of}", sentence(past))}</p>
            </figcaption>
            <div class="plot">
                <svg class="axis-y" aria-hidden="true" focusable="false" inner_html=y_axis></svg>
                <div class="canvas">
                    <svg
                        class="geometry"
                        viewBox="0 0 10000 10000"
                        preserveAspectRatio="none"
                        aria-hidden="true"
                        focusable="false"
                        inner_html=geometry
                    ></svg>
                    <svg class="overlay" aria-hidden="true" focusable="false" inner_html=overlay></svg>
                    {note.map(|note| view! { <p class="note">{note}</p> })}
                </div>
                <svg class="axis-x" aria-hidden="true" focusable="false" inner_html=x_axis></svg>
            </div>
            {key(past)}
            {steps(past, at, name)}
        </figure>
    }
}

/// What stands for what.
fn key(past: &BurnDown) -> impl IntoView + use<> {
    let line = |class: &str| format!(r#"<line class="{class}" x1="0" y1="50%" x2="100%" y2="50%"/>"#);
    let area = |class: &str| format!(r#"<rect class="{class}" width="100%" height="100%"/>"#);
    let names = past.excluded_names().join(", ");
    let mut entries = vec![
        (line("key-line"), format!("SLI of each {}", format::duration(past.step_seconds))),
        (line("key-target"), format!("Target {} %", past.target.percent())),
        (area("key-short"), "Below the target".to_owned()),
        (area("key-unknown"), "Not measured".to_owned()),
    ];
    if !names.is_empty() {
        entries.push((area("key-excluded"), format!("Excluded: {names}")));
    }
    let entry = |(sample, label)| {
        view! {
            <li>
                <svg aria-hidden="true" focusable="false" inner_html=sample></svg>
                {label}
            </li>
        }
    };
    view! { <ul class="key">{entries.into_iter().map(entry).collect::<Vec<_>>()}</ul> }
}

/// The figure in one sentence, and in another what is cut off.
fn sentence(past: &BurnDown) -> String {
    let Some(SliSummary { steps, short, lowest, floor }) = past.sli_summary() else {
        return "No events in this range.".to_owned();
    };
    let Some(step) = past.steps.get(lowest).filter(|step| !step.bad.is_zero()) else {
        return "Nothing bad in this range.".to_owned();
    };
    let sli = past.sli_text(lowest).unwrap_or_default();
    let short = if short == 0 { "none".to_owned() } else { short.to_string() };
    let (stretch, target) = (stretch(step), past.target.percent());
    let cut = floor.map_or_else(String::new, |floor| format!(" Arrows mark what is below {floor}."));
    format!("Lowest in {stretch}: {sli}; {short} of {steps} steps below {target} %.{cut}")
}

/// A step by length and begin: `the 3 h from 14 Nov 06:00 UTC`.
fn stretch(step: &Step) -> String {
    let length = format::duration(step.to.seconds_since(step.from));
    format!("the {length} from {}", format::clock(step.from))
}
