//! What a page shows, as data: filled by the server, sent along with the page, patched by the live stream.
//!
//! Everything is already evaluated; a view only formats. Unknown is `None`.

mod periods;
mod revisions;

pub use charts::Excluded;
use domain::composite::CompositeStatus;
use domain::proposal::{CostOfNines, WhatIf};
use domain::status::{HistoryPoint, ObjectiveStatus, ServiceStatus, SloStatus};
use domain::{Instant, Sli, Slo};
use serde::{Deserialize, Serialize};

pub use periods::{ClosedPeriods, FrozenObjective, FrozenPeriod, FrozenRevision, Period};
pub use revisions::{DeclaredPast, Generation, Revision};

/// What every page says about the installation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// The server's clock when the page was made.
    pub now: Instant,
    /// The build that made the page; another one on the stream means: reload.
    pub build: String,
    /// The end of the latest measured data of all.
    pub data_until: Option<Instant>,
    /// Since when the database cannot be reached; what is shown is as of then.
    pub blind_since: Option<Instant>,
    /// Says that this is a demo, if it is.
    pub demo: Option<Demo>,
}

/// The demo's notice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Demo {
    /// A shell line that breaks a demo service by hand.
    pub break_line: String,
    /// A shell line that mends it.
    pub mend_line: String,
    /// Share of the 90 days of history that is there, 0 to 1.
    pub history_filled: f64,
}

/// The overview.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OverviewView {
    /// Installation.
    pub site: Site,
    /// All services, worst first.
    pub services: Vec<ServiceRow>,
}

/// A service with its SLOs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServiceRow {
    /// Health and identity (its `objectives` are left out here).
    pub service: ServiceStatus,
    /// `spec.description` of the service.
    pub description: Option<String>,
    /// Each SLO, worst first.
    pub slos: Vec<SloRow>,
}

/// An SLO in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SloRow {
    /// The declaration.
    pub slo: Slo,
    /// Its status.
    pub status: SloStatus,
    /// The last 30 days in 30 UTC days, oldest first, judged against the first objective.
    pub strip: Vec<HistoryPoint>,
}

/// The page of one service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServiceView {
    /// Installation.
    pub site: Site,
    /// The service.
    pub row: ServiceRow,
    /// Its composites, in the order of declaration.
    #[serde(skip)]
    pub composites: Vec<CompositeStatus>,
    /// The latest attempts of its probes, by SLI.
    #[cfg(feature = "ssr")]
    #[serde(skip)]
    pub probes: Vec<ProbeRow>,
    /// What the server has drawn of them.
    #[serde(default)]
    pub panel: Markup,
}

/// The latest attempt of a probe, in words.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeRow {
    /// The SLI that judges it.
    pub sli: String,
    /// What was asked.
    pub request: String,
    /// When it was scheduled.
    pub at: Instant,
    /// What came of it.
    pub result: String,
    /// Milliseconds: name, connection, TLS, first byte, body, all of them.
    pub timings: [String; 6],
}

/// The page of one SLO.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SloView {
    /// Installation.
    pub site: Site,
    /// The service it belongs to.
    pub service: ServiceStatus,
    /// The declaration.
    pub slo: Slo,
    /// Its indicator.
    pub sli: Sli,
    /// Its status.
    pub status: SloStatus,
    /// The range that the charts show.
    pub range: Range,
    /// Length of a step of the history.
    pub step_seconds: i64,
    /// The past of each objective over the range, in the order of `status.objectives`.
    pub histories: Vec<Vec<HistoryPoint>>,
    /// "How computed" of each objective, in the order of `status.objectives`.
    #[serde(skip)]
    pub derivations: Vec<Vec<domain::explain::Term>>,
    /// What is excluded where the charts look, and for a while ahead, since they move on while the page is open.
    #[serde(default)]
    pub excluded: Vec<Excluded>,
    /// What is excluded from the window, latest first.
    #[serde(skip)]
    pub exclusions: Vec<ExcludedStretch>,
    /// The other SLOs on the same indicator.
    #[serde(skip)]
    pub siblings: Vec<SloRow>,
    /// What was declared of it before, and what its indicator measured.
    #[serde(skip)]
    pub past: DeclaredPast,
    /// The calendar period that the page is about; none of a rolling window.
    pub period: Option<Period>,
    /// What is frozen of this and other periods; none of a rolling window.
    #[serde(skip)]
    pub closed_periods: Option<ClosedPeriods>,
    /// What targets cost over the window of each objective, in the order of `status.objectives`; empty for a closed
    /// period, whose budget nobody spends any more.
    #[serde(skip)]
    pub costs: Vec<CostOfNines>,
    /// What the address asks to declare differently; none if nothing, and of a closed period.
    #[serde(default)]
    pub proposal: Option<Proposal>,
    /// What would come of it, or, in words, why that cannot be answered; none if it was not to be judged.
    #[serde(skip)]
    pub what_if: Option<Result<WhatIf, String>>,
    /// What the server has drawn of the fields above, which the client does not get.
    #[serde(default)]
    pub panels: SloPanels,
}

impl SloView {
    /// The end of the closed period that the page is about; none if it is about now.
    pub fn closed(&self) -> Option<Instant> {
        let is_closed = self.period.as_ref().is_some_and(|period| !period.running);
        self.status.objectives.first().filter(|_| is_closed).map(|objective| objective.window.to)
    }
}

