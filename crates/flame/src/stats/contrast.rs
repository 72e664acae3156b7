//! Two means, and how well their difference and their ratio are known.

use super::student;

/// From here to there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Interval {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// The means of two sides, one number a run.
///
/// Means, as those of parts add up to that of the whole. What is asked of them is how far
/// `after - ratio * before` is from 0, for a ratio of 1 and for others: a number with a mean
/// and a variance, so that Student's t says how far it strays by chance. Its degrees of freedom
/// are those of Welch (Biometrika 34 (1947) 28-35), who lets sides vary by different amounts;
/// of pairs one less than there are pairs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contrast {
    pub(crate) before: f64,
    pub(crate) after: f64,
    /// The variances of both means, and their covariance.
    before_variance: f64,
    after_variance: f64,
    covariance: f64,
    freedom: f64,
}

impl Contrast {
    /// Of runs that have nothing to do with one another.
    pub(crate) fn of_runs(before: &[f64], after: &[f64], resolution: f64) -> Self {
        let [b, a] = [Side::of(before, resolution), Side::of(after, resolution)];
        let freedom_of = |side: &Side| match side.freedom {
            0.0 => f64::INFINITY,
            freedom => side.variance * side.variance / freedom,
        };
        let together = b.variance + a.variance;
        // Where nothing varies, as many as the smaller side has.
        let freedom = match together {
            0.0 => b.freedom.min(a.freedom),
            _ => together * together / (freedom_of(&b) + freedom_of(&a)),
        };
        Self {
            before: b.mean,
            after: a.mean,
            before_variance: b.variance,
            after_variance: a.variance,
            covariance: 0.0,
            freedom,
        }
    }

    /// Of runs that belong together two by two, as they ran one after the other: what both have
    /// of a machine's mood is no difference.
    pub(crate) fn of_pairs(before: &[f64], after: &[f64], resolution: f64) -> Self {
        let [b, a] = [Side::of(before, resolution), Side::of(after, resolution)];
        let pairs = before.iter().zip(after);
        let products: f64 = pairs.map(|(x, y)| (x - b.mean) * (y - a.mean)).sum();
        let covariance = if b.freedom == 0.0 { 0.0 } else { products / b.freedom / b.runs };
        Self {
            before: b.mean,
            after: a.mean,
            before_variance: b.variance,
            after_variance: a.variance,
            covariance,
            freedom: b.freedom,
        }
    }

    /// After less before.
    pub(crate) fn difference(&self) -> f64 {
        self.after - self.before
    }

    /// Where the true difference lies with that probability; `None` where nothing is known of
    /// how runs vary.
    pub(crate) fn difference_within(&self, probability: f64) -> Option<Interval> {
        let reach = student::within(probability, self.freedom) * self.deviation(1.0);
        let difference = self.difference();
        (self.freedom > 0.0)
            .then_some(Interval { low: difference - reach, high: difference + reach })
    }

    /// Where the true ratio of after to before lies with that probability: those ratios that
    /// the two means do not speak against (Fieller, J. R. Statist. Soc. B 16 (1954) 175-185).
    /// `None` where that has no bound, as before may be nothing.
    pub(crate) fn ratio_within(&self, probability: f64) -> Option<Interval> {
        let t = student::within(probability, self.freedom);
        // (after - r before)^2 = t^2 (after_variance - 2 r covariance + r^2 before_variance)
        let square = self.before * self.before - t * t * self.before_variance;
        let half = self.before * self.after - t * t * self.covariance;
        let rest = self.after * self.after - t * t * self.after_variance;
        let root = half * half - square * rest;
        if !t.is_finite() || square.is_nan() || square <= 0.0 || root.is_nan() {
            return None;
        }
        let root = root.max(0.0).sqrt();
        Some(Interval { low: (half - root) / square, high: (half + root) / square })
    }

    /// How likely means so far apart are, or farther, where the true `after` is `ratio` times
    /// `before` and `more` besides, or less than that.
    pub(crate) fn chance_of_more(&self, ratio: f64, more: f64) -> f64 {
        student::above(self.distance(ratio, more), self.freedom)
    }

    /// How likely means so far apart are, or farther, where the true `after` is `ratio` times
    /// `before` and `more` besides, or more than that.
    pub(crate) fn chance_of_less(&self, ratio: f64, more: f64) -> f64 {
        student::above(-self.distance(ratio, more), self.freedom)
    }

