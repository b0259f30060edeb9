//! When attempts are made: at fixed whole seconds of the wall clock, whatever earlier attempts took.
//!
//! Invariants: an instant is `k * interval + phase`, and its attempt starts a part of a second after it; both depend on
//! the source's name alone, so that they stay the same over restarts and sources spread; no instant is used twice; an
//! attempt that is late by a second is skipped, so neither a suspended machine nor a stepped clock is followed
//! by a burst.

use domain::Instant;

/// An attempt that could not start within this time of when it was due is not made, and its time stays unknown.
pub(crate) const LATE_MAX_MILLIS: i64 = 1_000;
/// Attempts of all sources spread over this part of a second, or those with short intervals would all start at once.
const OFFSET_MILLIS_MAX: i64 = 500;
/// The wall clock may go back this far (corrections, leap seconds) without a second attempt at the same instants;
/// after a larger step the schedule starts anew, because waiting would leave us blind for as long as the step.
const STEP_BACK_MAX_SECONDS: i64 = 60;

/// The wall clock, as the server provides it.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01T00:00:00Z; may step in either direction.
    fn now_millis(&self) -> i64;

    /// The same in whole seconds, rounded down.
    fn now(&self) -> Instant {
        Instant::from_unix(self.now_millis().div_euclid(1_000))
    }
}

/// The instants of one source.
#[derive(Debug, Clone)]
pub(crate) struct Timetable {
    interval_seconds: i64,
    phase_seconds: i64,
    /// From an instant to the start of its attempt.
    offset_millis: i64,
    /// The last instant used; at first the second before the start, which an earlier run of ours may have used.
    last: Instant,
}

impl Timetable {
    /// The instants of the source called `name`, every `interval_seconds` (at least 1), from `now_millis` on.
    pub(crate) fn new(name: &str, interval_seconds: i64, now_millis: i64) -> Self {
        let interval_seconds = interval_seconds.max(1);
        let hash = hash(name);
        let (phase_seconds, offset_millis) =
            (hash.rem_euclid(interval_seconds), (hash >> 32) % OFFSET_MILLIS_MAX);
        let last = Instant::from_unix(ceil_seconds(now_millis - offset_millis) - 1);
        Self { interval_seconds, phase_seconds, offset_millis, last }
    }

    /// The instant that is due or comes next: unused, and not too late. To be asked again while waiting for it,
    /// because the clock may step.
    pub(crate) fn next(&self, now_millis: i64) -> Instant {
        let in_time = Instant::from_unix(ceil_seconds(now_millis - self.offset_millis - LATE_MAX_MILLIS + 1));
        let stepped_back = self.last.unix() - now_millis.div_euclid(1_000) > STEP_BACK_MAX_SECONDS;
        let from = if stepped_back { in_time } else { in_time.max(self.last + 1) };
        (from - self.phase_seconds).ceil_to(self.interval_seconds) + self.phase_seconds
    }

    /// When the attempt for `instant` is due to start, in milliseconds since 1970.
    pub(crate) fn due_millis(&self, instant: Instant) -> i64 {
        instant.unix() * 1_000 + self.offset_millis
    }

    /// Notes that an attempt for this instant was made or given up.
    pub(crate) fn used(&mut self, instant: Instant) {
        self.last = instant;
    }
}

fn ceil_seconds(millis: i64) -> i64 {
    millis.div_euclid(1_000) + i64::from(millis.rem_euclid(1_000) > 0)
}

/// FNV-1a, because the hash must be the same in every release; not negative.
pub(crate) fn hash(name: &str) -> i64 {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    i64::try_from(hash >> 1).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOON: i64 = 1_700_000_040_000;

    /// Asks every `nap` milliseconds from `from` until before `to` and uses what is due.
    fn run(timetable: &mut Timetable, from: i64, to: i64, nap: usize) -> Vec<i64> {
        let mut used = Vec::new();
        for now in (from..to).step_by(nap) {
            let next = timetable.next(now);
            if timetable.due_millis(next) <= now {
                timetable.used(next);
                used.push(next.unix());
            }
        }
        used
    }

    #[test]
    fn every_instant_once_without_drift_and_the_same_after_a_restart() {
        let mut timetable = Timetable::new("checkout", 15, NOON);
        let first = run(&mut timetable, NOON, NOON + 60_000, 370);
        let second =
            run(&mut Timetable::new("checkout", 15, NOON + 60_000), NOON + 60_000, NOON + 120_000, 990);
        assert_eq!((first.len(), second.len()), (4, 4));
        let all: Vec<i64> = first.into_iter().chain(second).collect();
        assert!(all.windows(2).all(|pair| pair[1] - pair[0] == 15), "{all:?}");
    }

    #[test]
    fn a_step_of_the_clock_makes_no_burst() {
        let hour = 3_600_000;
        let mut timetable = Timetable::new("a", 1, NOON);
        assert_eq!(run(&mut timetable, NOON, NOON + 3_000, 100).len(), 3);
        // Forward: the hour in between stays unknown, but for an instant that is still in time.
        let after = run(&mut timetable, NOON + hour, NOON + hour + 3_000, 100);
        assert!((3..=4).contains(&after.len()), "{after:?}");
        // Back by a little: wait. Back by much: go on.
        assert_eq!(run(&mut timetable, NOON + hour - 10_000, NOON + hour, 100).len(), 0);
        let back = run(&mut timetable, NOON, NOON + 3_000, 100);
        assert!((3..=4).contains(&back.len()), "{back:?}");
    }

    #[test]
    fn phases_spread_sources_and_never_change() {
        let phases: std::collections::BTreeSet<i64> =
            (0..60).map(|n| hash(&format!("probe-{n}")) % 60).collect();
        assert!(phases.len() > 30, "{phases:?}");
        assert_eq!(hash("checkout-front") % 15, 6);
    }

    proptest! {
        #[test]
        fn instants_are_on_the_grid_in_time_and_used_once(
            interval in 1_i64..100,
            steps in prop::collection::vec(0_i64..5_000, 1..200),
        ) {
            let mut timetable = Timetable::new("x", interval, NOON);
            let offset = timetable.offset_millis;
            let (mut now, mut last) = (NOON, i64::MIN);
            for step in steps {
                now += step;
                let next = timetable.next(now);
                let due = timetable.due_millis(next);
                prop_assert!(next.unix() > last && due > now - LATE_MAX_MILLIS);
                prop_assert!(due < now + interval * 1_000 + 1_000);
                prop_assert_eq!((next.unix() - hash("x")).rem_euclid(interval), 0);
                prop_assert!((0..OFFSET_MILLIS_MAX).contains(&offset));
                if due <= now {
                    timetable.used(next);
                    last = next.unix();
                }
            }
        }
    }
}
