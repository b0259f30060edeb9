//! Narrowing the overview: groups as plain links, search as a plain form; both live in the address.

use leptos::prelude::*;

use crate::text;

/// A choice among the groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GroupCount {
    /// The group; none stands for all services.
    pub(crate) group: Option<String>,
    /// How many services it has.
    pub(crate) services: usize,
}

/// The filters over the list.
#[component]
pub(crate) fn Filters(
    /// All, then each group.
    groups: Vec<GroupCount>,
    /// The group in the address.
    group: Signal<Option<String>>,
    /// The search text in the address.
    search: Signal<String>,
    /// What is typed is searched at once.
    typed: RwSignal<Option<String>>,
) -> impl IntoView {
    let links = groups.into_iter().map(|GroupCount { group: own, services }| {
        let label = own.clone().unwrap_or_else(|| "All".to_owned());
        let target = own.clone();
        let current = move || (group.get() == own).then_some("true");
        view! {
            <li>
                <a
                    class="chip"
                    href=move || text::overview_path(target.as_deref(), &search.get())
                    aria-current=current
                >
                    {label}
                    <span class="count">{services.to_string()}</span>
                </a>
            </li>
        }
    });
    view! {
        <div class="filters">
            <nav aria-label="Groups">
                <ul class="chips">{links.collect::<Vec<_>>()}</ul>
            </nav>
            <form class="search" role="search" method="get" action="/">
                {move || group.get().map(|group| view! { <input type="hidden" name="group" value=group /> })}
                <label>
                    <span class="hidden">"Search services"</span>
                    <input
                        type="search"
                        name="q"
                        placeholder="Search services"
                        autocomplete="off"
                        value=move || search.get()
                        on:input:target=move |event| typed.set(Some(event.target().value()))
                    />
                </label>
                <button type="submit">
                    <svg class="icon" aria-hidden="true" focusable="false">
                        <use href="#i-search"></use>
                    </svg>
                    <span class="hidden">"Search"</span>
                </button>
            </form>
        </div>
    }
}
