//! The other objectives on the same indicator: one measurement, judged in several ways, side by side.

use domain::format;
use leptos::prelude::*;

use super::mark::{mark, of_state};
use super::table::{Head, Table};
use crate::text;
use crate::view::SloRow;

const HEADS: [Head; 5] = [
    Head::Words("SLO"),
    Head::Words("Window"),
    Head::Figures("SLI"),
    Head::Figures("Budget left"),
    Head::Words("State"),
];

/// A row for each objective of each SLO; nothing where there is none.
pub(crate) fn siblings(rows: &[SloRow], current: &str) -> Option<impl IntoView + use<>> {
    let rows: Vec<_> = rows.iter().filter(|row| row.slo.name != current).flat_map(cells).collect();
    if rows.is_empty() {
        return None;
    }
    Some(view! {
        <section class="card stacked">
            <h2>"On the same indicator"</h2>
            <Table class="plain" caption="Other objectives on the same indicator" heads=HEADS.to_vec()>
                <tbody>{rows}</tbody>
            </Table>
        </section>
    })
}

fn cells(row: &SloRow) -> impl Iterator<Item = AnyView> + use<> {
    let (name, path) = (row.slo.display_name.clone(), text::slo_path(&row.slo.name));
    let about = format!("{}, {}", text::window(&row.slo.window), row.slo.method.unit());
    let objectives = row.status.objectives.clone().into_iter();
    objectives.map(move |objective| {
        view! {
            <tr>
                <th scope="row">
                    <a href=path.clone()>{name.clone()}</a>
                    " "
                    <span class="small">{text::target(objective.target)}</span>
                </th>
                <td data-label="Window">{about.clone()}</td>
                <td class="num" data-label="SLI">{text::sli(&objective)}</td>
                <td class="num" data-label="Budget left">
                    {format::percent_down(objective.error_budget.left(), 0)}
                </td>
                <td data-label="State">{mark(of_state(objective.state))}</td>
            </tr>
        }
        .into_any()
    })
}
