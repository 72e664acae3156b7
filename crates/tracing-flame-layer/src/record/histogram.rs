//! How long the calls of a node took: how many took about so long.
//!
//! Each power of two of ticks is cut into eight buckets of one width, so that a
//! bucket is at most an eighth as wide as its smallest value is long:
//!
//! ```text
//! ticks   0 1 2 .. 15 | 16-17 18-19 .. 30-31 | 32-35 .. 60-63 | 64-71 ..
//! width      1        |          2           |       4        |    8
//! ```
//!
//! A call is told by the last value of its bucket. From 16 ticks on, a bucket of
//! width `2^k` begins at `8 * 2^k` or later, so for a call of `v` ticks the last
//! value is between `v` and `v + 2^k - 1 < v + v / 8`: never too short, and too
//! long by less than 12.5 %. Below 16 ticks it is exact.
//!
//! Buckets are made in [`Blocks`], one for each power of two in which a call falls,
//! and in the order in which the first one does. A thread's own hold calls that took
//! less than 4,194,304 ticks, a millisecond or two; longer ones, a few among those of any
//! program, are [counted together](super::pooled). Of a thread's, those used last are
//! at hand: one for each remainder of the power by four, so calls of much the same
//! length find theirs, even where they fall in several. On a 64-bit machine a block
//! takes 88 bytes, and a node at which no call has ended the 48 of an empty
//! [`Histogram`].

use super::{
    cell::Counter,
    paged::made,
    room::try_box,
    sync::{AtomicPtr, OnceLock, Ordering::Relaxed},
};
use crate::packed::Numbers;

/// The power of two that a power of two is cut into.
const CUT: u32 = 3;
/// Buckets of a power of two, which are those of a block.
const BLOCK: usize = 1 << CUT;
/// Blocks at hand.
const AT_HAND: usize = 4;
/// From this power of two on, calls are long.
const LONG: u32 = 22;

/// A bucket's number, in ascending order of their values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Bucket(u32);

impl Bucket {
    /// The bucket of a value.
    #[inline]
    #[expect(clippy::arithmetic_side_effects, reason = "a bit at or above `CUT` is set")]
    pub(crate) fn of(ticks: u64) -> Self {
        let shift = (63 - CUT) - (ticks | (1 << CUT)).leading_zeros();
        Self((shift << CUT).wrapping_add((ticks >> shift) as u32))
    }

    /// The largest value of the bucket.
    pub(crate) fn last(self) -> u64 {
        let (steps, within) = (self.0 >> CUT, u64::from(self.0) & ((1 << CUT) - 1));
        match steps.checked_sub(1) {
            None => within,
            // The very last bucket ends where 64 bits do.
            Some(shift) => (within.wrapping_add((1 << CUT) + 1) << shift).wrapping_sub(1),
        }
    }

    /// Whether its calls took so long that threads may count them together: a step that
    /// several take at once is nothing beside it.
    pub(crate) fn is_long(self) -> bool {
        self >= Self::of(1 << LONG)
    }

    /// Its place among all buckets, of which there are 496.
    pub(crate) fn number(self) -> usize {
        self.0 as usize
    }

    /// Where its block is at hand, if it was used last.
    #[inline]
    fn place(self) -> usize {
        (self.0 >> CUT) as usize % AT_HAND
    }

    /// The first bucket of the same power of two.
    fn first_of_block(self) -> u32 {
        self.0 >> CUT << CUT
    }
}

/// Buckets, by blocks that are never moved. Any may make some and read them.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    first: Next,
}

/// Calls by how long they took. One thread adds, any may read.
#[derive(Debug)]
pub(crate) struct Histogram {
    blocks: Blocks,
    /// The blocks used last, by [`Bucket::place`], or [`NOTHING`].
    recent: [AtomicPtr<Block>; AT_HAND],
}

type Next = OnceLock<Box<Block>>;

#[derive(Debug, Default)]
struct Block {
    /// The number of its first bucket.
    first: u32,
    calls: [Counter; BLOCK],
    next: Next,
}

#[cfg(not(loom))]
static OF_NOTHING: Block =
    Block { first: u32::MAX / 2, calls: [const { Counter::new() }; BLOCK], next: Next::new() };
