//! Health and state as shape, word and colour: two separate things that are never merged into one mark.

use domain::status::AlertState;
use domain::{Health, State};
use leptos::prelude::*;

/// How loud something is, and by that its colour and shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// All is well.
    Ok,
    /// Needs attention soon.
    Risk,
    /// Needs attention now.
    Bad,
    /// Planned.
    Maintenance,
    /// Not known.
    Unknown,
    /// Nothing to judge.
    Nothing,
}

impl Tone {
    /// Class of everything that wears the tone.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Risk => "risk",
            Self::Bad => "bad",
            Self::Maintenance => "maint",
            Self::Unknown => "unknown",
            Self::Nothing => "none",
        }
    }

    const fn icon(self) -> &'static str {
        match self {
            Self::Ok => "#i-ok",
            Self::Risk => "#i-risk",
            Self::Bad => "#i-bad",
            Self::Maintenance => "#i-maint",
            Self::Unknown => "#i-unknown",
            Self::Nothing => "#i-none",
        }
    }
}

/// The word and tone of a health.
pub(crate) const fn of_health(health: Health) -> (&'static str, Tone) {
    match health {
        Health::Up => ("Up", Tone::Ok),
        Health::Degraded => ("Degraded", Tone::Risk),
        Health::Down => ("Down", Tone::Bad),
        Health::Maintenance => ("Maintenance", Tone::Maintenance),
        Health::Unknown => ("Unknown", Tone::Unknown),
    }
}

/// The word and tone of a state.
pub(crate) const fn of_state(state: State) -> (&'static str, Tone) {
    match state {
        State::Breached => ("Breached", Tone::Bad),
        State::AtRisk => ("At risk", Tone::Risk),
        State::NoData => ("No data", Tone::Unknown),
        State::NoTraffic => ("No traffic", Tone::Nothing),
        State::Met => ("Met", Tone::Ok),
    }
}

/// The word and tone of a burn-rate tier.
pub(crate) const fn of_alert(state: AlertState) -> (&'static str, Tone) {
    match state {
        AlertState::Ok => ("Quiet", Tone::Ok),
        AlertState::Firing => ("Firing", Tone::Risk),
        AlertState::Frozen => ("Frozen", Tone::Unknown),
    }
}

/// Shape and word.
pub(crate) fn mark((word, tone): (&'static str, Tone)) -> impl IntoView {
    view! {
        <span class=format!("mark {}", tone.class())>
            <svg aria-hidden="true" focusable="false">
                <use href=tone.icon()></use>
            </svg>
            {word}
        </span>
    }
}
