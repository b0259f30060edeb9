//! The server from outside: the real binary, a real PostgreSQL, real HTTP.

mod it {
    mod api;
    mod cli;
    mod demo;
    mod guard;
    mod import;
    mod kill;
    mod postgres;
    mod probe;
    mod stream;
    pub(crate) mod support;
}
