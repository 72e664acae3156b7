//! When it may be looked before all runs are there.

/// A moment at which to look, and how much of what is told then may be chance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Look {
    /// How many runs a side there are.
    pub(crate) runs: usize,
    pub(crate) rate: f64,
}

/// Looks at half of the runs, at three quarters and at all, each with a part of the rate: a
/// quarter, a quarter and a half of it.
///
/// Whoever looks again and again until something is told is told something by chance sooner or
/// later. The rates add up to the whole, so whatever is looked at and however looks depend on one
/// another, no more is told falsely by all of them together than by one that has the whole rate
/// (Bonferroni; how to spend a rate over looks: Lan and DeMets, Biometrika 70 (1983) 659-663).
/// A look that has less of the rate needs a clearer change.
pub(crate) fn looks(runs: usize, rate: f64) -> Vec<Look> {
    let early = [(runs.div_ceil(2), 0.25), ((runs * 3).div_ceil(4), 0.25)];
    // With fewer there is nothing to be seen yet.
    let early = early.into_iter().filter(|(at, _)| *at >= LEAST && *at < runs);
    let mut looks: Vec<Look> = early.map(|(runs, part)| Look { runs, rate: part * rate }).collect();
    looks.dedup_by_key(|look| look.runs);
    let spent: f64 = looks.iter().map(|look| look.rate).sum();
    looks.push(Look { runs, rate: rate - spent });
    looks
}

/// The least runs a side that are looked at early.
const LEAST: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rates_of_all_looks_add_up_to_the_whole() {
        let at = |runs| looks(runs, 0.04).iter().map(|look| look.runs).collect::<Vec<_>>();
        assert_eq!(at(12), [6, 9, 12]);
        assert_eq!(at(5), [4, 5]);
        assert_eq!(at(3), [3]);
        for runs in 1..40 {
            let looks = looks(runs, 0.04);
            let sum: f64 = looks.iter().map(|look| look.rate).sum();
            assert!((sum - 0.04).abs() < 1e-12 && looks.is_sorted_by_key(|look| look.runs));
            assert_eq!(looks.last().map(|look| look.runs), Some(runs));
        }
    }
}
