//! Composites in the rounds of the engine: those that statuses suffice for in every round, those that need the judged
//! slices of their members in turns.
//!
//! Invariants: reading is bounded: at most one composite in a round, and each at most once in `REREAD_SECONDS`. What
//! needs slices is therefore up to that much older than the figures beside it. While the store cannot be read all of
//! them stand still, and say `no_data` as soon as a member's figures are stale.

mod slices;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::blend::{self, Leaf, MAX_NESTING, MemberSlices, blend};
use domain::composite::{Composite, CompositeRule, CompositeStatus, Member, MemberNoData};
use domain::{Instant, ObjectiveStatus, SloStatus, State};

use super::Snapshot;
use super::evaluate::Sources;
use crate::store::StoreError;

/// A composite that needs slices is evaluated at most this often: each time reads all single slices of its members'
/// windows, which for minutes in 30 days are 43,200 rows a member.
const REREAD_SECONDS: i64 = 60;

/// The declared composites by what it takes to evaluate them.
#[derive(Debug)]
pub(super) struct Composites {
    /// Those that statuses suffice for; whatever is in them is among them.
    plain: Vec<Composite>,
    /// Each of the others.
    judged: Vec<Judged>,
    /// All names in the order of declaration.
    names: Vec<String>,
}

/// A composite in which slices are judged.
#[derive(Debug)]
struct Judged {
    name: String,
    /// Itself and all composites that are in it.
    group: Vec<Composite>,
}

/// When composites were last evaluated from slices.
#[derive(Debug, Default)]
pub(super) struct Turns {
    evaluated: HashMap<String, Instant>,
}

impl Turns {
    /// Figures stood still: all are due again.
    pub(super) fn forget(&mut self) {
        self.evaluated.clear();
    }

    /// For how long a composite has waited; none if it need not be evaluated yet.
    fn waited(&self, name: &str, at: Instant) -> Option<i64> {
        let Some(last) = self.evaluated.get(name) else { return Some(i64::MAX) };
        let waited = at.seconds_since(*last);
        // A clock that was set back says nothing about how long it was.
        (!(0..REREAD_SECONDS).contains(&waited)).then_some(waited)
    }
}

impl Composites {
    /// Sorts out what is declared.
    pub(super) fn new(declared: &[Composite]) -> Self {
        let by_name: BTreeMap<&str, &Composite> =
            declared.iter().map(|composite| (composite.name.as_str(), composite)).collect();
        let mut plain = Vec::new();
        let mut judged = Vec::new();
        for composite in declared {
            let group = group(&by_name, composite);
            if group.iter().any(|inner| inner.rule == CompositeRule::AnyBadSlice) {
                judged.push(Judged {
                    name: composite.name.clone(),
                    group: group.into_iter().cloned().collect(),
                });
            } else {
                plain.push(composite.clone());
            }
        }
        Self { plain, judged, names: declared.iter().map(|composite| composite.name.clone()).collect() }
    }

    /// The statuses after those `before`, as of the `statuses` of SLOs at `at`.
    pub(super) async fn round<'a>(
        &self,
        sources: &Sources<'_>,
        at: Instant,
        before: &[CompositeStatus],
        turns: &mut Turns,
        statuses: impl Fn(&str) -> Option<&'a SloStatus>,
    ) -> Vec<CompositeStatus> {
        let judged = self.judge(sources, at, turns, &statuses).await;
        let plain = blend(&self.plain, &|slo, objective| leaf(&statuses, slo, objective));
        let all = before.iter().cloned().chain(judged).chain(plain);
        let mut by_name: HashMap<String, CompositeStatus> =
            all.map(|status| (status.composite.clone(), status)).collect();
        self.names.iter().filter_map(|name| by_name.remove(name)).collect()
    }

    /// Evaluates the composite that has waited longest for its turn, if one has. It has no data while its slices cannot
    /// be read: others do not wait for it, as it alone may read too much.
    async fn judge<'a>(
        &self,
        sources: &Sources<'_>,
        at: Instant,
        turns: &mut Turns,
        statuses: &impl Fn(&str) -> Option<&'a SloStatus>,
    ) -> Option<CompositeStatus> {
        let waiting = self.judged.iter().filter_map(|judged| Some((turns.waited(&judged.name, at)?, judged)));
        let (_, judged) = waiting.max_by_key(|(waited, _)| *waited)?;
        turns.evaluated.insert(judged.name.clone(), at);
        match judged.slices(sources, at).await {
            Ok(slices) => judged.status(&judged.group, &slices, statuses),
            Err(error) => {
                tracing::warn!(error = ?error, composite = judged.name, "the slices of a composite cannot be read");
                judged.status(&cautious(&judged.group), &Vec::new(), statuses)
            }
        }
    }
}

