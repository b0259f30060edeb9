//! Nines' own objectives: how well it takes data in, evaluates and answers, measured by itself and shown like any
//! service.
//!
//! Invariants: what is counted here is counted once, where the request ends; the minute that runs is committed every
//! two seconds, and goes on after a restart; time in which Nines did not run is a gap.

mod minutes;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::estate::{Objective, Origin, Service, Sli};
use domain::{Estate, Instant, Observation, Slo, Target, Window};
use tokio_util::sync::CancellationToken;

use crate::backend::Server;
use crate::clock;
use crate::collect::Sink;
use minutes::Minutes;

/// Pause between two commits of the running minute.
const TICK: Duration = Duration::from_secs(2);
const TICK_SECONDS: u32 = 2;
/// A tick may be so late before what it says is too old to speak of now: a busy machine is no outage.
const TICK_LATE_SECONDS: u32 = 8;
/// A page that takes longer counts as bad.
const PAGE_WITHIN: Duration = Duration::from_secs(1);
/// Figures older than this are not fresh: ten rounds of the engine.
const FRESH_SECONDS: i64 = 10;
const WINDOW_SECONDS: u32 = 30 * 86_400;
/// The service that they are shown under.
const SERVICE: &str = "nines";

/// What one of them counts.
#[derive(Debug)]
struct Tally {
    good: AtomicU64,
    total: AtomicU64,
}

impl Tally {
    const fn new() -> Self {
        Self { good: AtomicU64::new(0), total: AtomicU64::new(0) }
    }

    fn add(&self, good: bool) {
        // Good last: whoever reads in between sees a result too few, never more good ones than all.
        self.total.fetch_add(1, Ordering::Relaxed);
        self.good.fetch_add(u64::from(good), Ordering::Release);
    }

    /// What came since the last call.
    fn take(&self) -> (u64, u64) {
        let good = self.good.swap(0, Ordering::Acquire);
        (good, self.total.swap(0, Ordering::Relaxed))
    }
}

static INGEST: Tally = Tally::new();
static PAGES: Tally = Tally::new();
static FRESHNESS: Tally = Tally::new();

/// A body was answered; `good` unless the failure was ours.
pub fn ingested(good: bool) {
    INGEST.add(good);
}

/// A page was answered.
pub fn answered(good: bool, took: Duration) {
    PAGES.add(good && took <= PAGE_WITHIN);
}

/// An indicator of ours.
struct Own {
    name: &'static str,
    title: &'static str,
    source: &'static str,
    /// As a declaration writes it.
    target: &'static str,
    tally: &'static Tally,
}

fn all() -> [Own; 3] {
    [
        Own {
            name: "nines-ingest",
            title: "Taking data in",
            source: "bodies sent to this server; good: taken, or refused by the sender's fault",
            target: "0.999",
            tally: &INGEST,
        },
        Own {
            name: "nines-freshness",
            title: "Freshness of figures",
            source: "asked every 2 s; good: figures were evaluated within 10 s and the database is reached",
            target: "0.999",
            tally: &FRESHNESS,
        },
        Own {
            name: "nines-pages",
            title: "Pages",
            source: "pages asked of this server; good: answered within 1 s",
            target: "0.99",
            tally: &PAGES,
        },
    ]
}

/// Adds them to what is declared; not if one of their names is taken, which is said in the log.
pub fn declare(estate: &mut Estate) -> bool {
    let own = all();
    let is_taken = |name: &str| estate.sli(name).is_some() || estate.slo(name).is_some();
    if estate.services.iter().any(|service| service.name == SERVICE)
        || own.iter().any(|own| is_taken(own.name))
    {
        tracing::warn!(
            "Nines' own objectives are left out: the configuration uses the name `{SERVICE}` or one of theirs"
        );
        return false;
    }
    let origin = Origin { file: "Nines itself".to_owned(), line: 0 };
    estate.services.push(Service {
        name: SERVICE.to_owned(),
        display_name: "Nines".to_owned(),
        description: Some("This server, as it measures itself.".to_owned()),
        origin: origin.clone(),
        ..Service::default()
    });
    for own in own {
        estate.slis.push(Sli {
            name: own.name.to_owned(),
            display_name: own.title.to_owned(),
            source: own.source.to_owned(),
            interval_seconds: TICK_SECONDS,
            timeout_seconds: TICK_LATE_SECONDS,
            meaning: own.source.to_owned(),
            origin: origin.clone(),
            ..Sli::default()
        });
        let Ok(target) = Target::parse(own.target) else { continue };
        let objectives = vec![Objective::new(target.percent(), target)];
        let window = Window::Rolling { seconds: WINDOW_SECONDS };
        let mut slo = Slo::new(own.name, SERVICE, own.name, window, objectives);
        own.title.clone_into(&mut slo.display_name);
        slo.origin = origin.clone();
        estate.slos.push(slo);
    }
    true
}

/// Measures until cancelled, and commits once more then.
pub async fn run(server: Arc<Server>, cancel: CancellationToken) {
    let mut minutes: Vec<(Own, Minutes)> =
        all().into_iter().map(|own| (own, Minutes::new(clock::now()))).collect();
    let mut failing = false;
    loop {
        let ended = tokio::select! {
            () = cancel.cancelled() => true,
            () = tokio::time::sleep(TICK) => false,
        };
        FRESHNESS.add(server.is_fresh(FRESH_SECONDS));
        let result = tick(&server, &mut minutes, clock::now()).await;
        if result.is_err() && !failing {
            tracing::warn!("results of Nines' own objectives cannot be committed and are kept in memory");
        }
        failing = result.is_err();
        if ended {
            return;
        }
    }
}

/// Takes what was counted, tells health, and commits what the store does not have.
async fn tick(
    server: &Server,
    minutes: &mut [(Own, Minutes)],
    now: Instant,
) -> Result<(), crate::collect::SinkError> {
    for (own, minutes) in &mut *minutes {
        let (good, total) = own.tally.take();
        minutes.add(now, good, total);
        server.observe(own.name, Observation { at: now, good: good.min(total), total, reason: None });
    }
    for (own, minutes) in &mut *minutes {
        if let Some(first) = minutes.to_resume() {
            let stored = server.running(own.name, first).await?;
            minutes.resume(stored);
        }
    }
    let changed = |(own, minutes): &(Own, Minutes)| {
        let name = own.name.to_owned();
        minutes.changed().into_iter().map(move |slice| (name.clone(), slice)).collect::<Vec<_>>()
    };
    server.commit(minutes.iter().flat_map(changed).collect()).await?;
    for (_, minutes) in minutes {
        minutes.committed();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_declared_like_any_service_unless_a_name_is_taken() {
        let mut estate = Estate::default();
        assert!(declare(&mut estate));
        assert_eq!((estate.services.len(), estate.slis.len(), estate.slos.len()), (1, 3, 3));
        assert!(estate.slos.iter().all(|slo| estate.sli(&slo.sli).is_some() && slo.service == SERVICE));
        assert!(!declare(&mut estate), "the names are taken now");
        assert_eq!(estate.slos.len(), 3);
    }
}
