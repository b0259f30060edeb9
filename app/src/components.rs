//! What pages are made of: each a component of its own, none fetches data.

pub(crate) mod band;
pub(crate) mod budget;
pub(crate) mod copy;
pub(crate) mod empty;
pub(crate) mod error_panel;
pub(crate) mod filters;
pub(crate) mod frame;
pub(crate) mod freshness;
pub(crate) mod mark;
pub(crate) mod range_links;
pub(crate) mod service_rows;
pub(crate) mod slo_cells;
pub(crate) mod sprite;
pub(crate) mod stats;
pub(crate) mod theme_button;
pub(crate) mod tiers;
