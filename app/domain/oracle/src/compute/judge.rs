//! From stored slices to what an objective counts: capped, held, judged (R1, R3, R8 hold).

use std::collections::{BTreeMap, BTreeSet};

use domain::estate::{GapPolicy, Method, Objective};
use domain::slice::Measurement;

use super::{generation, seen};
use crate::raw::Case;

/// A billion parts are 1.
pub(super) const PARTS: i128 = 1_000_000_000;
const MINUTE: i64 = 60;

/// A slice, or what judging has made of slices. Counts are in parts of one (see `scale`).
#[derive(Debug, Clone, Default)]
pub(super) struct Piece {
    /// What decides to which window it belongs.
    pub(super) start: i64,
    pub(super) seconds: i64,
    pub(super) good: i128,
    pub(super) total: i128,
    pub(super) measured: i128,
    /// The first measured second; none if held.
    pub(super) first: Option<i64>,
    /// Whether a slice in it delivered more good than total.
    pub(super) over: bool,
}

/// How many parts one event or slice is counted in.
pub(super) fn scale(method: Method) -> i128 {
    if method == Method::RatioTimeslices { PARTS } else { 1 }
}

/// The measured slices of the generation that is asked about, each capped.
fn capped(case: &Case) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for slice in seen(case) {
        if let Measurement::Measured(measured) = slice.measurement {
            pieces.push(Piece {
                start: slice.start.unix(),
                seconds: i64::from(slice.seconds),
                good: i128::from(measured.good).min(i128::from(measured.total)),
                total: i128::from(measured.total),
                measured: i128::from(measured.measured_seconds),
                first: Some(measured.from.unix()),
                over: measured.good > measured.total,
            });
        }
    }
    pieces
}

/// Every minute without a measured slice that begins before `at` and after the first one, as its predecessor was.
fn held(pieces: &[Piece], at: i64) -> Vec<Piece> {
    let mut measured = BTreeSet::new();
    for piece in pieces {
        measured.extend((piece.start..piece.start + piece.seconds).step_by(60));
    }
    let Some(first) = measured.first().copied() else { return Vec::new() };
    let mut last: Option<&Piece> = None;
    let mut next = pieces.iter().peekable();
    let mut held = Vec::new();
    for minute in (first..at).step_by(60) {
        while let Some(piece) = next.next_if(|piece| piece.start <= minute) {
            last = Some(piece);
        }
        if measured.contains(&minute) {
            continue;
        }
        if let Some(last) = last {
            let scaled = |count: i128| count * i128::from(MINUTE) / i128::from(last.seconds);
            let (good, total) = (scaled(last.good), scaled(last.total));
            held.push(Piece { start: minute, seconds: MINUTE, good, total, ..Piece::default() });
        }
    }
    held
}

/// What an objective counts, each with the instant that decides to which window it belongs.
pub(super) fn judged(case: &Case, objective: &Objective) -> Vec<Piece> {
    let mut pieces = capped(case);
    if case.slo.gap == GapPolicy::Hold {
        let held = held(&pieces, case.at.min(generation(case).1));
        pieces.extend(held);
    }
    let Some(rule) = objective.slices else { return pieces };
    if case.slo.method == Method::Occurrences {
        return pieces;
    }
    let length = i64::from(rule.seconds);
    let target = rule.target.map_or(0, |target| i128::from(target.parts()));
    let verdict = |piece: &Piece, times: i128| {
        let (good, total) = match case.slo.method {
            _ if piece.total == 0 => (0, 0),
            Method::RatioTimeslices => ((2 * piece.good * PARTS + piece.total) / (2 * piece.total), PARTS),
            _ => (i128::from(piece.good * PARTS >= target * piece.total), 1),
        };
        Piece { good: good * times, total: total * times, ..piece.clone() }
    };
    // A judged slice does not begin before the generation (R20).
    let place = |start: i64| (start - start.rem_euclid(length)).max(generation(case).0);
    let mut alone = Vec::new();
    let mut together: BTreeMap<i64, Piece> = BTreeMap::new();
    for piece in pieces {
        let start = place(piece.start);
        if piece.seconds > length {
            alone.push(verdict(&Piece { start, ..piece.clone() }, i128::from(piece.seconds / length)));
            continue;
        }
        let sum = together.entry(start).or_insert(Piece { start, seconds: length, ..Piece::default() });
        sum.good += piece.good;
        sum.total += piece.total;
        sum.measured += piece.measured;
        sum.first = [sum.first, piece.first].into_iter().flatten().min();
        sum.over |= piece.over;
    }
    alone.extend(together.values().map(|piece| verdict(piece, 1)));
    alone
}
