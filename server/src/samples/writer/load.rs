//! Reading the log: at a start all of it, after a commit in doubt what is new.
//!
//! Invariant: slices are made anew only of rows that none were made of before, so that nothing that replaced a slice
//! since, such as an import, is overwritten by a start.

use std::sync::atomic::Ordering;

use super::{Outside, Writer};
use crate::clock;
use crate::samples::head::Head;
use crate::samples::registry::Registry;
use crate::samples::selectors::Selectors;
use crate::samples::{fold, log};
use crate::store::StoreError;

impl Writer {
    /// Reads everything that is kept. None inside the error: the store is not brought up yet.
    pub(super) async fn begin(&mut self, outside: &Outside) -> Result<(), Option<StoreError>> {
        if !outside.catalog.is_declared() {
            return Err(None);
        }
        // From the beginning, should an earlier try have got half-way.
        *self.shared.head() = Head::new(self.shared.selectors.sources());
        *self.shared.registry_mut() = Registry::default();
        (self.series_id, self.strangers) = (0, Vec::new());
        let estate = outside.catalog.estate();
        {
            let mut head = self.shared.head();
            for (state, source) in head.slis_mut().iter_mut().zip(self.shared.selectors.sources()) {
                let sli = estate.sli(&source.sli);
                state.began = sli.and_then(|sli| sli.generations.last().copied());
            }
        }
        self.read_series(outside).await?;
        let baseline = outside.store.baseline().await?;
        {
            let (registry, mut head) = (self.shared.registry(), self.shared.head());
            for payload in &baseline.payloads {
                read(payload, &registry, |number, _, sample| head.add_baseline(number, sample));
            }
            head.cut_millis = baseline.cut_millis;
        }
        let folded = outside.store.folded().await?;
        self.read_log(outside, folded).await?;
        self.shared.folded_id.store(folded, Ordering::Relaxed);
        self.shared.last_turn.store(clock::now().unix(), Ordering::Relaxed);
        let (series, log_id) = (self.shared.registry().len(), self.shared.head().log_id);
        tracing::debug!(series, log_id, folded, "the sample log is read");
        Ok(())
    }

    /// After a commit whose outcome is unknown, takes in what the store has.
    pub(super) async fn resolve_doubt(&mut self, outside: &Outside) -> Result<(), StoreError> {
        if self.in_doubt {
            self.read_series(outside).await?;
            self.read_log(outside, 0).await?;
            self.in_doubt = false;
        }
        Ok(())
    }

    async fn read_series(&mut self, outside: &Outside) -> Result<(), StoreError> {
        loop {
            let rows = outside.store.series_after(self.series_id).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            self.series_id = last.id;
            let (mut registry, mut head) = (self.shared.registry_mut(), self.shared.head());
            for row in rows {
                if registry.len() >= crate::samples::registry::SERIES_MAX {
                    tracing::warn!("there are more stored series than are kept");
                    break;
                }
                self.strangers.extend(keep(
                    &mut registry,
                    &mut head,
                    &self.shared.selectors,
                    row.id,
                    &row.labels,
                ));
            }
        }
    }

    /// Slices of what was read so far were made by an earlier run: they are known to be ours, and not due.
    fn settle(&self, head: &mut Head) {
        for sli in 0..self.shared.selectors.sources().len() {
            if let Some(touched) = head.take_touched(sli) {
                drop(fold::make(head, &self.shared.selectors, sli, touched));
            }
        }
    }

    /// Rows up to `folded` touch no slices.
    async fn read_log(&mut self, outside: &Outside, folded: i64) -> Result<(), StoreError> {
        let mut settled = folded == 0;
        loop {
            let after = self.shared.head().log_id;
            let rows = outside.store.log_after(after).await?;
            let (registry, mut head) = (self.shared.registry(), self.shared.head());
            let is_end = rows.is_empty();
            if !settled && rows.first().is_none_or(|row| row.id > folded) {
                self.settle(&mut head);
                settled = true;
            }
            for row in rows {
                if !settled && row.id > folded {
                    self.settle(&mut head);
                    settled = true;
                }
                read(&row.payload, &registry, |number, feeds, sample| {
                    head.add(number, feeds, sample);
                });
                head.log_id = row.id;
            }
            if is_end {
                return Ok(());
            }
        }
    }
}

/// Makes a stored series known; its number in the store if nobody needs it.
fn keep(
    registry: &mut Registry,
    head: &mut Head,
    selectors: &Selectors,
    id: i64,
    labels: &[u8],
) -> Option<i64> {
    let Some((number, is_new)) = registry.keep(id, labels, selectors) else { return Some(id) };
    if is_new {
        let feeds = registry.entry(number).map(|entry| entry.feeds.clone()).unwrap_or_default();
        head.begin(number, &feeds);
    }
    None
}

/// Hands the samples of a row to `each`; those of series that nobody needs any more are passed over.
fn read(
    payload: &[u8],
    registry: &Registry,
    mut each: impl FnMut(usize, &[crate::samples::selectors::Feed], crate::samples::Sample),
) {
    let read = log::decode(payload, |id, sample| {
        let Some(number) = registry.number(id) else { return };
        let Some(entry) = registry.entry(number) else { return };
        each(number, &entry.feeds, sample);
    });
    if let Err(error) = read {
        tracing::error!(error = %error, "a row of the sample log was passed over");
    }
}
