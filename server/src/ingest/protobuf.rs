//! Protocol buffers read in place: fields of a message one after the other, borrowed from its bytes.
//!
//! Invariants: nothing is copied or allocated; every error says where in the body it is and which field was being read;
//! a length is checked against what is there before anything is done with it.

/// The most bytes that a number takes.
const VARINT_BYTES: u32 = 10;

/// Why bytes are no message, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {problem} (at byte {offset})")]
pub struct Fault {
    /// The field that was read, by its path.
    pub field: &'static str,
    /// What is wrong.
    pub problem: Problem,
    /// Bytes from the begin of the body to where it went wrong.
    pub offset: usize,
}

/// What can be wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The body ends inside it.
    #[error("the message ends in the middle of it")]
    Truncated,
    /// A number with more than 64 bits.
    #[error("a number is longer than 64 bits")]
    LongNumber,
    /// It has the wire type of another kind of field.
    #[error("it is encoded as another type")]
    WrongType,
    /// No field has the number 0, or one above 2^29 - 1.
    #[error("a field number is out of range")]
    FieldNumber,
    /// Wire types 3, 4, 6 and 7.
    #[error("its wire type does not exist")]
    WireType,
    /// A string that is no UTF-8.
    #[error("it is not UTF-8")]
    NotUtf8,
}

/// How a field is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// A number in 7 bits a byte.
    Varint,
    /// Eight bytes.
    Fixed64,
    /// A length and that many bytes.
    Bytes,
    /// Four bytes.
    Fixed32,
}

/// Reads the fields of one message.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// Bytes from the begin of the body to the end of this message.
    end: usize,
    field: &'static str,
}

impl<'a> Reader<'a> {
    /// Reads a whole body, called `field` in errors.
    pub const fn new(bytes: &'a [u8], field: &'static str) -> Self {
        Self { rest: bytes, end: bytes.len(), field }
    }

    /// Bytes from the begin of the body to what is read next.
    pub const fn offset(&self) -> usize {
        self.end - self.rest.len()
    }

