//! The one form of every table: a caption for screen readers, column heads, and bodies.

use leptos::prelude::*;

/// What stands over a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Head {
    /// Over words.
    Words(&'static str),
    /// Over figures, which are set flush right.
    Figures(&'static str),
}

/// A table; its children are its bodies.
#[component]
pub(crate) fn Table(
    /// Class of the table.
    class: &'static str,
    /// What it holds, for those who cannot see it.
    caption: &'static str,
    /// Its columns from left to right.
    heads: Vec<Head>,
    /// Bodies, each a `<tbody>`.
    children: Children,
) -> impl IntoView {
    let heads = heads.into_iter().map(|head| {
        let (label, class) = match head {
            Head::Words(label) => (label, None),
            Head::Figures(label) => (label, Some("num")),
        };
        view! { <th scope="col" class=class>{label}</th> }
    });
    let heads = heads.collect::<Vec<_>>();
    view! {
        <table class=class>
            <caption class="hidden">{caption}</caption>
            <thead>
                <tr>{heads}</tr>
            </thead>
            {children()}
        </table>
    }
}
