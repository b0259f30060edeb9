//! What the live stream has told, as signals. On the server, and until the client runs, it has told nothing.
//!
//! A page is made from its own data; whatever was heard later than the page was made takes the data's place. Nothing is
//! fetched for it. The client's part is in [`client`].

#[cfg(feature = "hydrate")]
mod client;
mod news;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::{Instant, ServiceStatus, SloStatus};
use leptos::prelude::*;

pub(crate) use news::News;

use crate::view::SloEvent;

/// Objects that are followed at most; what comes beyond is not taken in.
#[cfg(feature = "hydrate")]
const MAX_OBJECTS: usize = 10_000;

/// Pause before data that could not be fetched anew are asked for again.
const FETCH_PAUSE: Duration = Duration::from_secs(30);

/// A value and the server's clock when it was heard.
type Heard<T> = ArcRwSignal<Option<(Instant, Arc<T>)>>;
/// What was heard of each object, by name.
type Registry<T> = StoredValue<BTreeMap<String, Heard<T>>>;

/// The live stream as pages see it. One for the whole application, in context.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    /// The server's clock, ticking each second; none on the server and until the client runs.
    clock: RwSignal<Option<Instant>>,
    /// The end of the latest data that was heard of.
    data_until: RwSignal<Option<Instant>>,
    /// The last heartbeat before the connection was lost.
    lost_since: RwSignal<Option<Instant>>,
    /// Of a demo: the share of its history that is there, as last heard.
    history_filled: RwSignal<Option<f64>>,
    /// Counts the times that pages are to fetch their data anew.
    fetches: RwSignal<u32>,
    /// Data are being fetched anew, or will be after a pause.
    fetching: StoredValue<bool>,
    /// The data of the page could not be fetched anew.
    out_of_date: RwSignal<bool>,
    /// Another build answers than the one that made the page.
    outdated: RwSignal<bool>,
    /// The build that answers.
    #[cfg(feature = "hydrate")]
    build: StoredValue<String>,
    services: Registry<ServiceStatus>,
    slos: Registry<SloEvent>,
    /// Changes worth telling to those who cannot see them.
    news: News,
    /// The path of the page that is shown, to tell a navigation from a change of the query.
    path: StoredValue<Option<String>>,
}

impl Live {
    /// Puts it in context; in the client it connects as soon as the page is hydrated.
    pub(crate) fn provide() {
        let live = Self {
            clock: RwSignal::new(None),
            data_until: RwSignal::new(None),
            lost_since: RwSignal::new(None),
            history_filled: RwSignal::new(None),
            fetches: RwSignal::new(0),
            fetching: StoredValue::new(false),
            out_of_date: RwSignal::new(false),
            outdated: RwSignal::new(false),
            #[cfg(feature = "hydrate")]
            build: StoredValue::new(String::new()),
            services: StoredValue::new(BTreeMap::new()),
            slos: StoredValue::new(BTreeMap::new()),
            news: News::new(),
            path: StoredValue::new(None),
        };
        provide_context(live);
        #[cfg(feature = "hydrate")]
        Effect::new(move |_| client::start(live));
    }

    /// From context.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// The server's clock; `made`, when the page was made, until the client runs.
    pub(crate) fn now(self, made: Instant) -> Instant {
        self.clock.get().map_or(made, |now| now.max(made))
    }

    /// The end of the latest data: the page's or what was heard since.
    pub(crate) fn data_until(self, page: Option<Instant>) -> Option<Instant> {
        self.data_until.get().max(page)
    }

    /// The last heartbeat, if the connection is lost.
    pub(crate) fn lost_since(self) -> Option<Instant> {
        self.lost_since.get()
    }

    /// Of a demo: the share of its history that is there; `page`, when the page was made, until something is heard.
    pub(crate) fn history_filled(self, page: f64) -> f64 {
        self.history_filled.get().unwrap_or(page)
    }

    /// Another number means that the page is to fetch its data anew.
    pub(crate) fn fetches(self) -> u32 {
        self.fetches.get()
    }

    /// Makes the page fetch its data anew, unless it does already: more has changed than the stream tells.
    pub(crate) fn fetch_anew(self) {
        if !self.fetching.get_value() {
            self.fetching.set_value(true);
            self.fetches.update(|count| *count += 1);
        }
    }

    /// The page's data could not be fetched anew; it will be tried again for as long as the page stays.
    pub(crate) fn set_out_of_date(self) {
        self.out_of_date.set(true);
        let again = move || {
            if self.out_of_date.get_untracked() {
                self.fetching.set_value(false);
                self.fetch_anew();
            }
        };
        set_timeout(again, FETCH_PAUSE);
    }

    /// The page's data have just been fetched, or it is another page.
    pub(crate) fn set_up_to_date(self) {
        self.out_of_date.set(false);
        self.fetching.set_value(false);
    }

    /// Whether the page shows data that could not be fetched anew.
    pub(crate) fn shows_old_data(self) -> bool {
        self.out_of_date.get()
    }

    /// Whether a newer version serves than made the page.
    pub(crate) fn is_outdated(self) -> bool {
        self.outdated.get()
    }

    /// The latest batch of changes, as a sentence.
    pub(crate) fn announcement(self) -> String {
        self.news.text()
    }

    /// A service: as of `made`, and then as the stream says.
    pub(crate) fn service(self, page: ServiceStatus, made: Instant) -> Memo<ServiceStatus> {
        let heard = entry(self.services, &page.name);
        Memo::new(move |_| match heard.get() {
            Some((at, service)) if at >= made => ServiceStatus::clone(&service),
            _ => page.clone(),
        })
    }

    /// An SLO: as of `made`, and then as the stream says.
    pub(crate) fn slo(self, page: SloStatus, made: Instant) -> Memo<SloStatus> {
        let heard = entry(self.slos, &page.slo);
        Memo::new(move |_| match heard.get() {
            Some((at, event)) if at >= made => event.status.clone(),
            _ => page.clone(),
        })
    }

    /// The events of an SLO, for a figure that takes in each of them.
    pub(crate) fn slo_events(
        self,
        name: &str,
    ) -> impl Fn() -> Option<Arc<SloEvent>> + Send + Sync + 'static + use<> {
        let heard = entry(self.slos, name);
        move || heard.get().map(|(_, event)| event)
    }

    /// A page is there: after a navigation in the client its heading gets the focus, and by that is read out.
    pub(crate) fn arrived(self, path: &str) {
        let before = self.path.try_update_value(|before| before.replace(path.to_owned())).flatten();
        if before.is_some_and(|before| before != path) {
            #[cfg(feature = "hydrate")]
            client::focus_heading();
        }
    }
}

/// The signal of an object, made when it is first asked for; it lives as long as the application.
fn entry<T: Send + Sync + 'static>(registry: Registry<T>, name: &str) -> Heard<T> {
    registry
        .try_update_value(|known| {
            known.entry(name.to_owned()).or_insert_with(|| ArcRwSignal::new(None)).clone()
        })
        .unwrap_or_else(|| ArcRwSignal::new(None))
}
