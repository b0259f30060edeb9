//! `SplitMix64`: the same cases from the same seed, on every machine and for ever.

/// A generator of numbers that look random.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The generator of one case of a run: neighbouring seeds and cases have nothing in common.
    pub const fn of_case(seed: u64, case: u64) -> Self {
        Self(Self(seed).next().wrapping_add(Self(case ^ 0x5851_f42d_4c95_7f2d).next()))
    }

    const fn next(mut self) -> u64 {
        self.draw()
    }

    const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 if `end` is 0.
    pub const fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.draw() % end }
    }

    /// A number from `low` to `high`, both inclusive.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.abs_diff(low).saturating_add(1);
        low.saturating_add(i64::try_from(self.below(width)).unwrap_or(0))
    }

    /// True in one of `of` cases.
    pub const fn one_in(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }

    /// One of several; `fallback` of none.
    pub fn pick<T: Copy>(&mut self, of: &[T], fallback: T) -> T {
        let count = u64::try_from(of.len()).unwrap_or(0);
        let at = usize::try_from(self.below(count)).unwrap_or(0);
        of.get(at).copied().unwrap_or(fallback)
    }

    /// Puts a list into any order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let end = u64::try_from(last).unwrap_or(0) + 1;
            list.swap(last, usize::try_from(self.below(end)).unwrap_or(0));
        }
    }
}
