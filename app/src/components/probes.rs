//! The latest attempts of a service's probes: what came of each, and where its time went.

use domain::Instant;
use leptos::prelude::*;

use super::table::{Head, Table};
use crate::text;
use crate::view::ProbeRow;

const HEADS: [Head; 8] = [
    Head::Words("Probe"),
    Head::Words("Result"),
    Head::Figures("Name"),
    Head::Figures("Connect"),
    Head::Figures("TLS"),
    Head::Figures("First byte"),
    Head::Figures("Body"),
    Head::Figures("Total"),
];
/// The heads of the figures, for narrow screens.
const LABELS: [&str; 6] = ["Name", "Connect", "TLS", "First byte", "Body", "Total"];

/// A row for each probe; nothing where there is none.
pub(crate) fn probes(all: &[ProbeRow], now: Instant) -> Option<impl IntoView + use<>> {
    if all.is_empty() {
        return None;
    }
    let rows = all.iter().map(|probe| row(probe, now)).collect::<Vec<_>>();
    Some(view! {
        <section class="stacked">
            <h2>"Latest attempts"</h2>
            <Table class="plain" caption="Latest attempt of each probe, times in milliseconds" heads=HEADS.to_vec()>
                <tbody>{rows}</tbody>
            </Table>
        </section>
    })
}

fn row(probe: &ProbeRow, now: Instant) -> impl IntoView + use<> {
    let cell = |(label, figure): (&'static str, &String)| {
        view! { <td class="num" data-label=label>{figure.clone()}</td> }
    };
    let timings = LABELS.into_iter().zip(&probe.timings).map(cell).collect::<Vec<_>>();
    view! {
        <tr>
            <th scope="row">
                {probe.sli.clone()} " " <span class="small">{probe.request.clone()}</span>
            </th>
            <td data-label="Result">
                {text::capitalised(&probe.result)} " "
                <span class="small">{text::moment(probe.at, now)}</span>
            </td>
            {timings}
        </tr>
    }
}
