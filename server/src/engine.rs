//! The engine: keeps one evaluated snapshot of the whole estate, and tells the live stream what changed.
//!
//! Invariants: figures come from committed slices only; when the database is away the last snapshot stays, with the
//! instant since when we are blind; every page and every stream reads the same snapshot; a start during which the store
//! is not there yet is no blindness.

mod catalog;
mod composites;
mod evaluate;
mod generations;
mod live;
pub(crate) mod periods;
mod revisions;
mod since;
mod snapshot;
mod views;
pub(crate) mod what_if;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use domain::Instant;
use domain::composite::CompositeStatus;
use domain::{Observation, SliHealth};
use tokio::sync::{SetOnce, broadcast};
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::metrics;
use crate::store::Store;
pub use catalog::Catalog;
pub(crate) use evaluate::Sources;
pub use live::{Event, everything};
pub(crate) use revisions::declared_past;
pub use snapshot::Snapshot;

/// Pause between two rounds when nothing calls for one earlier.
const ROUND: Duration = Duration::from_secs(1);
/// An SLO is evaluated at least this often, because time alone can change its state.
const IDLE_ROUNDS_MAX: u32 = 10;
/// How long a start may wait for the store before its absence is shown and logged: less would alarm at every start.
pub const START_GRACE: Duration = Duration::from_secs(10);
/// Events that a slow stream client may fall behind before it gets a fresh snapshot instead.
const EVENTS_BUFFERED: usize = 1_024;

/// Evaluates, remembers, announces.
#[derive(Debug)]
pub struct Engine {
    catalog: Arc<Catalog>,
    store: Store,
    health: Mutex<HashMap<String, SliHealth>>,
    /// The first results that a restart recalled: what was so then may have been so before.
    recalled: Mutex<BTreeSet<Instant>>,
    /// When slices of an SLI were last imported: they may change its whole past.
    imported: Mutex<HashMap<String, Instant>>,
    /// SLIs with new slices since their last evaluation.
    changed: Mutex<BTreeSet<String>>,
    /// Sums of hours as objectives see them.
    hours: views::Hours,
    composites: composites::Composites,
    /// Writes into calendar periods that have ended.
    periods: periods::Notes,
    snapshot: ArcSwap<Snapshot>,
    events: broadcast::Sender<Arc<Event>>,
    /// Set once the store is brought up and what it remembers is recalled.
    recollected: SetOnce<()>,
    /// Unix seconds of the last completed round: readiness asks whether the loop makes progress.
    last_round: std::sync::atomic::AtomicI64,
    /// Likewise of the last pass that freezes periods.
    last_pass: std::sync::atomic::AtomicI64,
}

impl Engine {
    /// An engine that has not evaluated anything yet.
    pub fn new(catalog: Arc<Catalog>, store: Store) -> Self {
        let estate = catalog.estate();
        let health = snapshot::no_results_yet(&estate);
        let composites = composites::Composites::new(&estate.composites);
        let mut snapshot = Snapshot::before_first_round(&estate, clock::now());
        snapshot.composites = composites::unread(&estate.composites, &snapshot);
        Self {
            catalog,
            store,
            health: Mutex::new(health),
            recalled: Mutex::default(),
            imported: Mutex::default(),
            changed: Mutex::default(),
            hours: views::Hours::default(),
            composites,
            periods: periods::Notes::default(),
            snapshot: ArcSwap::from_pointee(snapshot),
            events: broadcast::channel(EVENTS_BUFFERED).0,
            recollected: SetOnce::new(),
            last_round: std::sync::atomic::AtomicI64::new(0),
            last_pass: std::sync::atomic::AtomicI64::new(0),
        }
    }

