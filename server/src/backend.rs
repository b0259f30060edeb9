//! The port that pages read, answered from the engine's snapshot and the store.

mod excluded;
mod periods;
mod probes;

use std::collections::{BTreeMap, BTreeSet};
use std::slice;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use app::backend::{Backend, BackendError};
use app::view::{Asked, OverviewView, Period, Proposal, ServiceRow, ServiceView, Site, SloRow, SloView};
use async_trait::async_trait;
use domain::proposal::WhatIf;
use domain::slice::Bounds;
use domain::{Instant, Measured, Measurement, Observation, Slice, Slo, Window, calendar};

use crate::clock;
use crate::collect::{Latest, Sink, SinkError};
use crate::demo::DemoState;
use crate::engine::what_if::{self, WhatIfError};
use crate::engine::{Engine, Snapshot, declared_past};
use crate::ingest::slices::Import;
use crate::metrics;
use crate::store::{Names, SliSlice, StoreError};

/// Other SLOs on the same indicator that a page lists.
const SIBLINGS_SHOWN: usize = 50;
/// Imported slices older than this say nothing about health now.
const RECENT_SECONDS: i64 = 7_200;

/// The running server, as pages, importers and collectors see it.
#[derive(Debug)]
pub struct Server {
    engine: Arc<Engine>,
    build: String,
    demo: Option<Arc<DemoState>>,
    collector_progress: AtomicI64,
    /// The latest attempt of each probed SLI.
    latest: Mutex<BTreeMap<String, Latest>>,
}

impl Server {
    /// `build` names the client bundle; `demo` says that the estate is a demo.
    pub fn new(engine: Arc<Engine>, build: String, demo: Option<Arc<DemoState>>) -> Self {
        let collector_progress = AtomicI64::new(clock::now().unix());
        Self { engine, build, demo, collector_progress, latest: Mutex::default() }
    }

    /// Whether figures were evaluated in the last seconds, from a database that is reached.
    pub fn is_fresh(&self, within_seconds: i64) -> bool {
        self.engine.makes_progress(within_seconds) && self.engine.snapshot().blind_since.is_none()
    }

    /// When the collector last ended a pass.
    pub fn collector_progress(&self) -> Instant {
        Instant::from_unix(self.collector_progress.load(Ordering::Relaxed))
    }

    /// The latest attempts of those of a service's SLIs that are probed, by name of the SLI.
    pub fn latest_attempts(&self, service: &str) -> Vec<(String, Latest)> {
        let estate = self.engine.catalog().estate();
        let slis: BTreeSet<&str> =
            estate.slos.iter().filter(|slo| slo.service == service).map(|slo| slo.sli.as_str()).collect();
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        slis.into_iter().filter_map(|sli| Some((sli.to_owned(), latest.get(sli)?.clone()))).collect()
    }

    /// Slices were committed by an import: figures and health follow.
    pub fn imported(&self, import: &Import) {
        let names: BTreeSet<&String> = import.names.iter().collect();
        for name in names {
            self.engine.imported(name);
        }
        for (SliSlice { slice, .. }, name) in import.slices.iter().zip(&import.names) {
            self.stored(name, slice);
        }
    }

