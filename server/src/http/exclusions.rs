//! What an exclusion would do, before anybody declares it: a dry run that changes nothing.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::estate::Origin;
use domain::exclusion::{Category, When};
use domain::window::LocalTime;
use domain::{Effect, Exclusion, calendar};
use serde::Deserialize;
use serde_json::json;

use super::AppState;
use super::api::{duration_seconds, instant, unavailable};
use super::extract::{Path, Query};
use super::problem::Problem;
use crate::clock;

/// Either `from` and `to`, or `start`, `zone`, `duration` and `rule`.
#[derive(Debug, Deserialize)]
pub(super) struct PreviewQuery {
    effect: Option<String>,
    at: Option<String>,
    from: Option<String>,
    to: Option<String>,
    start: Option<String>,
    zone: Option<String>,
    duration: Option<String>,
    rule: Option<String>,
}

/// `{now, then}`: the status as it is, and as it would be with the exclusion of the query.
pub(super) async fn preview(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Query(query): Query<PreviewQuery>,
) -> Result<Response, Problem> {
    let sources = state.engine.sources();
    let slo = sources.estate.slo(&name).ok_or_else(|| Problem::not_found("SLO", &name))?;
    let at = instant("at", query.at.as_deref())?.unwrap_or_else(clock::now);
    let exclusion = Exclusion {
        name: "preview".to_owned(),
        display_name: "Preview".to_owned(),
        category: Category::Other,
        author: String::new(),
        reason: String::new(),
        effect: effect(query.effect.as_deref())?,
        services: Vec::new(),
        slos: vec![slo.name.clone()],
        when: when(&query)?,
        origin: Origin::default(),
    };
    let now = sources.status(slo, at, false).await.map_err(unavailable)?;
    let then = sources.status_with(slo, at, &exclusion).await.map_err(unavailable)?;
    Ok(Json(json!({ "now": now, "then": then })).into_response())
}

fn effect(text: Option<&str>) -> Result<Effect, Problem> {
    match text {
        None | Some("remove-time") => Ok(Effect::RemoveTime),
        Some("drop-events") => Ok(Effect::DropEvents),
        Some("count-as-good") => Ok(Effect::CountAsGood),
        Some(_) => Err(Problem::bad_request("`effect` is `remove-time`, `drop-events` or `count-as-good`.")),
    }
}

fn when(query: &PreviewQuery) -> Result<When, Problem> {
    let when = if let Some(rule) = &query.rule {
        let start = query.start.as_deref().and_then(local_time).ok_or_else(|| {
            Problem::bad_request("`start` is a local time such as 2026-11-01T02:00:00, without a zone.")
        })?;
        let seconds = query
            .duration
            .as_deref()
            .and_then(duration_seconds)
            .and_then(|seconds| u32::try_from(seconds).ok());
        let seconds = seconds.ok_or_else(|| Problem::bad_request("`duration` is a length such as 2h."))?;
        let zone = query.zone.clone().unwrap_or_else(|| "UTC".to_owned());
        When::Recurring { start, zone, seconds, rule: rule.clone() }
    } else {
        let from = instant("from", query.from.as_deref())?;
        let to = instant("to", query.to.as_deref())?;
        let (Some(from), Some(to)) = (from, to) else {
            return Err(Problem::bad_request(
                "Give `from` and `to`, or `start`, `zone`, `duration` and `rule`.",
            ));
        };
        When::Once { from, to }
    };
    calendar::check_when(&when)
        .map_err(|error| Problem::bad_request(format!("The exclusion is no good: {error}.")))?;
    Ok(when)
}

/// `2026-11-01T02:00:00`, by the clocks of some zone.
fn local_time(text: &str) -> Option<LocalTime> {
    let civil = domain::Instant::parse(&format!("{text}Z")).ok()?.civil();
    let year = i16::try_from(civil.year).ok()?;
    let domain::time::Civil { month, day, hour, minute, second, .. } = civil;
    Some(LocalTime { year, month, day, hour, minute, second })
}
