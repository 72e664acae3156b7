//! The longest of any number of stretches of time.

use std::cmp::Reverse;

/// How many bytes all captures together may still take for their stretches.
#[derive(Debug)]
pub(crate) struct Budget(usize);

impl Budget {
    pub(crate) fn new(bytes: usize) -> Self {
        Self(bytes)
    }

    /// Takes so many bytes where they are left.
    fn charge(&mut self, bytes: usize) -> bool {
        let left = self.0.checked_sub(bytes);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }

    /// Takes so many bytes, or all that are left.
    fn overdraw(&mut self, bytes: usize) {
        self.0 = self.0.saturating_sub(bytes);
    }

    /// Gives so many bytes back.
    fn credit(&mut self, bytes: usize) {
        self.0 = self.0.saturating_add(bytes);
    }
}

/// About how many stretches of a kind are kept at least; up to twice as many are.
pub(crate) const MOST: usize = 4_096;

/// By how many the middle one of all is guessed.
const FEW: usize = 256;

/// A stretch of time, in ticks.
pub(crate) trait Stretch {
    fn from(&self) -> u64;
    fn to(&self) -> u64;

    fn length(&self) -> u64 {
        self.to().saturating_sub(self.from())
    }
}

/// The longest stretches, and how many shorter ones there were.
///
/// The shorter half, more or less, goes whenever there are too many, and what is shorter
/// than that is not taken any more; so a stretch costs the same however many there
/// are, and what is kept covers all of the time at one resolution.
#[derive(Debug)]
pub(crate) struct Longest<T> {
    kept: Vec<T>,
    /// What is shorter is not taken.
    floor: u64,
    left_out: u64,
    longest_left_out: u64,
}

impl<T: Stretch> Longest<T> {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self { kept: Vec::new(), floor: 1, left_out: 0, longest_left_out: 0 }
    }

    /// Takes a stretch, its memory being on a budget; one without length is nothing.
    #[inline]
    pub(crate) fn push(&mut self, stretch: T, budget: &mut Budget) {
        let length = stretch.length();
        if length < self.floor {
            return self.leave_out(length);
        }
        if self.kept.len() == self.kept.capacity() {
            self.make_room(budget);
            // What has gone may have been longer.
            if length < self.floor || self.kept.len() == self.kept.capacity() {
                return self.leave_out(length);
            }
        }
        self.kept.push(stretch);
    }

    fn leave_out(&mut self, length: u64) {
        self.left_out = self.left_out.saturating_add(u64::from(length > 0));
        self.longest_left_out = self.longest_left_out.max(length);
    }

    /// Room for more, or the shorter half goes: where there are too many, and
    /// where there is no memory.
    #[cold]
    fn make_room(&mut self, budget: &mut Budget) {
        if self.grow(budget) || self.kept.len() < 2 {
            return;
        }
        let before = self.kept.len();
        let middle = self.middle();
        self.leave_out_below(middle);
        if self.kept.len() > before.saturating_sub(before / 4) {
            // So many are of one length that some of them go.
            self.leave_out_half();
        }
        self.floor = self.longest_left_out.saturating_add(1);
    }

    /// About how long the middle one is, by a few from all over.
    fn middle(&self) -> u64 {
        let mut lengths = [0; FEW];
        let most = self.kept.len().min(FEW);
        let few = (0..most).filter_map(|i| self.kept.get(spread(i, most, self.kept.len())));
        lengths.iter_mut().zip(few).for_each(|(length, stretch)| *length = stretch.length());
        let lengths = lengths.get_mut(..most).unwrap_or_default();
        *lengths.select_nth_unstable(most / 2).1
    }

    fn leave_out_below(&mut self, least: u64) {
        let (before, mut longest) = (self.kept.len(), self.longest_left_out);
        self.kept.retain(|stretch| {
            let length = stretch.length();
            let stays = length >= least;
            if !stays {
                longest = longest.max(length);
            }
            stays
        });
        self.longest_left_out = longest;
        self.count_left_out(before);
    }

    fn leave_out_half(&mut self) {
        let before = self.kept.len();
        let most = before / 2;
        self.kept.select_nth_unstable_by_key(most, |stretch| Reverse(stretch.length()));
        let longest = self.kept.get(most).map_or(0, Stretch::length);
        self.longest_left_out = self.longest_left_out.max(longest);
        self.kept.truncate(most);
        self.count_left_out(before);
    }

    fn count_left_out(&mut self, before: usize) {
        let gone = before.saturating_sub(self.kept.len()) as u64;
        self.left_out = self.left_out.saturating_add(gone);
    }

    fn grow(&mut self, budget: &mut Budget) -> bool {
        let (held, most) = (self.kept.capacity(), 2 * MOST);
        let more = held.max(32).min(most.saturating_sub(held));
        let bytes = more.saturating_mul(size_of::<T>());
        if more == 0 || !budget.charge(bytes) {
            return false;
        }
        let before = self.kept.capacity();
        if self.kept.try_reserve_exact(more).is_err() {
            budget.credit(bytes);
            return false;
        }
        // The allocator may have given more.
        let extra = self.kept.capacity().saturating_sub(before).saturating_sub(more);
        budget.overdraw(extra.saturating_mul(size_of::<T>()));
        true
    }

    pub(crate) fn all(&self) -> &[T] {
        &self.kept
    }

    /// How many stretches are missing, and how long the longest of them was.
    pub(crate) fn left_out(&self) -> (u64, u64) {
        (self.left_out, self.longest_left_out)
    }

    /// Back to new, its memory kept.
    pub(crate) fn clear(&mut self) {
        self.kept.clear();
        (self.floor, self.left_out, self.longest_left_out) = (1, 0, 0);
    }

    /// Back to new, its memory given back.
    pub(crate) fn shrink(&mut self, budget: &mut Budget) {
        self.clear();
        budget.credit(self.kept.capacity().saturating_mul(size_of::<T>()));
        self.kept = Vec::new();
    }
}

