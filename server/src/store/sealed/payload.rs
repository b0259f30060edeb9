//! The slices of a day as bytes: columns of small differences, compressed.
//!
//! Invariants: decoding gives the very slices that were encoded, in order of their start; damaged or foreign bytes are
//! an error, never other slices, and never more memory than a day's slices can take.
//!
//! ```text
//! byte       format, 1
//! zstd       with checksum, of:
//!   step, phase         most slices are `step` long and start at `phase` + k * `step` of the day, measured whole
//!   runs                how many; of each how many steps to skip, how many such slices follow
//!   totals              of each the difference to the one before
//!   bads                of each total - good
//!   odd ones            how many; of each seconds since the one before, length, kind, and what it holds
//! ```

use std::collections::BTreeMap;

use domain::{Instant, Measured, Measurement, Slice};
use zstd::bulk::{Compressor, Decompressor};

use super::varint::{Reader, put, put_signed};
use super::{Corrupt, DAY_SECONDS, Day};

/// The format that is written.
const FORMAT: u8 = 1;
/// Effort of compression: 3 to 9 differ by 1 % in size and threefold in time.
const LEVEL: i32 = 3;
/// Slices of a day at most: they do not overlap, and none is shorter than a second.
pub(crate) const SLICES_MAX: u64 = 86_400;
/// A slice is not longer than this: far more than any that is accepted, and sums of it still fit.
const SLICE_SECONDS_MAX: u64 = 2_147_483_647;
/// Bytes of a reason: 100 letters of at most four bytes.
const REASON_BYTES_MAX: u64 = 400;
/// Bytes of a day before compression: every second an unknown slice with the longest reason.
const BODY_BYTES_MAX: usize = 86_400 * 420;

const MEASURED: u64 = 0;
const UNKNOWN: u64 = 1;

/// Encodes days one after the other; holds the compressor's memory.
pub(crate) struct Encoder {
    zstd: Compressor<'static>,
    body: Vec<u8>,
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder").finish_non_exhaustive()
    }
}

impl Encoder {
    /// An error only where there is no memory.
    pub(crate) fn new() -> Result<Self, Corrupt> {
        let failed = |_| Corrupt("the compressor cannot be made");
        let mut zstd = Compressor::new(LEVEL).map_err(failed)?;
        zstd.include_checksum(true).map_err(failed)?;
        Ok(Self { zstd, body: Vec::new() })
    }

    /// The bytes of a day's slices, which all start in it and are sorted by their start.
    pub(crate) fn encode(&mut self, day: Day, slices: &[Slice]) -> Result<Vec<u8>, Corrupt> {
        self.body.clear();
        let grid = Grid::of(day, slices);
        put_all(&mut self.body, day, grid, slices);
        let packed = self.zstd.compress(&self.body).map_err(|_| Corrupt("it cannot be compressed"))?;
        let mut bytes = Vec::with_capacity(packed.len() + 1);
        bytes.push(FORMAT);
        bytes.extend(packed);
        Ok(bytes)
    }
}

/// The slices of a day, sorted by their start.
pub(crate) fn decode(day: Day, bytes: &[u8]) -> Result<Vec<Slice>, Corrupt> {
    let (format, packed) = bytes.split_first().ok_or(Corrupt("it is empty"))?;
    if *format != FORMAT {
        return Err(Corrupt("it was written by a later version"));
    }
    let body = Decompressor::new()
        .and_then(|mut zstd| zstd.decompress(packed, BODY_BYTES_MAX))
        .map_err(|_| Corrupt("it cannot be decompressed"))?;
    let mut reader = Reader::new(&body);
    let mut slices = take_regular(&mut reader, day)?;
    let regular = slices.len();
    take_odd(&mut reader, day, &mut slices)?;
    if !reader.is_empty() {
        return Err(Corrupt("something follows its end"));
    }
    if regular > 0 && slices.len() > regular {
        slices.sort_by_key(|slice| slice.start);
    }
    Ok(slices)
}

/// Where most slices of a day start, in seconds since its beginning.
#[derive(Debug, Clone, Copy)]
struct Grid {
    step: u32,
    phase: i64,
}

impl Grid {
    /// The commonest length of whole slices, and the first of that length.
    fn of(day: Day, slices: &[Slice]) -> Self {
        let mut lengths: BTreeMap<u32, (usize, i64)> = BTreeMap::new();
        for slice in slices.iter().filter(|slice| whole(slice).is_some()) {
            let phase = slice.start.seconds_since(day.start()) % i64::from(slice.seconds).max(1);
            lengths.entry(slice.seconds).or_insert((0, phase)).0 += 1;
        }
        let commonest = lengths.into_iter().max_by_key(|(_, (count, _))| *count);
        commonest.map_or(Self { step: 60, phase: 0 }, |(step, (_, phase))| Self { step, phase })
    }

    /// Which step of the grid a slice is, if it is one.
    fn index(self, day: Day, slice: &Slice) -> Option<u64> {
        let since = slice.start.seconds_since(day.start()) - self.phase;
        let on_grid = slice.seconds == self.step && since >= 0 && since % i64::from(self.step) == 0;
        u64::try_from(since / i64::from(self.step).max(1)).ok().filter(|_| on_grid && whole(slice).is_some())
    }
}

/// The counts of a slice that was measured from its first to its last second, with no more good than there is.
fn whole(slice: &Slice) -> Option<&Measured> {
    let Measurement::Measured(measured) = &slice.measurement else { return None };
    let is_whole = slice.seconds > 0
        && measured.measured_seconds == slice.seconds
        && measured.from == slice.start
        && measured.to == slice.end()
        && measured.good <= measured.total;
    is_whole.then_some(measured)
}

