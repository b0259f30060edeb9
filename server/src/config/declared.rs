//! What was read so far, before references are followed.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use domain::estate::{Objective, Service};
use domain::{Sli, Target};

use super::finding::{Place, Report, quote};
use super::metadata::Named;
use super::probe::{Judgement, Request};

/// A kind of object whose names must differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Service,
    Sli,
    Slo,
    DataSource,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Service => "Service",
            Self::Sli => "SLI",
            Self::Slo => "SLO",
            Self::DataSource => "DataSource",
        })
    }
}

/// Everything that was read.
#[derive(Debug, Default)]
pub(super) struct Declared {
    /// Documents that were read, sound or not.
    pub(super) objects: usize,
    /// Names of all objects, those with errors too: a reference to one of them does not dangle.
    names: BTreeMap<(Kind, String), Place>,
    pub(super) services: Vec<Service>,
    /// Services that short forms name.
    pub(super) implied: Vec<Named>,
    pub(super) slis: Vec<DeclaredSli>,
    pub(super) slos: Vec<DeclaredSlo>,
    /// By name.
    pub(super) data_sources: BTreeMap<String, DataSource>,
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
    pub(super) window_seconds: u32,
    pub(super) objectives: Vec<(Objective, Place)>,
    pub(super) coverage_floor: Target,
    pub(super) cadence: Option<(u32, Place)>,
}

impl Declared {
    /// Makes a name known; false, with a finding, if another object of that kind has it. No name is not registered.
    pub(super) fn register(&mut self, kind: Kind, named: &Named, report: &mut Report) -> bool {
        if named.name.is_empty() {
            return false;
        }
        match self.names.entry((kind, named.name.clone())) {
            Entry::Vacant(entry) => {
                entry.insert(named.place);
                true
            }
            Entry::Occupied(entry) => {
                let first = report.file_and_line(*entry.get());
                let name = quote(&named.name);
                let message =
                    format!("the {kind} {name} is declared at {first} already: rename one or remove it");
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
        self.names.get(&(kind, name.to_owned())).copied()
    }

    /// All names of a kind, sorted.
    pub(super) fn names(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.names.keys().filter(move |(k, _)| *k == kind).map(|(_, name)| name.as_str())
    }
}
