//! An oracle of the SLO engine: the rules of `domain/RULES.md` computed by brute force, and compared with the engine.
//!
//! Invariants: written from the rules alone; the package's types are shared, none of its functions is; arithmetic is
//! exact, with one rounding of its own for each figure. `cargo run -p oracle -- --help` says how to run it.

pub mod compare;
pub mod compute;
pub mod engine;
pub mod fraction;
pub mod random;
pub mod raw;
pub mod zone;
