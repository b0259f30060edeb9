//! One module a page. Each fetches its data by the address, and shows it or the error in its place.

pub(crate) mod not_found;
pub(crate) mod overview;
pub(crate) mod service;
pub(crate) mod slo;

use leptos::prelude::*;

use crate::components::error_panel::ErrorPage;
use crate::error::AppError;

/// A page as soon as its data are there; while newer ones come, the old stay.
pub(crate) fn page<T>(
    data: Resource<Result<T, AppError>>,
    show: impl Fn(T) -> AnyView + Copy + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
{
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match data.await {
                    Ok(view) => show(view),
                    Err(error) => view! { <ErrorPage error=error /> }.into_any(),
                }
            })}
        </Transition>
    }
}
