//! Comparisons drawn from recordings, all the way: minutes, and files that are not here.
//!
//! ```text
//! NOISE=noise cargo test --release -p flame-cli -- --ignored --nocapture recorded::alike
//! NOISE=noise SPUN=spun cargo test --release -p flame-cli -- --ignored --nocapture recorded::spun
//! ```

use std::{env, fs, path::PathBuf};

use fastrand::Rng;
use tracing_flame_layer::render::Options;

use super::noise::{Draw, part};
use crate::{
    compare::{
        Compared, Floors, How, Run, RunTimes, Sides, judged::Verdict, order::Order, row::Rows,
        times::Frames,
    },
    read::{self, Unit},
};

const HOW: How = How { rate: 0.05, floors: Floors { part: 0.01, nanos: None, least_share: 0.005 } };
const DRAWS: usize = 200;

/// The runs in the folder that a variable names, in the order in which they ran.
fn runs(variable: &str) -> Vec<Run> {
    let folder = env::var_os(variable).unwrap_or_else(|| panic!("set {variable} to a folder"));
    let files = fs::read_dir(&folder).expect("a folder of recordings");
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    let run = |path: &PathBuf| {
        let how = read::How { kind: None, unit: Unit::NANOSECOND, strict: false };
        let given = read::from_path(path, how).expect("a recording");
        let name = path.display().to_string();
        Run::new(&given.profile, &Options::default(), RunTimes::ByState, name).expect("a run")
    };
    let mut runs: Vec<Run> = files.iter().map(run).collect();
    runs.sort_by_key(|run| run.start_unix_nanos);
    runs
}

fn picked(runs: &[Run], places: &[usize]) -> Vec<Run> {
    places.iter().map(|&place| runs[place].clone()).collect()
}

fn compared(before: Vec<Run>, after: Vec<Run>) -> Compared {
    Compared::new(&Sides { before, after, times: RunTimes::ByState, sums: None }, HOW)
}

#[test]
#[ignore = "needs recordings"]
fn alike() {
    let (runs_of, mut rng) = (runs("NOISE"), Rng::with_seed(32));
    for runs in [3, 5, 8, 12, 20] {
        let mut alarms = [0, 0];
        for _ in 0..DRAWS {
            let all = runs_of.len();
            let draws = [Draw::mixed(&mut rng, all, runs), Draw::in_turn(&mut rng, all, runs)];
            for (alarms, draw) in alarms.iter_mut().zip(draws) {
                let sides = [draw.before, draw.after].map(|places| picked(&runs_of, &places));
                let [before, after] = sides;
                *alarms += usize::from(!compared(before, after).changed().is_empty());
            }
        }
        let [mixed, in_turn] = alarms.map(|alarms| part(alarms, DRAWS));
        println!("{runs} runs a side: {mixed} mixed, {in_turn} in turn");
        assert!(mixed <= HOW.rate && in_turn <= HOW.rate);
    }
}

/// Of two folders that were recorded in turn, the second with a change in one frame.
#[test]
#[ignore = "needs recordings"]
fn spun() {
    let frame = env::var("FRAME").unwrap_or("import;execute_block;execution".to_owned());
    let ([before, after], mut rng) = (["NOISE", "SPUN"].map(runs), Rng::with_seed(33));
    for runs in [5, 8, 12, 20, 30] {
        let (mut found, mut exact) = (0, 0);
        for _ in 0..100 {
            let mut places: Vec<usize> = (0..before.len()).collect();
            rng.shuffle(&mut places);
            places.truncate(runs);
            let compared = compared(picked(&before, &places), picked(&after, &places));
            assert!(matches!(compared.order, Order::Pairs(_)));
            let slower: Vec<String> = compared
                .reasons
                .iter()
                .filter(|reason| reason.verdict == Verdict::Slower)
                .map(|reason| compared.path(reason.place))
                .collect();
            found += usize::from(slower.contains(&frame));
            exact += usize::from(slower == [&*frame]);
        }
        println!("{runs} runs a side: found in {found} of 100, as the only reason in {exact}");
    }
}

/// Writes `noise.tsv`.
#[test]
#[ignore = "needs recordings"]
fn extract() {
    let before = runs("NOISE");
    let sides = Sides { before, after: Vec::new(), times: RunTimes::ByState, sums: None };
    let frames = Frames::of(sides.runs());
    for row in Rows::new(&frames, &sides, 0.02).rows {
        let micros: Vec<String> =
            row.before.iter().map(|nanos| format!("{:.0}", nanos / 1_000.0)).collect();
        println!("{} {}\t{}", frames.path(row.place), row.measure.name(), micros.join(" "));
    }
}
