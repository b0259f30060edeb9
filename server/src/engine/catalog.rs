//! What is declared, with the store's numbers of the SLIs once the store is there.

use std::collections::HashMap;
use std::sync::OnceLock;

use domain::estate::SLICE_SECONDS;
use domain::{Bounds, Estate, Exclusion, Exclusions, Lens, Sli, Slo, calendar};

use crate::store::{SliId, Store, StoreError};

/// The declared estate and how to find things in it.
#[derive(Debug)]
pub struct Catalog {
    /// The declarations.
    pub estate: Estate,
    ids: OnceLock<HashMap<String, SliId>>,
}

impl Catalog {
    /// A catalog whose SLIs the store does not know yet.
    pub fn new(estate: Estate) -> Self {
        Self { estate, ids: OnceLock::new() }
    }

    /// Tells the store about the SLIs; harmless when repeated.
    pub async fn declare(&self, store: &Store) -> Result<(), StoreError> {
        let names: Vec<String> = self.estate.slis.iter().map(|sli| sli.name.clone()).collect();
        let ids = store.declare(&names).await?;
        self.ids.get_or_init(|| names.into_iter().zip(ids).collect());
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

    /// The SLI of that name.
    pub fn sli(&self, name: &str) -> Option<&Sli> {
        self.estate.slis.iter().find(|sli| sli.name == name)
    }

    /// What of the exclusions, and of a further one, touches an SLO inside a stretch of time, on the grid of its slices.
    ///
    /// Slices are as long as `slice_seconds`, or as the judged ones: an exclusion takes whole ones.
    pub fn exclusions(
        &self,
        slo: &Slo,
        slice_seconds: u32,
        within: Bounds,
        further: Option<&Exclusion>,
    ) -> Exclusions {
        let all = self.estate.exclusions.iter().chain(further);
        let touching = all.filter(|one| one.touches(&slo.name, &slo.service));
        let stretches = touching.flat_map(|exclusion| {
            let occurrences = calendar::occurrences(&exclusion.when, within);
            occurrences.into_iter().map(|bounds| (bounds, exclusion.effect))
        });
        let judged = slo.objectives.iter().filter_map(|objective| Lens::of(slo, objective).slice_seconds());
        let grid = judged.max().unwrap_or(SLICE_SECONDS).max(SLICE_SECONDS).max(slice_seconds);
        Exclusions::resolve(stretches.collect(), grid)
    }

    /// The SLO of that name.
    pub fn slo(&self, name: &str) -> Option<&Slo> {
        self.estate.slos.iter().find(|slo| slo.name == name)
    }
}