/// The place of the `i`th of `most` in a row of so many: in no step with whatever
/// recurs there.
fn spread(i: usize, most: usize, length: usize) -> usize {
    if most == length {
        return i;
    }
    // Multiples of the golden ratio, of which the fraction is taken.
    let fraction = (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (u128::from(fraction).wrapping_mul(length as u128) >> u64::BITS) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Stretch for (u64, u64) {
        fn from(&self) -> u64 {
            self.0
        }

        fn to(&self) -> u64 {
            self.1
        }
    }

    #[test]
    fn the_longest_stay_wherever_they_are_and_the_rest_is_counted() {
        let (mut longest, mut budget) = (Longest::new(), Budget::new(usize::MAX));
        let all = 100 * MOST as u64;
        for i in 0..all {
            let length = if i % 1_000 == 0 { 1_000_000 + i } else { 1 + i % 7 };
            longest.push((i, i + length), &mut budget);
        }
        let long = longest.all().iter().filter(|stretch| stretch.length() >= 1_000_000).count();
        assert_eq!(long as u64, all.div_ceil(1_000));
        assert!(longest.all().len() <= 2 * MOST);
        assert_eq!(longest.left_out().0, all - longest.all().len() as u64);
        assert!(longest.left_out().1 <= 7);
        assert_eq!(longest.kept.capacity(), 2 * MOST);
    }

    #[test]
    fn without_a_budget_fewer_are_kept() {
        let (mut longest, mut budget) = (Longest::new(), Budget::new(100 * 16));
        (0..10_000_u64).for_each(|i| longest.push((i, i + 1 + i * 7 % 1_000), &mut budget));
        assert!((32..=64).contains(&longest.all().len()), "{}", longest.all().len());
        assert_eq!(longest.left_out().0, 10_000 - longest.all().len() as u64);
        assert!(longest.all().iter().all(|stretch| stretch.length() >= longest.left_out().1));
        longest.shrink(&mut budget);
        assert!(budget.charge(100 * 16), "all of it was given back");
    }

    #[test]
    fn nothing_is_left_out_as_long_as_there_is_room() {
        let (mut longest, mut budget) = (Longest::new(), Budget::new(usize::MAX));
        (0..2 * MOST as u64).for_each(|i| longest.push((i, i + 1), &mut budget));
        longest.push((5, 5), &mut budget);
        assert_eq!((longest.all().len(), longest.left_out()), (2 * MOST, (0, 0)));
        longest.clear();
        assert!(longest.all().is_empty());
    }
}