/// Stands for no block: no bucket is in it.
#[cfg(not(loom))]
const NOTHING: *mut Block = (&raw const OF_NOTHING).cast_mut();
/// The same in models, which have no statics.
#[cfg(loom)]
const NOTHING: *mut Block = std::ptr::null_mut();

impl Default for Histogram {
    fn default() -> Self {
        Self { blocks: Blocks::default(), recent: [NOTHING; AT_HAND].map(AtomicPtr::new) }
    }
}

impl Block {
    #[inline]
    fn at(&self, bucket: Bucket) -> Option<&Counter> {
        self.calls.get(bucket.0.wrapping_sub(self.first) as usize)
    }

    /// Its buckets that have calls.
    fn counters(&self) -> impl Iterator<Item = (Bucket, &Counter)> {
        let all = (self.first..).map(Bucket).zip(&self.calls);
        all.filter(|(_, counter)| counter.get() > 0)
    }
}

impl Blocks {
    /// A bucket and its block, made where it is missing; `None` where there is no memory.
    #[inline(never)]
    fn get_or_make(&self, bucket: Bucket) -> Option<(&Block, &Counter)> {
        let make = || try_box(Block { first: bucket.first_of_block(), ..Block::default() });
        let mut block = made(&self.first, make)?;
        loop {
            if let Some(counter) = block.at(bucket) {
                return Some((block, counter));
            }
            // Another thread may have made it of another power of two meanwhile.
            block = made(&block.next, make)?;
        }
    }

    /// Counts calls, beside others that do. Where there is no memory for their bucket
    /// they are missing in the percentiles.
    pub(crate) fn add_beside_others(&self, bucket: Bucket, calls: u64) -> Option<()> {
        let (_, counter) = self.get_or_make(bucket)?;
        counter.add_beside_others(calls);
        Some(())
    }

    /// A bucket, where its block has been made.
    pub(crate) fn get(&self, bucket: Bucket) -> Option<&Counter> {
        self.iter().find_map(|block| block.at(bucket))
    }

    fn iter(&self) -> impl Iterator<Item = &Block> {
        let first = self.first.get().map(|block| &**block);
        std::iter::successors(first, |block| block.next.get().map(|next| &**next))
    }

    /// Every bucket that has calls.
    fn counters(&self) -> impl Iterator<Item = (Bucket, &Counter)> {
        self.iter().flat_map(Block::counters)
    }
}

impl Histogram {
    /// Counts a call; only the writer may call it. Where there is no memory for its
    /// bucket, it is missing in the percentiles.
    pub(crate) fn add(&self, bucket: Bucket) {
        if let Some((block, counter)) = self.blocks.get_or_make(bucket) {
            counter.add(1);
            self.remember(bucket, block);
        }
    }

    /// The calls that took about so long, if their block is at hand; only the writer
    /// may call it.
    #[inline(always)]
    pub(crate) fn calls(&self, ticks: u64) -> Option<&Counter> {
        let bucket = Bucket::of(ticks);
        // Relaxed: only the writer, who stored it, calls this.
        let block = self.recent.get(bucket.place())?.load(Relaxed);
        if cfg!(loom) && block.is_null() {
            return None;
        }
        // SAFETY: it is that of nothing, or `remember` stored it: a block of this
        // chain, which neither moves nor goes before the histogram does.
        unsafe { &*block }.at(bucket)
    }

    #[inline]
    fn remember(&self, bucket: Bucket, block: &Block) {
        if let Some(recent) = self.recent.get(bucket.place()) {
            recent.store(std::ptr::from_ref(block).cast_mut(), Relaxed);
        }
    }

    pub(crate) fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    /// Whether a call has been counted.
    pub(crate) fn has_calls(&self) -> bool {
        self.blocks.counters().next().is_some()
    }

    /// The calls so far.
    #[cfg(test)]
    pub(crate) fn read(&self) -> Counts {
        let mut counts = Counts::default();
        counts.add_blocks(&self.blocks);
        counts
    }

