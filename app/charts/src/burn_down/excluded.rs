//! What exclusions take from the range: the page names it where it draws it.

use domain::Instant;
use domain::slice::Bounds;
use serde::{Deserialize, Serialize};

use super::BurnDown;

/// An exclusion and the stretches that it takes.
///
/// Written as its name and a list of begins and ends in turn, in seconds since 1970: to read a list of objects with
/// names for their fields would take 4 kB of the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Excluded {
    /// Its name for people, and what becomes of the time.
    pub name: String,
    /// In order; also such as lie outside the range, which may move on to them.
    pub stretches: Vec<Bounds>,
}

type Written = (String, Vec<i64>);

impl From<Written> for Excluded {
    fn from((name, ends): Written) -> Self {
        let stretch = |pair: &[i64]| match pair {
            [from, to] => Some(Bounds { from: Instant::from_unix(*from), to: Instant::from_unix(*to) }),
            _ => None,
        };
        Self { name, stretches: ends.chunks_exact(2).filter_map(stretch).collect() }
    }
}

impl From<Excluded> for Written {
    fn from(Excluded { name, stretches }: Excluded) -> Self {
        (name, stretches.iter().flat_map(|stretch| [stretch.from.unix(), stretch.to.unix()]).collect())
    }
}

impl BurnDown {
    /// With what is excluded.
    #[must_use]
    pub fn with_excluded(self, excluded: Vec<Excluded>) -> Self {
        Self { excluded, ..self }
    }

    /// The names of the exclusions that take something of the range.
    pub fn excluded_names(&self) -> Vec<&str> {
        self.names(self.range)
    }

    /// The names of the exclusions that take something of step `index`.
    pub fn excluded_at(&self, index: usize) -> Vec<&str> {
        self.steps
            .get(index)
            .map(|step| self.names(Bounds { from: step.from, to: step.to }))
            .unwrap_or_default()
    }

    fn names(&self, within: Bounds) -> Vec<&str> {
        let taking = |excluded: &&Excluded| excluded.stretches.iter().any(|bounds| meet(*bounds, within));
        self.excluded.iter().filter(taking).map(|excluded| excluded.name.as_str()).collect()
    }

    /// Whether any of a stretch is shown.
    pub(super) fn shows(&self, bounds: Bounds) -> bool {
        meet(bounds, self.range)
    }
}

fn meet(a: Bounds, b: Bounds) -> bool {
    a.from < b.to && b.from < a.to && a.from < a.to
}
