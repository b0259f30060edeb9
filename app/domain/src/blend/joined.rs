//! The slices of an any-bad-slice composite, from those of its members.
//!
//! Slots lie on multiples of the greatest common divisor of the members' slice lengths. One is bad if it is bad for any
//! member; else unknown if a member does not know it, as far as the rule for members without data says so; else good if
//! it is good for any.

use std::collections::BTreeMap;

use super::exact::Fraction;
use super::slices::{MemberSlices, Verdict, slots, start};
use crate::composite::{CompositeSlices, MemberNoData};
use crate::coverage::Coverage;
use crate::slice::Bounds;
use crate::time::Instant;

/// The slices of an any-bad-slice composite.
#[derive(Debug, Clone)]
pub(super) struct Joined {
    pub(super) slices: MemberSlices,
    pub(super) counts: CompositeSlices,
    /// Known slices, idle ones among them, over known and unknown ones; none without any.
    pub(super) coverage: Option<Coverage>,
    /// Of each member: its part of the bad slices.
    pub(super) blame: Vec<Fraction>,
    /// Of each member: whether it had a say in any slice.
    pub(super) spoke: Vec<bool>,
    /// Of a running period that all members share: its length over what has passed of it, in seconds.
    pub(super) stretch: Option<(u128, u128)>,
}

impl Joined {
    /// None without members, where no slot is in the windows of all, or there are more than `MAX_SLOTS`.
    pub(super) fn new(members: &[&MemberSlices], no_data: MemberNoData) -> Option<Self> {
        let seconds = members.iter().map(|member| member.seconds).reduce(greatest_common)?.max(1);
        let from = members.iter().map(|member| member.counted.from).max()?.ceil_to(seconds.into());
        let to = members.iter().map(|member| member.counted.to).max()?;
        let end = members.iter().map(|member| member.end()).max()?;
        let count = slots(Bounds { from, to: end }, seconds).filter(|slots| *slots > 0 && from < to)?;
        let counted = slots(Bounds { from, to }, seconds)?;
        let mut verdicts = Vec::with_capacity(count);
        let mut tally = Tally { shared: vec![BTreeMap::new(); members.len()], ..Tally::default() };
        let mut spoke = vec![false; members.len()];
        let mut begins = None;
        for slot in 0..count {
            let at = start(from, slot, seconds);
            let said: Vec<Verdict> = members.iter().map(|member| member.at(at)).collect();
            let (verdict, bad) = joined(&said, no_data);
            verdicts.push(verdict);
            if slot >= counted {
                continue;
            }
            if verdict != Verdict::Out {
                begins = begins.or(Some(at));
            }
            for (spoke, said) in spoke.iter_mut().zip(&said) {
                *spoke |= *said > Verdict::Unknown;
            }
            tally.add(verdict, &said, bad);
        }
        let period_ends =
            members.iter().map(|member| member.period_ends).reduce(|a, b| a.filter(|_| a == b)).flatten();
        let stretch = period_ends.zip(begins).and_then(|(ends, begins)| {
            let seconds = |until: Instant| {
                u128::try_from(until.seconds_since(begins)).ok().filter(|length| *length > 0)
            };
            Some((seconds(ends)?, seconds(to)?))
        });
        let known = tally.good + tally.bad + tally.idle;
        let coverage = Coverage::new(known, i64::try_from(known + tally.unknown).unwrap_or(i64::MAX));
        Some(Self {
            coverage,
            counts: CompositeSlices {
                window: Bounds { from, to },
                seconds,
                good: tally.good,
                bad: tally.bad,
                unknown: tally.unknown,
                left_out: tally.out + tally.idle,
                coverage: coverage.and_then(Coverage::ratio),
            },
            blame: tally.shared.iter().map(parts).collect(),
            spoke,
            stretch,
            slices: MemberSlices {
                seconds,
                first: from,
                verdicts,
                counted: Bounds { from, to },
                period_ends,
            },
        })
    }
}

#[derive(Debug, Default)]
struct Tally {
    good: u64,
    bad: u64,
    unknown: u64,
    idle: u64,
    out: u64,
    /// Of each member: how many bad slices it shares with how many members, itself among them.
    shared: Vec<BTreeMap<u32, u64>>,
}

impl Tally {
    fn add(&mut self, verdict: Verdict, said: &[Verdict], bad: Verdict) {
        match verdict {
            Verdict::Good => self.good += 1,
            Verdict::Unknown => self.unknown += 1,
            Verdict::Idle => self.idle += 1,
            Verdict::Out => self.out += 1,
            Verdict::Bad => {
                self.bad += 1;
                // Where unknown is as good as bad, it is to blame too.
                let is_bad = |said: &Verdict| *said == Verdict::Bad || *said == bad;
                let among =
                    u32::try_from(said.iter().filter(|said| is_bad(said)).count()).unwrap_or(u32::MAX);
                for (shared, _) in self.shared.iter_mut().zip(said).filter(|(_, said)| is_bad(said)) {
                    *shared.entry(among).or_default() += 1;
                }
            }
        }
    }
}

/// What the members make of a slot, and what else than bad counts as bad.
fn joined(said: &[Verdict], no_data: MemberNoData) -> (Verdict, Verdict) {
    let is = |verdict: Verdict| said.contains(&verdict);
    let bad = if no_data == MemberNoData::Bad { Verdict::Unknown } else { Verdict::Bad };
    let verdict = if is(Verdict::Bad) || is(bad) {
        Verdict::Bad
    } else if is(Verdict::Unknown) && no_data == MemberNoData::NoData {
        Verdict::Unknown
    } else {
        // Left out is who knows nothing, unless nobody else has a say.
        said.iter().copied().max().unwrap_or(Verdict::Out)
    };
    (verdict, bad)
}

fn parts(shared: &BTreeMap<u32, u64>) -> Fraction {
    let parts =
        shared.iter().filter_map(|(among, slices)| Fraction::new(u128::from(*slices), u128::from(*among)));
    parts.fold(Fraction::zero(), |sum, part| sum.plus(&part))
}

const fn greatest_common(mut high: u32, mut low: u32) -> u32 {
    while low != 0 {
        (high, low) = (low, high % low);
    }
    high
}
