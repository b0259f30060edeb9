//! The periods of a calendar window.
//!
//! Invariants: period `k` begins at the anchor plus `k` times the length, reckoned from the anchor and never from its
//! neighbour (a monthly period from the 31st begins on Feb 28 and then again on Mar 31); periods follow each other
//! without gap or overlap. A day that a zone skipped at the date line is no period. Instants end with the year 9999.

use crate::slice::Bounds;
use crate::time::Instant;
use crate::window::{CalendarUnit, CalendarWindow};

use super::local::{DAY_SECONDS, Wall, Zone};

/// The first guess at a period is off by one at a clamped month end or a change of clocks; two in a row are the worst
/// that a zone's history holds (a day that came twice), four leave room.
const MAX_CORRECTIONS: u32 = 4;

/// Only crossing the date line moves a zone's clocks this far, by a whole day give or take summer time.
const DATE_LINE_SECONDS: i32 = 22 * 3_600;

/// The period that contains `at`.
pub fn period(window: &CalendarWindow, at: Instant) -> Bounds {
    Periods::of(window).containing(at).1
}

/// The last period that ended at or before `at`.
pub fn closed_period(window: &CalendarWindow, at: Instant) -> Bounds {
    neighbour(window, at, -1)
}

/// The period `steps` after the one that contains `at`; before it if negative, itself if zero.
pub fn neighbour(window: &CalendarWindow, at: Instant, steps: i64) -> Bounds {
    let periods = Periods::of(window);
    let (number, bounds) = periods.containing(at);
    if steps == 0 { bounds } else { periods.bounds(periods.step(number, steps)) }
}

#[derive(Debug, Clone, Copy)]
enum Length {
    Days(i64),
    Months(i64),
}

/// A window made ready to be computed with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Periods {
    pub(super) zone: Zone,
    anchor: Wall,
    anchor_day: u32,
    length: Length,
}

impl Periods {
    pub(super) fn of(window: &CalendarWindow) -> Self {
        let count = i64::from(window.count.max(1));
        let length = match window.unit {
            CalendarUnit::Day => Length::Days(count),
            CalendarUnit::Week => Length::Days(count * 7),
            CalendarUnit::Month => Length::Months(count),
            CalendarUnit::Quarter => Length::Months(count * 3),
            CalendarUnit::Year => Length::Months(count * 12),
        };
        Self {
            zone: Zone::named_or_utc(&window.zone),
            anchor: Wall::of(window.start),
            anchor_day: u32::from(window.start.day.max(1)),
            length,
        }
    }

    /// What the clocks should show when a period begins, were there no gaps.
    pub(super) fn nominal_start(&self, number: i64) -> Wall {
        match self.length {
            Length::Days(days) => self.anchor.plus(number.saturating_mul(days * DAY_SECONDS)),
            Length::Months(months) => {
                let month = self.anchor.month().saturating_add(number.saturating_mul(months));
                Wall::in_month(month, self.anchor_day, self.anchor.seconds_of_day())
            }
        }
    }

    /// In Unix time, not clamped to the years of instants, so that the outermost periods keep their length here.
    fn start(&self, number: i64) -> i64 {
        self.zone.unix(self.nominal_start(number))
    }

    fn bounds(&self, number: i64) -> Bounds {
        let end = self.start(number.saturating_add(1));
        Bounds { from: Instant::from_unix(self.start(number)), to: Instant::from_unix(end) }
    }

    /// Number and bounds of the period that contains `at`.
    pub(super) fn containing(&self, at: Instant) -> (i64, Bounds) {
        let unix = at.unix();
        let wall = self.zone.wall(unix);
        let mut number = match self.length {
            Length::Days(days) => (wall.0 - self.anchor.0).div_euclid(days * DAY_SECONDS),
            Length::Months(months) => (wall.month() - self.anchor.month()).div_euclid(months),
        };
        let (mut from, mut to) = (self.start(number), self.start(number + 1));
        for _ in 0..MAX_CORRECTIONS {
            if unix < from {
                (number, to) = (number - 1, from);
                from = self.start(number);
            } else if unix >= to {
                (number, from) = (number + 1, to);
                to = self.start(number + 1);
            } else {
                break;
            }
        }
        (number, Bounds { from: Instant::from_unix(from), to: Instant::from_unix(to) })
    }

    /// The number `steps` on, not counting a day that the zone skipped.
    fn step(&self, number: i64, steps: i64) -> i64 {
        let target = number.saturating_add(steps);
        let skips = matches!(self.length, Length::Days(1)) && {
            // A zone crosses the date line eastwards at most once, so clocks that differ by a day enclose the gap.
            let offset = |number| self.zone.offset_seconds(self.start(number));
            let (first, last) = if steps < 0 { (target, number) } else { (number, target) };
            offset(last) - offset(first) >= DATE_LINE_SECONDS
                || (steps < 0 && self.start(target) == self.start(target.saturating_add(1)))
        };
        if skips { target.saturating_add(steps.signum()) } else { target }
    }
}
