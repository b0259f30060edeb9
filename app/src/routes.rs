//! One module a page. Each fetches its data by the address, and shows it or the error in its place.

pub(crate) mod not_found;
pub(crate) mod overview;
pub(crate) mod service;
pub(crate) mod slo;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::components::error_panel::ErrorPage;
use crate::error::AppError;
use crate::live::Live;

/// A page as soon as the data of its address are there; while those of another address come, the old stay.
///
/// Data that are fetched anew for the same address take the place of the old only when they are there. If they cannot
/// be had, nothing moves on the page but a band that says how old it is.
pub(crate) fn page<K, T, F>(
    address: impl Fn() -> K + Copy + Send + Sync + 'static,
    fetch: impl Fn(K) -> F + Copy + Send + Sync + 'static,
    show: impl Fn(T) -> AnyView + Copy + Send + Sync + 'static,
) -> impl IntoView
where
    K: Clone + PartialEq + Send + Sync + 'static,
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Future<Output = Result<T, AppError>> + Send + 'static,
{
    let live = Live::get();
    let data = Resource::new(address, fetch);
    // Counts the addresses one after the other: data that come after the reader has gone on are dropped.
    let visit = StoredValue::new(0_u32);
    let newer = RwSignal::new(None::<(u32, T)>);
    Effect::new(move |_| {
        address();
        visit.update_value(|visit| *visit += 1);
        live.set_up_to_date();
    });
    Effect::new(move |before: Option<u32>| {
        let count = live.fetches();
        if before.is_some_and(|before| before != count) {
            let asked = visit.get_value();
            let wanted = fetch(untrack(address));
            spawn_local(async move {
                let found = wanted.await;
                if visit.try_get_value() != Some(asked) {
                    return;
                }
                match found {
                    Ok(view) => {
                        live.set_up_to_date();
                        newer.set(Some((asked, view)));
                    }
                    Err(_) => live.set_out_of_date(),
                }
            });
        }
        count
    });
    view! {
        <Transition>
            {move || Suspend::new(async move {
                // Read in here, so that what is shown stays alive until there is something else to show; and both, so
                // that either is followed.
                data.track();
                let newer = newer.get().filter(|(asked, _)| *asked == visit.get_value());
                let found = if let Some((_, view)) = newer { Ok(view) } else { data.await };
                match found {
                    Ok(view) => show(view),
                    Err(error) => view! { <ErrorPage error=error /> }.into_any(),
                }
            })}
        </Transition>
    }
}
