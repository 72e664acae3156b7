//! How long each of many things took.

/// Parts of each power of two.
const PARTS: u32 = 5;
const BUCKETS: usize = (64 - PARTS as usize + 1) << PARTS;

/// Numbers of ticks, counted by their first six binary digits: to 3 %.
#[derive(Debug)]
pub struct Delays {
    buckets: Vec<u64>,
}

impl Default for Delays {
    fn default() -> Self {
        Self { buckets: vec![0; BUCKETS] }
    }
}

impl Delays {
    /// Counts one.
    #[inline]
    pub fn add(&mut self, ticks: u64) {
        self.buckets[bucket(ticks)] += 1;
    }

    /// All of these, and of others.
    #[must_use]
    pub fn and(mut self, others: &Self) -> Self {
        self.buckets.iter_mut().zip(&others.buckets).for_each(|(mine, more)| *mine += more);
        self
    }

    /// What so large a part of them, from 0 to 1, took at most.
    #[must_use]
    pub fn at(&self, part: f64) -> u64 {
        let all: u64 = self.buckets.iter().sum();
        let mut left = (all as f64 * part).ceil() as u64;
        for (place, count) in self.buckets.iter().enumerate() {
            if left <= *count {
                return largest(place);
            }
            left -= count;
        }
        0
    }
}

fn bucket(ticks: u64) -> usize {
    let digits = u64::BITS - ticks.leading_zeros();
    let shift = digits.saturating_sub(PARTS + 1);
    ((shift as usize) << PARTS) + (ticks >> shift) as usize
}

/// The largest number that goes into a bucket.
fn largest(place: usize) -> u64 {
    let shift = (place >> PARTS).saturating_sub(1);
    let first = (place - (shift << PARTS)) as u128;
    (((first + 1) << shift) - 1).min(u128::from(u64::MAX)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_counted_with_those_of_its_first_six_digits() {
        for ticks in [0, 1, 63, 64, 65, 127, 128, 1_000, 123_456_789, u64::MAX] {
            let most = largest(bucket(ticks));
            assert!(ticks <= most && most - ticks <= ticks / 32, "{ticks}: {most}");
            assert!(most == u64::MAX || bucket(most + 1) == bucket(ticks) + 1, "{ticks}");
        }
    }

    #[test]
    fn a_part_of_them_took_no_longer() {
        let mut delays = Delays::default();
        (0..990).for_each(|_| delays.add(10));
        let mut slow = Delays::default();
        (0..10).for_each(|_| slow.add(50));
        let delays = delays.and(&slow);
        assert_eq!([0.5, 0.99, 0.991, 1.0].map(|part| delays.at(part)), [10, 10, 50, 50]);
    }
}
