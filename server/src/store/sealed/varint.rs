//! Whole numbers in as few bytes as they need: seven bits a byte, the lowest first.
//!
//! Invariant: reading is bounded by the bytes there are; what does not fit a `u64` is refused, never cut.

use super::Corrupt;

/// Bytes of the largest number.
const BYTES_MAX: u32 = 10;

/// Appends a number.
pub(super) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(low_byte(value) | 0x80);
        value >>= 7;
    }
    out.push(low_byte(value));
}

/// Appends a number of either sign: small ones of both signs are short (0, -1, 1, -2 become 0, 1, 2, 3).
pub(super) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, (value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned());
}

fn low_byte(value: u64) -> u8 {
    u8::try_from(value & 0x7f).unwrap_or(0)
}

/// Reads what was put, from the front.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Whether everything was read.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next number.
    pub(super) fn take(&mut self) -> Result<u64, Corrupt> {
        let mut value = 0_u64;
        for place in 0..BYTES_MAX {
            let (byte, rest) = self.bytes.split_first().ok_or(Corrupt("it ends too early"))?;
            self.bytes = rest;
            let bits = u64::from(byte & 0x7f);
            let shifted = bits << (7 * place);
            if shifted >> (7 * place) != bits {
                break;
            }
            value |= shifted;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Corrupt("a number is too large"))
    }

    /// The next number of either sign.
    pub(super) fn take_signed(&mut self) -> Result<i64, Corrupt> {
        let value = self.take()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// The next number, at most `max`.
    pub(super) fn take_up_to(&mut self, max: u64) -> Result<u64, Corrupt> {
        self.take()
            .and_then(|value| if value <= max { Ok(value) } else { Err(Corrupt("a number is too large")) })
    }

    /// The next bytes.
    pub(super) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Corrupt> {
        let (bytes, rest) = self.bytes.split_at_checked(count).ok_or(Corrupt("it ends too early"))?;
        self.bytes = rest;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_come_back(numbers: Vec<(u64, i64)>) {
            let mut bytes = Vec::new();
            for (plain, signed) in &numbers {
                put(&mut bytes, *plain);
                put_signed(&mut bytes, *signed);
            }
            let mut reader = Reader::new(&bytes);
            for (plain, signed) in numbers {
                prop_assert_eq!(reader.take().unwrap(), plain);
                prop_assert_eq!(reader.take_signed().unwrap(), signed);
            }
            prop_assert!(reader.is_empty());
            prop_assert!(reader.take().is_err());
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(Reader::new(&[0xff; 11]).take().is_err());
        assert!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]).take().is_err());
        assert!(Reader::new(&[0x80]).take().is_err());
        assert!(Reader::new(&[1, 2]).bytes(3).is_err());
    }
}
