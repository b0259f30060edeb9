//! Which stretches of the past the status of an SLO at an instant is made of.

use crate::burn;
use crate::estate::{Slo, Window};
use crate::slice::Bounds;
use crate::time::Instant;

/// The stretches that `evaluate` sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The nominal window, start inclusive, end exclusive.
    pub window: Bounds,
    /// Every look-back of every objective with its length in seconds, shortest first; all end where the window ends.
    pub look_backs: Vec<(u32, Bounds)>,
}

/// The plan at an instant; a rolling window ends with the data, or at `at` before the first.
///
/// `data_until` is the end of the latest measured slice that starts before `at`.
pub fn plan(slo: &Slo, at: Instant, data_until: Option<Instant>) -> Plan {
    let to = data_until.map_or(at, |until| until.min(at));
    let window = match slo.window {
        Window::Rolling { seconds } => Bounds { from: to - i64::from(seconds), to },
    };
    let look_backs = look_back_seconds(slo)
        .into_iter()
        .map(|seconds| (seconds, Bounds { from: to - i64::from(seconds), to }))
        .collect();
    Plan { window, look_backs }
}

/// The distinct look-backs of all objectives of an SLO, shortest first.
pub(crate) fn look_back_seconds(slo: &Slo) -> Vec<u32> {
    let mut seconds: Vec<u32> =
        slo.objectives.iter().flat_map(|objective| burn::look_backs(objective.target)).collect();
    seconds.sort_unstable();
    seconds.dedup();
    seconds
}

impl Plan {
    /// The window and all look-backs, for `fine_hours` and for loading.
    pub fn bounds(&self) -> Vec<Bounds> {
        let look_backs = self.look_backs.iter().map(|(_, bounds)| *bounds);
        std::iter::once(self.window).chain(look_backs).collect()
    }
}
