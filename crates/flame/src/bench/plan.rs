//! Which command runs when.

use fastrand::Rng;

/// One of the two commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Before,
    After,
}

impl Side {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// One run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) side: Side,
    /// Of which pair, counted from 1.
    pub(crate) pair: usize,
}

/// All runs, in their order.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) steps: Vec<Step>,
}

impl Plan {
    /// So many pairs. Which one of a pair is first is left to chance, so that what the first
    /// leaves behind (a warm cache, a hot processor) is as often one side's as the other's; of
    /// one seed it is always the same.
    pub(crate) fn new(pairs: usize, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let pair = |pair| {
            let sides = match rng.bool() {
                true => [Side::Before, Side::After],
                false => [Side::After, Side::Before],
            };
            sides.map(|side| Step { side, pair })
        };
        Self { steps: (1..=pairs).flat_map(pair).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_has_both_sides_and_neither_is_always_first() {
        let Plan { steps } = Plan::new(40, 7);
        let firsts = steps.chunks(2).filter(|pair| {
            assert!(pair[0].side != pair[1].side && pair[0].pair == pair[1].pair);
            pair[0].side == Side::Before
        });
        let firsts = firsts.count();
        assert!((8..=32).contains(&firsts), "{firsts}");
        assert_eq!(Plan::new(40, 7).steps, steps);
        assert_ne!(Plan::new(40, 8).steps, steps);
    }
}