/// Markup of the server's making: of what does not change while a page is open. The client needs no code for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Markup(pub String);

/// The parts of an SLO's page that do not change while it is open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SloPanels {
    /// Which period the page is about, with links to its neighbours, and what is frozen of a closed one; empty of a
    /// rolling window.
    pub period: Markup,
    /// Links to the ranges.
    pub ranges: Markup,
    /// Of each objective, under the burn-down: the SLI over time, and the figures with and without exclusions.
    pub beside: Vec<Markup>,
    /// Of each objective, at the end: the cost of nines, and how all is computed.
    pub computed: Vec<Markup>,
    /// The form of "what if", filled with the proposal, and why it is refused if it is; empty of a closed period.
    pub what_if: Markup,
    /// What would come of the proposal; empty if there is none, it is refused, or it was not to be judged.
    pub answer: Markup,
    /// Below the objectives: periods that have ended, other objectives on the indicator, exclusions, revisions.
    pub below: Markup,
}

/// A stretch that an exclusion takes from a window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExcludedStretch {
    /// The whole stretch, also where it reaches beyond the window.
    pub bounds: domain::Bounds,
    /// Which exclusion it belongs to.
    pub exclusion: domain::Exclusion,
}

/// The parts of an address that say what to change.
pub const CHANGE_KEYS: [&str; 7] = ["target", "window", "zone", "start", "method", "slice", "slice-target"];

/// What an SLO's page is asked for, as its address says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// How far back the charts look.
    pub range: Range,
    /// The end of a calendar period that is over; none for now.
    pub closed: Option<Instant>,
    /// What to judge as if it were declared; none for nothing.
    pub proposal: Option<Proposal>,
}

/// What to declare differently, as an address says it: nothing is checked yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Name of the objective; the first if there is none of that name.
    pub objective: String,
    /// The change as a query, e.g. `target=99.5&window=7d`, as `domain::proposal::Change::from_query` reads it.
    pub change: String,
}

/// How far back the charts of a page look; in the address as `?range=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Range {
    /// The last hour.
    Hour,
    /// The last 24 hours.
    Day,
    /// The last 7 days.
    Week,
    /// The objective's whole window.
    #[default]
    Window,
}

impl Range {
    /// All, shortest first, with the text in the address and the label for people.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Hour, "1h", "1 hour"),
        (Self::Day, "24h", "24 hours"),
        (Self::Week, "7d", "7 days"),
        (Self::Window, "window", "Whole window"),
    ];

    /// From the address; anything unknown is the whole window.
    pub fn from_query(text: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|(_, key, _)| Some(*key) == text).map_or(Self::Window, |(range, ..)| range)
    }

    /// The text in the address.
    pub fn key(self) -> &'static str {
        Self::ALL.into_iter().find(|(range, ..)| *range == self).map_or("window", |(_, key, _)| key)
    }

    /// Seconds shown of a window of `window_seconds`, and the length of a step: at most 300 steps.
    pub fn seconds_and_step(self, window_seconds: i64) -> (i64, i64) {
        const STEPS: [i64; 9] = [60, 300, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 86_400];
        let seconds = match self {
            Self::Hour => 3_600,
            Self::Day => 86_400,
            Self::Week => 7 * 86_400,
            Self::Window => window_seconds,
        }
        .min(window_seconds);
        let step = STEPS.into_iter().find(|step| seconds / step <= 300).unwrap_or(86_400);
        (seconds, step)
    }
}

/// An event of the live stream about an SLO.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SloEvent {
    /// Its status.
    #[serde(flatten)]
    pub status: SloStatus,
    /// The newest minute of the first objective's history; `None` if nothing is measured yet.
    pub point: Option<HistoryPoint>,
}

/// An event of the live stream about a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServiceEvent {
    /// The instant that it speaks of, by the server's clock.
    pub at: Instant,
    /// The service, without its objectives.
    #[serde(flatten)]
    pub service: ServiceStatus,
}

/// The first event of the live stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// The build that serves.
    pub build: String,
    /// The server's clock.
    pub now: Instant,
}

/// A sign of life on the live stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// The server's clock.
    pub now: Instant,
    /// Of a demo: the share of its history that is there, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_filled: Option<f64>,
}

/// The objective of a row that speaks for the SLO: the one in the worst state, of these the first declared.
pub fn worst(status: &SloStatus) -> Option<&ObjectiveStatus> {
    status.objectives.iter().min_by_key(|objective| objective.state)
}

/// How much a service wants attention: smaller is worse. Lists are in this order, then by name, so that rows move only
/// when health or state changes.
pub fn urgency(health: domain::Health, slos: &[SloRow]) -> u8 {
    use domain::{Health, State};
    let state = slos.iter().filter_map(|row| worst(&row.status)).map(|objective| objective.state).min();
    match (health, state) {
        (Health::Down, _) => 0,
        (_, Some(State::Breached)) => 1,
        (Health::Degraded, _) => 2,
        (_, Some(State::AtRisk)) => 3,
        (Health::Unknown, _) | (_, Some(State::NoData)) => 4,
        (Health::Maintenance, _) => 5,
        (Health::Up, _) => 6,
    }
}
