//! The server: collects slices into PostgreSQL, evaluates objectives, serves pages, the API and the live stream.
//!
//! Invariants: SQL stands in `store` only; the wall clock is read in `clock` only; a 2xx to a write means that it is
//! committed; what we could not measure is unknown, never bad.

// Leptos' deeply nested view types need more than the default when futures over them are checked.
#![recursion_limit = "256"]

pub mod access;
pub mod backend;
pub mod backup;
pub mod cli;
pub mod client;
pub mod clock;
pub mod collect;
pub mod config;
pub mod demo;
pub mod engine;
pub mod http;
pub mod ingest;
pub mod limits;
pub mod metrics;
pub mod own;
pub mod postgres;
pub mod run;
pub mod samples;
pub mod source;
pub mod store;
pub mod upkeep;
