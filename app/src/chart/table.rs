//! The numbers behind a figure as a table, newest first, under a disclosure.
//!
//! The rows are one string: up to 300 rows of nothing but numbers need no walk when the page is hydrated.

use std::fmt::Write as _;

use charts::BurnDown;
use domain::{Instant, format};
use leptos::prelude::*;

/// The table, as of `at`; `objective` tells it from those of the page's other objectives.
pub(super) fn data_table(data: &BurnDown, at: Instant, objective: Option<&str>) -> impl IntoView + use<> {
    let objective = objective.map(|name| format!(", objective {name}")).unwrap_or_default();
    let label = format!("Data table of the error budget left{objective}");
    let mut rows = String::new();
    for index in (0..data.steps.len()).rev() {
        let reading = data.reading(index);
        let left = format::percent_down(reading.remaining, 1);
        let (bad, total) = if reading.measured {
            (format::counted(Some(reading.bad)), format::counted(Some(reading.total)))
        } else {
            (format::UNKNOWN.to_owned(), format::UNKNOWN.to_owned())
        };
        let measured = format::percent_down(reading.coverage, 0);
        let to = format::clock(reading.at);
        // Writing to a string cannot fail; everything in it is made of digits and our own words.
        let _ = write!(
            rows,
            "<tr><th scope=\"row\">{to}</th><td class=\"num\">{left}</td><td class=\"num\">{bad}</td><td class=\"num\">{total}</td><td class=\"num\">{measured}</td></tr>"
        );
    }
    let length = format::duration(data.step_seconds);
    view! {
        <details class="data">
            <summary>"Data table"</summary>
            <div class="scroll" tabindex="0" role="region" aria-label=label>
                <table class="plain">
                    <caption>{format!("Steps of {length}, newest first, as of {}.", format::clock(at))}</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Up to"</th>
                            <th scope="col" class="num">"Budget left"</th>
                            <th scope="col" class="num">"Bad"</th>
                            <th scope="col" class="num">"All"</th>
                            <th scope="col" class="num">"Measured"</th>
                        </tr>
                    </thead>
                    <tbody inner_html=rows></tbody>
                </table>
            </div>
        </details>
    }
}
