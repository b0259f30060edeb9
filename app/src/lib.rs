//! The interface: pages, the server functions behind them, and the document around them.
//!
//! Invariants: no database type and no HTTP routing is named here; the server hands data in through [`backend::Backend`]
//! and the request through [`RequestInfo`] and [`StatusHook`]. A page is complete without client code, carries no
//! `style=` attribute, and shows the same text on the server and in the client.

#![expect(unreachable_pub, reason = "`#[component]` makes the properties of a component public")]

#[cfg(feature = "ssr")]
mod address;
pub mod api;
mod app;
pub mod backend;
mod chart;
mod components;
pub mod error;
mod live;
mod request;
mod routes;
mod shell;
mod text;
mod theme;
mod verdict;
pub mod view;

pub use app::App;
pub use request::{RequestInfo, StatusHook};
pub use shell::{ShellOptions, shell};
pub use theme::Theme;
