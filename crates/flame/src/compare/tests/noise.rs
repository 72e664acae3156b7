//! The recorded noise, and comparisons drawn from it.

use fastrand::Rng;

use crate::compare::{
    judged::{Floors, Judged, judge},
    measure::Measure,
    order::Order,
    row::Row,
};

/// A frame's time in every run, in the order in which they ran.
pub(super) struct Series {
    pub(super) name: String,
    pub(super) micros: Vec<f64>,
}

/// All frames that have at least 2 % of the import.
pub(super) fn recorded() -> Vec<Series> {
    let lines = include_str!("noise.tsv").lines();
    let series = lines.map(|line| {
        let (name, micros) = line.split_once('\t').expect("a name before a tab");
        let micros = micros.split(' ').map(|micros| micros.parse().expect("a number"));
        Series { name: name.to_owned(), micros: micros.collect() }
    });
    series.collect()
}

/// Which runs are compared, as places in a series.
#[derive(Debug)]
pub(super) struct Draw {
    pub(super) before: Vec<usize>,
    pub(super) after: Vec<usize>,
    pub(super) order: Order,
}

impl Draw {
    /// Any runs, in any order.
    pub(super) fn mixed(rng: &mut Rng, of: usize, runs: usize) -> Self {
        let mut places: Vec<usize> = (0..of).collect();
        rng.shuffle(&mut places);
        let after = places[runs..2 * runs].to_vec();
        places.truncate(runs);
        Self { before: places, after, order: Order::Mixed }
    }

    /// Runs one after the other that take turns, as `flame bench` has them.
    pub(super) fn in_turn(rng: &mut Rng, of: usize, runs: usize) -> Self {
        let first = rng.usize(0..=of - 2 * runs);
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for pair in 0..runs {
            let flipped = usize::from(rng.bool());
            before.push(first + 2 * pair + flipped);
            after.push(first + 2 * pair + 1 - flipped);
        }
        let order = Order::Pairs((0..runs).map(|run| (run, run)).collect());
        Self { before, after, order }
    }

    /// The first so many runs of it.
    pub(super) fn first(&self, runs: usize) -> Self {
        let order = match &self.order {
            Order::Pairs(pairs) => Order::Pairs(pairs[..runs].to_vec()),
            other => other.clone(),
        };
        let cut = |places: &[usize]| places[..runs].to_vec();
        Self { before: cut(&self.before), after: cut(&self.after), order }
    }

    /// Judges all series, `change` being what the code did to a time of the one of that place.
    pub(super) fn judged(
        &self,
        all: &[Series],
        floors: &Floors,
        rate: f64,
        change: impl Fn(usize, f64) -> f64,
    ) -> Vec<Judged> {
        let rows: Vec<Row> =
            (0..).zip(all).map(|(place, series)| self.row(place, series, &change)).collect();
        judge(&rows, &self.order, floors, rate, |_| floors.nanos.unwrap_or_default())
    }

    fn row(&self, place: u32, series: &Series, change: impl Fn(usize, f64) -> f64) -> Row {
        let of =
            |places: &[usize]| places.iter().map(|&run| series.micros[run]).collect::<Vec<_>>();
        let after = of(&self.after).into_iter().map(|micros| change(place as usize, micros));
        Row {
            place,
            measure: Measure::Own,
            is_only: false,
            before: of(&self.before),
            after: after.collect(),
        }
    }
}

/// A part of all.
#[allow(clippy::cast_precision_loss, reason = "there are some thousand at most")]
pub(super) fn part(of: usize, all: usize) -> f64 {
    of as f64 / all as f64
}

/// What `flame compare` takes where nothing is typed, but for the part of an operation.
pub(super) const FLOORS: Floors = Floors { part: 0.01, nanos: Some(0.0), least_share: 0.0 };
/// Without floors nothing is too little to be told.
pub(super) const NO_FLOORS: Floors = Floors { part: 0.0, nanos: Some(0.0), least_share: 0.0 };
