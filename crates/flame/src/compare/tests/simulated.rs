//! Comparisons drawn from recorded noise: false alarms, intervals, power.

use fastrand::Rng;

use super::noise::{Draw, FLOORS, NO_FLOORS, Series, part, recorded};
use crate::{
    compare::judged::{Floors, Judged, Verdict},
    stats::{Interval, looks},
};

const RATE: f64 = 0.05;
const DRAWS: usize = 200;

fn tells(judged: &[Judged]) -> bool {
    judged.iter().any(|row| row.verdict.is_change())
}

/// How many of so many comparisons of runs of one program tell a change.
fn false_alarms(draw: impl Fn(&mut Rng) -> Draw, floors: &Floors) -> f64 {
    let (mut rng, all) = (Rng::with_seed(26), recorded());
    let alarms = (0..DRAWS).filter(|_| tells(&draw(&mut rng).judged(&all, floors, RATE, |_, n| n)));
    part(alarms.count(), DRAWS)
}

#[test]
fn runs_of_one_program_are_told_to_differ_no_oftener_than_documented() {
    let of = recorded()[0].micros.len();
    for runs in [2, 3, 5, 8, 12, 20] {
        for floors in [FLOORS, NO_FLOORS] {
            let mixed = false_alarms(|rng| Draw::mixed(rng, of, runs), &floors);
            let in_turn = false_alarms(|rng| Draw::in_turn(rng, of, runs), &floors);
            println!("{runs} runs a side, floor {}: {mixed} mixed, {in_turn} in turn", floors.part);
            assert!(mixed <= RATE && in_turn <= RATE, "{runs}: {mixed} {in_turn}");
        }
    }
}

/// An early end has three occasions to be wrong instead of one.
#[test]
fn looking_early_raises_no_more_false_alarms() {
    let (mut rng, all) = (Rng::with_seed(27), recorded());
    let of = all[0].micros.len();
    let looks = looks(12, RATE);
    assert_eq!(looks.len(), 3);
    let (mut bounded, mut naive) = (0, 0);
    for _ in 0..DRAWS {
        let draw = Draw::in_turn(&mut rng, of, 12);
        let told = |runs, rate| tells(&draw.first(runs).judged(&all, &NO_FLOORS, rate, |_, n| n));
        bounded += usize::from(looks.iter().any(|look| told(look.runs, look.rate)));
        naive += usize::from((4..=12).any(|runs| told(runs, RATE)));
    }
    let rates = (part(bounded, DRAWS), part(naive, DRAWS));
    println!("with the bound {}, looking after every run without one {}", rates.0, rates.1);
    assert!(rates.0 <= RATE, "{rates:?}");
    assert!(rates.1 > 2.0 * rates.0, "{rates:?}");
}

/// Where `after` is the same noise and a tenth more, the interval has that tenth in it.
#[test]
fn intervals_cover_the_truth_as_often_as_they_claim() {
    let (mut rng, all) = (Rng::with_seed(28), recorded());
    let of = all[0].micros.len();
    for runs in [3, 5, 8, 12, 20] {
        let (mut covered, mut count) = ([0, 0], 0);
        for _ in 0..DRAWS {
            let draws = [Draw::mixed(&mut rng, of, runs), Draw::in_turn(&mut rng, of, runs)];
            for (covered, draw) in covered.iter_mut().zip(draws) {
                let judged = draw.judged(&all, &NO_FLOORS, RATE, |_, micros| micros * 1.1);
                *covered += judged.iter().filter(|row| has(row.ratio, 1.1)).count();
            }
            count += all.len();
        }
        let covered = covered.map(|covered| part(covered, count));
        println!("{runs} runs a side: {} mixed, {} in turn", covered[0], covered[1]);
        assert!(covered.iter().all(|part| *part >= 1.0 - RATE), "{runs}: {covered:?}");
    }
}

/// An interval without bounds has everything in it.
fn has(interval: Option<Interval>, truth: f64) -> bool {
    interval.is_none_or(|Interval { low, high }| low <= truth && truth <= high)
}

/// The standard deviation from run to run.
pub(super) fn deviation(series: &Series) -> f64 {
    let runs = series.micros.len();
    let mean = series.micros.iter().sum::<f64>() / part(runs, 1);
    let squares: f64 = series.micros.iter().map(|micros| (micros - mean).powi(2)).sum();
    (squares / part(runs - 1, 1)).sqrt()
}

/// How often a change of one series is told, and nothing of any other; by how many deviations,
/// or by which part of itself.
fn power(all: &[Series], place: usize, runs: usize, more: f64) -> f64 {
    let mut rng = Rng::with_seed(29);
    let draws = 100;
    let found = (0..draws).filter(|_| {
        let draw = Draw::in_turn(&mut rng, all[0].micros.len(), runs);
        let changed = |at: usize, micros: f64| if at == place { micros + more } else { micros };
        let judged = draw.judged(all, &FLOORS, RATE, changed);
        judged.iter().all(|row| match row.place as usize == place {
            true => row.verdict == Verdict::Slower,
            false => !row.verdict.is_change(),
        })
    });
    part(found.count(), draws)
}

/// The frame whose code is changed: its time by the clock, and on a CPU.
const FRAMES: [&str; 2] =
    ["import;execute_block;execution self", "import;execute_block;execution on-CPU"];

#[test]
fn a_change_of_twice_the_deviation_is_found_in_its_frame() {
    let all = recorded();
    let [wall, on_cpu] = FRAMES.map(|name| {
        all.iter().position(|series| series.name == name).expect("a series of that name")
    });
    let spin = 2.0 * deviation(&all[wall]);
    for (place, runs, more) in [(wall, 20, spin), (on_cpu, 12, spin / 3.0)] {
        let found = power(&all, place, runs, more);
        println!("{more:.0} us more in {}: {found} of {runs} runs a side", all[place].name);
        assert!(found >= 0.95, "{}: {found}", all[place].name);
    }
}
