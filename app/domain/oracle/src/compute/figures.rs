//! The figures of a stretch of time: sums, exclusions, effective window, coverage and gaps (R2, R6 to R8).

use domain::estate::GapPolicy;
use domain::exclusion::Effect;

use super::judge::Piece;
use crate::fraction::Fraction;

/// What a stretch's figures are made of.
#[derive(Debug)]
pub(super) struct Counting {
    pub(super) pieces: Vec<Piece>,
    /// `[from, to)` on the grid, and the effect.
    pub(super) exclusions: Vec<(i64, i64, Effect)>,
    pub(super) gap: GapPolicy,
    /// Length of judged slices; none for events.
    pub(super) length: Option<i64>,
    /// Parts of one event or slice.
    pub(super) scale: i128,
}

/// The figures of `[from, to)`, counts in parts.
#[derive(Debug, Clone, Default)]
pub(super) struct Figures {
    /// After exclusions and gaps.
    pub(super) good: i128,
    pub(super) total: i128,
    /// What the slices taken had measured.
    pub(super) taken_good: i128,
    pub(super) taken_total: i128,
    /// Seconds of all stretches inside the effective window.
    pub(super) excluded: i64,
    /// The first second of the effective window; none if nothing was measured.
    pub(super) effective: Option<i64>,
    /// Its seconds, E.
    pub(super) seconds: i64,
    /// Of these removed or dropped, X.
    pub(super) less: i64,
    /// Measured seconds of all slices in it.
    pub(super) seen: i128,
    /// Measured seconds that count, at most E - X.
    pub(super) measured: i128,
    /// Parts added for gaps.
    pub(super) added: i128,
    /// Whether a slice delivered more good than total.
    pub(super) over: bool,
    /// Whether a measured slice was taken.
    pub(super) took: bool,
}

/// What a window tells its look-backs: its begin, and its own events and measured seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usual {
    pub(super) since: Option<i64>,
    pub(super) total: i128,
    pub(super) measured: i128,
}

impl Figures {
    pub(super) fn bad(&self) -> i128 {
        self.total - self.good
    }

    /// E - X.
    pub(super) fn covered(&self) -> i64 {
        self.seconds - self.less
    }

    /// Measured share of the effective window.
    pub(super) fn coverage(&self) -> Option<Fraction> {
        self.effective?;
        Fraction::new(self.measured, self.covered())
    }

    /// bad / total / `budget_parts` x 10^9: the budget consumed, or the burn rate.
    pub(super) fn burn(&self, budget_parts: u32) -> Option<Fraction> {
        Fraction::new(self.bad() * super::judge::PARTS, self.total * i128::from(budget_parts))
    }
}

impl Counting {
    /// What becomes of the slices that start at an instant.
    fn effect(&self, at: i64) -> Option<Effect> {
        let here = |wanted: Effect| {
            self.exclusions.iter().any(|(from, to, effect)| *effect == wanted && *from <= at && at < *to)
        };
        [Effect::RemoveTime, Effect::DropEvents, Effect::CountAsGood].into_iter().find(|effect| here(*effect))
    }

    /// Seconds of `[from, to)` with an effect that is asked for.
    pub(super) fn seconds(&self, from: i64, to: i64, wanted: impl Fn(Effect) -> bool) -> i64 {
        let ends = self.exclusions.iter().flat_map(|(from, to, _)| [*from, *to]);
        let mut cuts: Vec<i64> = ends.chain([from, to]).map(|cut| cut.max(from).min(to)).collect();
        cuts.sort_unstable();
        let stretches = cuts.iter().zip(cuts.iter().skip(1));
        stretches
            .filter(|(from, _)| self.effect(**from).is_some_and(&wanted))
            .map(|(from, to)| to - from)
            .sum()
    }

    /// Seconds of `[from, to)` that are removed or dropped.
    pub(super) fn removed(&self, from: i64, to: i64) -> i64 {
        self.seconds(from, to, |effect| effect != Effect::CountAsGood)
    }

    /// The same without exclusions.
    pub(super) fn raw(&self) -> Self {
        Self { pieces: self.pieces.clone(), exclusions: Vec::new(), ..*self }
    }

    /// The figures of `[from, to)`: of a window, or with `usual` of a look-back of it.
    pub(super) fn figures(&self, from: i64, to: i64, usual: Option<Usual>) -> Figures {
        let mut figures = Figures::default();
        let mut first = None;
        for piece in self.pieces.iter().filter(|piece| from <= piece.start && piece.start < to) {
            first = [first, piece.first].into_iter().flatten().min();
            figures.seen += piece.measured;
            figures.over |= piece.over;
            let effect = self.effect(piece.start);
            if effect.is_some() {
                figures.took |= piece.first.is_some();
                figures.taken_good += piece.good;
                figures.taken_total += piece.total;
            }
            match effect {
                Some(Effect::RemoveTime | Effect::DropEvents) => {}
                Some(Effect::CountAsGood) => {
                    figures.good += piece.total;
                    figures.total += piece.total;
                    figures.measured += piece.measured;
                }
                None => {
                    figures.good += piece.good;
                    figures.total += piece.total;
                    figures.measured += piece.measured;
                }
            }
        }
        figures.effective = first.map(|first| first.max(from));
        let counts_silence = matches!(self.gap, GapPolicy::Good | GapPolicy::Bad);
        if counts_silence && usual.and_then(|usual| usual.since).is_some_and(|since| since <= from) {
            figures.effective = Some(from);
        }
        if let Some(effective) = figures.effective {
            figures.seconds = (to - effective).max(0);
            figures.less = self.removed(effective, to);
            figures.excluded = self.seconds(effective, to, |_| true);
            figures.measured = figures.measured.min(i128::from(figures.covered()));
            self.fill(&mut figures, usual);
        }
        figures
    }

    /// Adds what gaps stand for.
    fn fill(&self, figures: &mut Figures, usual: Option<Usual>) {
        let gap = i128::from(figures.covered()) - figures.measured;
        figures.added = match (self.gap, self.length) {
            (GapPolicy::Gap | GapPolicy::Hold, _) => 0,
            (_, Some(length)) => {
                let free = i128::from(figures.covered()) / i128::from(length) - figures.total / self.scale;
                (gap / i128::from(length)).min(free.max(0)) * self.scale
            }
            (_, None) if figures.measured > 0 => figures.total * gap / figures.measured,
            (_, None) => match usual {
                Some(usual) if usual.measured > 0 => usual.total * gap / usual.measured,
                _ => 0,
            },
        };
        figures.total += figures.added;
        if self.gap == GapPolicy::Good {
            figures.good += figures.added;
        }
    }
}
