//! Keeping a burn-down up to date from the live stream, without counting an event twice.
//!
//! The stream delivers a minute again and again while it grows. Of a minute that was delivered before, only the
//! difference is added. Of a minute that lies beyond the history, all is added. Of a minute that the history
//! already holds at least in part, the first delivery is the *baseline*: it adds nothing, since nobody can tell
//! which of its events the step already counts, and only later growth is added. What the baseline swallows is the
//! growth between history and first delivery, some seconds at most; the curve's end is exact all the same, because
//! it comes from the status. With steps of a minute there is no such doubt: the history's own points are the
//! minutes.

use domain::slice::Bounds;
use domain::{Count, HistoryPoint, Instant, ObjectiveStatus};

use super::{BurnDown, MINUTE_SECONDS, Minute, RECENT_MINUTES_MAX, STEPS_MAX, Step, measured_seconds};

/// Up to where a history knows its events, if it has any points, and the minutes it knows exactly.
pub(super) fn history_end(
    points: &[HistoryPoint],
    status: &ObjectiveStatus,
    step_seconds: i64,
) -> (Option<Instant>, Vec<Minute>) {
    // The last point may be a whole step although it is still running; a rolling window ends with the data.
    let limit = if is_rolling(status) { status.window.to } else { Instant::from_unix(i64::MAX) };
    let known = points.last().map(|point| point.to.min(limit));
    let minutes = points.iter().rev().take(RECENT_MINUTES_MAX).rev();
    let recent = match step_seconds {
        MINUTE_SECONDS => minutes.map(Minute::from).collect(),
        _ => Vec::new(),
    };
    (known, recent)
}

/// The budget that shares are taken of.
pub(super) fn budget(status: &ObjectiveStatus) -> f64 {
    status.error_budget.projected.as_ref().map_or(status.error_budget.total, |projected| projected.total)
}

/// By how much a minute has grown; any of it may have been taken back.
#[derive(Debug, Clone, Copy)]
struct Growth {
    bad: i128,
    total: i128,
    measured_seconds: i64,
}

impl BurnDown {
    /// Takes in an event of the live stream: the status of now, and the newest minute or the one before it. Window
    /// and range follow the status; budget and remaining are taken from it.
    pub fn push(&mut self, status: &ObjectiveStatus, point: Option<&HistoryPoint>) {
        self.follow(status, point);
        self.remaining = status.error_budget.left();
        self.budget = budget(status);
        self.target = status.target;
        if let Some(point) = point {
            let growth = self.growth(point);
            self.count(point, growth);
        }
        self.drop_old_steps();
    }

    /// Moves window and range. A rolling window draws the range along with its end. In a calendar window, whose end
    /// lies ahead, a range that begins with the window stays there, and the range's end follows the data.
    fn follow(&mut self, status: &ObjectiveStatus, point: Option<&HistoryPoint>) {
        let window = Bounds { from: status.window.from, to: status.window.to };
        let seconds = self.range.to.seconds_since(self.range.from);
        let whole = self.range.from == self.window.from;
        let ends_together = self.range.to == self.window.to;
        let to = match point {
            _ if is_rolling(status) || ends_together => window.to,
            Some(point) => self.range.to.max(point.to.min(window.to)),
            None => self.range.to,
        };
        let from = if whole { window.from } else { to - seconds };
        self.range = Bounds { from, to };
        self.window = window;
    }

    /// By how much a delivered minute has grown over what the steps hold of it, and remembers it; none if that cannot
    /// be known any more.
    fn growth(&mut self, point: &HistoryPoint) -> Option<Growth> {
        let minute = Minute::from(point);
        if let Some(known) = self.recent.iter_mut().find(|known| known.from == minute.from) {
            let old = std::mem::replace(known, minute);
            return Some(Growth {
                bad: minute.bad.growth_since(old.bad),
                total: minute.total.growth_since(old.total),
                measured_seconds: minute.measured_seconds - old.measured_seconds,
            });
        }
        let place = self.recent.iter().take_while(|known| known.from < minute.from).count();
        if self.recent.len() >= RECENT_MINUTES_MAX {
            if place == 0 {
                return None; // Older than all that is remembered: it may have been counted and forgotten.
            }
            self.recent.insert(place, minute);
            self.recent.remove(0);
        } else {
            self.recent.insert(place, minute);
        }
        if minute.from < self.history_to {
            // Of the baseline only the time beyond the history is new for certain.
            let beyond = measured_seconds(point, point.to.seconds_since(self.history_to));
            return Some(Growth { bad: 0, total: 0, measured_seconds: beyond });
        }
        Some(Growth {
            bad: minute.bad.growth_since(Count::default()),
            total: minute.total.growth_since(Count::default()),
            measured_seconds: minute.measured_seconds,
        })
    }

    /// Adds growth to the step that holds the minute, opening steps up to it where there are none yet.
    fn count(&mut self, point: &HistoryPoint, growth: Option<Growth>) {
        let Some(Growth { bad, total, measured_seconds }) = growth else { return };
        self.open_steps(point.from);
        let step_seconds = self.step_seconds;
        let slot_end = |step: &Step| (slot(step.from, step_seconds) + step_seconds.max(1)).max(step.to);
        // The first step of a range may begin within a minute.
        let begun = |step: &&mut Step| step.from.floor_to(MINUTE_SECONDS) <= point.from;
        let holder = self.steps.iter_mut().rev().find(begun);
        // Without a step the minute lies left of the figure, or in a hole of the history.
        let Some(step) = holder.filter(|step| point.from < slot_end(step)) else { return };
        step.to = step.to.max(point.to.min(slot_end(step)));
        step.measured |= point.total.is_some();
        step.bad = step.bad.moved(bad);
        step.total = step.total.moved(total);
        step.measured_seconds = step.measured_seconds.saturating_add(measured_seconds).max(0);
    }

    /// Appends steps until one holds `at`. Those that are passed over stay unmeasured: nothing was delivered.
    fn open_steps(&mut self, at: Instant) {
        let length = self.step_seconds.max(1);
        let mut from = match self.steps.last_mut() {
            Some(last) => {
                let end = (slot(last.from, length) + length).max(last.to);
                if at < end {
                    return;
                }
                last.to = end;
                end
            }
            None => slot(at, length),
        };
        // A long silence is one hole, not a loop over steps that would be dropped at once.
        if at.seconds_since(from) / length >= signed(STEPS_MAX as u64) {
            from = slot(at, length);
        }
        while from <= at {
            let to = slot(from, length) + length;
            self.steps.push(Step {
                from,
                to: if at < to { from } else { to },
                bad: Count::default(),
                total: Count::default(),
                measured: false,
                measured_seconds: 0,
            });
            from = to;
        }
    }
}

impl From<&HistoryPoint> for Minute {
    fn from(point: &HistoryPoint) -> Self {
        let Step { from, bad, total, measured_seconds, .. } = Step::from(point);
        Self { from, bad, total, measured_seconds }
    }
}

fn is_rolling(status: &ObjectiveStatus) -> bool {
    status.window.kind == "rolling"
}

/// Start of the aligned step that holds `at`.
fn slot(at: Instant, step_seconds: i64) -> Instant {
    at.floor_to(step_seconds)
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
