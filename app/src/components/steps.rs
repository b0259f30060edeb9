//! The numbers behind the figures of a past as a table, newest first, under a disclosure.

use std::fmt::Write as _;

use charts::BurnDown;
use domain::{Instant, format};
use leptos::prelude::*;

/// The table, as of `at`; `objective` tells it from those of the page's other objectives.
pub(crate) fn steps(past: &BurnDown, at: Instant, objective: Option<&str>) -> impl IntoView + use<> {
    let objective = objective.map(|name| format!(", objective {name}")).unwrap_or_default();
    let label = format!("Data table of SLI and error budget{objective}");
    let mut rows = String::new();
    let is_corrected = !past.excluded_names().is_empty();
    for index in (0..past.steps.len()).rev() {
        let reading = past.reading(index);
        let sli = past.sli_text(index).unwrap_or_else(|| format::UNKNOWN.to_owned());
        let left = format::percent_down(reading.remaining, 1);
        let (bad, total) = if reading.measured {
            (format::counted(Some(reading.bad)), format::counted(Some(reading.total)))
        } else {
            (format::UNKNOWN.to_owned(), format::UNKNOWN.to_owned())
        };
        let measured = format::percent_down(reading.coverage, 0);
        let to = format::clock(reading.at);
        // Writing to a string cannot fail; but for the names, all of it is made of digits and our own words.
        let _ = write!(
            rows,
            "<tr><th scope=\"row\">{to}</th><td class=\"num\">{sli}</td><td class=\"num\">{left}</td><td class=\"num\">{bad}</td><td class=\"num\">{total}</td><td class=\"num\">{measured}</td>"
        );
        if is_corrected {
            let _ = write!(rows, "<td>{}</td>", charts::escape(&past.excluded_at(index).join(", ")));
        }
        rows.push_str("</tr>");
    }
    let length = format::duration(past.step_seconds);
    view! {
        <details class="data">
            <summary>"Data table"</summary>
            <div class="scroll" tabindex="0" role="region" aria-label=label>
                <table class="plain">
                    <caption>{format!("Steps of {length}, newest first, as of {}.", format::clock(at))}</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Up to"</th>
                            <th scope="col" class="num">"SLI"</th>
                            <th scope="col" class="num">"Budget left"</th>
                            <th scope="col" class="num">"Bad"</th>
                            <th scope="col" class="num">"All"</th>
                            <th scope="col" class="num">"Measured"</th>
                            {is_corrected.then(|| view! { <th scope="col">"Excluded"</th> })}
                        </tr>
                    </thead>
                    <tbody inner_html=rows></tbody>
                </table>
            </div>
        </details>
    }
}