    fn distance(&self, ratio: f64, more: f64) -> f64 {
        let distance = self.after - ratio * self.before - more;
        if distance == 0.0 { 0.0 } else { distance / self.deviation(ratio) }
    }

    /// The standard deviation of `after - ratio * before`.
    fn deviation(&self, ratio: f64) -> f64 {
        let Self { before_variance, after_variance, covariance, .. } = self;
        let variance = after_variance - 2.0 * ratio * covariance + ratio * ratio * before_variance;
        variance.max(0.0).sqrt()
    }
}

/// The runs of one side.
struct Side {
    runs: f64,
    mean: f64,
    /// Of the mean.
    variance: f64,
    freedom: f64,
}

impl Side {
    /// `resolution`: how coarse each number is, as a part of it. What was rounded may be
    /// anywhere within that, so its variance (of a uniform distribution) is added. It does not
    /// shrink with the number of runs, as numbers that are alike are rounded alike.
    #[allow(clippy::cast_precision_loss, reason = "there are fewer runs than 2^52")]
    fn of(values: &[f64], resolution: f64) -> Self {
        let runs = values.len() as f64;
        let mean = values.iter().sum::<f64>() / runs.max(1.0);
        let freedom = (runs - 1.0).max(0.0);
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let coarse = (resolution * mean).powi(2) / 12.0;
        let variance = if freedom == 0.0 { 0.0 } else { squares / freedom / runs + coarse };
        Self { runs, mean, variance, freedom }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: [f64; 6] = [10.2, 11.0, 9.7, 13.9, 10.1, 10.6];
    const AFTER: [f64; 6] = [11.9, 12.2, 11.1, 15.0, 12.4, 11.3];

    fn near(found: f64, wanted: f64) {
        assert!((found / wanted - 1.0).abs() < 1e-9, "{found}, not {wanted}");
    }

    /// From SciPy 1.17.1: `ttest_ind(after, before, equal_var=False)`, its
    /// `confidence_interval(0.95)`, and `ttest_rel(after, before)`, with its.
    #[test]
    fn it_agrees_with_scipy() {
        let contrast = Contrast::of_runs(&BEFORE, &AFTER, 0.0);
        let Interval { low, high } = contrast.difference_within(0.95).unwrap();
        near(low, -0.4913226609718133);
        near(high, 3.291322660971818);
        near(2.0 * contrast.chance_of_more(1.0, 0.0), 0.12999239881171548);
        let contrast = Contrast::of_pairs(&BEFORE, &AFTER, 0.0);
        let Interval { low, high } = contrast.difference_within(0.95).unwrap();
        near(low, 0.8213811190997103);
        near(high, 1.9786188809002905);
        near(2.0 * contrast.chance_of_more(1.0, 0.0), 0.0015708203863876815);
    }

    #[test]
    fn a_ratio_is_as_far_as_the_means_do_not_speak_against_it() {
        for contrast in
            [Contrast::of_runs(&BEFORE, &AFTER, 0.0), Contrast::of_pairs(&BEFORE, &AFTER, 0.0)]
        {
            let Interval { low, high } = contrast.ratio_within(0.95).unwrap();
            near(contrast.chance_of_more(low, 0.0), 0.025);
            near(contrast.chance_of_less(high, 0.0), 0.025);
        }
    }

    #[test]
    fn of_one_run_a_side_nothing_is_known() {
        let contrast = Contrast::of_runs(&[1.0], &[2.0], 0.0);
        assert_eq!(contrast.difference_within(0.95), None);
        assert_eq!(contrast.ratio_within(0.95), None);
        assert_eq!(contrast.chance_of_more(1.0, 0.0), 1.0);
    }

    #[test]
    fn a_ratio_to_what_may_be_nothing_has_no_bound() {
        let contrast = Contrast::of_runs(&[0.0, 0.0, 3.0], &[2.0, 3.0, 4.0], 0.0);
        assert_eq!(contrast.ratio_within(0.95), None);
        assert!(contrast.difference_within(0.95).is_some());
    }

    #[test]
    fn numbers_that_were_rounded_to_one_are_not_exact() {
        let [before, after] = [[8.0; 3], [9.0; 3]];
        assert_eq!(Contrast::of_runs(&before, &after, 0.0).chance_of_more(1.0, 0.0), 0.0);
        assert!(Contrast::of_runs(&before, &after, 0.125).chance_of_more(1.0, 0.0) > 0.01);
    }
}
