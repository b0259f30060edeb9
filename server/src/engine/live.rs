//! What the live stream carries: numbers only, no markup.

use app::view::{Heartbeat, Hello, ServiceEvent, SloEvent};
use domain::status::{HistoryPoint, ServiceStatus};
use domain::{Count, Instant};
use serde::Serialize;

use super::evaluate::Evaluated;
use super::snapshot::Snapshot;

/// An event, ready to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `hello`, `service`, `slo`, `heartbeat` or `bye`.
    pub kind: &'static str,
    /// JSON on one line.
    pub data: String,
}

impl Event {
    fn new(kind: &'static str, data: &impl Serialize) -> Self {
        // Our own types hold finite numbers and string keys only; an empty object would be ignored by the page.
        Self { kind, data: serde_json::to_string(data).unwrap_or_else(|_| "{}".to_owned()) }
    }

    /// The first event of a stream.
    pub fn hello(build: &str, now: Instant) -> Self {
        Self::new("hello", &Hello { build: build.to_owned(), now })
    }

    /// A sign of life; of a demo with the share of its history that is there.
    pub fn heartbeat(now: Instant, history_filled: Option<f64>) -> Self {
        Self::new("heartbeat", &Heartbeat { now, history_filled })
    }

    /// The server is about to stop.
    pub fn bye(now: Instant) -> Self {
        Self::new("bye", &Heartbeat { now, history_filled: None })
    }
}

/// Everything, for a client that has just come.
pub fn everything(snapshot: &Snapshot) -> Vec<Event> {
    let services = snapshot.services.iter().map(|row| service_event(snapshot.at, &row.service));
    let slos = snapshot.rows().map(|evaluated| slo_event(evaluated, evaluated.minutes.last()));
    services.chain(slos).collect()
}

/// What differs between two snapshots. The age of data is left out of the comparison: a page counts it up by itself.
pub(super) fn changes(before: &Snapshot, after: &Snapshot) -> Vec<Event> {
    let mut events = Vec::new();
    for row in &after.services {
        let was = before.services.iter().find(|was| was.service.name == row.service.name);
        if was.is_none_or(|was| !same_service(&was.service, &row.service)) {
            events.push(service_event(after.at, &row.service));
        }
    }
    for evaluated in after.rows() {
        let was = before.row(&evaluated.row.slo.name);
        let unchanged = was.is_some_and(|was| {
            was.minutes == evaluated.minutes
                && was.row.status.data_until == evaluated.row.status.data_until
                && was.row.status.objectives == evaluated.row.status.objectives
        });
        if unchanged {
            continue;
        }
        // A late result changed a minute that is no longer the newest: it is told once more.
        let earlier = evaluated.minutes.len().checked_sub(2).and_then(|index| evaluated.minutes.get(index));
        if let (Some(minute), Some(was)) = (earlier, was)
            && was.minutes.iter().any(|known| known.from == minute.from && counts(known) != counts(minute))
        {
            events.push(slo_event(evaluated, Some(minute)));
        }
        events.push(slo_event(evaluated, evaluated.minutes.last()));
    }
    events
}

fn counts(point: &HistoryPoint) -> (Option<Count>, Option<Count>) {
    (point.good, point.total)
}

fn same_service(a: &ServiceStatus, b: &ServiceStatus) -> bool {
    a.health == b.health && a.since == b.since && a.reason == b.reason
}

fn service_event(at: Instant, service: &ServiceStatus) -> Event {
    Event::new("service", &ServiceEvent { at, service: service.clone() })
}

fn slo_event(evaluated: &Evaluated, point: Option<&HistoryPoint>) -> Event {
    Event::new("slo", &SloEvent { status: evaluated.row.status.clone(), point: point.cloned() })
}
