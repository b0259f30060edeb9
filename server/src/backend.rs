//! The port that pages read, answered from the engine's snapshot and the store.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use app::backend::{Backend, BackendError};
use app::view::{OverviewView, Range, ServiceRow, ServiceView, Site, SloView};
use async_trait::async_trait;
use domain::slice::Bounds;
use domain::{Measured, Measurement, Observation, Slice};

use crate::clock;
use crate::collect::{Sink, SinkError};
use crate::demo::DemoState;
use crate::engine::{self, Engine, Snapshot};
use crate::ingest::slices::Import;
use crate::store::{SliSlice, StoreError};

/// Imported slices older than this say nothing about health now.
const RECENT_SECONDS: i64 = 7_200;

/// The running server, as pages, importers and collectors see it.
#[derive(Debug)]
pub struct Server {
    engine: Arc<Engine>,
    build: String,
    demo: Option<Arc<DemoState>>,
    collector_progress: AtomicI64,
}

impl Server {
    /// `build` names the client bundle; `demo` says that the estate is a demo.
    pub fn new(engine: Arc<Engine>, build: String, demo: Option<Arc<DemoState>>) -> Self {
        Self { engine, build, demo, collector_progress: AtomicI64::new(clock::now().unix()) }
    }

    /// Whether the collector finished a round lately.
    pub fn collector_makes_progress(&self, within_seconds: i64) -> bool {
        clock::now().unix() - self.collector_progress.load(Ordering::Relaxed) <= within_seconds
    }

    /// Slices were committed by an import: figures and health follow.
    pub fn imported(&self, import: &Import) {
        let now = clock::now();
        let names: BTreeSet<&String> = import.names.iter().collect();
        for name in names {
            self.engine.imported(name);
        }
        for (SliSlice { slice, .. }, name) in import.slices.iter().zip(&import.names) {
            let recent = slice.end() > now - RECENT_SECONDS;
            if let (Measurement::Measured(measured), true) = (&slice.measurement, recent) {
                let at = (slice.end() - 1).min(now);
                let (good, total) = (measured.good.min(measured.total), measured.total);
                self.engine.observe(name, Observation { at, good, total, reason: None });
            }
        }
    }

    /// Of a demo: the share of its history that is there.
    pub fn history_filled(&self) -> Option<f64> {
        self.demo.as_ref().map(|demo| demo.view().history_filled)
    }

    fn site(&self, snapshot: &Snapshot) -> Site {
        Site {
            // What is heard later than the snapshot was made is newer than the page.
            now: snapshot.at,
            build: self.build.clone(),
            data_until: snapshot.data_until(),
            blind_since: snapshot.blind_since,
            demo: self.demo.as_ref().map(|demo| demo.view()),
        }
    }

    async fn slo_view(
        &self,
        row: &ServiceRow,
        name: &str,
        range: Range,
    ) -> Result<Option<SloView>, StoreError> {
        let (catalog, store) = (self.engine.catalog(), self.engine.store());
        let Some(slo) = catalog.slo(name) else { return Ok(None) };
        let Some(sli) = catalog.sli(&slo.sli) else { return Ok(None) };
        let status = engine::status(catalog, store, slo, clock::now()).await?;
        let to = status.objectives.first().map_or(status.at, |objective| objective.window.to);
        let (seconds, shortest) = range.seconds_and_step(slo.window.seconds());
        let step_seconds = shortest.max(engine::slice_seconds(catalog, store, slo, status.at).await?);
        let bounds = Bounds { from: (to - seconds).floor_to(step_seconds), to };
        let mut histories = Vec::new();
        let mut derivations = Vec::new();
        for index in 0..slo.objectives.len() {
            histories.push(engine::history(catalog, store, slo, index, bounds, step_seconds).await?);
            derivations.push(domain::explain(&status, index, slo, sli));
        }
        Ok(Some(SloView {
            site: self.site(&self.engine.snapshot()),
            service: row.service.clone(),
            slo: slo.clone(),
            sli: sli.clone(),
            status,
            range,
            step_seconds,
            histories,
            derivations,
        }))
    }
}

#[async_trait]
impl Backend for Server {
    async fn overview(&self) -> Result<OverviewView, BackendError> {
        let snapshot = self.engine.snapshot();
        Ok(OverviewView { site: self.site(&snapshot), services: snapshot.services.clone() })
    }

    async fn service(&self, name: &str) -> Result<Option<ServiceView>, BackendError> {
        let snapshot = self.engine.snapshot();
        let row = snapshot.services.iter().find(|row| row.service.name == name);
        Ok(row.map(|row| ServiceView { site: self.site(&snapshot), row: row.clone() }))
    }

    async fn slo(&self, name: &str, range: Range) -> Result<Option<SloView>, BackendError> {
        let snapshot = self.engine.snapshot();
        let service = self.engine.catalog().slo(name).map(|slo| slo.service.as_str());
        let Some(row) = snapshot.services.iter().find(|row| Some(row.service.name.as_str()) == service)
        else {
            return Ok(None);
        };
        self.slo_view(row, name, range).await.map_err(|error| {
            tracing::warn!(error = ?error, slo = name, "the page of an SLO could not be filled");
            BackendError::Unavailable
        })
    }
}

#[async_trait]
impl Sink for Server {
    async fn running(&self, sli: &str, start: domain::Instant) -> Result<Option<Measured>, SinkError> {
        let id = self.engine.catalog().id(sli).ok_or_else(|| SinkError(Box::new(StoreError::NotReady)))?;
        self.engine.store().measured_at(id, start).await.map_err(|error| SinkError(Box::new(error)))
    }

    async fn commit(&self, slices: Vec<(String, Slice)>) -> Result<(), SinkError> {
        let mut batch = Vec::with_capacity(slices.len());
        let mut names = Vec::with_capacity(slices.len());
        for (name, slice) in slices {
            let sli =
                self.engine.catalog().id(&name).ok_or_else(|| SinkError(Box::new(StoreError::NotReady)))?;
            batch.push(SliSlice { sli, slice });
            names.push(name);
        }
        let conflicts =
            self.engine.store().replace(batch).await.map_err(|error| SinkError(Box::new(error)))?;
        for conflict in conflicts {
            let sli = names.get(conflict.index).map_or("", String::as_str);
            tracing::warn!(sli, start = %conflict.start, "a measured slice gave way to an imported one with other bounds");
        }
        for name in &names {
            self.engine.committed(name);
        }
        Ok(())
    }

    fn observe(&self, sli: &str, observation: Observation) {
        self.engine.observe(sli, observation);
    }

    fn progress(&self) {
        self.collector_progress.store(clock::now().unix(), Ordering::Relaxed);
    }
}
