//! Exclusions: time that is left out of windows, or counts as good, with who said so and why.

use serde::{Deserialize, Serialize};

use crate::estate::Origin;
use crate::time::Instant;
use crate::window::LocalTime;

/// Planned or acknowledged time that must not count as it was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// `metadata.name`.
    pub name: String,
    /// `metadata.displayName`, else the name.
    pub display_name: String,
    /// What kind of reason.
    pub category: Category,
    /// Who answers for it.
    pub author: String,
    /// Why, a sentence for people.
    pub reason: String,
    /// What becomes of the time.
    pub effect: Effect,
    /// Services whose SLOs it touches; with `slos` empty too, all.
    pub services: Vec<String>,
    /// SLOs that it touches.
    pub slos: Vec<String>,
    /// When.
    pub when: When,
    /// Where it stands.
    pub origin: Origin,
}

impl Exclusion {
    /// Whether it touches an SLO of a service.
    pub fn touches(&self, slo: &str, service: &str) -> bool {
        (self.services.is_empty() && self.slos.is_empty())
            || self.services.iter().any(|name| name == service)
            || self.slos.iter().any(|name| name == slo)
    }
}

/// What kind of reason an exclusion has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Planned work.
    Maintenance,
    /// A release.
    Deployment,
    /// Outside business hours.
    OutsideHours,
    /// The measurement was wrong.
    Measurement,
    /// Anything else; the reason says what.
    Other,
}

impl Category {
    /// The words for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Maintenance => "maintenance",
            Self::Deployment => "deployment",
            Self::OutsideHours => "outside hours",
            Self::Measurement => "wrong measurement",
            Self::Other => "other",
        }
    }
}

/// What becomes of the excluded time. Where several meet, the first in this order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Its events are dropped and its time is taken out of the window: the budget shrinks in events and in time.
    RemoveTime,
    /// Its events, good and bad, are dropped; the window keeps its length: the budget shrinks in events only.
    DropEvents,
    /// Its bad events count as good: the budget keeps its size.
    CountAsGood,
}

impl Effect {
    /// The words for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::RemoveTime => "time removed",
            Self::DropEvents => "events dropped",
            Self::CountAsGood => "counted as good",
        }
    }
}

/// When an exclusion holds: stretches `[from, to)`. It takes the slices that start in one, each whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum When {
    /// Once.
    Once {
        /// Inclusive.
        from: Instant,
        /// Exclusive.
        to: Instant,
    },
    /// Again and again.
    Recurring {
        /// The first occurrence, by the clocks of the zone.
        start: LocalTime,
        /// IANA name of the zone.
        zone: String,
        /// Length of each occurrence in elapsed seconds.
        seconds: u32,
        /// RFC 5545 recurrence rule without `DTSTART`, e.g. `FREQ=WEEKLY;BYDAY=SU`; daily at the most frequent.
        rule: String,
    },
}
