//! `GET /api/v1/stream`: server-sent events. Numbers only; `hello`, everything once, a heartbeat, then changes.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderName;
use axum::response::sse::{Event as SseEvent, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt, stream};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until};

use super::AppState;
use crate::clock;
use crate::engine::{Event, everything};

/// A page that hears nothing for three of these knows that it is cut off.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// While a demo fills its history, heartbeats tell how far it is.
const FILLING_HEARTBEAT: Duration = Duration::from_secs(1);

struct Client {
    state: AppState,
    events: Receiver<Arc<Event>>,
    last_heartbeat: Instant,
    said_bye: bool,
}

pub(super) async fn stream(State(state): State<AppState>) -> Response {
    // Subscribed before the snapshot is read, so that no change falls between the two.
    let events = state.engine.subscribe();
    let first = opening(&state);
    let client = Client { state, events, last_heartbeat: Instant::now(), said_bye: false };
    let rest = stream::unfold(client, |mut client| async move {
        let events = client.next().await?;
        Some((stream::iter(events), client))
    })
    .flatten();
    let all = stream::iter(first).chain(rest);
    // nginx buffers an answer of unknown length unless it is told not to.
    ([(HeaderName::from_static("x-accel-buffering"), "no")], Sse::new(sse(all))).into_response()
}

fn opening(state: &AppState) -> Vec<Arc<Event>> {
    let now = clock::now();
    let mut events = vec![Event::hello(&state.site.build, now)];
    events.extend(everything(&state.engine.snapshot()));
    events.push(Event::heartbeat(now, state.server.history_filled()));
    events.into_iter().map(Arc::new).collect()
}

impl Client {
    /// The next events; none ends the stream.
    async fn next(&mut self) -> Option<Vec<Arc<Event>>> {
        if self.said_bye {
            return None;
        }
        let filling = self.state.server.history_filled().is_some_and(|filled| filled < 1.0);
        let pause = if filling { FILLING_HEARTBEAT } else { HEARTBEAT };
        tokio::select! {
            () = self.state.cancel.cancelled() => {
                self.said_bye = true;
                Some(vec![Arc::new(Event::bye(clock::now()))])
            }
            event = self.events.recv() => match event {
                Ok(event) => Some(vec![event]),
                // Too slow: what it missed is replaced by everything as it is now.
                Err(RecvError::Lagged(_)) => Some(everything(&self.state.engine.snapshot()).into_iter().map(Arc::new).collect()),
                Err(RecvError::Closed) => None,
            },
            () = sleep_until(self.last_heartbeat + pause) => {
                self.last_heartbeat = Instant::now();
                let heartbeat = Event::heartbeat(clock::now(), self.state.server.history_filled());
                Some(vec![Arc::new(heartbeat)])
            }
        }
    }
}

fn sse(events: impl Stream<Item = Arc<Event>>) -> impl Stream<Item = Result<SseEvent, Infallible>> {
    events.map(|event| Ok(SseEvent::default().event(event.kind).data(&event.data)))
}
