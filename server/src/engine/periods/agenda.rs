//! Which periods are to be looked at next: pure.
//!
//! Invariants: an SLO has at most one stretch that is due, one period that is awaited, and one entry for each period put
//! off, however much is written; SLOs take turns; of one SLO the newest period comes first; no period is left out that
//! began within retention.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use domain::window::CalendarWindow;
use domain::{Bounds, Instant, calendar};

use super::notes::hull;

/// What is to be done, by the names of SLOs.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    /// Stretches whose ended periods are due.
    due: BTreeMap<String, Bounds>,
    /// The latest ended period as long as it may still lack data.
    awaited: BTreeMap<String, Bounds>,
    /// By SLO and start: periods that are due again later.
    put_off: BTreeMap<(String, Instant), (Bounds, Instant)>,
    /// The end of the latest ended period that is, or was, on the agenda.
    known_until: HashMap<String, Instant>,
    /// Whose turn was the last one.
    last: Option<String>,
}

impl Agenda {
    /// Time has passed: the latest ended period of an SLO is `newest`, and periods count that begin at `since` or later.
    pub(super) fn advance(&mut self, slo: &str, newest: Bounds, since: Instant) {
        let known_until = self.known_until.get(slo).copied().unwrap_or(since);
        if known_until >= newest.to {
            return;
        }
        self.add(slo, Bounds { from: known_until, to: newest.from });
        if let Some(earlier) = self.awaited.insert(slo.to_owned(), newest) {
            self.add(slo, earlier);
        }
        self.known_until.insert(slo.to_owned(), newest.to);
    }

    /// What is in a stretch of an SLO is due.
    pub(super) fn add(&mut self, slo: &str, bounds: Bounds) {
        if bounds.from >= bounds.to {
            return;
        }
        let due = self.due.entry(slo.to_owned()).or_insert(bounds);
        *due = hull(*due, bounds);
    }

    /// What was put off until now is due.
    pub(super) fn wake(&mut self, now: Instant) {
        let mut awake = Vec::new();
        self.put_off.retain(|(slo, _), (period, until)| {
            let sleeps = *until > now;
            if !sleeps {
                awake.push((slo.clone(), *period));
            }
            sleeps
        });
        for (slo, period) in awake {
            self.add(&slo, period);
        }
    }

    /// The awaited periods.
    pub(super) fn awaited(&self) -> impl Iterator<Item = (&String, Bounds)> {
        self.awaited.iter().map(|(slo, period)| (slo, *period))
    }

    /// The SLO whose turn it is, of those with something due that are `free`.
    pub(super) fn turn(&mut self, free: impl Fn(&str) -> bool) -> Option<String> {
        let after = self.last.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let later = self.due.range::<String, _>((after, Bound::Unbounded));
        let slo = later.chain(&self.due).map(|(slo, _)| slo).find(|slo| free(slo))?.clone();
        self.last = Some(slo.clone());
        Some(slo)
    }

    /// The newest ended period of an SLO that is due; the one that is awaited waits. None if nothing is due any more.
    pub(super) fn period(
        &self,
        slo: &str,
        window: &CalendarWindow,
        now: Instant,
        since: Instant,
    ) -> Option<Bounds> {
        let due = self.due.get(slo)?;
        let mut period = calendar::period(window, due.to - 1);
        if period.to > now {
            period = calendar::closed_period(window, now);
        }
        if self.awaited.get(slo) == Some(&period) {
            period = calendar::neighbour(window, period.from, -1);
        }
        (period.to > due.from && period.from >= since).then_some(period)
    }

    /// A period was looked at.
    pub(super) fn done(&mut self, slo: &str, period: Bounds) {
        self.awaited.retain(|its, awaited| its != slo || *awaited != period);
        if let Some(due) = self.due.get_mut(slo) {
            due.to = due.to.min(period.from);
            if due.from >= due.to {
                self.due.remove(slo);
            }
        }
    }

    /// Nothing of an SLO is due.
    pub(super) fn nothing_due(&mut self, slo: &str) {
        self.due.remove(slo);
    }

    /// A period is due again, but not before `until`.
    pub(super) fn put_off(&mut self, slo: &str, period: Bounds, until: Instant) {
        self.put_off.insert((slo.to_owned(), period.from), (period, until));
    }

    /// Nothing is known of an SLO any more: with another declaration it begins anew.
    pub(super) fn forget(&mut self, slo: &str) {
        self.due.remove(slo);
        self.awaited.remove(slo);
        self.known_until.remove(slo);
        self.put_off.retain(|(its, _), _| its != slo);
    }
}

#[cfg(test)]
mod tests {
    use domain::estate::{CalendarUnit, LocalTime};

