//! The client's part of the live stream: a port to the shared worker, or polling where there is none.
//!
//! Everything here lives as long as the page, so closures are handed to the browser for good.

use std::sync::Arc;
use std::time::Duration;

use domain::Instant;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{EventSource, MessageEvent, MessagePort, SharedWorker};

use super::{Live, MAX_OBJECTS, Registry, entry};
use crate::components::mark::{of_health, of_state};
use crate::view::{Heartbeat, Hello, ServiceEvent, SloEvent, worst};

/// Where the stream is, for polling; the worker knows it too.
const STREAM_PATH: &str = "/api/v1/stream";
/// Milliseconds without a heartbeat after which the connection counts as lost: three are missing.
const LOST_MILLISECONDS: f64 = 45_000.0;
/// Pause between two polls where the browser has no shared workers.
const POLL_PAUSE: Duration = Duration::from_secs(15);
/// Pace of the clock.
const TICK: Duration = Duration::from_secs(1);
/// The events of the stream.
const EVENTS: [&str; 5] = ["hello", "service", "slo", "heartbeat", "bye"];
/// Key in the session's storage: the build for which the page has reloaded itself, so that it does so once.
const RELOADED_FOR: &str = "nines-reloaded-for";

/// The server's clock as the browser can tell it.
#[derive(Clone, Copy)]
struct Clock {
    /// The server's clock less the browser's, in milliseconds.
    ahead: f64,
    /// The browser's clock at the last heartbeat.
    heard: f64,
    /// The server's clock at the last heartbeat; none before the first.
    server: Option<Instant>,
}

/// Starts the clock and the stream. Call it once, after hydration.
pub(super) fn start(live: Live) {
    mark_hydrated();
    let clock = StoredValue::new(Clock { ahead: 0.0, heard: js_sys::Date::now(), server: None });
    set_interval(move || tick(live, clock), TICK);
    let receive = move |kind: &str, data: &str| receive(live, clock, kind, data);
    if listen_through_worker(receive).is_none() {
        poll(receive);
    }
    reload_when_hidden(live);
}

fn mark_hydrated() {
    if let Some(root) = document().document_element() {
        drop(root.set_attribute("data-hydrated", ""));
    }
}

/// Moves the focus to the heading of a page that has just been put in place.
pub(super) fn focus_heading() {
    request_animation_frame(|| {
        if let Ok(Some(heading)) = document().query_selector("h1") {
            drop(heading.unchecked_into::<web_sys::HtmlElement>().focus());
        }
    });
}

fn tick(live: Live, clock: StoredValue<Clock>) {
    let browser = js_sys::Date::now();
    let Clock { ahead, heard, server } = clock.get_value();
    #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970 are far below 2^53")]
    let seconds = ((browser + ahead) / 1_000.0).floor() as i64;
    if server.is_some() {
        live.clock.set(Some(Instant::from_unix(seconds)));
    }
    let lost = if browser - heard > LOST_MILLISECONDS {
        server.or_else(|| live.clock.get_untracked()).or(Some(Instant::from_unix(seconds)))
    } else {
        None
    };
    if live.lost_since.get_untracked() != lost {
        live.lost_since.set(lost);
    }
    live.news.tell(seconds);
}

/// Takes in an event of the stream. What cannot be read is dropped: a newer server may say more than we know.
fn receive(live: Live, clock: StoredValue<Clock>, kind: &str, data: &str) {
    match kind {
        "hello" => {
            if let Ok(hello) = serde_json::from_str::<Hello>(data) {
                set_clock(live, clock, hello.now);
                let ours = root_attribute("data-build").unwrap_or_default();
                live.outdated.set(hello.build != ours);
                live.build.set_value(hello.build);
            }
        }
        "heartbeat" => {
            if let Ok(heartbeat) = serde_json::from_str::<Heartbeat>(data) {
                set_clock(live, clock, heartbeat.now);
                live.history_filled.set(heartbeat.history_filled);
            }
        }
        "service" => {
            if let Ok(service) = serde_json::from_str(data) {
                take_service(live, service);
            }
        }
        "slo" => {
            if let Ok(event) = serde_json::from_str(data) {
                take_slo(live, event);
            }
        }
        _ => {}
    }
}

