//! How samples are written into a row of the log: small, and read back bit by bit.
//!
//! A version byte, then for each series its number, how many samples, and the samples. Instants are differences to the
//! one before (to 0, for the first). Values are their bits with the bytes in reverse, because counts end in zeros.
//! Everything is a number in 7 bits a byte, signed ones zigzag.

use super::Sample;

/// The first byte of every row.
const VERSION: u8 = 1;

/// Bytes that are no row of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a row of the sample log cannot be read")]
pub(super) struct Unreadable;

/// The samples of each series, by the store's numbers.
pub(super) fn encode<'a>(series: impl Iterator<Item = (i64, &'a [Sample])>) -> Vec<u8> {
    let mut out = vec![VERSION];
    for (id, samples) in series.filter(|(_, samples)| !samples.is_empty()) {
        put(&mut out, zigzag(id));
        put(&mut out, u64::try_from(samples.len()).unwrap_or(u64::MAX));
        let mut before = 0_i64;
        for sample in samples {
            put(&mut out, zigzag(sample.millis.wrapping_sub(before)));
            before = sample.millis;
            put(&mut out, sample.value.to_bits().swap_bytes());
            // 0 says that there is none, and an age is shifted past it.
            match sample.created_millis {
                None => put(&mut out, 0),
                Some(created) => {
                    out.push(1);
                    put(&mut out, zigzag(sample.millis.wrapping_sub(created)));
                }
            }
        }
    }
    out
}

/// Hands every sample of a row to `each`, in the order in which it was written.
pub(super) fn decode(mut bytes: &[u8], mut each: impl FnMut(i64, Sample)) -> Result<(), Unreadable> {
    if take_byte(&mut bytes)? != VERSION {
        return Err(Unreadable);
    }
    while !bytes.is_empty() {
        let id = unzigzag(take(&mut bytes)?);
        let mut millis = 0_i64;
        for _ in 0..take(&mut bytes)? {
            millis = millis.wrapping_add(unzigzag(take(&mut bytes)?));
            let value = f64::from_bits(take(&mut bytes)?.swap_bytes());
            let created_millis = match take_byte(&mut bytes)? {
                0 => None,
                _ => Some(millis.wrapping_sub(unzigzag(take(&mut bytes)?))),
            };
            each(id, Sample { millis, value, created_millis });
        }
    }
    Ok(())
}

const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

const fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(u8::try_from(number & 0x7f).unwrap_or(0) | 0x80);
        number >>= 7;
    }
    out.push(u8::try_from(number).unwrap_or(0));
}

fn take(bytes: &mut &[u8]) -> Result<u64, Unreadable> {
    let mut number = 0_u64;
    for place in 0..10 {
        let byte = take_byte(bytes)?;
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(Unreadable)
}

fn take_byte(bytes: &mut &[u8]) -> Result<u8, Unreadable> {
    let (byte, rest) = bytes.split_first().ok_or(Unreadable)?;
    *bytes = rest;
    Ok(*byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample() -> impl Strategy<Value = Sample> {
        let value = prop_oneof![any::<f64>(), (0..1_000_000_u32).prop_map(f64::from)];
        (any::<i64>(), value, any::<Option<i64>>()).prop_map(|(millis, value, created_millis)| Sample {
            millis,
            value,
            created_millis,
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            series in prop::collection::vec((any::<i64>(), prop::collection::vec(sample(), 0..5)), 0..5)
        ) {
            let bytes = encode(series.iter().map(|(id, samples)| (*id, samples.as_slice())));
            let mut read = Vec::new();
            decode(&bytes, |id, sample| read.push((id, sample))).unwrap();
            let written: Vec<_> = series.iter().flat_map(|(id, all)| all.iter().map(move |one| (*id, *one))).collect();
            prop_assert_eq!(read.len(), written.len());
            for (read, written) in read.iter().zip(&written) {
                prop_assert!(read.0 == written.0 && read.1.is_same(&written.1));
            }
            for end in 1..bytes.len() {
                let _ = decode(&bytes[..end], |_, _| {});
            }
        }
    }

    #[test]
    fn a_count_every_quarter_of_a_minute_takes_few_bytes() {
        let samples: Vec<Sample> = (0..240)
            .map(|k| Sample {
                millis: 1_800_000_000_000 + k * 15_000,
                value: 1_000_000.0 + f64::from(u32::try_from(k).unwrap()),
                created_millis: None,
            })
            .collect();
        let bytes = encode([(1_i64, samples.as_slice())].into_iter()).len();
        assert!(bytes < 240 * 11, "{bytes}");
    }
}
