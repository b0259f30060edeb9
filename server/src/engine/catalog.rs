//! What is declared, with the store's numbers of the SLIs once the store is there.
//!
//! Invariant: the estate is replaced whole. Who answers a question takes it once, so that an answer never mixes two.
//! Until the store is there the estate is what the files say; from then on it has a past as well.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use domain::{Estate, Instant, Sli};

use super::{generations, revisions};
use crate::clock;
use crate::store::{Declarations, Generation, Names, Revision, SliId, Store, StoreError};

/// The declared estate and how to find things in it.
#[derive(Debug)]
pub struct Catalog {
    estate: ArcSwap<Estate>,
    ids: OnceLock<HashMap<String, SliId>>,
}

impl Catalog {
    /// A catalog whose SLIs the store does not know yet.
    pub fn new(estate: Estate) -> Self {
        Self { estate: ArcSwap::from_pointee(estate), ids: OnceLock::new() }
    }

    /// The declarations as they are now.
    pub fn estate(&self) -> Arc<Estate> {
        self.estate.load_full()
    }

    /// Tells the store what is declared, and takes from it since when: revisions of SLOs, past targets, generations of
    /// SLIs. Harmless when repeated.
    pub async fn declare(&self, store: &Store) -> Result<(), StoreError> {
        // What is here afterwards is no longer what the files say.
        if self.is_declared() {
            return Ok(());
        }
        let estate = self.estate();
        let slis: Vec<String> = estate.slis.iter().map(|sli| sli.name.clone()).collect();
        let names =
            Names { slos: &estate.slos.iter().map(|slo| slo.name.clone()).collect::<Vec<_>>(), slis: &slis };
        let ids = store.declare(&slis).await?;
        let news = |stored: &Declarations| news(&estate, stored, clock::now());
        let stored = store.revise(names, &ids, news).await?;
        warn_of_those_behind(&estate.slis, &stored);
        self.estate.store(Arc::new(with_past(&estate, &stored)));
        self.ids.get_or_init(|| slis.into_iter().zip(ids).collect());
        Ok(())
    }

    /// The store's number of an SLI; none before [`Catalog::declare`] or for an undeclared name.
    pub fn id(&self, sli: &str) -> Option<SliId> {
        self.ids.get()?.get(sli).copied()
    }

    /// Whether the store knows the SLIs.
    pub fn is_declared(&self) -> bool {
        self.ids.get().is_some()
    }
}

/// What the files add to what is stored.
fn news(estate: &Estate, stored: &Declarations, now: Instant) -> Declarations {
    let Past { revisions, generations } = Past::of(stored);
    let revision = |slo| revisions::next(slo, of(&revisions, &slo.name), now);
    let generation = |sli: &Sli| generations::next(sli, of(&generations, &sli.name), now);
    Declarations {
        revisions: estate.slos.iter().filter_map(revision).collect(),
        generations: estate.slis.iter().filter_map(generation).collect(),
    }
}

/// The estate as the files say it is, with the past that is stored.
fn with_past(estate: &Estate, stored: &Declarations) -> Estate {
    let Past { revisions, generations } = Past::of(stored);
    let mut estate = estate.clone();
    for slo in &mut estate.slos {
        let its = of(&revisions, &slo.name);
        revisions::apply(slo, its);
    }
    for sli in &mut estate.slis {
        let its = of(&generations, &sli.name);
        generations::apply(sli, its);
    }
    estate
}

fn warn_of_those_behind(slis: &[Sli], stored: &Declarations) {
    let Past { generations, .. } = Past::of(stored);
    for sli in slis {
        if let Some(latest) = generations::ahead_of(sli, of(&generations, &sli.name)) {
            let (file, line) = (&sli.origin.file, sli.origin.line);
            tracing::warn!(
                sli = sli.name,
                "{file}:{line}: `nines/generation` is less than {latest}, which is stored: taken for {latest}; write \
                 {latest}, or more if something else is measured now"
            );
        }
    }
}

/// What is stored of each SLO and SLI, by name, oldest first.
struct Past<'a> {
    revisions: HashMap<&'a str, &'a [Revision]>,
    generations: HashMap<&'a str, &'a [Generation]>,
}

impl<'a> Past<'a> {
    fn of(stored: &'a Declarations) -> Self {
        let revisions = stored.revisions.chunk_by(|a, b| a.slo == b.slo);
        let generations = stored.generations.chunk_by(|a, b| a.sli == b.sli);
        Self {
            revisions: revisions.filter_map(|its| Some((its.first()?.slo.as_str(), its))).collect(),
            generations: generations.filter_map(|its| Some((its.first()?.sli.as_str(), its))).collect(),
        }
    }
}

/// Nothing is stored of a name that was not there before.
fn of<'a, T>(stored: &HashMap<&str, &'a [T]>, name: &str) -> &'a [T] {
    stored.get(name).copied().unwrap_or_default()
}
