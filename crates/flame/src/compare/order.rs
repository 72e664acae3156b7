//! In which order the runs ran.

use super::run::Run;

/// What the times of day at which runs began say of their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Two by two, one of each side: places of runs before and after.
    Pairs(Vec<(usize, usize)>),
    /// Mixed, but not two by two.
    Mixed,
    /// All of one side before any of the other, so that whatever else changed meanwhile looks
    /// as if it were the program's.
    Apart,
}

impl Order {
    pub(super) fn of(before: &[Run], after: &[Run]) -> Self {
        let starts = |runs: &[Run]| runs.iter().map(|run| run.start_unix_nanos).collect::<Vec<_>>();
        Self::of_starts(&starts(before), &starts(after))
    }

    fn of_starts(before: &[i128], after: &[i128]) -> Self {
        let of = |starts: &[i128], is_after| {
            let runs = starts.iter().enumerate();
            runs.map(|(place, start)| (*start, is_after, place)).collect::<Vec<_>>()
        };
        let mut all = of(before, false);
        all.extend(of(after, true));
        all.sort_unstable();
        let changes = all.windows(2).filter(|two| two[0].1 != two[1].1).count();
        // Runs that began at one moment have no order.
        let is_tied = all.windows(2).any(|two| two[0].0 == two[1].0 && two[0].1 != two[1].1);
        let pairs: Option<Vec<_>> = match is_tied || before.len() != after.len() {
            true => None,
            false => all.chunks(2).map(pair).collect(),
        };
        match pairs {
            // One pair is no more than one run a side, either way.
            Some(pairs) if pairs.len() > 1 => Self::Pairs(pairs),
            _ if changes > 1 => Self::Mixed,
            _ => Self::Apart,
        }
    }
}

fn pair(two: &[(i128, bool, usize)]) -> Option<(usize, usize)> {
    match *two {
        [(_, false, before), (_, true, after)] | [(_, true, after), (_, false, before)] => {
            Some((before, after))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_one_after_the_other_are_pairs() {
        let pairs = Order::of_starts(&[10, 41, 20], &[11, 40, 19]);
        assert_eq!(pairs, Order::Pairs(vec![(0, 0), (2, 2), (1, 1)]));
    }

    #[test]
    fn runs_in_another_order_are_not() {
        assert_eq!(Order::of_starts(&[1, 2, 3], &[4, 5, 6]), Order::Apart);
        assert_eq!(Order::of_starts(&[1, 2, 5, 6], &[3, 4, 7, 8]), Order::Mixed);
        assert_eq!(Order::of_starts(&[1, 3, 5], &[2, 4]), Order::Mixed);
        assert_eq!(Order::of_starts(&[1, 1], &[1, 1]), Order::Apart);
        assert_eq!(Order::of_starts(&[1], &[2]), Order::Apart);
    }
}