    use super::*;

    fn days() -> CalendarWindow {
        let start = LocalTime { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
        CalendarWindow { count: 1, unit: CalendarUnit::Day, start, zone: "UTC".to_owned() }
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn day(text: &str) -> Bounds {
        calendar::period(&days(), at(text))
    }

    /// Looks at everything that is due.
    fn drain(agenda: &mut Agenda, now: Instant, since: Instant) -> Vec<(String, Bounds)> {
        let mut seen = Vec::new();
        while let Some(slo) = agenda.turn(|_| true) {
            match agenda.period(&slo, &days(), now, since) {
                Some(period) => {
                    agenda.done(&slo, period);
                    seen.push((slo, period));
                }
                None => agenda.nothing_due(&slo),
            }
        }
        seen
    }

    #[test]
    fn a_start_sweeps_retention_newest_first_in_turns_and_awaits_the_latest() {
        let (now, since) = (at("2026-11-23T12:00:00Z"), at("2026-11-19T12:00:00Z"));
        let mut agenda = Agenda::default();
        let newest = calendar::closed_period(&days(), now);
        for slo in ["a", "b"] {
            agenda.advance(slo, newest, since);
        }
        assert_eq!(
            agenda.awaited().collect::<Vec<_>>(),
            [(&"a".to_owned(), newest), (&"b".to_owned(), newest)]
        );
        let seen = drain(&mut agenda, now, since);
        let expected = [
            ("a", "2026-11-21T00:00:00Z"),
            ("b", "2026-11-21T00:00:00Z"),
            ("a", "2026-11-20T00:00:00Z"),
            ("b", "2026-11-20T00:00:00Z"),
        ];
        assert_eq!(seen, expected.map(|(slo, text)| (slo.to_owned(), day(text))));
        agenda.advance("a", newest, since);
        assert_eq!(drain(&mut agenda, now, since), [], "time has not passed");
        agenda.done("a", newest);
        assert_eq!(agenda.awaited().count(), 1);
    }

    #[test]
    fn a_clock_that_leaps_leaves_no_period_out() {
        let (before, now, since) =
            (at("2026-11-20T12:00:00Z"), at("2026-11-23T12:00:00Z"), at("2026-11-20T00:00:00Z") - 1);
        let mut agenda = Agenda::default();
        agenda.advance("a", calendar::closed_period(&days(), before), since - 86_400);
        agenda.nothing_due("a");
        agenda.advance("a", calendar::closed_period(&days(), now), since);
        let seen: Vec<Bounds> =
            drain(&mut agenda, now, since - 86_400).into_iter().map(|(_, period)| period).collect();
        let expected = ["2026-11-21T00:00:00Z", "2026-11-20T00:00:00Z", "2026-11-19T00:00:00Z"].map(day);
        assert_eq!(seen, expected, "the one that was awaited, and those in between");
        assert_eq!(agenda.awaited().next().map(|(_, period)| period), Some(day("2026-11-22T00:00:00Z")));
    }

    #[test]
    fn what_was_written_into_a_running_period_is_not_due() {
        let (now, since) = (at("2026-11-23T12:00:00Z"), at("2026-01-01T00:00:00Z"));
        let mut agenda = Agenda::default();
        agenda.add("a", Bounds { from: at("2026-11-23T01:00:00Z"), to: now });
        assert_eq!(drain(&mut agenda, now, since), []);
        agenda.add("a", Bounds { from: at("2026-11-22T23:59:00Z"), to: now });
        assert_eq!(drain(&mut agenda, now, since), [("a".to_owned(), day("2026-11-22T00:00:00Z"))]);
    }

    #[test]
    fn who_is_not_free_waits_and_what_is_put_off_comes_back() {
        let (now, since) = (at("2026-11-23T12:00:00Z"), at("2026-01-01T00:00:00Z"));
        let mut agenda = Agenda::default();
        let period = day("2026-11-20T00:00:00Z");
        agenda.add("a", period);
        agenda.add("b", period);
        assert_eq!(agenda.turn(|slo| slo == "b"), Some("b".to_owned()));
        agenda.done("b", period);
        assert_eq!(agenda.turn(|slo| slo == "b"), None);
        agenda.put_off("b", period, now + 60);
        agenda.wake(now + 59);
        assert_eq!(agenda.turn(|slo| slo == "b"), None);
        agenda.wake(now + 60);
        assert_eq!(agenda.turn(|slo| slo == "b"), Some("b".to_owned()));
        assert_eq!(agenda.period("b", &days(), now, since), Some(period));
        agenda.forget("a");
        agenda.done("b", period);
        assert_eq!(drain(&mut agenda, now, since), []);
    }
}
