//! Which of many judgements may be told at once.

/// Which of these probabilities are small enough to be told together, so that of what is told
/// no more than `rate` is false on average. Where nothing changed at all, that is the rate of
/// comparisons that tell anything.
///
/// Benjamini and Hochberg, *Controlling the False Discovery Rate*, J. R. Statist. Soc. B 57
/// (1995) 289-300. It holds where judgements are independent or go along with one another
/// (Benjamini and Yekutieli, Ann. Statist. 29 (2001) 1165-1188), as frames do that a busy
/// machine slows down together.
pub(crate) fn discoveries(probabilities: &[f64], rate: f64) -> Vec<bool> {
    let mut sorted: Vec<f64> = probabilities.to_vec();
    sorted.sort_by(f64::total_cmp);
    let share = rate / count(sorted.len());
    let last = (1..=sorted.len()).rev().find(|&place| sorted[place - 1] <= share * count(place));
    let bound = last.map(|place| sorted[place - 1]);
    probabilities.iter().map(|p| bound.is_some_and(|bound| *p <= bound)).collect()
}

#[allow(clippy::cast_precision_loss, reason = "there are fewer frames than 2^52")]
fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the paper's third section: at 0.05 it tells the first four of fifteen.
    #[test]
    fn it_tells_what_the_paper_tells() {
        let paper = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0000,
        ];
        let told = discoveries(&paper, 0.05);
        assert_eq!(told.iter().filter(|told| **told).count(), 4);
        assert!(told[..4].iter().all(|told| *told));
    }

    #[test]
    fn a_larger_one_is_told_where_those_behind_it_are_small_enough() {
        assert_eq!(discoveries(&[0.04, 0.03, 0.05], 0.05), [true; 3]);
        assert_eq!(discoveries(&[0.04, 0.2, 0.05], 0.05), [false; 3]);
        assert!(discoveries(&[], 0.05).is_empty());
    }
}
