//! Exact fractions of big integers, and their nearest double.
//!
//! Invariants: the denominator is positive; nothing is rounded before `nearest`; nothing is ever reduced, because a
//! fraction lives for a handful of operations.

use std::cmp::Ordering;
use std::ops::{Add, Mul, Sub};

use num_bigint::{BigInt, Sign};

/// An exact fraction.
#[derive(Debug, Clone)]
pub struct Fraction {
    top: BigInt,
    bottom: BigInt,
}

/// Bits of a quotient before rounding: more than the 53 of a double and its round bit, fewer than the 128 at hand.
const QUOTIENT_BITS: i64 = 80;
/// Bits that a double stores of its mantissa.
const STORED_BITS: u32 = 52;
/// What a double adds to its exponent.
const EXPONENT_BIAS: i64 = 1_023;

impl Fraction {
    /// `top / bottom`; none if `bottom` is 0.
    pub fn new(top: impl Into<BigInt>, bottom: impl Into<BigInt>) -> Option<Self> {
        let (top, bottom) = (top.into(), bottom.into());
        match bottom.sign() {
            Sign::NoSign => None,
            Sign::Plus => Some(Self { top, bottom }),
            Sign::Minus => Some(Self { top: -top, bottom: -bottom }),
        }
    }

    /// A whole number.
    pub fn whole(value: impl Into<BigInt>) -> Self {
        Self { top: value.into(), bottom: BigInt::from(1) }
    }

    /// `self / other`; none if `other` is 0.
    pub fn over(&self, other: &Self) -> Option<Self> {
        Self::new(&self.top * &other.bottom, &self.bottom * &other.top)
    }

    /// Whether it is exactly 0.
    pub fn is_zero(&self) -> bool {
        self.top.sign() == Sign::NoSign
    }

    /// The largest whole number that is not above; none past 128 bits.
    pub fn floor(&self) -> Option<i128> {
        let quotient = &self.top / &self.bottom;
        let below = &quotient * &self.bottom > self.top;
        i128::try_from(if below { quotient - 1 } else { quotient }).ok()
    }

    /// The nearest double, ties to even. Meant for magnitudes between 1e-300 and 1e300; outside them it is 0 or infinite.
    pub fn nearest(&self) -> f64 {
        if self.is_zero() {
            return 0.0;
        }
        let (top, bottom) = (self.top.magnitude(), self.bottom.magnitude());
        let length = |bits: u64| i64::try_from(bits).unwrap_or(i64::MAX);
        let shift = QUOTIENT_BITS - (length(top.bits()) - length(bottom.bits()));
        let by = shift.unsigned_abs();
        let (top, bottom) =
            if shift >= 0 { (top << by, bottom.clone()) } else { (top.clone(), bottom << by) };
        let quotient = &top / &bottom;
        let exact = &quotient * &bottom == top;
        // At least 27 bits are dropped below, so the lowest one may stand for everything that the division left over.
        let quotient = u128::try_from(quotient).unwrap_or(u128::MAX) | u128::from(!exact);
        let magnitude = double(quotient, shift);
        if self.top.sign() == Sign::Minus { -magnitude } else { magnitude }
    }
}

/// `quotient` x 2^-`shift` as the nearest double; the quotient has more than 54 bits.
fn double(quotient: u128, shift: i64) -> f64 {
    let dropped = u128::BITS - quotient.leading_zeros() - (STORED_BITS + 1);
    let (kept, rest, half) = (quotient >> dropped, quotient & ((1 << dropped) - 1), 1_u128 << (dropped - 1));
    let up = rest > half || (rest == half && kept & 1 == 1);
    let (mantissa, carried) = match kept + u128::from(up) {
        full if full >> (STORED_BITS + 1) == 1 => (full >> 1, 1),
        mantissa => (mantissa, 0),
    };
    let exponent = i64::from(dropped) - shift + carried + i64::from(STORED_BITS) + EXPONENT_BIAS;
    match u64::try_from(exponent) {
        Err(_) | Ok(0) => 0.0,
        Ok(2_047..) => f64::INFINITY,
        Ok(exponent) => {
            let stored = u64::try_from(mantissa & ((1 << STORED_BITS) - 1)).unwrap_or(0);
            f64::from_bits((exponent << STORED_BITS) | stored)
        }
    }
}

impl Add for &Fraction {
    type Output = Fraction;

    fn add(self, other: Self) -> Fraction {
        let top = &self.top * &other.bottom + &other.top * &self.bottom;
        Fraction { top, bottom: &self.bottom * &other.bottom }
    }
}

impl Sub for &Fraction {
    type Output = Fraction;

    fn sub(self, other: Self) -> Fraction {
        let top = &self.top * &other.bottom - &other.top * &self.bottom;
        Fraction { top, bottom: &self.bottom * &other.bottom }
    }
}

impl Mul for &Fraction {
    type Output = Fraction;

    fn mul(self, other: Self) -> Fraction {
        Fraction { top: &self.top * &other.top, bottom: &self.bottom * &other.bottom }
    }
}

impl PartialEq for Fraction {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Fraction {}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.top * &other.bottom).cmp(&(&other.top * &self.bottom))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn fraction(top: i128, bottom: i128) -> Fraction {
        Fraction::new(top, bottom).expect("a denominator")
    }

    fn bits(top: i128, bottom: i128) -> u64 {
        fraction(top, bottom).nearest().to_bits()
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "both fit 53 bits, so IEEE division rounds once, too")]
    fn small_fractions_equal_ieee_division() {
        let mut random = Random::new(1);
        for _ in 0..100_000 {
            let length = random.below(53);
            let (top, bottom) = (random.below(2 << length), 1 + random.below((1 << 53) - 1));
            assert_eq!(bits(top.into(), bottom.into()), (top as f64 / bottom as f64).to_bits());
            assert_eq!(
                bits(bottom.into(), 1 + i128::from(top)),
                (bottom as f64 / (top + 1) as f64).to_bits()
            );
        }
    }

    #[test]
    fn ties_go_to_even() {
        let unit = 1_i128 << 53;
        for (offset, expected) in [(1, 0), (2, 2), (3, 4), (5, 4), (6, 6), (7, 8)] {
            assert_eq!(bits(unit + offset, 1), bits(unit + expected, 1), "{offset}");
            assert_eq!(bits(-unit - offset, 3), (-fraction(unit + offset, 3).nearest()).to_bits());
        }
        assert_eq!(bits(unit + 1, 1), 9_007_199_254_740_992.0_f64.to_bits());
        assert!(fraction((1 << 60) + (1 << 7) + 1, 1).nearest() > fraction(1 << 60, 1).nearest());
    }

    #[test]
    fn floors_and_compares() {
        assert_eq!(fraction(-7, 2).floor(), Some(-4));
        assert_eq!(fraction(7, -2).floor(), Some(-4));
        assert_eq!(fraction(-8, 2).floor(), Some(-4));
        assert_eq!(fraction(7, 2).floor(), Some(3));
        assert!(fraction(1, 3) < fraction(2, 3) && fraction(2, 6) == fraction(1, 3));
        assert_eq!(&fraction(1, 3) - &fraction(1, 2), fraction(-1, 6));
        assert!(Fraction::new(1, 0).is_none());
    }
}
