//! The cursor over a figure: a range input for keyboard and screen readers, the pointer for the rest, one tooltip.
//!
//! It starts with no place, on the server too; only the client ever shows the tooltip, and may place it by style.

use charts::{BurnDown, Reading};
use domain::format;
use leptos::ev;
use leptos::prelude::*;

/// What lies over the plot.
#[component]
pub(super) fn Cursor(
    /// The figure's data.
    data: RwSignal<BurnDown>,
) -> impl IntoView {
    let at = RwSignal::new(None::<usize>);
    let last = move || data.with(|data| data.steps.len().saturating_sub(1));
    let place = move || at.get().unwrap_or_else(last).min(last());
    let words = move || data.with(|data| words(data, place()));
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            at.set(None);
        }
    };
    let on_move = move |event: ev::PointerEvent| {
        if let Some(fraction) = fraction(&event) {
            let nearest = data.with_untracked(|data| data.nearest(fraction));
            if at.get_untracked() != Some(nearest) {
                at.set(Some(nearest));
            }
        }
    };
    view! {
        <div class="cursor needs-client" on:pointermove=on_move on:pointerleave=move |_| at.set(None)>
            <label>
                <span class="hidden">"Inspect the error budget left"</span>
                <input
                    type="range"
                    min="0"
                    max=move || last().to_string()
                    step="1"
                    value=data.with_untracked(|data| data.steps.len().saturating_sub(1))
                    prop:value=move || place().to_string()
                    aria-valuetext=words
                    on:focus=move |_| at.set(Some(place()))
                    on:blur=move |_| at.set(None)
                    on:keydown=on_key
                    on:input:target=move |event| at.set(event.target().value().parse().ok())
                />
            </label>
            {move || at.get().map(|_| data.with(|data| marker(data, place())))}
        </div>
    }
}

/// Cross-hair and tooltip at a step; the tooltip flips to where there is room.
fn marker(data: &BurnDown, index: usize) -> impl IntoView + use<> {
    let (x, y) = data.place(index).unwrap_or((1.0, None));
    let percent = |fraction: f64| format!("{:.2}%", fraction * 100.0);
    let reading = data.reading(index);
    let [left_text, events, excluded] = texts(data, index, &reading);
    let (left, right) =
        if x < 0.5 { (percent(x), "auto".to_owned()) } else { ("auto".to_owned(), percent(1.0 - x)) };
    view! {
        <svg class="cross" aria-hidden="true" focusable="false">
            <line x1=percent(x) x2=percent(x) y1="0" y2="100%"></line>
            {y.map(|y| view! { <circle cx=percent(x) cy=percent(y) r="4.5"></circle> })}
        </svg>
        <div class="tip" style:left=left style:right=right>
            <b>{left_text}</b>
            <span>{events}</span>
            <span>{excluded}</span>
            <span class="small">{format::clock(reading.at)}</span>
        </div>
    }
}

fn words(data: &BurnDown, index: usize) -> String {
    let reading = data.reading(index);
    format!(
        "{}: {}",
        format::clock(reading.at),
        texts(data, index, &reading).join(", ").trim_end_matches(", ")
    )
}

/// What is left, what happened in the step, and what of it is excluded: empty if nothing is.
fn texts(data: &BurnDown, index: usize, reading: &Reading) -> [String; 3] {
    let left = match reading.remaining {
        Some(left) => format!("{} left", format::percent_down(Some(left), 1)),
        None if reading.measured => "no budget".to_owned(),
        None => "not measured".to_owned(),
    };
    let names = data.excluded_at(index).join(", ");
    let excluded = if names.is_empty() { names } else { format!("excluded: {names}") };
    [left, events(data, index, reading), excluded]
}

fn events(data: &BurnDown, index: usize, reading: &Reading) -> String {
    if !reading.measured {
        return "no figures".to_owned();
    }
    let sli = data.sli_text(index).map_or_else(String::new, |sli| format!("SLI {sli}, "));
    let (bad, total) = (format::counted(Some(reading.bad)), format::counted(Some(reading.total)));
    match reading.coverage {
        Some(coverage) if coverage < 1.0 => {
            format!("{sli}{bad} bad of {total}, {} measured", format::percent_down(Some(coverage), 0))
        }
        _ => format!("{sli}{bad} bad of {total}"),
    }
}

/// Where the pointer is over the plot, 0 to 1 from the left.
#[cfg(feature = "hydrate")]
fn fraction(event: &ev::PointerEvent) -> Option<f64> {
    use wasm_bindgen::JsCast;

    let target = event.current_target()?.dyn_into::<web_sys::Element>().ok()?;
    let bounds = target.get_bounding_client_rect();
    let width = bounds.width();
    (width > 0.0).then(|| ((f64::from(event.client_x()) - bounds.left()) / width).clamp(0.0, 1.0))
}

#[cfg(not(feature = "hydrate"))]
fn fraction(_event: &ev::PointerEvent) -> Option<f64> {
    None
}
