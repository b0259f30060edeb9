//! What a stretch of time adds up to: as measured, and after exclusions and gaps have had their effect.

use crate::coverage::Coverage;
use crate::estate::GapPolicy;
use crate::excluded::Exclusions;
use crate::exclusion::Effect;
use crate::lens::Lens;
use crate::slice::{Bounds, Sum};
use crate::time::Instant;

/// How the counts of a stretch come about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counting<'a> {
    pub(crate) lens: Lens,
    pub(crate) gap: GapPolicy,
    pub(crate) exclusions: &'a Exclusions,
    /// The generation of the SLI that is asked about: no other slice is seen.
    pub(crate) generation: Bounds,
}

/// The counts of a stretch, in units of the lens's scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) bounds: Bounds,
    /// First second of the effective window.
    pub(crate) effective_from: Option<Instant>,
    /// As the lens shows it.
    pub(crate) seen: Sum,
    /// With gaps filled, without exclusions.
    pub(crate) raw: Counts,
    /// After exclusions, with gaps filled.
    pub(crate) counts: Counts,
    /// What the excluded stretches had measured, and their seconds inside the effective window.
    pub(crate) excluded: Sum,
    pub(crate) excluded_seconds: u64,
    /// Of these, those that shorten the window.
    pub(crate) removed_seconds: i64,
}

/// Good and total of a stretch, how much of it was measured, and how many units stand for gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) good: u64,
    pub(crate) total: u64,
    pub(crate) coverage: Option<Coverage>,
    pub(crate) filled: u64,
}

impl Counts {
    pub(crate) const fn bad(&self) -> u64 {
        self.total.saturating_sub(self.good)
    }
}

/// What the window tells its look-backs: since when there are data, and how many events a measured second holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usual {
    since: Option<Instant>,
    total: u64,
    measured_seconds: i64,
}

impl Tally {
    /// The sums of a window, or with `usual` those of a look-back of it.
    pub(crate) fn new(
        counting: &Counting<'_>,
        bounds: Bounds,
        sums: &impl Fn(Bounds) -> Sum,
        usual: Option<Usual>,
    ) -> Self {
        let sums = |bounds: Bounds| sums(bounds.within(counting.generation));
        let seen = sums(bounds);
        let first = seen.first.map(|first| first.max(bounds.from));
        // Where silence counts, it counts from the start of a look-back that is not older than the data.
        let silent = matches!(counting.gap, GapPolicy::Good | GapPolicy::Bad)
            && usual.and_then(|usual| usual.since).is_some_and(|since| since <= bounds.from);
        let effective_from = if silent { Some(bounds.from) } else { first };
        let length = effective_from.map_or(0, |from| bounds.to.seconds_since(from));
        let raw =
            counting.with_gaps(seen.good, seen.total, Coverage::new(seen.measured_seconds, length), usual);
        let (mut good, mut total, mut measured) = (seen.good, seen.total, seen.measured_seconds);
        let mut excluded = Sum::default();
        let (mut excluded_seconds, mut taken_seconds, mut removed_seconds) = (0, 0, 0);
        for (stretch, effect) in counting.exclusions.inside(bounds) {
            let sum = sums(stretch);
            excluded.add(&sum);
            let seconds =
                effective_from.map_or(0, |from| overlap_seconds(Bounds { from, to: bounds.to }, stretch));
            excluded_seconds += seconds;
            if effect == Effect::CountAsGood {
                good = good.saturating_add(sum.bad());
            } else {
                good = good.saturating_sub(sum.good);
                total = total.saturating_sub(sum.total);
                measured = measured.saturating_sub(sum.measured_seconds);
                taken_seconds += seconds;
            }
            if effect == Effect::RemoveTime {
                removed_seconds += seconds;
            }
        }
        let coverage = Coverage::new(measured, length - taken_seconds);
        Self {
            bounds,
            effective_from,
            seen,
            raw,
            counts: counting.with_gaps(good, total, coverage, usual),
            excluded,
            excluded_seconds: u64::try_from(excluded_seconds).unwrap_or(0),
            removed_seconds,
        }
    }

    /// A window in which nothing was measured has no figures, whatever is held from before it.
    pub(crate) fn or_nothing(self) -> Self {
        if self.seen.first.is_some() {
            return self;
        }
        let nothing = |counts: Counts| Counts { good: 0, total: 0, filled: 0, ..counts };
        Self { raw: nothing(self.raw), counts: nothing(self.counts), ..self }
    }

    /// What a stretch goes by of which all seconds count, from an instant before it on.
    pub(crate) const fn since(from: Instant) -> Usual {
        Usual { since: Some(from), total: 0, measured_seconds: 0 }
    }

    /// What look-backs of this window go by.
    pub(crate) fn usual(&self) -> Usual {
        Usual {
            since: self.effective_from,
            total: self.counts.total.saturating_sub(self.counts.filled),
            measured_seconds: self.counts.coverage.map_or(0, |coverage| coverage.measured_seconds),
        }
    }

    /// Whether anything was excluded.
    pub(crate) const fn is_corrected(&self) -> bool {
        self.excluded_seconds > 0 || self.excluded.first.is_some()
    }
}

impl Counting<'_> {
    /// The counts with what a policy of good or bad adds for the seconds without a measurement.
    fn with_gaps(&self, good: u64, total: u64, coverage: Option<Coverage>, usual: Option<Usual>) -> Counts {
        let filled = match coverage {
            Some(coverage) if matches!(self.gap, GapPolicy::Good | GapPolicy::Bad) => {
                self.filled(total, coverage, usual)
            }
            _ => 0,
        };
        let filled_good = if self.gap == GapPolicy::Good { filled } else { 0 };
        Counts {
            good: good.saturating_add(filled_good),
            total: total.saturating_add(filled),
            coverage,
            filled,
        }
    }

    /// Judged slices, or events at the mean traffic of the measured time; of a look-back without any, of its window.
    fn filled(&self, total: u64, coverage: Coverage, usual: Option<Usual>) -> u64 {
        let gap = coverage.gap_seconds().unsigned_abs();
        if let Some(seconds) = self.lens.slice_seconds() {
            let (seconds, scale) = (u64::from(seconds), u64::from(self.lens.scale()));
            // A judged slice that is there was measured in part: its gap is not one more slice.
            let free = (coverage.seconds.unsigned_abs() / seconds).saturating_sub(total / scale);
            return (gap / seconds).min(free).saturating_mul(scale);
        }
        let (total, measured) = match usual {
            Some(usual) if coverage.measured_seconds == 0 => (usual.total, usual.measured_seconds),
            _ => (total, coverage.measured_seconds),
        };
        if measured <= 0 {
            return 0;
        }
        let scaled = u128::from(total) * u128::from(gap) / u128::from(measured.unsigned_abs());
        u64::try_from(scaled).unwrap_or(u64::MAX)
    }

    /// Seconds of `within` that are removed or dropped.
    pub(crate) fn taken_seconds(&self, within: Bounds) -> i64 {
        let taken = self.exclusions.inside(within).filter(|(_, effect)| *effect != Effect::CountAsGood);
        taken.map(|(bounds, _)| bounds.to.seconds_since(bounds.from)).sum()
    }
}

fn overlap_seconds(a: Bounds, b: Bounds) -> i64 {
    a.to.min(b.to).seconds_since(a.from.max(b.from)).max(0)
}
