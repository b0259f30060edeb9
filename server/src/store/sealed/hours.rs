//! The sums of a day's hours as bytes, small enough to stand beside the sums of the day.
//!
//! Invariant: what is unpacked equals the sums of the slices, hour by hour; an hour without a measured slice is none.
//!
//! ```text
//! byte      format, 1
//! present   a bit for each hour that has a measured slice
//! odd       a bit for each of which more has to be said
//! sums      of each present hour: total as the difference to the one before, bad;
//!           of odd ones also measured seconds, slices with more good than total, first and last measured second
//! ```

use std::collections::BTreeMap;

use domain::series::HOUR_SECONDS;
use domain::{Block, Instant, Measurement, Slice, Sum};

use super::varint::{Reader, put, put_signed};
use super::{Corrupt, Day};

const FORMAT: u64 = 1;
/// A bit for each hour of a day.
const HOURS: u64 = (1 << 24) - 1;

/// What the measured slices add up to in each hour that one starts in.
pub(super) fn sums(slices: &[Slice]) -> BTreeMap<Instant, Sum> {
    let mut sums: BTreeMap<Instant, Sum> = BTreeMap::new();
    for slice in slices {
        if let Measurement::Measured(measured) = &slice.measurement {
            sums.entry(slice.start.floor_to(HOUR_SECONDS)).or_default().add(&Sum::from(measured));
        }
    }
    sums
}

/// The bytes of sums of hours that all lie in a day.
pub(super) fn pack(sums: &BTreeMap<Instant, Sum>) -> Vec<u8> {
    let bits = |of: &dyn Fn(Instant, &Sum) -> bool| {
        sums.iter().filter(|(hour, sum)| of(**hour, sum)).fold(0, |bits, (hour, _)| bits | bit_of(*hour))
    };
    let mut out = Vec::new();
    put(&mut out, FORMAT);
    put(&mut out, bits(&|_, _| true));
    put(&mut out, bits(&|hour, sum| *sum != usual(hour, sum)));
    let mut total = 0;
    for (hour, sum) in sums {
        put_signed(&mut out, sum.total.cast_signed().wrapping_sub(total));
        put(&mut out, sum.bad());
        total = sum.total.cast_signed();
        if *sum != usual(*hour, sum) {
            put(&mut out, sum.measured_seconds);
            put(&mut out, sum.good_over_total);
            put_signed(&mut out, sum.first.map_or(0, |first| first.seconds_since(*hour)));
            put_signed(&mut out, sum.last.map_or(0, |last| last.seconds_since(*hour)));
        }
    }
    out
}

/// The blocks of a day's hours, by start.
pub(crate) fn unpack(day: Day, bytes: &[u8]) -> Result<Vec<Block>, Corrupt> {
    let mut reader = Reader::new(bytes);
    if reader.take()? != FORMAT {
        return Err(Corrupt("it was written by a later version"));
    }
    let (present, odd) = (reader.take_up_to(HOURS)?, reader.take_up_to(HOURS)?);
    let mut total = 0_i64;
    let mut blocks = Vec::new();
    for start in (0..24).map(|index| day.start() + index * HOUR_SECONDS) {
        if present & bit_of(start) == 0 {
            continue;
        }
        total = total.wrapping_add(reader.take_signed()?);
        let all = total.cast_unsigned();
        let good = all.checked_sub(reader.take()?).ok_or(Corrupt("more is bad than there is"))?;
        let mut sum = usual(start, &Sum { good, total: all, ..Sum::default() });
        if odd & bit_of(start) != 0 {
            sum.measured_seconds = reader.take()?;
            sum.good_over_total = reader.take()?;
            sum.first = Some(start + reader.take_signed()?);
            sum.last = Some(start + reader.take_signed()?);
        }
        blocks.push(Block { start, seconds: 3_600, sum });
    }
    if reader.is_empty() { Ok(blocks) } else { Err(Corrupt("something follows its end")) }
}

fn bit_of(hour: Instant) -> u64 {
    let index = hour.unix().div_euclid(HOUR_SECONDS).rem_euclid(24);
    1 << index
}

/// The same counts in an hour that was measured from its first to its last second.
fn usual(hour: Instant, sum: &Sum) -> Sum {
    Sum {
        good: sum.good,
        total: sum.total,
        measured_seconds: 3_600,
        good_over_total: 0,
        first: Some(hour),
        last: Some(hour + HOUR_SECONDS),
    }
}
