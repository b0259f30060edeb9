//! Fractions against machine integers, and beyond them.

use super::*;
use crate::ratio::ratio;
use proptest::prelude::*;

fn fraction(over: u128, under: u128) -> Fraction {
    Fraction::new(over, under).unwrap()
}

#[test]
fn thirds_add_up_to_one() {
    let third = fraction(1, 3);
    let one = third.plus(&third).plus(&third);
    assert_eq!((one.compare(&Fraction::whole(1)), one.as_f64(), one.one_less()), (Ordering::Equal, 1.0, 0.0));
    assert_eq!(Some(fraction(1, 1_000).one_less()), ratio(999, 1_000));
    assert_eq!(Some(fraction(3, 2).one_less()), ratio(-1, 2));
    assert!(Fraction::new(1, 0).is_none() && Fraction::zero().is_zero());
    assert!(Fraction::zero().divided_by(&Fraction::zero()).is_none());
}

#[test]
fn a_denominator_of_many_members_stays_bounded() {
    let tiny = fraction(1, u128::MAX - 2);
    let sum =
        (0..200_u128).fold(Fraction::zero(), |sum, index| sum.plus(&fraction(1, u128::MAX - 4 * index)));
    assert!(sum.under.bits() <= MAX_BITS);
    let about = tiny.times(&Fraction::whole(200));
    assert!((sum.as_f64() / about.as_f64() - 1.0).abs() < 1e-15);
}

proptest! {
    #[test]
    fn one_rounding(over in 0_u128..1 << 126, under in 1_u128..1 << 126) {
        let signed = |number: u128| i128::try_from(number).unwrap();
        prop_assert_eq!(Some(fraction(over, under).as_f64()), ratio(signed(over), signed(under)));
        prop_assert_eq!(Some(fraction(over, under).one_less()), ratio(signed(under) - signed(over), signed(under)));
    }

    #[test]
    fn sums_and_products_are_exact(a in 0_u64.., b in 1_u64.., c in 0_u64.., d in 1_u32..) {
        let [a, b, c, d] = [a.into(), b.into(), c.into(), u128::from(d)];
        let (left, right) = (fraction(a, b), fraction(c, d));
        let b_times_d = b * d;
        prop_assert_eq!(left.times(&right).compare(&fraction(a * c, b_times_d)), Ordering::Equal);
        let sum = (a >> 1) * d + (c >> 32) * b;
        prop_assert_eq!(fraction(a >> 1, b).plus(&fraction(c >> 32, d)).compare(&fraction(sum, b_times_d)), Ordering::Equal);
        prop_assert_eq!(left.compare(&right), (a * d).cmp(&(c * b)));
    }

    #[test]
    fn a_float_is_itself(value in 0.0_f64..1e300) {
        prop_assert_eq!(Fraction::from_f64(value).map(|exact| exact.as_f64()), Some(value));
    }
}
