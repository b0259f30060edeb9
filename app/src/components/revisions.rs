//! How a declaration came to be what it is: the revisions of an SLO, and the generations of its indicator.

use domain::Instant;
use leptos::prelude::*;

use super::table::{Head, Table};
use crate::text;
use crate::view::{DeclaredPast, Generation, Revision};

const REVISION_HEADS: [Head; 3] =
    [Head::Words("Revision"), Head::Words("Valid from"), Head::Words("What changed")];
const GENERATION_HEADS: [Head; 3] =
    [Head::Words("Generation"), Head::Words("Began"), Head::Words("What is measured")];
/// What the first of anything is valid from.
const EVER: &str = "the beginning";

/// What was declared and what was measured, the latest first, as of `at`; nothing before anything is stored.
pub(crate) fn revisions(past: &DeclaredPast, at: Instant) -> Option<impl IntoView + use<>> {
    let declared = match past.revisions.as_slice() {
        [] => return None,
        [_] => view! {
            <p>
                "Declared once, unchanged since. An edit of its target, window, method or rules becomes a revision here; \
                 what ended before a new target is judged by the old one."
            </p>
        }
        .into_any(),
        many => {
            let rows = many.iter().map(|one| revision(one, at)).collect::<Vec<_>>();
            view! {
                <Table class="plain" caption="Revisions of the SLO" heads=REVISION_HEADS.to_vec()>
                    <tbody>{rows}</tbody>
                </Table>
            }
            .into_any()
        }
    };
    let measured = (past.generations.len() > 1).then(|| {
        let rows = past.generations.iter().map(|one| generation(one, at)).collect::<Vec<_>>();
        view! {
            <p>"The indicator has measured different things: what is older than its latest generation does not count."</p>
            <Table class="plain" caption="Generations of the indicator" heads=GENERATION_HEADS.to_vec()>
                <tbody>{rows}</tbody>
            </Table>
        }
    });
    Some(view! {
        <section class="card stacked">
            <h2>"Revisions"</h2>
            {declared}
            {measured}
        </section>
    })
}

fn revision(one: &Revision, at: Instant) -> impl IntoView + use<> {
    let changes = match one.changes.as_slice() {
        [] => view! { "declared" }.into_any(),
        [only] => only.clone().into_any(),
        many => many.iter().map(|line| view! { <div>{line.clone()}</div> }).collect::<Vec<_>>().into_any(),
    };
    view! {
        <tr>
            <th scope="row" data-label="Revision">{one.revision}</th>
            <td data-label="Valid from">{since(one.valid_from, at)}</td>
            <td data-label="What changed">{changes}</td>
        </tr>
    }
}

fn generation(one: &Generation, at: Instant) -> impl IntoView + use<> {
    view! {
        <tr>
            <th scope="row" data-label="Generation">{one.generation}</th>
            <td data-label="Began">{since(one.began, at)}</td>
            <td data-label="What is measured">
                <code>{one.meaning.clone()}</code>
            </td>
        </tr>
    }
}

fn since(instant: Option<Instant>, at: Instant) -> String {
    instant.map_or_else(|| EVER.to_owned(), |instant| text::dated(instant, at))
}
