//! `GET /metrics`: our own metrics in Prometheus' text format.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::Instant;

use super::AppState;
use crate::metrics::{self, Gauge, Text};

/// The format and its version.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) async fn metrics(State(state): State<AppState>) -> Response {
    let mut text = Text::default();
    metrics::write_all(&mut text);
    for gauge in gauges(&state) {
        text.gauge(&gauge);
    }
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], text.finish()).into_response()
}

/// What is read off the server's state at this instant.
fn gauges(state: &AppState) -> Vec<Gauge> {
    let snapshot = state.engine.snapshot();
    let mut health: BTreeMap<String, u32> = BTreeMap::new();
    let mut states: BTreeMap<String, u32> = BTreeMap::new();
    for row in &snapshot.services {
        *health.entry(word(&row.service.health)).or_default() += 1;
        for objective in row.slos.iter().flat_map(|slo| &slo.status.objectives) {
            *states.entry(word(&objective.state)).or_default() += 1;
        }
    }
    let plain = |name, help, value| Gauge { name, help, samples: vec![(Vec::new(), value)] };
    let progress = [
        ("engine", state.engine.last_round()),
        ("collector", state.server.collector_progress()),
        ("periods", state.engine.last_pass()),
    ];
    vec![
        Gauge {
            name: "nines_build_info",
            help: "The version of this server, and the build of the client that it serves.",
            samples: vec![(
                vec![("version", env!("CARGO_PKG_VERSION").to_owned()), ("client", state.site.build.clone())],
                1.0,
            )],
        },
        Gauge {
            name: "nines_loop_progress_timestamp_seconds",
            help: "When a loop last ended a pass, in seconds since 1970.",
            samples: progress
                .into_iter()
                .map(|(name, at)| (vec![("loop", name.to_owned())], seconds(at)))
                .collect(),
        },
        plain(
            "nines_figures_timestamp_seconds",
            "When figures were last evaluated, in seconds since 1970.",
            seconds(snapshot.at),
        ),
        plain(
            "nines_blind",
            "1 while the database cannot be read and figures stand still.",
            f64::from(u8::from(snapshot.blind_since.is_some())),
        ),
        counted("nines_services", "Services by their health.", "health", health),
        counted("nines_objectives", "Objectives by their state.", "state", states),
    ]
}

fn counted(
    name: &'static str,
    help: &'static str,
    label: &'static str,
    counts: BTreeMap<String, u32>,
) -> Gauge {
    let samples = counts.into_iter().map(|(value, count)| (vec![(label, value)], f64::from(count))).collect();
    Gauge { name, help, samples }
}

/// The word that the machine API has for it.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Exact for the next 285 million years.
#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 have 31 bits, and 53 are exact")]
fn seconds(at: Instant) -> f64 {
    at.unix() as f64
}
