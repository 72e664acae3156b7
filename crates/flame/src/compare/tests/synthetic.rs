//! Times that are made up, so that the truth is known: with rare long ones, and in clusters.

use fastrand::Rng;

use super::noise::{NO_FLOORS, part};
use crate::compare::{
    judged::{Floors, Verdict, judge},
    measure::Measure,
    order::Order,
    row::Row,
};

const DRAWS: usize = 1_500;

/// A normal number, by Box and Muller.
fn normal(rng: &mut Rng) -> f64 {
    let (length, turn) = (1.0 - rng.f64(), rng.f64() * std::f64::consts::TAU);
    (-2.0 * length.ln()).sqrt() * turn.cos()
}

/// Mostly about 100, and one in twenty three times that.
fn heavy(rng: &mut Rng) -> f64 {
    let usual = 100.0 * (0.15 * normal(rng)).exp();
    if rng.u8(0..20) == 0 { 3.0 * usual } else { usual }
}

/// The mean of many, which is the truth.
fn mean(mut of: impl FnMut(&mut Rng) -> f64) -> f64 {
    let mut rng = Rng::with_seed(30);
    let draws = 400_000;
    (0..draws).map(|_| of(&mut rng)).sum::<f64>() / part(draws, 1)
}

/// How often the interval of the difference has `truth` in it, of so many drawn sides.
fn coverage(
    order: impl Fn(usize) -> Order,
    runs: usize,
    truth: f64,
    mut sides: impl FnMut(&mut Rng, usize) -> [Vec<f64>; 2],
) -> f64 {
    let mut rng = Rng::with_seed(31);
    let covered = (0..DRAWS).filter(|_| {
        let [before, after] = sides(&mut rng, runs);
        let row = Row { place: 0, measure: Measure::Own, is_only: false, before, after };
        let judged = judge(&[row], &order(runs), &NO_FLOORS, 0.05, |_| 0.0);
        let within = judged[0].change.expect("several runs a side");
        within.low <= truth && truth <= within.high
    });
    part(covered.count(), DRAWS)
}

fn pairs(runs: usize) -> Order {
    Order::Pairs((0..runs).map(|run| (run, run)).collect())
}

#[test]
fn intervals_of_heavy_tailed_times_cover_the_truth() {
    let truth = 0.2 * mean(heavy);
    for runs in [3, 5, 8, 12, 20] {
        let sides = |rng: &mut Rng, runs: usize| {
            let before = (0..runs).map(|_| heavy(rng)).collect();
            [before, (0..runs).map(|_| 1.2 * heavy(rng)).collect()]
        };
        let found =
            [coverage(|_| Order::Mixed, runs, truth, sides), coverage(pairs, runs, truth, sides)];
        println!("{runs} runs a side: {} by Welch, {} by pairs", found[0], found[1]);
        assert!(found.iter().all(|part| *part >= 0.94), "{runs}: {found:?}");
    }
}

/// How many runs a side tell a change of one of forty numbers in 95 of 100 comparisons, by how
/// much these vary from run to run: the table of docs/compare.md.
///
/// ```text
/// cargo test --release -p flame-cli -- --ignored --nocapture how_many_runs
/// ```
#[test]
#[ignore = "takes a minute without optimization"]
fn how_many_runs() {
    for varies in [0.01, 0.02, 0.06, 0.1, 0.19] {
        let needed = [0.01, 0.03, 0.1].map(|change| {
            let steps =
                [3, 4, 5, 6, 8, 10, 12, 16, 20, 25, 30, 40, 60, 80, 100, 150, 200, 300, 400];
            steps.into_iter().find(|&runs| power(runs, varies, change) >= 0.95)
        });
        println!("{varies}: {needed:?} runs for 1, 3 and 10 %");
    }
}

fn power(runs: usize, varies: f64, change: f64) -> f64 {
    let mut rng = Rng::with_seed(34);
    let floors = Floors { part: change / 4.0, ..NO_FLOORS };
    let draws = 300;
    let found = (0..draws).filter(|_| {
        let mut times = |factor: f64| -> Vec<f64> {
            (0..runs).map(|_| factor * (varies * normal(&mut rng)).exp()).collect()
        };
        let rows = (0..40).map(|place| {
            let factor = if place == 0 { 1.0 + change } else { 1.0 };
            let (before, after) = (times(1.0), times(factor));
            Row { place, measure: Measure::Own, is_only: false, before, after }
        });
        let rows: Vec<Row> = rows.collect();
        judge(&rows, &pairs(runs), &floors, 0.05, |_| 0.0)[0].verdict == Verdict::Slower
    });
    part(found.count(), draws)
}

/// A machine whose mood lasts for some runs.
struct Mood {
    level: f64,
    left: u32,
}

impl Mood {
    fn new() -> Self {
        Self { level: 0.0, left: 0 }
    }

    fn run(&mut self, rng: &mut Rng) -> f64 {
        if self.left == 0 {
            (self.level, self.left) = (30.0 * rng.f64(), rng.u32(4..12));
        }
        self.left -= 1;
        100.0 + self.level + 3.0 * normal(rng)
    }
}

#[test]
fn intervals_of_clustered_times_cover_the_truth_where_sides_take_turns() {
    for runs in [3, 5, 8, 12, 20] {
        let in_turn = |rng: &mut Rng, runs: usize| {
            let (mut mood, mut sides) = (Mood::new(), [Vec::new(), Vec::new()]);
            for _ in 0..runs {
                let first = usize::from(rng.bool());
                for side in [first, 1 - first] {
                    sides[side].push(mood.run(rng));
                }
            }
            sides
        };
        let apart = |rng: &mut Rng, runs: usize| {
            let mut mood = Mood::new();
            [0, 1].map(|_| (0..runs).map(|_| mood.run(rng)).collect())
        };
        let turns = coverage(pairs, runs, 0.0, in_turn);
        let apart = coverage(|_| Order::Apart, runs, 0.0, apart);
        println!("{runs} runs a side: {turns} in turn, {apart} one side after the other");
        assert!(turns >= 0.94, "{runs}: {turns}");
        // That is why it is said of runs that took no turns.
        assert!(runs < 8 || apart < 0.9, "{runs}: {apart}");
    }
}
