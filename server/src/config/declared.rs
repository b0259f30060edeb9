//! What was read so far, before references are followed.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use domain::composite::Composite;
use domain::estate::{Objective, Service};
use domain::{AlertRule, Exclusion, GapPolicy, Method, Sli, Target, Window};

use super::alert::{AlertUse, PolicyRule};
use super::finding::{Place, Report, quote};
use super::metadata::Named;
use super::metrics::Series;
use super::probe::{Judgement, Request};
use crate::source::Address;

/// A kind of object whose names must differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Service,
    Sli,
    /// Composites share the names of SLOs.
    Slo,
    DataSource,
    /// Of OpenSLO or of ours: both are referred to alike.
    AlertPolicy,
    AlertCondition,
    Exclusion,
    Canary,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.noun())
    }
}

impl Kind {
    const fn noun(self) -> &'static str {
        match self {
            Self::Service => "Service",
            Self::Sli => "SLI",
            Self::Slo => "SLO",
            Self::DataSource => "DataSource",
            Self::AlertPolicy => "alert policy",
            Self::AlertCondition => "AlertCondition",
            Self::Exclusion => "Exclusion",
            Self::Canary => "Canary",
        }
    }
}

/// What a composite is called among SLOs.
pub(super) const COMPOSITE: &str = "Composite";

/// Everything that was read.
#[derive(Debug, Default)]
pub(super) struct Declared {
    /// Documents that were read, sound or not.
    pub(super) objects: usize,
    /// Names of all objects, those with errors too: a reference to one of them does not dangle.
    names: BTreeMap<(Kind, String), (Place, &'static str)>,
    pub(super) services: Vec<Service>,
    /// Services that short forms name.
    pub(super) implied: Vec<Named>,
    pub(super) slis: Vec<DeclaredSli>,
    pub(super) slos: Vec<DeclaredSlo>,
    /// By name.
    pub(super) data_sources: BTreeMap<String, DataSource>,
    /// By name.
    pub(super) policies: BTreeMap<String, DeclaredPolicy>,
    /// By name.
    pub(super) conditions: BTreeMap<String, (AlertRule, Place)>,
    pub(super) exclusions: Vec<DeclaredExclusion>,
    /// Recurring exclusions that were read, sound or not.
    pub(super) recurring: usize,
    pub(super) composites: Vec<DeclaredComposite>,
    /// Hosts that tell whether our own network works.
    pub(super) canaries: Vec<Address>,
    /// The short forms as they were read, to be written out as `OpenSLO`.
    #[cfg(test)]
    pub(super) short_forms: Vec<super::short_form::ShortForm>,
}

/// A probe that SLIs share.
#[derive(Debug)]
pub(super) struct DataSource {
    pub(super) name: Named,
    pub(super) request: Request,
}

/// An SLI whose source may still be a reference.
#[derive(Debug)]
pub(super) struct DeclaredSli {
    /// Source, interval and timeout are not filled yet.
    pub(super) sli: Sli,
    pub(super) place: Place,
    pub(super) cadence: Option<(u32, Place)>,
    pub(super) metric: Metric,
}

/// Where an SLI's figures come from.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Metric {
    /// They are sent to us.
    Push,
    /// Series that reach us count.
    Series(Series),
    /// A probe of its own.
    Inline(Request, Judgement),
    /// A probe that a `DataSource` declares.
    Shared(Named, Judgement),
}

/// An SLO whose references are not followed yet.
#[derive(Debug)]
pub(super) struct DeclaredSlo {
    pub(super) name: Named,
    pub(super) display_name: String,
    pub(super) description: Option<String>,
    pub(super) service: Named,
    pub(super) sli: Named,
    pub(super) window: (Window, Place),
    pub(super) method: Method,
    pub(super) gap: GapPolicy,
    pub(super) objectives: Vec<(Objective, Place)>,
    pub(super) coverage_floor: Target,
    pub(super) cadence: Option<(u32, Place)>,
    /// None declared means the default tiers.
    pub(super) alerts: Vec<AlertUse>,
}

/// An alert policy whose conditions may still be references.
#[derive(Debug)]
pub(super) struct DeclaredPolicy {
    pub(super) name: Named,
    pub(super) rules: Vec<PolicyRule>,
}

/// An exclusion whose references are not followed yet.
#[derive(Debug)]
pub(super) struct DeclaredExclusion {
    /// Services and SLOs are not filled yet.
    pub(super) exclusion: Exclusion,
    pub(super) services: Vec<Named>,
    pub(super) slos: Vec<Named>,
}

/// A composite whose references are not followed yet.
#[derive(Debug)]
pub(super) struct DeclaredComposite {
    /// Members are not filled yet.
    pub(super) composite: Composite,
    pub(super) name: Named,
    pub(super) service: Named,
    pub(super) members: Vec<DeclaredMember>,
}

/// A member of a composite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DeclaredMember {
    pub(super) slo: Named,
    pub(super) objective: Option<Named>,
    /// In parts per 10^9.
    pub(super) weight_parts: u64,
}

impl Declared {
    /// Makes a name known; false, with a finding, if another object of that kind has it. No name is not registered.
    pub(super) fn register(&mut self, kind: Kind, named: &Named, report: &mut Report) -> bool {
        self.register_as(kind, kind.noun(), named, report)
    }

    /// Likewise, of an object that shares the names of a kind and is called `noun`.
    pub(super) fn register_as(
        &mut self,
        kind: Kind,
        noun: &'static str,
        named: &Named,
        report: &mut Report,
    ) -> bool {
        if named.name.is_empty() {
            return false;
        }
        match self.names.entry((kind, named.name.clone())) {
            Entry::Vacant(entry) => {
                entry.insert((named.place, noun));
                true
            }
            Entry::Occupied(entry) => {
                let (first, noun) = *entry.get();
                let first = report.file_and_line(first);
                let name = quote(&named.name);
                let message =
                    format!("the {noun} {name} is declared at {first} already: rename one or remove it");
                report.error(named.place, message);
                false
            }
        }
    }

    /// Whether an object of that kind has that name.
    pub(super) fn knows(&self, kind: Kind, name: &str) -> bool {
        self.names.contains_key(&(kind, name.to_owned()))
    }

    /// Where the object of that kind and name stands.
    pub(super) fn place_of(&self, kind: Kind, name: &str) -> Option<Place> {
        self.names.get(&(kind, name.to_owned())).map(|(place, _)| *place)
    }

    /// Whether it is a composite that bears a name of the SLOs.
    pub(super) fn is_composite(&self, name: &str) -> bool {
        let found = self.names.get(&(Kind::Slo, name.to_owned()));
        found.is_some_and(|(_, noun)| *noun == COMPOSITE)
    }

    /// All names of a kind, sorted.
    pub(super) fn names(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.names.keys().filter(move |(k, _)| *k == kind).map(|(_, name)| name.as_str())
    }
}
