//! What is declared: services, SLIs and SLOs, as the configuration (or later the browser) states them.
//!
//! Names are validated where they are read; here they are plain text. Everything is in the order of declaration.

use serde::{Deserialize, Serialize};

use crate::ratio::Target;

/// The whole declared estate. Names are unique within each list; every reference resolves.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Estate {
    /// Services, each with at least a name.
    pub services: Vec<Service>,
    /// Indicators, referred to by name from the SLOs.
    pub slis: Vec<Sli>,
    /// Objectives over indicators.
    pub slos: Vec<Slo>,
}

impl Estate {
    /// The lowest target of all objectives on an SLI, below which a result of it is impaired; none without objectives.
    pub fn lowest_target(&self, sli: &str) -> Option<Target> {
        let slos = self.slos.iter().filter(|slo| slo.sli == sli);
        slos.flat_map(|slo| &slo.objectives).map(|objective| objective.target).min()
    }
}

/// Where an object was declared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// File, relative to the configuration directory.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
}

/// A service: what people depend on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// `metadata.name`.
    pub name: String,
    /// `metadata.displayName`, else the name.
    pub display_name: String,
    /// `spec.description`.
    pub description: Option<String>,
    /// Label `group`.
    pub group: Option<String>,
    /// Label `owner`.
    pub owner: Option<String>,
    /// Label `tier`.
    pub tier: Option<String>,
    /// All other labels as `key=value`, sorted.
    pub tags: Vec<String>,
    /// Where it stands.
    pub origin: Origin,
}

/// A service level indicator: good events out of all events.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sli {
    /// `metadata.name`; slices are sent to us under this name.
    pub name: String,
    /// `metadata.displayName`, else the name.
    pub display_name: String,
    /// `spec.description`.
    pub description: Option<String>,
    /// How the figures come in, as one sentence for people, e.g. `GET http://… every 5 s, good: status 200-399 within 100 ms`.
    pub source: String,
    /// Seconds between two results of the source.
    pub interval_seconds: u32,
    /// Seconds after which the source gives up on a result; 0 for pushes.
    pub timeout_seconds: u32,
    /// Where it stands.
    pub origin: Origin,
}

impl Sli {
    /// Seconds after which the latest result is too old to speak of now.
    pub fn fresh_seconds(&self) -> i64 {
        2 * i64::from(self.interval_seconds) + i64::from(self.timeout_seconds)
    }

    /// Seconds after which the committed data are too old for a state: slices are 60 s long at least.
    pub fn stale_seconds(&self) -> i64 {
        2 * i64::from(self.interval_seconds.max(SLICE_SECONDS)) + i64::from(self.timeout_seconds)
    }
}

/// Length of the slices that our own collectors build, and the grid of all others.
pub const SLICE_SECONDS: u32 = 60;

/// An SLO: one or more targets on one SLI over one window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slo {
    /// `metadata.name`.
    pub name: String,
    /// `metadata.displayName`, else the name.
    pub display_name: String,
    /// `spec.description`.
    pub description: Option<String>,
    /// Name of the service.
    pub service: String,
    /// Name of the SLI.
    pub sli: String,
    /// The window that the targets are about.
    pub window: Window,
    /// How budget is counted.
    pub method: Method,
    /// At least one; names are unique within the SLO.
    pub objectives: Vec<Objective>,
    /// Least coverage for a verdict, by default 0.9.
    pub coverage_floor: Target,
    /// Counts up with each change of the declaration.
    pub revision: u32,
    /// Where it stands.
    pub origin: Origin,
}

/// One target of an SLO.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objective {
    /// `displayName`, else the target in percent.
    pub name: String,
    /// The share of good that is aimed at.
    pub target: Target,
}

/// The window of an SLO.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Window {
    /// The last so many seconds, up to the latest data.
    Rolling {
        /// Length, a multiple of 60.
        seconds: u32,
    },
}

impl Window {
    /// Nominal length in seconds.
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Rolling { seconds } => seconds as i64,
        }
    }
}

/// How budget is counted (OpenSLO's `budgetingMethod`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// Every event counts once.
    Occurrences,
}

/// The coverage floor where none is declared: 0.9.
pub const DEFAULT_COVERAGE_FLOOR: Option<Target> = Target::from_parts(900_000_000);
