//! What is declared: services, SLIs and SLOs, as the configuration (or later the browser) states them.
//!
//! Names are validated where they are read; here they are plain text. Everything is in the order of declaration.
//! What alerts are about is in `rules`, what is left out of windows in `exclusion`, what is put together in
//! `composite`, windows in `window`.

use serde::{Deserialize, Serialize};

use crate::composite::Composite;
use crate::exclusion::Exclusion;
use crate::ratio::Target;
use crate::rules::AlertRule;
use crate::slice::Bounds;
use crate::time::Instant;
pub use crate::window::{CalendarUnit, CalendarWindow, LocalTime, Window};

/// The whole declared estate. Names are unique within each list; every reference resolves.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Estate {
    /// Services, each with at least a name.
    pub services: Vec<Service>,
    /// Indicators, referred to by name from the SLOs.
    pub slis: Vec<Sli>,
    /// Objectives over indicators.
    pub slos: Vec<Slo>,
    /// Time that is left out of windows, or counts as good.
    #[serde(default)]
    pub exclusions: Vec<Exclusion>,
    /// Objectives over objectives.
    #[serde(default)]
    pub composites: Vec<Composite>,
}

impl Estate {
    /// The SLI of that name.
    pub fn sli(&self, name: &str) -> Option<&Sli> {
        self.slis.iter().find(|sli| sli.name == name)
    }

    /// The SLO of that name.
    pub fn slo(&self, name: &str) -> Option<&Slo> {
        self.slos.iter().find(|slo| slo.name == name)
    }

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
    /// Seconds after which the source gives up on a result; 0 for pushes, for series how long they are under way.
    pub timeout_seconds: u32,
    /// What is measured, in a canonical text without how often: another text is another generation of the SLI.
    #[serde(default)]
    pub meaning: String,
    /// The generation that this meaning belongs to, if the file says so (annotation `nines/generation`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared_generation: Option<u32>,
    /// The instants, ascending, each once, at which the second and later generations began: what was measured before
    /// the latest one measured something else. Whole minutes: whoever notes an edit rounds its instant up, so that the
    /// minute slice in which it fell belongs to what was measured before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub generations: Vec<Instant>,
    /// Where it stands.
    pub origin: Origin,
}

impl Sli {
    /// When the generation began that was the latest before `at`; none in the first.
    pub fn generation_began(&self, at: Instant) -> Option<Instant> {
        self.generations.iter().copied().take_while(|began| *began < at).last()
    }

    /// The generation that was the latest to begin before `at`: slices that start in these bounds are of it. The first
    /// one has always been, the latest has no end.
    pub fn generation(&self, at: Instant) -> Bounds {
        let next = self.generations.iter().copied().find(|began| *began >= at);
        Bounds {
            from: self.generation_began(at).unwrap_or(Bounds::ALWAYS.from),
            to: next.unwrap_or(Bounds::ALWAYS.to),
        }
    }

    /// Seconds after which the latest result is too old to speak of now.
    pub fn fresh_seconds(&self) -> i64 {
        2 * i64::from(self.interval_seconds) + i64::from(self.timeout_seconds)
    }

