//! Nanoseconds as exact fractions.

use std::{iter::Sum, ops::AddAssign};

/// The common denominator: every share out of up to 40 is a whole number of these.
const PARTS_A_NANO: u128 = least_common_multiple_up_to(40);

const fn least_common_multiple_up_to(last: u128) -> u128 {
    let mut multiple = 1;
    let mut n = 2;
    while n <= last {
        multiple = multiple / greatest_common_divisor(multiple, n) * n;
        n += 1;
    }
    multiple
}

const fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// A length of time, without rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exact(u128);

impl Exact {
    pub fn nanos(nanos: u64) -> Self {
        Self(u128::from(nanos) * PARTS_A_NANO)
    }

    /// What one of `sharers` gets of `nanos`.
    pub fn share(nanos: u64, sharers: usize) -> Self {
        let whole = Self::nanos(nanos).0;
        let sharers = sharers as u128;
        assert_eq!(PARTS_A_NANO % sharers, 0, "at most 40 share an instant");
        Self(whole / sharers)
    }

    /// Whether `nanos` is this, give or take `tolerance` nanoseconds.
    pub fn is_within(self, tolerance: u64, nanos: u64) -> bool {
        self.0.abs_diff(Self::nanos(nanos).0) <= Self::nanos(tolerance).0
    }

    /// The nearest whole nanosecond, for people to read.
    pub fn rounded_nanos(self) -> u64 {
        u64::try_from((self.0 + PARTS_A_NANO / 2) / PARTS_A_NANO).expect("fits 64 bits")
    }
}

impl AddAssign for Exact {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sum for Exact {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |sum, part| Self(sum.0 + part.0))
    }
}

#[test]
fn thirds_of_a_nanosecond_add_up_to_it() {
    let third = Exact::share(1, 3);
    assert_eq!([third; 3].into_iter().sum::<Exact>(), Exact::nanos(1));
}
