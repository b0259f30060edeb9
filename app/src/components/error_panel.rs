//! A page that has nothing to show, and what the reader can do about it.

use leptos::prelude::*;

use super::frame::Frame;
use crate::error::{AppError, ErrorKind};

/// The whole page of an error.
#[component]
pub(crate) fn ErrorPage(
    /// What happened.
    error: AppError,
) -> impl IntoView {
    let AppError { kind, request_id } = error;
    let again = kind != ErrorKind::NotFound;
    view! {
        <Frame title=kind.title().trim_end_matches('.').to_owned() site=None>
            <section class="trouble">
                <h1 tabindex="-1">{kind.title()}</h1>
                <p class="sub">{kind.advice()}</p>
                <p class="actions">
                    {again.then(|| view! { <a class="button" href="" rel="external">"Load the page again"</a> })}
                    <a class="button" href="/">
                        "To the overview"
                    </a>
                </p>
                {request_id
                    .map(|id| {
                        view! {
                            <p class="small">
                                "Request " <code>{id}</code>
                            </p>
                        }
                    })}
            </section>
        </Frame>
    }
}