/// Of each objective that needs them.
type Slices<'a> = Vec<(&'a Member, MemberSlices)>;

impl Judged {
    /// The slices of all objectives in it that need them.
    async fn slices(&self, sources: &Sources<'_>, at: Instant) -> Result<Slices<'_>, StoreError> {
        let mut slices = Vec::new();
        for (member, _) in blend::leaves(&self.group).into_iter().filter(|(_, is_needed)| *is_needed) {
            if let Some(read) = slices::of(sources, member, at).await? {
                slices.push((member, read));
            }
        }
        Ok(slices)
    }

    fn status<'a>(
        &self,
        group: &[Composite],
        slices: &Slices<'_>,
        statuses: &impl Fn(&str) -> Option<&'a SloStatus>,
    ) -> Option<CompositeStatus> {
        let leaf = |slo: &str, objective: Option<&str>| {
            let is_it = |member: &Member| member.slo == slo && member.objective.as_deref() == objective;
            let found = slices.iter().find(|(member, _)| is_it(member)).map(|(_, slices)| slices);
            Some(Leaf { slices: found, ..leaf(statuses, slo, objective)? })
        };
        blend(group, &leaf).into_iter().find(|status| status.composite == self.name)
    }
}

/// A composite and all that are in it, each once.
fn group<'a>(by_name: &BTreeMap<&str, &'a Composite>, composite: &'a Composite) -> Vec<&'a Composite> {
    let mut group = vec![composite];
    let mut known = BTreeSet::from([composite.name.as_str()]);
    let mut next = 0;
    // Ends: each name is added once.
    while let Some(outer) = group.get(next).copied() {
        let inner = outer.members.iter().filter_map(|member| by_name.get(member.slo.as_str()).copied());
        group.extend(inner.filter(|inner| known.insert(&inner.name)));
        next += 1;
    }
    group
}

/// Before anything was read: all of them have no data, as of the SLOs of `now`, which have none.
pub(super) fn unread(declared: &[Composite], now: &Snapshot) -> Vec<CompositeStatus> {
    blend(&cautious(declared), &|slo, objective| leaf(&|slo| status(now, slo), slo, objective))
}

/// What was not read is no reason to say that a member is bad, nor to leave it out.
fn cautious(composites: &[Composite]) -> Vec<Composite> {
    let cautious = |composite: &Composite| Composite { no_data: MemberNoData::NoData, ..composite.clone() };
    composites.iter().map(cautious).collect()
}

fn status<'a>(now: &'a Snapshot, slo: &str) -> Option<&'a SloStatus> {
    now.row(slo).map(|evaluated| &evaluated.row.status)
}

/// An objective without its slices.
fn leaf<'a>(
    statuses: &impl Fn(&str) -> Option<&'a SloStatus>,
    slo: &str,
    objective: Option<&str>,
) -> Option<Leaf<'a>> {
    Some(Leaf { status: named(statuses(slo)?, objective)?, slices: None })
}

/// The objective of that name, or the first.
fn named<'a>(status: &'a SloStatus, objective: Option<&str>) -> Option<&'a ObjectiveStatus> {
    match objective {
        None => status.objectives.first(),
        Some(name) => status.objectives.iter().find(|status| status.name == name),
    }
}

/// The statuses while the store cannot be read: as they were, but no verdict once a member's figures in `now` are stale.
pub(super) fn stand_still(before: &[CompositeStatus], now: &Snapshot) -> Vec<CompositeStatus> {
    let mut statuses = before.to_vec();
    // What is stale in the innermost reaches the outermost after as many passes.
    for _ in 0..=MAX_NESTING {
        let silent: BTreeSet<String> = statuses
            .iter()
            .filter(|status| status.state == State::NoData)
            .map(|status| status.composite.clone())
            .collect();
        let mut has_changed = false;
        for composite in &mut statuses {
            let mut is_stale = false;
            for member in composite.members.iter_mut().filter(|member| member.state != Some(State::NoData)) {
                let is_silent = match status(now, &member.slo) {
                    Some(slo) => named(slo, member.objective.as_deref())
                        .is_some_and(|objective| objective.state == State::NoData),
                    None => silent.contains(&member.slo),
                };
                if is_silent {
                    member.state = Some(State::NoData);
                    is_stale = true;
                }
            }
            if is_stale && composite.state != State::NoData {
                composite.state = State::NoData;
                "the database cannot be reached".clone_into(&mut composite.state_reason);
                has_changed = true;
            }
        }
        if !has_changed {
            break;
        }
    }
    statuses
}

#[cfg(test)]
mod tests;
