//! Many readings, and what they say.
//!
//! A *generation* is one set of processes. Within it a figure is taken from the
//! medians of its rounds; over generations it is the median again, so that
//! neither a disturbed round nor an unlucky layout of a process decides.

use std::collections::HashMap;

use crate::{crew::Reading, shape::Shape, subject::Subject};

/// Which of a reading's times.
pub type Part = fn(&Reading) -> f64;

/// Wall-clock time on the threads that make spans.
pub const WALL: Part = |reading| reading.wall_nanos;
/// CPU time of the thread that makes the spans, or half of them.
pub const THREAD: Part = |reading| reading.thread_nanos;
/// CPU time of the whole process.
pub const CPU: Part = |reading| reading.cpu_nanos;

/// All readings.
#[derive(Debug, Default)]
pub struct Figures {
    generations: Vec<HashMap<(Subject, Shape), Vec<Reading>>>,
}

impl Figures {
    /// Begins a generation; what is added goes to it.
    pub fn begin_generation(&mut self) {
        self.generations.push(HashMap::new());
    }

    /// Adds a reading to the last generation.
    pub fn add(&mut self, subject: Subject, shape: Shape, reading: Reading) {
        if let Some(generation) = self.generations.last_mut() {
            generation.entry((subject, shape)).or_default().push(reading);
        }
    }

    /// What a unit of a shape takes in all, in nanoseconds.
    #[must_use]
    pub fn total(&self, subject: Subject, shape: Shape, part: Part) -> Option<f64> {
        self.of_each(|of| of(subject, shape, part))
    }

    /// What a subject adds to another, in nanoseconds a unit.
    #[must_use]
    pub fn added(&self, subject: Subject, base: Subject, shape: Shape, part: Part) -> Option<f64> {
        self.of_each(|of| Some(of(subject, shape, part)? - of(base, shape, part)?))
    }

    /// How many times as much a subject takes in all as another.
    #[must_use]
    pub fn times(&self, subject: Subject, other: Subject, shape: Shape, part: Part) -> Option<f64> {
        self.of_each(|of| Some(of(subject, shape, part)? / of(other, shape, part)?))
    }

    /// The median over generations of what `figure` makes of medians.
    pub fn of_each(
        &self,
        figure: impl Fn(&dyn Fn(Subject, Shape, Part) -> Option<f64>) -> Option<f64>,
    ) -> Option<f64> {
        let each = self.generations.iter().filter_map(|generation| {
            figure(&|subject, shape, part| {
                median(generation.get(&(subject, shape))?.iter().map(part).collect())
            })
        });
        median(each.collect())
    }
}

/// The middle of some numbers; of an even number of them the mean of both
/// middle ones. `None` of none.
#[must_use]
pub fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let upper = *numbers.get(numbers.len() / 2)?;
    let lower = *numbers.get((numbers.len() - 1) / 2)?;
    Some((lower + upper) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_ignores_what_is_far_off() {
        assert_eq!(median(vec![3.0, 1000.0, 1.0]), Some(3.0));
        assert_eq!(median(vec![4.0, 2.0]), Some(3.0));
        assert_eq!(median(Vec::new()), None);
    }

    #[test]
    fn what_is_added_is_taken_within_a_generation() {
        let mut figures = Figures::default();
        for (base, ours) in [(50.0, 80.0), (100.0, 131.0), (60.0, 92.0)] {
            figures.begin_generation();
            for (subject, wall_nanos) in [(Subject::NoOp, base), (Subject::Ours, ours)] {
                figures.add(subject, Shape::Flat, Reading { wall_nanos, ..Reading::default() });
            }
        }
        assert_eq!(figures.added(Subject::Ours, Subject::NoOp, Shape::Flat, WALL), Some(31.0));
        assert_eq!(figures.added(Subject::Floor, Subject::NoOp, Shape::Flat, WALL), None);
    }
}