fn put_all(out: &mut Vec<u8>, day: Day, grid: Grid, slices: &[Slice]) {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    let (mut totals, mut bads, mut odd) = (Vec::new(), Vec::new(), Vec::new());
    let (mut next, mut total, mut odd_count, mut odd_start) = (0, 0, 0, day.start());
    for slice in slices {
        if let Some((index, measured)) = grid.index(day, slice).zip(whole(slice)) {
            match runs.last_mut() {
                Some((_, count)) if index == next => *count += 1,
                _ => runs.push((index - next, 1)),
            }
            next = index + 1;
            put_signed(&mut totals, measured.total.cast_signed().wrapping_sub(total));
            put(&mut bads, measured.total - measured.good);
            total = measured.total.cast_signed();
        } else {
            put(&mut odd, unsigned(slice.start.seconds_since(odd_start)));
            put_odd(&mut odd, slice);
            odd_start = slice.start;
            odd_count += 1;
        }
    }
    put(out, grid.step.into());
    put(out, unsigned(grid.phase));
    put(out, runs.len() as u64);
    for (skipped, count) in runs {
        put(out, skipped);
        put(out, count);
    }
    out.extend(totals);
    out.extend(bads);
    put(out, odd_count);
    out.extend(odd);
}

fn put_odd(out: &mut Vec<u8>, slice: &Slice) {
    put(out, slice.seconds.into());
    match &slice.measurement {
        Measurement::Measured(Measured { good, total, measured_seconds, from, to }) => {
            put(out, MEASURED);
            put(out, *good);
            put(out, *total);
            put(out, (*measured_seconds).into());
            put(out, unsigned(from.seconds_since(slice.start)));
            put(out, unsigned(to.seconds_since(slice.start)));
        }
        Measurement::Unknown(reason) => {
            put(out, UNKNOWN);
            put(out, reason.len() as u64);
            out.extend(reason.as_bytes());
        }
    }
}

/// What is put is never before what it is counted from.
fn unsigned(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap_or(0)
}

fn take_regular(reader: &mut Reader<'_>, day: Day) -> Result<Vec<Slice>, Corrupt> {
    let seconds = u32::try_from(reader.take_up_to(SLICE_SECONDS_MAX)?).unwrap_or(u32::MAX);
    let phase = reader.take_up_to(SLICE_SECONDS_MAX)?;
    if seconds == 0 {
        return Err(Corrupt("its slices have no length"));
    }
    let mut starts = Vec::new();
    let mut next = 0_u64;
    for _ in 0..reader.take_up_to(SLICES_MAX)? {
        next += reader.take_up_to(SLICES_MAX)?;
        let count = reader.take_up_to(SLICES_MAX)?;
        for index in next..next + count {
            let offset = index.checked_mul(seconds.into()).and_then(|offset| offset.checked_add(phase));
            starts.push(place(day, offset)?);
        }
        next += count;
    }
    let mut total = 0_i64;
    let mut totals = Vec::with_capacity(starts.len());
    for _ in &starts {
        total = total.wrapping_add(reader.take_signed()?);
        totals.push(total.cast_unsigned());
    }
    let mut slices = Vec::with_capacity(starts.len());
    for (start, total) in starts.into_iter().zip(totals) {
        let bad = reader.take()?;
        let good = total.checked_sub(bad).ok_or(Corrupt("more is bad than there is"))?;
        let to = start + i64::from(seconds);
        let measured = Measured { good, total, measured_seconds: seconds, from: start, to };
        slices.push(Slice { start, seconds, measurement: Measurement::Measured(measured) });
    }
    Ok(slices)
}

/// The instant so many seconds after a day's beginning, which must lie in the day: so nothing grows without bound.
fn place(day: Day, offset: Option<u64>) -> Result<Instant, Corrupt> {
    let offset = offset.and_then(|offset| i64::try_from(offset).ok()).filter(|offset| *offset < DAY_SECONDS);
    offset.map(|offset| day.start() + offset).ok_or(Corrupt("a slice lies outside of its day"))
}

fn take_odd(reader: &mut Reader<'_>, day: Day, slices: &mut Vec<Slice>) -> Result<(), Corrupt> {
    let mut offset = 0_u64;
    for _ in 0..reader.take_up_to(SLICES_MAX)? {
        offset += reader.take_up_to(SLICES_MAX)?;
        let start = place(day, Some(offset))?;
        let seconds = take_seconds(reader)?;
        let measurement = match reader.take()? {
            MEASURED => Measurement::Measured(Measured {
                good: reader.take()?,
                total: reader.take()?,
                measured_seconds: take_seconds(reader)?,
                from: start + i64::from(take_seconds(reader)?),
                to: start + i64::from(take_seconds(reader)?),
            }),
            UNKNOWN => {
                let length = usize::try_from(reader.take_up_to(REASON_BYTES_MAX)?).unwrap_or(usize::MAX);
                let reason =
                    std::str::from_utf8(reader.bytes(length)?).map_err(|_| Corrupt("a reason is no text"))?;
                Measurement::Unknown(reason.to_owned())
            }
            _ => return Err(Corrupt("a slice is of no known kind")),
        };
        slices.push(Slice { start, seconds, measurement });
    }
    Ok(())
}

fn take_seconds(reader: &mut Reader<'_>) -> Result<u32, Corrupt> {
    reader.take_up_to(SLICE_SECONDS_MAX).map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX))
}
