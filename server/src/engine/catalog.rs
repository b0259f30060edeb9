//! What is declared, with the store's numbers of the SLIs once the store is there.
//!
//! Invariant: the estate is replaced whole. Who answers a question takes it once, so that an answer never mixes two.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use domain::Estate;

use crate::store::{SliId, Store, StoreError};

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

    /// Tells the store about the SLIs; harmless when repeated.
    pub async fn declare(&self, store: &Store) -> Result<(), StoreError> {
        let names: Vec<String> = self.estate().slis.iter().map(|sli| sli.name.clone()).collect();
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
}