    /// Seconds after which the committed data are too old for a state: slices are 60 s long at least, judged ones as
    /// long as they are.
    pub fn stale_seconds(&self, judged_seconds: Option<u32>) -> i64 {
        let slice_seconds = judged_seconds.unwrap_or(SLICE_SECONDS).max(SLICE_SECONDS);
        2 * i64::from(self.interval_seconds.max(slice_seconds)) + i64::from(self.timeout_seconds)
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
    /// What time without a measurement stands for.
    #[serde(default)]
    pub gap: GapPolicy,
    /// At least one; names are unique within the SLO.
    pub objectives: Vec<Objective>,
    /// Least coverage for a verdict, by default 0.9.
    pub coverage_floor: Target,
    /// The alert rules, most urgent first; none declared means the default burn-rate tiers.
    #[serde(default)]
    pub rules: Option<Vec<AlertRule>>,
    /// Counts up with each change of the declaration.
    pub revision: u32,
    /// Where it stands.
    pub origin: Origin,
}

impl Slo {
    /// An SLO of a declaration that says nothing else: events are counted, gaps are left out, and coverage floor and
    /// alert rules are the default ones. It bears its name for people, too.
    pub fn new(name: &str, service: &str, sli: &str, window: Window, objectives: Vec<Objective>) -> Self {
        Self {
            name: name.to_owned(),
            display_name: name.to_owned(),
            description: None,
            service: service.to_owned(),
            sli: sli.to_owned(),
            window,
            method: Method::Occurrences,
            gap: GapPolicy::Gap,
            objectives,
            coverage_floor: DEFAULT_COVERAGE_FLOOR,
            rules: None,
            revision: 1,
            origin: Origin::default(),
        }
    }
}

/// One target of an SLO.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objective {
    /// `displayName`, else the target in percent.
    pub name: String,
    /// The share of good that is aimed at, since the latest of `past_targets` ended.
    pub target: Target,
    /// How slices are judged; none for Occurrences.
    #[serde(default)]
    pub slices: Option<SliceRule>,
    /// Targets that were valid before, in the order of their ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past_targets: Vec<PastTarget>,
}

impl Objective {
    /// An objective that counts events and has always had this target.
    pub fn new(name: impl Into<String>, target: Target) -> Self {
        Self { name: name.into(), target, slices: None, past_targets: Vec::new() }
    }

    /// The target that was valid at an instant.
    pub fn target_at(&self, at: Instant) -> Target {
        self.past_targets.iter().find(|past| at < past.until).map_or(self.target, |past| past.target)
    }
}

/// How the slices of a slice-based method are built and judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceRule {
    /// `timeSliceWindow`: 60 to 3,600 and a divisor of 3,600; slices lie on its multiples since 1970.
    pub seconds: u32,
    /// `timeSliceTarget`, for Timeslices only: a slice is good if good / total is at least this.
    pub target: Option<Target>,
}

/// A target that was valid until somebody changed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastTarget {
    /// The first instant at which it was no longer valid.
    pub until: Instant,
    /// What was aimed at.
    pub target: Target,
}

/// How budget is counted (OpenSLO's `budgetingMethod`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// Every event counts once.
    Occurrences,
    /// Every slice with traffic counts once, good or bad by its own target.
    Timeslices,
    /// Every slice with traffic counts once, with its ratio.
    RatioTimeslices,
}

impl Method {
    /// OpenSLO's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Occurrences => "Occurrences",
            Self::Timeslices => "Timeslices",
            Self::RatioTimeslices => "RatioTimeslices",
        }
    }

    /// What is counted.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Occurrences => "events",
            Self::Timeslices | Self::RatioTimeslices => "slices",
        }
    }
}

/// What time without a measurement stands for (annotation `nines/gap`). Coverage is the measured share all the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapPolicy {
    /// Nothing: it is left out, and too much of it means no verdict.
    #[default]
    Gap,
    /// Good, at the mean traffic of the measured time.
    Good,
    /// Bad, at the mean traffic of the measured time.
    Bad,
    /// What the slice before it was.
    Hold,
}

/// The coverage floor where none is declared: 0.9.
pub const DEFAULT_COVERAGE_FLOOR: Target = Target::NINE_TENTHS;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generation_is_in_force_after_its_begin_and_up_to_the_next() {
        let at = Instant::from_unix;
        let sli = Sli { generations: vec![at(120), at(600)], ..Sli::default() };
        let always = Bounds::ALWAYS;
        for (asked, from, to) in [
            (0, always.from, at(120)),
            (120, always.from, at(120)),
            (121, at(120), at(600)),
            (600, at(120), at(600)),
            (601, at(600), always.to),
        ] {
            assert_eq!(sli.generation(at(asked)), Bounds { from, to }, "{asked}");
        }
        assert_eq!(Sli::default().generation(at(0)), always);
        assert_eq!(sli.generation_began(at(120)), None);
        assert_eq!(sli.generation_began(at(121)), Some(at(120)));
    }
}
