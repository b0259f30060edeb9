//! Fractions that are not negative, exact whatever their size: sums of many members have denominators beyond any
//! machine integer. They become an `f64` in one rounding.
//!
//! Invariants: limbs are little-endian without leading zeros, so equal numbers are equal; a denominator is never zero.
//! Work is bounded: a fraction that grows beyond `MAX_BITS` is rounded up to a multiple of 2^-`KEPT_BITS`.

use std::cmp::Ordering;

/// Bits of a denominator that are kept exactly: 64 members with totals of 2^64 each, weighted.
const MAX_BITS: usize = 8_192;
/// What a larger one is rounded to: far below what any comparison of ours can tell.
const KEPT_BITS: usize = 512;
const LIMB_BITS: usize = 32;
/// More than the 53 bits that an `f64` keeps: with a sticky bit the one rounding is the final one.
const SIGNIFICANT_BITS: usize = 64;

/// A whole number that is not negative.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Natural(Vec<u32>);

impl From<u128> for Natural {
    fn from(mut number: u128) -> Self {
        let mut limbs = Vec::new();
        while number > 0 {
            limbs.push(low(number));
            number >>= LIMB_BITS;
        }
        Self(limbs)
    }
}

/// The lowest limb.
fn low(number: u128) -> u32 {
    u32::try_from(number & u128::from(u32::MAX)).unwrap_or(u32::MAX)
}

impl Natural {
    fn trimmed(mut self) -> Self {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        self
    }

    fn limb(&self, index: usize) -> u128 {
        self.0.get(index).copied().unwrap_or(0).into()
    }

    const fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    fn bits(&self) -> usize {
        let top = self.0.last().map_or(0, |limb| limb.leading_zeros());
        (self.0.len() * LIMB_BITS).saturating_sub(usize::try_from(top).unwrap_or(0))
    }

    fn bit(&self, index: usize) -> bool {
        self.limb(index / LIMB_BITS) >> (index % LIMB_BITS) & 1 == 1
    }

    fn plus(&self, other: &Self) -> Self {
        let mut carry = 0_u128;
        let mut limbs = Vec::with_capacity(self.0.len().max(other.0.len()) + 1);
        for index in 0..=self.0.len().max(other.0.len()) {
            carry += self.limb(index) + other.limb(index);
            limbs.push(low(carry));
            carry >>= LIMB_BITS;
        }
        Self(limbs).trimmed()
    }

    /// The difference; zero if `other` is more.
    fn minus(&self, other: &Self) -> Self {
        if self.compare(other) != Ordering::Greater {
            return Self::default();
        }
        let mut borrow = 0_u128;
        let mut limbs = Vec::with_capacity(self.0.len());
        for index in 0..self.0.len() {
            let left = (1_u128 << LIMB_BITS) + self.limb(index) - other.limb(index) - borrow;
            limbs.push(low(left));
            borrow = u128::from(left >> LIMB_BITS == 0);
        }
        Self(limbs).trimmed()
    }

    fn times(&self, other: &Self) -> Self {
        let mut limbs: Vec<u32> = vec![0; self.0.len() + other.0.len()];
        for (offset, left) in self.0.iter().enumerate() {
            let mut carry = 0_u128;
            for (index, limb) in limbs.iter_mut().skip(offset).enumerate() {
                carry += u128::from(*limb) + u128::from(*left) * other.limb(index);
                *limb = low(carry);
                carry >>= LIMB_BITS;
            }
        }
        Self(limbs).trimmed()
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }

    /// Twice the number, and one more if so said.
    fn doubled(&mut self, one_more: bool) {
        let mut carry = u32::from(one_more);
        for limb in &mut self.0 {
            let out = *limb >> (LIMB_BITS - 1);
            *limb = *limb << 1 | carry;
            carry = out;
        }
        if carry > 0 {
            self.0.push(carry);
        }
    }

    /// This number times 2^`shift` over a divisor that is not zero, rounded down, and whether something was left.
    fn over(&self, divisor: &Self, shift: usize) -> (Self, bool) {
        let (mut quotient, mut rest) = (Self::default(), Self::default());
        for index in (0..self.bits() + shift).rev() {
            rest.doubled(index >= shift && self.bit(index - shift));
            let fits = rest.compare(divisor) != Ordering::Less;
            if fits {
                rest = rest.minus_exactly(divisor);
            }
            quotient.doubled(fits);
        }
        (quotient, !rest.is_zero())
    }

