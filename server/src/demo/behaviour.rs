//! How each demo service behaves: the same script for the live answers and for the history before them.
//!
//! Chance comes from a hash of (service, instant), so that a demo tells the same story whenever it is asked.

use std::ops::Range;

use domain::Instant;

/// A demo service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Script {
    /// Its name, and in the estate's files the place of its address.
    pub(super) name: &'static str,
    /// How it behaves.
    pub(super) kind: Kind,
    /// Its SLIs, as `NAME-availability` and `NAME-latency`.
    pub(super) slis: &'static [Measure],
}

/// What an SLI of a demo service measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// Answers without an error.
    Availability,
    /// Answers without an error within [`FAST_MILLISECONDS`].
    Latency,
}

impl Measure {
    /// The end of the SLI's name.
    pub(super) const fn suffix(self) -> &'static str {
        match self {
            Self::Availability => "availability",
            Self::Latency => "latency",
        }
    }
}

/// The scripted behaviours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One failure in about 9,000.
    Healthy,
    /// A release 60 hours ago fails one request in 250.
    SlowBurn,
    /// Healthy now; a morning without any answer nine days ago.
    PastOutage,
    /// Answers, but often too late.
    Slow,
    /// Every eleven minutes it answers nothing for a while.
    StopsNowAndThen,
    /// Out of order during planned work and while stock is taken, as its exclusions say; else healthy.
    Maintained,
}

/// All of them; the first is the one that people break by hand.
pub(super) const SCRIPTS: [Script; 8] = [
    Script { name: "checkout", kind: Kind::Healthy, slis: &[Measure::Availability, Measure::Latency] },
    Script { name: "search", kind: Kind::SlowBurn, slis: &[Measure::Availability] },
    Script { name: "payments", kind: Kind::PastOutage, slis: &[Measure::Availability] },
    Script { name: "recommendations", kind: Kind::Slow, slis: &[Measure::Availability, Measure::Latency] },
    Script { name: "email", kind: Kind::StopsNowAndThen, slis: &[Measure::Availability] },
    Script { name: "login", kind: Kind::Healthy, slis: &[Measure::Availability] },
    Script { name: "images", kind: Kind::Healthy, slis: &[Measure::Availability] },
    Script { name: "warehouse", kind: Kind::Maintained, slis: &[Measure::Availability] },
];

/// What a service does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    /// HTTP status.
    pub(super) status: u16,
    /// How long the service thinks; far above the probe's timeout means never.
    pub(super) milliseconds: u64,
}

/// Longer than any probe of the demo waits.
pub(super) const NEVER_MILLISECONDS: u64 = 20_000;
/// What is fast enough for the demo's latency objectives.
pub(super) const FAST_MILLISECONDS: u64 = 100;

impl Script {
    /// What the service answers to the request that is scheduled at `at`; `began` is the demo's first start.
    pub(super) fn answer(self, at: Instant, began: Instant) -> Answer {
        let chance = chance(self.name, at);
        let quick = 3 + chance % 40;
        let ago = began.seconds_since(at);
        let failing = |one_in: u64| (chance >> 16).is_multiple_of(one_in);
        match self.kind {
            Kind::Healthy if failing(9_000) => Answer { status: 503, milliseconds: quick },
            Kind::SlowBurn if ago < 60 * 3_600 && failing(250) => Answer { status: 500, milliseconds: quick },
            Kind::SlowBurn | Kind::PastOutage if failing(12_000) => {
                Answer { status: 502, milliseconds: quick }
            }
            Kind::PastOutage if (9 * 86_400 - 3_120..9 * 86_400).contains(&ago) => {
                Answer { status: 503, milliseconds: NEVER_MILLISECONDS }
            }
            Kind::Slow if failing(20_000) => Answer { status: 500, milliseconds: quick },
            // Late in one answer of sixty, and since yesterday in one of twelve.
            Kind::Slow if (chance >> 40).is_multiple_of(if ago < 86_400 { 12 } else { 150 }) => {
                Answer { status: 200, milliseconds: 160 + chance % 200 }
            }
            Kind::StopsNowAndThen if at.unix().rem_euclid(660) < 10 && (chance_of_period(self.name, at)) => {
                Answer { status: 200, milliseconds: NEVER_MILLISECONDS }
            }
            Kind::Maintained if maintenance(began).contains(&at) || is_stocktaking(at) || failing(9_000) => {
                Answer { status: 503, milliseconds: quick }
            }
            _ => Answer { status: 200, milliseconds: quick },
        }
    }
}

/// The planned work: it began two hours before the demo and ends a day later.
pub(super) fn maintenance(began: Instant) -> Range<Instant> {
    let from = began.floor_to(3_600) - 2 * 3_600;
    from..from + 24 * 3_600
}

/// Sundays from 02:00 to 04:00 UTC, as the estate's recurring exclusion has it.
fn is_stocktaking(at: Instant) -> bool {
    // 1970-01-01 was a Thursday.
    let seconds_of_week = (at.unix() + 4 * 86_400).rem_euclid(7 * 86_400);
    (7_200..14_400).contains(&seconds_of_week)
}

/// Whether the period of eleven minutes that contains `at` has its silence: one in three.
fn chance_of_period(name: &str, at: Instant) -> bool {
    chance(name, at.floor_to(660)).is_multiple_of(3)
}

/// A number that depends on name and instant only (FNV-1a, then the finaliser of `MurmurHash3`).
fn chance(name: &str, at: Instant) -> u64 {
    let bytes = name.bytes().chain(at.unix().to_le_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    (mixed ^ (mixed >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53) ^ (mixed >> 29)
}
