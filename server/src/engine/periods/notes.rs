//! Which slices were written into periods that have ended: what is frozen of these may have to be corrected.
//!
//! Invariants: noting is cheap, for every committed slice passes here; what is written into a running period is not
//! noted; there is one note for an SLI, so that nothing grows. A backfill comes in many bodies and shall be one
//! correction: a note is ripe once its SLI has been quiet for a while, but it does not wait for ever.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant as Moment};

use domain::{Bounds, Instant};

use super::super::lock;

/// Writes less than this apart are one correction.
const QUIET: Duration = Duration::from_secs(5);
/// A note waits at most this long for its SLI to become quiet.
const RIPE_AFTER_MAX: Duration = Duration::from_mins(2);

/// Writes into ended periods, by SLI.
#[derive(Debug, Default)]
pub(in crate::engine) struct Notes {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The end of the latest ended period of each SLI that some calendar SLO judges.
    ended: HashMap<String, Instant>,
    notes: HashMap<String, Note>,
}

#[derive(Debug, Clone, Copy)]
struct Note {
    /// From the earliest start that was written to past the latest.
    bounds: Bounds,
    first: Moment,
    last: Moment,
}

impl Notes {
    /// A slice of an SLI that starts at `start` is committed.
    pub(in crate::engine) fn committed(&self, sli: &str, start: Instant, now: Moment) {
        let mut kept = lock(&self.kept);
        let Kept { ended, notes } = &mut *kept;
        if ended.get(sli).is_none_or(|ended| start >= *ended) {
            return;
        }
        let written = Bounds { from: start, to: start + 1 };
        if let Some(note) = notes.get_mut(sli) {
            note.bounds = hull(note.bounds, written);
            note.last = now;
        } else {
            notes.insert(sli.to_owned(), Note { bounds: written, first: now, last: now });
        }
    }

    /// Says which writes are worth a note from now on: those before the end of an ended period.
    pub(super) fn watch(&self, ended: HashMap<String, Instant>) {
        lock(&self.kept).ended = ended;
    }

    /// Takes the notes that are ripe.
    pub(super) fn ripe(&self, now: Moment) -> Vec<(String, Bounds)> {
        let mut ripe = Vec::new();
        lock(&self.kept).notes.retain(|sli, note| {
            let since = |moment: Moment| now.saturating_duration_since(moment);
            let wait = since(note.last) < QUIET && since(note.first) < RIPE_AFTER_MAX;
            if !wait {
                ripe.push((sli.clone(), note.bounds));
            }
            wait
        });
        ripe
    }

    /// Whether writes into ended periods of an SLI are under way.
    pub(super) fn is_unsettled(&self, sli: &str) -> bool {
        lock(&self.kept).notes.contains_key(sli)
    }
}

/// The shortest stretch that contains both.
pub(super) fn hull(one: Bounds, other: Bounds) -> Bounds {
    Bounds { from: one.from.min(other.from), to: one.to.max(other.to) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(unix: i64) -> Instant {
        Instant::from_unix(unix)
    }

    #[test]
    fn writes_into_ended_periods_are_one_note_once_they_pause() {
        let (notes, began) = (Notes::default(), Moment::now());
        notes.committed("orders", at(500), began);
        assert!(!notes.is_unsettled("orders"), "nobody judges it by the calendar");
        notes.watch(HashMap::from([("orders".to_owned(), at(1_000))]));
        notes.committed("orders", at(1_000), began);
        assert!(!notes.is_unsettled("orders"), "its period is running");
        for (second, start) in [(0, 500), (2, 300), (4, 900)] {
            notes.committed("orders", at(start), began + Duration::from_secs(second));
        }
        assert!(notes.is_unsettled("orders"));
        assert_eq!(notes.ripe(began + Duration::from_secs(8)), []);
        let all = Bounds { from: at(300), to: at(901) };
        assert_eq!(notes.ripe(began + Duration::from_secs(9)), [("orders".to_owned(), all)]);
        assert!(!notes.is_unsettled("orders"));
    }

    #[test]
    fn a_note_does_not_wait_for_ever() {
        let (notes, began) = (Notes::default(), Moment::now());
        notes.watch(HashMap::from([("orders".to_owned(), at(1_000))]));
        for second in 0..=120 {
            notes.committed("orders", at(500), began + Duration::from_secs(second));
        }
        assert_eq!(notes.ripe(began + Duration::from_secs(119)), []);
        assert_eq!(notes.ripe(began + Duration::from_mins(2)).len(), 1);
    }
}
