//! What states and alert rules did, step by step.
//!
//! A rule begins to fire at a step at which it fires and the step before it did not; while it is frozen it stays what
//! it was, because too little data resolves nothing.

use std::collections::BTreeMap;

use crate::proposal::{RuleActivity, StateTime};
use crate::status::{Alert, AlertState, State};

/// What was seen so far.
#[derive(Debug)]
pub(super) struct Activity {
    rules: Vec<Track>,
    states: BTreeMap<State, u32>,
    steps: u32,
}

#[derive(Debug)]
struct Track {
    fires: bool,
    activity: RuleActivity,
}

impl Activity {
    /// From what the rules say where the range begins.
    pub(super) fn beginning_with(alerts: Vec<Alert>) -> Self {
        let mut seen = Self { rules: Vec::new(), states: BTreeMap::new(), steps: 0 };
        for alert in alerts {
            let fires = alert.state == AlertState::Firing;
            if let Some(track) = seen.track(&alert) {
                track.fires = fires;
                track.activity.was_firing = fires;
            }
        }
        seen
    }

    /// A step of so many seconds, by what holds at its end.
    pub(super) fn add(&mut self, state: State, alerts: Vec<Alert>, seconds: i64) {
        self.steps = self.steps.saturating_add(1);
        *self.states.entry(state).or_default() += 1;
        for alert in alerts {
            let Some(Track { fires, activity }) = self.track(&alert) else { continue };
            match alert.state {
                AlertState::Ok => *fires = false,
                AlertState::Frozen => activity.frozen_seconds += seconds,
                AlertState::Firing => {
                    activity.firings += u32::from(!*fires);
                    activity.firing_seconds += seconds;
                    activity.suppressed_seconds += if alert.suppressed_by.is_some() { seconds } else { 0 };
                    *fires = true;
                }
            }
        }
    }

    pub(super) const fn steps(&self) -> u32 {
        self.steps
    }

    pub(super) fn steps_in(&self, state: State) -> u32 {
        self.states.get(&state).copied().unwrap_or(0)
    }

    /// Worst first, for steps of so many seconds.
    pub(super) fn states(&self, step_seconds: i64) -> Vec<StateTime> {
        let time = |(state, steps): (&State, &u32)| StateTime {
            state: *state,
            seconds: i64::from(*steps) * step_seconds,
        };
        self.states.iter().map(time).collect()
    }

    pub(super) fn into_rules(self) -> Vec<RuleActivity> {
        self.rules.into_iter().map(|track| track.activity).collect()
    }

    /// The track of an alert's rule, new at its first sight: a past target may leave other default tiers reachable.
    fn track(&mut self, alert: &Alert) -> Option<&mut Track> {
        let known = self.rules.iter().position(|track| track.activity.policy == alert.policy);
        let index = known.unwrap_or(self.rules.len());
        if known.is_none() {
            self.rules.push(Track {
                fires: false,
                activity: RuleActivity {
                    policy: alert.policy.clone(),
                    severity: alert.severity,
                    condition: alert.condition,
                    firings: 0,
                    was_firing: false,
                    firing_seconds: 0,
                    suppressed_seconds: 0,
                    frozen_seconds: 0,
                },
            });
        }
        self.rules.get_mut(index)
    }
}
