//! Student's t distribution.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The probability that a value of that many degrees of freedom is at least `t`.
pub(super) fn above(t: f64, freedom: f64) -> f64 {
    match distribution(freedom) {
        None => 1.0,
        // Where nothing varies at all, any difference is certain.
        Some(_) if t.is_infinite() => f64::from(u8::from(t < 0.0)),
        Some(student) => student.sf(t),
    }
}

/// The `t` within which a value lies, on both sides of 0, with that probability.
pub(super) fn within(probability: f64, freedom: f64) -> f64 {
    let upper = f64::midpoint(1.0, probability);
    distribution(freedom).map_or(f64::INFINITY, |student| student.inverse_cdf(upper))
}

/// `None` without a degree of freedom: then nothing is known.
fn distribution(freedom: f64) -> Option<StudentsT> {
    StudentsT::new(0.0, 1.0, freedom).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From `scipy.stats.t`: `sf(t, df)` and `ppf((1 + p) / 2, df)`, SciPy 1.17.1.
    #[test]
    fn it_is_the_distribution_that_scipy_has() {
        for (t, freedom, tail) in TAILS {
            let found = above(t, freedom);
            assert!((found / tail - 1.0).abs() < 1e-9, "{t} {freedom}: {found}, not {tail}");
        }
        for (probability, freedom, t) in QUANTILES {
            let found = within(probability, freedom);
            assert!((found / t - 1.0).abs() < 1e-9, "{probability} {freedom}: {found}, not {t}");
        }
    }

    #[test]
    fn without_a_degree_of_freedom_nothing_is_known() {
        assert_eq!(above(5.0, 0.0), 1.0);
        assert_eq!(within(0.95, 0.0), f64::INFINITY);
        assert_eq!((above(f64::INFINITY, 3.0), above(f64::NEG_INFINITY, 3.0)), (0.0, 1.0));
    }

    const TAILS: [(f64, f64, f64); 8] = [
        (0.0, 3.0, 0.5),
        (1.0, 1.0, 0.25000000000000006),
        (2.5, 2.0, 0.06480586011075541),
        (4.303, 2.0, 0.02499626249260725),
        (-1.5, 7.3, 0.912218453598457),
        (6.0, 11.0, 4.4630646020345655e-05),
        (3.2, 21.7, 0.0020907413818771854),
        (12.0, 4.0, 0.0001382142742514865),
    ];
    const QUANTILES: [(f64, f64, f64); 7] = [
        (0.95, 1.0, 12.706204736174694),
        (0.95, 2.0, 4.302652729749462),
        (0.95, 4.6, 2.639291609747002),
        (0.95, 11.0, 2.200985160091639),
        (0.99, 22.0, 2.8187560606001423),
        (0.9995, 22.0, 4.076900058879913),
        (0.9, 118.0, 1.6578695221106903),
    ];
}