    /// A slice that others measured was committed.
    pub fn stored(&self, name: &str, slice: &Slice) {
        let now = clock::now();
        self.engine.committed(name, slice.start);
        let recent = slice.end() > now - RECENT_SECONDS;
        if let (Measurement::Measured(measured), true) = (&slice.measurement, recent) {
            let at = (slice.end() - 1).min(now);
            let (good, total) = (measured.good.min(measured.total), measured.total);
            self.engine.observe(name, Observation { at, good, total, reason: None });
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

    /// What a proposal would do, or in words why that cannot be said.
    async fn what_if(
        &self,
        slo: &Slo,
        proposal: &Proposal,
        at: Instant,
    ) -> Result<Result<WhatIf, String>, StoreError> {
        let index = slo.objectives.iter().position(|objective| objective.name == proposal.objective);
        let change = match what_if::change(&proposal.change) {
            Ok(change) => change,
            Err(error) => return in_words(error).map(Err),
        };
        let answer = self.engine.sources().what_if(slo, index.unwrap_or(0), &change, at).await;
        answer.map_or_else(|error| in_words(error).map(Err), |answer| Ok(Ok(answer)))
    }

    async fn slo_view(
        &self,
        row: &ServiceRow,
        name: &str,
        asked: Asked,
    ) -> Result<Option<SloView>, StoreError> {
        let sources = self.engine.sources();
        let Some(slo) = sources.estate.slo(name) else { return Ok(None) };
        let Some(sli) = sources.estate.sli(&slo.sli) else { return Ok(None) };
        let now = clock::now();
        let closed = asked.closed.filter(|end| slo.window.is_calendar() && *end <= now);
        let status = sources.status(slo, closed.unwrap_or(now), closed.is_some()).await?;
        let window = status.objectives.first().map(|objective| &objective.window);
        let window = window.map_or(Bounds { from: status.at, to: status.at }, |window| Bounds {
            from: window.from,
            to: window.to,
        });
        // What lies ahead in a running period is not asked for.
        let to = window.to.min(status.at);
        let (seconds, shortest) = asked.range.seconds_and_step(window.to.seconds_since(window.from));
        let slice_seconds = sources.slice_seconds(slo, status.at).await?;
        let step_seconds = shortest.max(slice_seconds);
        let from = (to - seconds).max(window.from);
        let bounds = Bounds { from: from.floor_to(step_seconds), to };
        let mut histories = Vec::new();
        let mut derivations = Vec::new();
        for index in 0..slo.objectives.len() {
            histories.push(sources.history(slo, index, bounds, step_seconds).await?);
            derivations.push(domain::explain(&status, index, slo, sli));
        }
        let indices = 0..slo.objectives.len();
        let running = indices.filter(|_| closed.is_none());
        let costs =
            running.filter_map(|index| sources.cost_of_nines(slo, index, &status, slice_seconds)).collect();
        let what_if = match asked.proposal.filter(|_| closed.is_none()) {
            Some(proposal) => Some(self.what_if(slo, &proposal, now).await?),
            None => None,
        };
        let closed_periods = self.closed_periods(slo, window, closed, &status).await?;
        let names = Names { slos: slice::from_ref(&slo.name), slis: slice::from_ref(&sli.name) };
        let declarations = self.engine.store().declarations(names).await?;
        let snapshot = self.engine.snapshot();
        Ok(Some(SloView {
            closed_periods,
            excluded: excluded::stretches(
                &sources.estate,
                slo,
                Bounds { from, to: window.to },
                slice_seconds,
            ),
            exclusions: excluded::listed(&sources.estate, slo, window),
            siblings: siblings(&snapshot, slo),
            past: declared_past(declarations),
            costs,
            proposal: None,
            what_if,
            panels: app::view::SloPanels::default(),
            period: period(slo, window, closed, now),
            site: self.site(&snapshot),
            service: row.service.clone(),
            slo: slo.clone(),
            sli: sli.clone(),
            status,
            range: asked.range,
            step_seconds,
            histories,
            derivations,
        }))
    }
}

/// Why a proposal is not answered, in words; an error where the store is why.
fn in_words(error: WhatIfError) -> Result<String, StoreError> {
    match error {
        WhatIfError::Store(error) => Err(error),
        WhatIfError::CutShort(error) => {
            tracing::error!(error = ?error, "a proposal could not be judged");
            Ok("Something went wrong here; it is in the server's log.".to_owned())
        }
        error => Ok(format!("This cannot be answered: {error}.")),
    }
}

/// The other SLOs on the same indicator, as of the latest round.
fn siblings(snapshot: &Snapshot, slo: &Slo) -> Vec<SloRow> {
    let rows = snapshot.services.iter().flat_map(|service| &service.slos);
    rows.filter(|row| row.slo.sli == slo.sli && row.slo.name != slo.name)
        .take(SIBLINGS_SHOWN)
        .cloned()
        .collect()
}

fn period(slo: &Slo, window: Bounds, closed: Option<Instant>, now: Instant) -> Option<Period> {
    let Window::Calendar(calendar) = &slo.window else { return None };
    let next = calendar::neighbour(calendar, window.from, 1);
    Some(Period {
        label: calendar::label(calendar, window),
        running: closed.is_none(),
        previous: window.from,
        next: closed.and(Some(next.to)).filter(|end| *end <= now),
    })
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
        let composites = snapshot.composites.iter().filter(|composite| composite.service == name);
        Ok(row.map(|row| ServiceView {
            site: self.site(&snapshot),
            row: row.clone(),
            composites: composites.cloned().collect(),
            probes: probes::rows(&self.latest_attempts(name), clock::now()),
            panel: app::view::Markup::default(),
        }))
    }

    async fn slo(&self, name: &str, asked: Asked) -> Result<Option<SloView>, BackendError> {
        let snapshot = self.engine.snapshot();
        let estate = self.engine.catalog().estate();
        let service = estate.slo(name).map(|slo| slo.service.as_str());
        let Some(row) = snapshot.services.iter().find(|row| Some(row.service.name.as_str()) == service)
        else {
            return Ok(None);
        };
        self.slo_view(row, name, asked).await.map_err(|error| {
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
        let starts: Vec<_> = slices.iter().map(|(_, slice)| slice.start).collect();
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
        for (name, start) in names.iter().zip(starts) {
            self.engine.committed(name, start);
        }
        Ok(())
    }

    fn observe(&self, sli: &str, observation: Observation) {
        self.engine.observe(sli, observation);
    }

    fn attempted(&self, sli: &str, latest: &Latest) {
        // One entry for each probed SLI, which the configuration bounds.
        let mut all = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(sli.to_owned(), latest.clone());
    }

    fn progress(&self) {
        self.collector_progress.store(clock::now().unix(), Ordering::Relaxed);
        metrics::PASSES.add(["collector"], 1);
    }
}