    /// The latest evaluated state of everything.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// What is declared.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The store that figures come from.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Where figures come from, with the estate as it is declared now.
    pub(crate) fn sources(&self) -> Sources<'_> {
        let estate = self.catalog.estate();
        Sources { estate, catalog: &self.catalog, store: &self.store, hours: &self.hours }
    }

    /// Changes from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        self.events.subscribe()
    }

    /// A result for an SLI's health. Unknown names are ignored: the SLI was removed while a result was under way.
    pub fn observe(&self, sli: &str, observation: Observation) {
        if let Some(health) = lock(&self.health).get_mut(sli) {
            health.observe(observation);
        }
    }

    /// Slices of an SLI were imported, of whatever age.
    pub fn imported(&self, sli: &str) {
        lock(&self.imported).insert(sli.to_owned(), clock::now());
    }

    /// A slice of an SLI that starts at `start` is committed.
    pub fn committed(&self, sli: &str, start: Instant) {
        if let Some(id) = self.catalog.id(sli) {
            self.hours.changed(id, start);
        }
        self.periods.committed(sli, start, std::time::Instant::now());
        let mut changed = lock(&self.changed);
        if !changed.contains(sli) {
            changed.insert(sli.to_owned());
        }
    }

    /// Whether a round was completed in the last `within` seconds.
    pub fn makes_progress(&self, within_seconds: i64) -> bool {
        clock::now().seconds_since(self.last_round()) <= within_seconds
    }

    /// When the last round was completed; 1970 before the first.
    pub fn last_round(&self) -> Instant {
        Instant::from_unix(self.last_round.load(std::sync::atomic::Ordering::Relaxed))
    }

    /// When the last pass over calendar periods ended, well or not; 1970 before the first.
    pub fn last_pass(&self) -> Instant {
        Instant::from_unix(self.last_pass.load(std::sync::atomic::Ordering::Relaxed))
    }

    /// Rounds until cancelled: at most one a second, so that a burst of results costs one evaluation.
    pub async fn run(self: Arc<Self>, cancel: CancellationToken) {
        let mut idle_rounds: HashMap<String, u32> = HashMap::new();
        let mut turns = composites::Turns::default();
        let grace_ends = tokio::time::Instant::now() + START_GRACE;
        while !cancel.is_cancelled() {
            let starting = !self.recollected.initialized();
            if starting && tokio::time::Instant::now() < grace_ends {
                self.round_without_store();
            } else {
                let began = std::time::Instant::now();
                self.round(&mut idle_rounds, &mut turns).await;
                metrics::ROUND_SECONDS.observe([], began.elapsed());
            }
            tokio::select! {
                () = cancel.cancelled() => break,
                &() = self.recollected.wait(), if starting => {}
                () = tokio::time::sleep(ROUND) => {}
            }
        }
    }

    async fn round(&self, idle_rounds: &mut HashMap<String, u32>, turns: &mut composites::Turns) {
        let at = clock::now();
        let before = self.snapshot();
        let due = self.due(idle_rounds);
        let mut evaluated = HashMap::new();
        let mut failure = None;
        let sources = self.sources();
        for slo in sources.estate.slos.iter().filter(|slo| due.contains(&slo.sli)) {
            let imported_at = lock(&self.imported).get(&slo.sli).copied();
            match sources.row(slo, at, before.row(&slo.name), imported_at).await {
                Ok(row) => {
                    evaluated.insert(slo.name.clone(), row);
                }
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        if let Some(error) = &failure {
            if before.blind_since.is_none() {
                tracing::warn!(error = %error, "figures stand still: the store cannot be read");
            }
            // What could not be evaluated is due again in the next round.
            lock(&self.changed).extend(due);
            turns.forget();
        }
        let blind_since = failure.map(|_| before.blind_since.unwrap_or(at));
        let status =
            |slo: &str| evaluated.get(slo).or_else(|| before.row(slo)).map(|found| &found.row.status);
        let composites = match blind_since {
            Some(_) => None,
            None => Some(self.composites.round(&sources, at, &before.composites, turns, status).await),
        };
        self.publish(&before, at, blind_since, evaluated, composites);
        self.last_round.store(at.unix(), std::sync::atomic::Ordering::Relaxed);
        metrics::PASSES.add(["engine"], 1);
    }

    /// Before the store is there health goes on, from results alone; figures wait. No progress: we are not ready.
    fn round_without_store(&self) {
        self.publish(&self.snapshot(), clock::now(), None, HashMap::new(), None);
    }

    /// Makes the next snapshot and tells the stream what changed.
    fn publish(
        &self,
        before: &Snapshot,
        at: Instant,
        blind_since: Option<Instant>,
        evaluated: HashMap<String, evaluate::Evaluated>,
        composites: Option<Vec<CompositeStatus>>,
    ) {
        let estate = self.catalog.estate();
        let mut verdicts = snapshot::verdicts(&estate, &lock(&self.health), at);
        snapshot::forget_recalled_beginnings(&mut verdicts, &lock(&self.recalled));
        let mut after = Snapshot::next(before, &estate, at, blind_since, evaluated, verdicts);
        after.composites = composites.unwrap_or_else(|| composites::stand_still(&before.composites, &after));
        let events = live::changes(before, &after);
        // Stored first: who subscribes in between gets a change twice, never not at all.
        self.snapshot.store(Arc::new(after));
        for event in events {
            // No receiver is no error: nobody has a page open.
            drop(self.events.send(Arc::new(event)));
        }
    }

    /// The SLIs whose SLOs are to be evaluated now: those that changed, and those that were not for a while.
    fn due(&self, idle_rounds: &mut HashMap<String, u32>) -> Vec<String> {
        let changed = std::mem::take(&mut *lock(&self.changed));
        let mut due = Vec::new();
        for sli in &self.catalog.estate().slis {
            let idle = idle_rounds.entry(sli.name.clone()).or_insert(IDLE_ROUNDS_MAX);
            *idle += 1;
            if changed.contains(&sli.name) || *idle > IDLE_ROUNDS_MAX {
                *idle = 0;
                due.push(sli.name.clone());
            }
        }
        due
    }

    /// Feeds health with the slices of the recent past, so that a restart does not forget since when. The last step of
    /// bringing the store up: rounds begin to read it.
    pub async fn recall(&self) -> Result<(), crate::store::StoreError> {
        let now = clock::now();
        for sli in &self.catalog.estate().slis {
            let Some(id) = self.catalog.id(&sli.name) else { continue };
            let observations = evaluate::recent_observations(&self.store, id, now).await?;
            lock(&self.recalled).extend(observations.first().map(|first| first.at));
            for observation in observations {
                if let Some(health) = lock(&self.health).get_mut(&sli.name) {
                    health.observe(observation);
                }
            }
        }
        // Set before only if the store was brought up twice, which changes nothing.
        drop(self.recollected.set(()));
        Ok(())
    }
}

/// A panic while the lock was held leaves plain data that the next round overwrites.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
