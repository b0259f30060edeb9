//! The charts as a page uses them: goldens that can be looked at, and properties of the markup.

mod burn_down;
mod excluded;
mod fixtures;
mod live;
mod sli;
mod snapshots;
mod strip;
