//! Exclusions resolved to the stretches of one SLO: sorted, disjoint, on the grid of its slices.

use crate::exclusion::Effect;
use crate::slice::Bounds;
use crate::time::Instant;

/// Stretches `[from, to)` of excluded time, in order, none touching another of a different effect inside it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exclusions {
    stretches: Vec<(Bounds, Effect)>,
}

impl Exclusions {
    /// Resolves stretches in any order. Both ends move forward to the next multiple of `grid_seconds`, so that exactly
    /// the slices that start in a stretch are taken; where several meet, the first in the order of [`Effect`] stands.
    pub fn resolve(stretches: Vec<(Bounds, Effect)>, grid_seconds: u32) -> Self {
        let snap = |bounds: Bounds| Bounds {
            from: bounds.from.ceil_to(grid_seconds.into()),
            to: bounds.to.ceil_to(grid_seconds.into()),
        };
        let mut snapped: Vec<(Bounds, Effect)> =
            stretches.into_iter().map(|(bounds, effect)| (snap(bounds), effect)).collect();
        snapped.retain(|(bounds, _)| bounds.from < bounds.to);
        let mut taken = Self::default();
        for effect in [Effect::RemoveTime, Effect::DropEvents, Effect::CountAsGood] {
            let mut own: Vec<Bounds> =
                snapped.iter().filter(|(_, its)| *its == effect).map(|(bounds, _)| *bounds).collect();
            own.sort_by_key(|bounds| bounds.from);
            let free = own.into_iter().fold(Vec::new(), merged);
            let added: Vec<(Bounds, Effect)> = free
                .into_iter()
                .flat_map(|bounds| taken.around(bounds))
                .map(|bounds| (bounds, effect))
                .collect();
            taken.stretches.extend(added);
            taken.stretches.sort_by_key(|(bounds, _)| bounds.from);
        }
        taken
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    /// The stretches, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Bounds, Effect)> {
        self.stretches.iter().copied()
    }

    /// The parts of the stretches that lie in `within`, in order.
    pub fn inside(&self, within: Bounds) -> impl Iterator<Item = (Bounds, Effect)> {
        let first = self.stretches.partition_point(|(bounds, _)| bounds.to <= within.from);
        let later = self.stretches.get(first..).unwrap_or_default().iter();
        later.take_while(move |(bounds, _)| bounds.from < within.to).map(move |(bounds, effect)| {
            (Bounds { from: bounds.from.max(within.from), to: bounds.to.min(within.to) }, *effect)
        })
    }

    /// The stretch that contains an instant, and what becomes of it.
    pub fn at(&self, at: Instant) -> Option<(Bounds, Effect)> {
        let after = self.stretches.partition_point(|(bounds, _)| bounds.from <= at);
        let (bounds, effect) = after.checked_sub(1).and_then(|index| self.stretches.get(index))?;
        (at < bounds.to).then_some((*bounds, *effect))
    }

    /// What of `bounds` is not taken yet.
    fn around(&self, bounds: Bounds) -> Vec<Bounds> {
        let mut free = Vec::new();
        let mut from = bounds.from;
        for (taken, _) in self.inside(bounds) {
            if from < taken.from {
                free.push(Bounds { from, to: taken.from });
            }
            from = taken.to;
        }
        if from < bounds.to {
            free.push(Bounds { from, to: bounds.to });
        }
        free
    }
}

fn merged(mut before: Vec<Bounds>, next: Bounds) -> Vec<Bounds> {
    match before.last_mut() {
        Some(last) if next.from <= last.to => last.to = last.to.max(next.to),
        _ => before.push(next),
    }
    before
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bounds(from: i64, to: i64) -> Bounds {
        Bounds { from: Instant::from_unix(from), to: Instant::from_unix(to) }
    }

    #[test]
    fn the_stronger_effect_cuts_the_weaker() {
        let resolved = Exclusions::resolve(
            vec![(bounds(0, 600), Effect::CountAsGood), (bounds(120, 240), Effect::RemoveTime)],
            60,
        );
        let expected = [
            (bounds(0, 120), Effect::CountAsGood),
            (bounds(120, 240), Effect::RemoveTime),
            (bounds(240, 600), Effect::CountAsGood),
        ];
        assert_eq!(resolved.iter().collect::<Vec<_>>(), expected);
        let cut: Vec<_> = resolved.inside(bounds(200, 250)).collect();
        assert_eq!(cut, [(bounds(200, 240), Effect::RemoveTime), (bounds(240, 250), Effect::CountAsGood)]);
        assert_eq!(resolved.at(Instant::from_unix(120)), Some(expected[1]));
        assert_eq!(resolved.at(Instant::from_unix(600)), None);
    }

    #[test]
    fn both_ends_move_forward_so_that_slices_are_taken_by_their_start() {
        let resolved = Exclusions::resolve(vec![(bounds(1, 61), Effect::DropEvents)], 60);
        assert_eq!(resolved.iter().collect::<Vec<_>>(), [(bounds(60, 120), Effect::DropEvents)]);
        assert!(Exclusions::resolve(vec![(bounds(1, 60), Effect::DropEvents)], 60).iter().eq([]));
    }

    proptest! {
        #[test]
        fn each_second_has_the_strongest_of_its_effects(
            stretches in proptest::collection::vec((0_i64..100, 0_i64..40, 0_usize..3), 0..8), second in 0_i64..150,
        ) {
            let effects = [Effect::RemoveTime, Effect::DropEvents, Effect::CountAsGood];
            let stretches: Vec<_> = stretches
                .into_iter()
                .map(|(from, length, effect)| (bounds(from, from + length), effects[effect]))
                .collect();
            let at = Instant::from_unix(second);
            let expected = stretches.iter().filter(|(b, _)| b.from <= at && at < b.to).map(|(_, effect)| *effect).min();
            let resolved = Exclusions::resolve(stretches.clone(), 1);
            prop_assert_eq!(resolved.at(at).map(|(_, effect)| effect), expected);
            prop_assert!(resolved.iter().zip(resolved.iter().skip(1)).all(|(a, b)| a.0.to <= b.0.from));
        }
    }
}
