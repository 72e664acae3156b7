//! What other methods would make of the same noise: the table of docs/compare.md.
//!
//! ```text
//! cargo test --release -p flame-cli -- --ignored --nocapture methods
//! ```

use fastrand::Rng;

use super::noise::{Draw, Series, part, recorded};
use crate::stats::{Contrast, discoveries};

const RATE: f64 = 0.05;
const DRAWS: usize = 1_000;

/// How likely sides that differ so are by chance.
type Method = fn(&[f64], &[f64], &mut Rng) -> f64;

fn welch(before: &[f64], after: &[f64], _: &mut Rng) -> f64 {
    two_sided(&Contrast::of_runs(before, after, 0.0))
}

fn pairs(before: &[f64], after: &[f64], _: &mut Rng) -> f64 {
    two_sided(&Contrast::of_pairs(before, after, 0.0))
}

/// Welch, of logarithms; what is nothing in some run counts as a microsecond.
fn logarithms(before: &[f64], after: &[f64], _: &mut Rng) -> f64 {
    let logarithm =
        |side: &[f64]| side.iter().map(|micros| micros.max(1.0).ln()).collect::<Vec<_>>();
    two_sided(&Contrast::of_runs(&logarithm(before), &logarithm(after), 0.0))
}

/// Percentiles of the difference of means of runs that are drawn again from each side.
fn bootstrap(before: &[f64], after: &[f64], rng: &mut Rng) -> f64 {
    const TIMES: usize = 1_000;
    let mut mean = |side: &[f64]| {
        let drawn = (0..side.len()).map(|_| side[rng.usize(0..side.len())]);
        drawn.sum::<f64>() / part(side.len(), 1)
    };
    let less = (0..TIMES).filter(|_| mean(after) < mean(before)).count();
    2.0 * part(less.min(TIMES - less), TIMES)
}

fn two_sided(contrast: &Contrast) -> f64 {
    let sides = [contrast.chance_of_more(1.0, 0.0), contrast.chance_of_less(1.0, 0.0)];
    f64::min(1.0, 2.0 * f64::min(sides[0], sides[1]))
}

fn tells(method: Method, draw: &Draw, all: &[Series], rng: &mut Rng) -> bool {
    let chances: Vec<f64> = all
        .iter()
        .map(|series| {
            let of =
                |runs: &[usize]| runs.iter().map(|&run| series.micros[run]).collect::<Vec<_>>();
            method(&of(&draw.before), &of(&draw.after), rng)
        })
        .collect();
    discoveries(&chances, RATE).contains(&true)
}

#[test]
#[ignore = "takes minutes without optimization"]
fn methods() {
    let all = recorded();
    let of = all[0].micros.len();
    let methods: [(&str, Method, bool); 4] = [
        ("bootstrap", bootstrap, false),
        ("logarithms", logarithms, false),
        ("Welch", welch, false),
        ("pairs", pairs, true),
    ];
    for (name, method, is_in_turn) in methods {
        let alarms = [3, 5, 8, 12, 20].map(|runs| {
            let mut rng = Rng::with_seed(35);
            let alarms = (0..DRAWS).filter(|_| {
                let draw = match is_in_turn {
                    true => Draw::in_turn(&mut rng, of, runs),
                    false => Draw::mixed(&mut rng, of, runs),
                };
                tells(method, &draw, &all, &mut rng)
            });
            100.0 * part(alarms.count(), DRAWS)
        });
        println!("{name}: {alarms:.1?} % of comparisons with 3, 5, 8, 12, 20 runs a side");
    }
}
