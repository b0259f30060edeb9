//! The past of a declaration: what was declared of an SLO, and what its SLI measured, since when.

use domain::Instant;
use serde::{Deserialize, Serialize};

/// What was declared of an SLO, and what its SLI measured.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredPast {
    /// The SLO's revisions, the latest first.
    pub revisions: Vec<Revision>,
    /// The SLI's generations, the latest first.
    pub generations: Vec<Generation>,
}

/// What an SLO was declared to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// From 1.
    pub revision: u32,
    /// The first instant at which it was valid; none for the first, which was valid ever since.
    pub valid_from: Option<Instant>,
    /// What is different from the revision before, a line each; empty for the first.
    pub changes: Vec<String>,
}

/// What an SLI measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generation {
    /// From 1.
    pub generation: u32,
    /// The first instant at which it was measured; none for the first.
    pub began: Option<Instant>,
    /// What is measured, without how often.
    pub meaning: String,
}
