//! The server from outside: the real binary, a real PostgreSQL, real HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests, which the lints' exception for tests does not know as such"
)]

mod it {
    mod api;
    mod cli;
    mod composites;
    mod demo;
    mod events;
    mod figures;
    mod guard;
    mod import;
    mod import_command;
    mod kill;
    mod limits;
    mod metrics;
    mod openapi;
    mod own;
    mod periods;
    mod postgres;
    mod probe;
    mod prometheus;
    mod remote_write;
    mod revisions;
    mod sealed;
    mod spool;
    mod stream;
    pub(crate) mod support;
    mod tokens;
    mod upkeep;
    mod what_if;
}