    /// Number and encoding of the next field; none at the end of the message.
    #[inline]
    pub fn key(&mut self) -> Result<Option<(u32, Wire)>, Fault> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let start = self.offset();
        let key = self.number(self.field)?;
        let fault = |problem| Fault { field: self.field, problem, offset: start };
        let number = u32::try_from(key >> 3).ok().filter(|number| (1..1 << 29).contains(number));
        let number = number.ok_or_else(|| fault(Problem::FieldNumber))?;
        let wire = match key & 7 {
            0 => Wire::Varint,
            1 => Wire::Fixed64,
            2 => Wire::Bytes,
            5 => Wire::Fixed32,
            _ => return Err(fault(Problem::WireType)),
        };
        Ok(Some((number, wire)))
    }

    /// A number.
    #[inline]
    pub fn varint(&mut self, wire: Wire, field: &'static str) -> Result<u64, Fault> {
        self.expect(wire, Wire::Varint, field)?;
        self.number(field)
    }

    /// A signed number as `int64` has it: two's complement.
    #[inline]
    pub fn int64(&mut self, wire: Wire, field: &'static str) -> Result<i64, Fault> {
        self.varint(wire, field).map(u64::cast_signed)
    }

    /// A floating-point number, by its bits: a NaN keeps what it carries.
    #[inline]
    pub fn double(&mut self, wire: Wire, field: &'static str) -> Result<f64, Fault> {
        self.expect(wire, Wire::Fixed64, field)?;
        let Some((bytes, rest)) = self.rest.split_first_chunk::<8>() else {
            return Err(self.fault(field, Problem::Truncated));
        };
        self.rest = rest;
        Ok(f64::from_bits(u64::from_le_bytes(*bytes)))
    }

    /// Bytes with their length before them.
    #[inline]
    pub fn bytes(&mut self, wire: Wire, field: &'static str) -> Result<&'a [u8], Fault> {
        self.expect(wire, Wire::Bytes, field)?;
        let start = self.offset();
        let length = self.number(field)?;
        let taken = usize::try_from(length).ok().and_then(|length| self.rest.split_at_checked(length));
        let Some((bytes, rest)) = taken else {
            return Err(Fault { field, problem: Problem::Truncated, offset: start });
        };
        self.rest = rest;
        Ok(bytes)
    }

    /// A string.
    #[inline]
    pub fn string(&mut self, wire: Wire, field: &'static str) -> Result<&'a str, Fault> {
        let bytes = self.bytes(wire, field)?;
        let start = self.offset() - bytes.len();
        std::str::from_utf8(bytes).map_err(|error| Fault {
            field,
            problem: Problem::NotUtf8,
            offset: start + error.valid_up_to(),
        })
    }

    /// A message inside this one.
    #[inline]
    pub fn message(&mut self, wire: Wire, field: &'static str) -> Result<Reader<'a>, Fault> {
        let bytes = self.bytes(wire, field)?;
        Ok(Reader { rest: bytes, end: self.offset(), field })
    }

    /// The numbers of a repeated field, packed or one by one.
    pub fn packed(
        &mut self,
        wire: Wire,
        field: &'static str,
        mut each: impl FnMut(u64),
    ) -> Result<(), Fault> {
        if wire == Wire::Varint {
            each(self.number(field)?);
            return Ok(());
        }
        let mut packed = self.message(wire, field)?;
        while !packed.rest.is_empty() {
            each(packed.number(field)?);
        }
        Ok(())
    }

    /// Passes over a field that nobody needs.
    pub fn skip(&mut self, wire: Wire) -> Result<(), Fault> {
        let fixed = match wire {
            Wire::Varint => return self.number(self.field).map(drop),
            Wire::Bytes => return self.bytes(wire, self.field).map(drop),
            Wire::Fixed64 => 8,
            Wire::Fixed32 => 4,
        };
        match self.rest.split_at_checked(fixed) {
            Some((_, rest)) => self.rest = rest,
            None => return Err(self.fault(self.field, Problem::Truncated)),
        }
        Ok(())
    }

    #[inline]
    fn expect(&self, found: Wire, wanted: Wire, field: &'static str) -> Result<(), Fault> {
        if found == wanted { Ok(()) } else { Err(self.fault(field, Problem::WrongType)) }
    }

    #[inline]
    fn number(&mut self, field: &'static str) -> Result<u64, Fault> {
        if let Some((first, rest)) = self.rest.split_first()
            && *first < 0x80
        {
            self.rest = rest;
            return Ok(u64::from(*first));
        }
        self.long_number(field)
    }

    fn long_number(&mut self, field: &'static str) -> Result<u64, Fault> {
        let (mut value, mut rest) = (0_u64, self.rest);
        for place in 0..VARINT_BYTES {
            let Some((byte, after)) = rest.split_first() else {
                return Err(self.fault(field, Problem::Truncated));
            };
            // The tenth byte has room for one bit.
            if place == VARINT_BYTES - 1 && *byte > 1 {
                break;
            }
            value |= u64::from(*byte & 0x7f) << (7 * place);
            rest = after;
            if *byte < 0x80 {
                self.rest = rest;
                return Ok(value);
            }
        }
        Err(self.fault(field, Problem::LongNumber))
    }

    fn fault(&self, field: &'static str, problem: Problem) -> Fault {
        Fault { field, problem, offset: self.offset() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_way_to_be_wrong_names_field_and_place() {
        let cases: [(&[u8], &str); 8] = [
            (&[0x80], "`m`: the message ends in the middle of it (at byte 0)"),
            (&[0x00], "`m`: a field number is out of range (at byte 0)"),
            (&[0x0b], "`m`: its wire type does not exist (at byte 0)"),
            (&[0x0f], "`m`: its wire type does not exist (at byte 0)"),
            (&[0xff; 11], "`m`: a number is longer than 64 bits (at byte 0)"),
            (&[0x0a, 0x05, 0x01], "`m.f`: the message ends in the middle of it (at byte 1)"),
            (&[0x08, 0x05], "`m.f`: it is encoded as another type (at byte 1)"),
            (&[0x0a, 0x03, b'a', 0xff, b'b'], "`m.f`: it is not UTF-8 (at byte 3)"),
        ];
        for (bytes, text) in cases {
            let mut reader = Reader::new(bytes, "m");
            let found = reader.key().and_then(|key| reader.string(key.unwrap().1, "m.f"));
            assert_eq!(found.unwrap_err().to_string(), text, "{bytes:02x?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut reader = Reader::new(&bytes, "m");
            while let Ok(Some((_, wire))) = reader.key() {
                let before = reader.offset();
                if reader.skip(wire).is_err() {
                    break;
                }
                prop_assert!(reader.offset() >= before && reader.offset() <= bytes.len());
            }
        }
    }
}