    /// The difference, zero included.
    fn minus_exactly(&self, other: &Self) -> Self {
        if self == other { Self::default() } else { self.minus(other) }
    }
}

/// A fraction that is not negative.
#[derive(Debug, Clone)]
pub(super) struct Fraction {
    over: Natural,
    under: Natural,
}

impl Fraction {
    /// Nothing.
    pub(super) fn zero() -> Self {
        Self::whole(0)
    }

    pub(super) fn whole(number: u128) -> Self {
        Self { over: number.into(), under: 1.into() }
    }

    /// None if the denominator is zero.
    pub(super) fn new(numerator: u128, denominator: u128) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        let divisor = greatest_common(numerator, denominator).max(1);
        Some(Self { over: (numerator / divisor).into(), under: (denominator / divisor).into() })
    }

    /// The very number that an `f64` is; none if it is negative or no number.
    pub(super) fn from_f64(value: f64) -> Option<Self> {
        if !value.is_finite() || value < 0.0 {
            return None;
        }
        let bits = value.to_bits();
        let exponent = i32::try_from(bits >> 52 & 0x7ff).ok()?;
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, power) =
            if exponent == 0 { (fraction, -1_074) } else { (fraction | 1 << 52, exponent - 1_075) };
        let (mut over, mut under): (Natural, Natural) = (u128::from(mantissa).into(), 1.into());
        for _ in 0..power.unsigned_abs() {
            if power < 0 { under.doubled(false) } else { over.doubled(false) }
        }
        Some(Self { over, under })
    }

    pub(super) const fn is_zero(&self) -> bool {
        self.over.is_zero()
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        if self.under == other.under {
            return Self { over: self.over.plus(&other.over), under: self.under.clone() };
        }
        let over = self.over.times(&other.under).plus(&other.over.times(&self.under));
        Self { over, under: self.under.times(&other.under) }.settled()
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        Self { over: self.over.times(&other.over), under: self.under.times(&other.under) }.settled()
    }

    /// None if `other` is zero.
    pub(super) fn divided_by(&self, other: &Self) -> Option<Self> {
        let inverse = Self { over: other.under.clone(), under: other.over.clone() };
        (!other.is_zero()).then(|| self.times(&inverse))
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        self.over.times(&other.under).compare(&other.over.times(&self.under))
    }

    /// The nearest `f64`.
    pub(super) fn as_f64(&self) -> f64 {
        nearest(&self.over, &self.under)
    }

    /// The nearest `f64` of 1 less this, which may be negative.
    pub(super) fn one_less(&self) -> f64 {
        match self.over.compare(&self.under) {
            Ordering::Equal => 0.0,
            Ordering::Less => nearest(&self.under.minus(&self.over), &self.under),
            Ordering::Greater => -nearest(&self.over.minus(&self.under), &self.under),
        }
    }

    fn settled(self) -> Self {
        if self.under.bits() <= MAX_BITS {
            return self;
        }
        let (quotient, is_rest) = self.over.over(&self.under, KEPT_BITS);
        let mut under = Natural::from(1);
        (0..KEPT_BITS).for_each(|_| under.doubled(false));
        Self { over: quotient.plus(&u128::from(is_rest).into()), under }
    }
}

fn greatest_common(mut high: u128, mut low: u128) -> u128 {
    while low != 0 {
        (high, low) = (low, high % low);
    }
    high
}

fn nearest(over: &Natural, under: &Natural) -> f64 {
    // So that the quotient has one bit more than is looked at, at least.
    let shift = (SIGNIFICANT_BITS + 1 + under.bits()).saturating_sub(over.bits());
    let (quotient, is_rest) = over.over(under, shift);
    let dropped = quotient.bits().saturating_sub(SIGNIFICANT_BITS);
    let kept = (dropped..quotient.bits())
        .rev()
        .fold(0_u64, |kept, index| kept << 1 | u64::from(quotient.bit(index)));
    let sticky = is_rest || (0..dropped).any(|index| quotient.bit(index));
    #[expect(clippy::cast_precision_loss, reason = "this is the one rounding")]
    let rounded = (kept | u64::from(sticky)) as f64;
    let exponent = i32::try_from(dropped).unwrap_or(i32::MAX) - i32::try_from(shift).unwrap_or(0);
    // Two steps keep the power of two itself a normal number.
    rounded * 2.0_f64.powi(exponent / 2) * 2.0_f64.powi(exponent - exponent / 2)
}

#[cfg(test)]
mod tests;
