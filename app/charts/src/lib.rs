//! Figures drawn with plotters: pure, the same bytes on server and client.
//!
//! Invariants: geometry only, no text inside the stretched square; classes instead of colours; integer coordinates;
//! nothing here measures text, reads a clock or does I/O. Hatched fills name `url(#hatch)` and
//! `url(#excluded)`: the page defines these patterns once. All markup is made here, and what comes from outside is escaped.

mod backend;
mod burn_down;
mod figure;
mod markup;
mod sli_axis;
mod strip;
mod ticks;

pub use burn_down::{BurnDown, Excluded, Minute, Reading, SliSummary, Step};
pub use figure::{Figure, Tick};
pub use markup::escape;
pub use strip::{Strip, strip};