fn set_clock(live: Live, clock: StoredValue<Clock>, now: Instant) {
    let browser = js_sys::Date::now();
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
    let ahead = now.unix() as f64 * 1_000.0 - browser;
    clock.set_value(Clock { ahead, heard: browser, server: Some(now) });
    tick(live, clock);
}

fn take_service(live: Live, ServiceEvent { at, service }: ServiceEvent) {
    if is_full(live.services, &service.name) {
        return;
    }
    let signal = entry(live.services, &service.name);
    if let Some((_, before)) = signal.get_untracked()
        && before.health != service.health
    {
        live.news.add(format!("{} changed to {}.", service.display_name, of_health(service.health).0));
    }
    signal.set(Some((at, Arc::new(service))));
}

fn take_slo(live: Live, event: SloEvent) {
    if is_full(live.slos, &event.status.slo) {
        return;
    }
    if event.status.data_until > live.data_until.get_untracked() {
        live.data_until.set(event.status.data_until);
    }
    let signal = entry(live.slos, &event.status.slo);
    let state = |event: &SloEvent| worst(&event.status).map(|objective| objective.state);
    if let Some((_, before)) = signal.get_untracked()
        && let Some(now) = state(&event)
        && state(&before) != Some(now)
    {
        live.news.add(format!("{} changed to {}.", event.status.slo, of_state(now).0));
    }
    signal.set(Some((event.status.at, Arc::new(event))));
}

fn is_full<T: Send + Sync + 'static>(registry: Registry<T>, name: &str) -> bool {
    registry.with_value(|known| known.len() >= MAX_OBJECTS && !known.contains_key(name))
}

/// One stream for all tabs of the browser. None if there are no shared workers here.
fn listen_through_worker(receive: impl Fn(&str, &str) + Copy + 'static) -> Option<()> {
    js_sys::Reflect::get(&js_sys::global(), &"SharedWorker".into()).ok().filter(JsValue::is_function)?;
    let path = root_attribute("data-stream")?;
    let port = SharedWorker::new(&path).ok()?.port();
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let data = event.data();
        let text =
            |key: &str| js_sys::Reflect::get(&data, &key.into()).ok().and_then(|value| value.as_string());
        if let (Some(kind), Some(data)) = (text("type"), text("data")) {
            receive(&kind, &data);
        }
    });
    port.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
    on_leave_and_return(port);
    Some(())
}

/// A tab that goes away says so, and one that comes back out of the browser's page cache asks again.
fn on_leave_and_return(port: MessagePort) {
    let returning = port.clone();
    window_event_listener(leptos::ev::pagehide, move |_| say(&port, "bye"));
    window_event_listener(leptos::ev::pageshow, move |event| {
        if event.persisted() {
            say(&returning, "hello");
        }
    });
}

fn say(port: &MessagePort, word: &str) {
    drop(port.post_message(&word.into()));
}

/// Opens the stream, closes it at its first heartbeat, by which everything has been told, and comes again.
fn poll(receive: impl Fn(&str, &str) + Copy + 'static) {
    if let Ok(source) = EventSource::new(STREAM_PATH) {
        for kind in EVENTS {
            let listening = source.clone();
            let on_event = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                if let Some(data) = event.data().as_string() {
                    receive(kind, &data);
                }
                if kind == "heartbeat" || kind == "bye" {
                    listening.close();
                }
            });
            let function = on_event.into_js_value();
            drop(source.add_event_listener_with_callback(kind, function.unchecked_ref()));
        }
        set_timeout(
            move || {
                source.close();
                poll(receive);
            },
            POLL_PAUSE,
        );
    } else {
        set_timeout(move || poll(receive), POLL_PAUSE);
    }
}

/// A page of an older build reloads itself while nobody looks, once for each build.
fn reload_when_hidden(live: Live) {
    window_event_listener_untyped("visibilitychange", move |_| {
        if !document().hidden() || !live.outdated.get_untracked() {
            return;
        }
        let Ok(Some(storage)) = window().session_storage() else { return };
        let build = live.build.get_value();
        if storage.get_item(RELOADED_FOR).ok().flatten().as_deref() != Some(&build)
            && storage.set_item(RELOADED_FOR, &build).is_ok()
        {
            drop(window().location().reload());
        }
    });
}

fn root_attribute(name: &str) -> Option<String> {
    document().document_element()?.get_attribute(name)
}