    /// Moves its calls to where threads count together, and keeps its blocks for the
    /// next ones; only a moment without its writer allows it.
    pub(crate) fn move_to(&self, blocks: &Blocks) {
        for (bucket, counter) in self.blocks.counters() {
            if blocks.add_beside_others(bucket, counter.get()).is_some() {
                counter.clear();
            }
        }
    }
}

/// Calls by bucket, read: those that have some, in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts(Vec<(Bucket, u64)>);

impl Counts {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All calls together.
    pub(crate) fn calls(&self) -> u64 {
        self.0.iter().fold(0, |sum, (_, calls)| sum.saturating_add(*calls))
    }

    /// The highest bucket with a call.
    pub(crate) fn top(&self) -> Option<Bucket> {
        self.0.last().map(|(bucket, _)| *bucket)
    }

    /// No calls, in the same memory.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// How many buckets have calls, and each with them.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> {
        let buckets = self.0.iter().flat_map(|(bucket, calls)| [bucket.0.into(), *calls]);
        std::iter::once(self.0.len() as u64).chain(buckets)
    }

    pub(super) fn of_numbers(numbers: &mut Numbers<'_>) -> Self {
        let buckets = numbers.take();
        Self((0..buckets).map(|_| (Bucket(numbers.take() as u32), numbers.take())).collect())
    }

    /// Adds one call.
    pub(crate) fn add(&mut self, ticks: u64) {
        self.add_calls(Bucket::of(ticks), 1);
    }

    /// Adds the calls so far; more may be counted meanwhile.
    pub(crate) fn add_blocks(&mut self, blocks: &Blocks) {
        blocks.iter().for_each(|block| self.add_block(block));
    }

    fn add_block(&mut self, block: &Block) {
        let mut at = self.0.partition_point(|(known, _)| known.0 < block.first);
        for (bucket, counter) in block.counters() {
            while self.0.get(at).is_some_and(|(known, _)| *known < bucket) {
                at = at.saturating_add(1);
            }
            match self.0.get_mut(at) {
                Some((known, calls)) if *known == bucket => {
                    *calls = calls.saturating_add(counter.get());
                }
                _ => self.0.insert(at, (bucket, counter.get())),
            }
        }
    }

    fn add_calls(&mut self, bucket: Bucket, calls: u64) {
        match self.0.binary_search_by_key(&bucket, |(known, _)| *known) {
            Ok(at) => {
                if let Some((_, known)) = self.0.get_mut(at) {
                    *known = known.saturating_add(calls);
                }
            }
            Err(at) => self.0.insert(at, (bucket, calls)),
        }
    }

    /// Both together.
    pub(crate) fn merge(&mut self, other: &Self) {
        if self.0.is_empty() {
            self.0.clone_from(&other.0);
        } else if !other.0.is_empty() {
            self.0 = self.zip(other, u64::saturating_add);
        }
    }

    /// What came after `earlier`; saturating, as all of a snapshot.
    #[must_use]
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let mut counts = self.zip(earlier, u64::saturating_sub);
        counts.retain(|(_, calls)| *calls > 0);
        Self(counts)
    }

    fn zip(&self, other: &Self, each: impl Fn(u64, u64) -> u64) -> Vec<(Bucket, u64)> {
        let (mut ours, mut theirs) = (&self.0[..], &other.0[..]);
        let mut zipped = Vec::with_capacity(ours.len().max(theirs.len()));
        while let Some(bucket) = ours.first().into_iter().chain(theirs.first()).map(|c| c.0).min() {
            let next = |counts: &mut &[(Bucket, u64)]| match counts.split_first() {
                Some(((at, calls), rest)) if *at == bucket => {
                    *counts = rest;
                    *calls
                }
                _ => 0,
            };
            let (a, b) = (next(&mut ours), next(&mut theirs));
            zipped.push((bucket, each(a, b)));
        }
        zipped
    }

    /// Each bucket's largest value, and its calls.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().map(|(bucket, calls)| (bucket.last(), *calls))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values at and around every place where a bucket may begin.
    fn telling() -> impl Iterator<Item = u64> {
        let eighths = (0..64).flat_map(|bit| (0..8).map(move |n| (1_u64 << bit) / 8 * n));
        let edges = (0..64).zip(std::iter::repeat(eighths.collect::<Vec<_>>()));
        edges.flat_map(|(bit, eighths)| {
            let starts = eighths.into_iter().map(move |e| (1_u64 << bit).wrapping_add(e));
            starts.flat_map(|v| [v.wrapping_sub(1), v, v.wrapping_add(1)])
        })
    }

    #[test]
    fn a_bucket_tells_a_value_never_too_short_and_less_than_an_eighth_too_long() {
        // Splitmix64: any values between the telling ones.
        let mut state = 1_u64;
        let any = std::iter::repeat_with(|| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed >> (state % 64)
        });
        for value in telling().chain(any.take(100_000)).chain([0, u64::MAX]) {
            let told = Bucket::of(value).last();
            assert!(told >= value, "{value} is told as {told}");
            let off = u128::from(told - value);
            assert!(off == 0 || off * 8 < u128::from(value), "{value} is told as {told}");
            if value < 16 {
                assert_eq!(told, value);
            }
        }
    }

    #[test]
    #[cfg(all(target_pointer_width = "64", not(loom)))]
    fn a_stack_and_a_thread_take_what_the_docs_say() {
        use super::super::{PathNode, cell::Cell};
        assert_eq!(size_of::<Cell>(), 184);
        assert_eq!(size_of::<Block>(), 88);
        assert_eq!(size_of::<OnceLock<PathNode>>(), 40);
    }

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        let mut value = 0_u64;
        for number in 0_u32.. {
            assert_eq!(Bucket::of(value), Bucket(number));
            match Bucket(number).last().checked_add(1) {
                Some(next) => value = next,
                None => return assert_eq!(number, 495),
            }
        }
    }

    #[test]
    fn what_is_read_subtracts_and_adds_up_again() {
        let histogram = Histogram::default();
        let add = |ticks: &u64| histogram.add(Bucket::of(*ticks));
        [5, 5, 1_000].iter().for_each(add);
        let earlier = histogram.read();
        [5, 70, 1 << 40].iter().for_each(add);
        let mut between = histogram.read().since(&earlier);
        assert_eq!(between.iter().collect::<Vec<_>>(), [(5, 1), (71, 1), ((9 << 37) - 1, 1)]);
        between.merge(&earlier);
        assert_eq!(between, histogram.read());
        assert_eq!(between.calls(), 6);
    }

    #[test]
    fn what_a_thread_leaves_behind_moves_as_a_whole_and_its_blocks_stay() {
        let (from, to) = (Histogram::default(), Blocks::default());
        [1, 50, 50].iter().for_each(|ticks| from.add(Bucket::of(*ticks)));
        [50, 9_999].iter().for_each(|ticks| _ = to.add_beside_others(Bucket::of(*ticks), 1));
        from.move_to(&to);
        assert!(from.read().is_empty());
        assert_eq!(from.blocks.iter().count(), 2);
        let mut counts = Counts::default();
        counts.add_blocks(&to);
        assert_eq!(counts.iter().collect::<Vec<_>>(), [(1, 1), (51, 3), (10_239, 1)]);
    }

    #[test]
    fn a_call_is_long_from_a_power_of_two_on() {
        assert!(!Bucket::of((1 << LONG) - 1).is_long());
        assert!(Bucket::of(1 << LONG).is_long());
        assert!(Bucket::of(u64::MAX).is_long());
    }

    #[test]
    #[cfg(not(loom))]
    fn threads_that_count_together_lose_no_call() {
        let blocks = Blocks::default();
        std::thread::scope(|scope| {
            for thread in 0..4_u32 {
                let blocks = &blocks;
                let each = move |n: u32| _ = blocks.add_beside_others(Bucket(n * 8 + thread), 1);
                scope.spawn(move || (0..40_000).map(|n| n % 40).for_each(each));
            }
        });
        let mut counts = Counts::default();
        counts.add_blocks(&blocks);
        assert_eq!(blocks.iter().count(), 40);
        assert!(counts.0.iter().all(|(_, calls)| *calls == 1_000));
        assert_eq!(counts.calls(), 160_000);
    }
}
