//! How far the runs are, and how long the rest will take.

use std::time::Duration;

use crate::human::Time;

/// What the runs so far took.
#[derive(Debug)]
pub(crate) struct Progress {
    runs: usize,
    done: usize,
    took: Duration,
}

impl Progress {
    pub(crate) fn new(runs: usize) -> Self {
        Self { runs, done: 0, took: Duration::ZERO }
    }

    /// A line about a run that ended just now.
    pub(crate) fn line(&mut self, name: &str, took: Duration) -> String {
        self.done += 1;
        self.took += took;
        let left = self.runs.saturating_sub(self.done);
        let each = nanos(self.took) / nanos_of(self.done);
        let rest = match left {
            0 => "that was the last".to_owned(),
            _ => format!("about {} left", rounded(each * nanos_of(left))),
        };
        format!("{:>3} of {}  {name:<12} {:>10}  {rest}", self.done, self.runs, Time::of(took))
    }
}

/// No finer than anybody can wait.
fn rounded(nanos: f64) -> String {
    let seconds = (nanos / 1e9).ceil();
    if seconds < 100.0 { format!("{seconds} s") } else { format!("{:.0} min", seconds / 60.0) }
}

#[allow(clippy::cast_precision_loss, reason = "four digits are shown")]
fn nanos(duration: Duration) -> f64 {
    duration.as_nanos() as f64
}

#[allow(clippy::cast_precision_loss, reason = "there are fewer runs than 2^52")]
fn nanos_of(runs: usize) -> f64 {
    runs as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_as_the_mean_run() {
        let mut progress = Progress::new(4);
        let line = progress.line("after-01", Duration::from_secs(20));
        assert_eq!(line, "  1 of 4  after-01        20.00 s  about 60 s left");
        let line = progress.line("before-01", Duration::from_secs(160));
        assert!(line.ends_with("160.0 s  about 3 min left"), "{line}");
        progress.line("before-02", Duration::ZERO);
        assert!(progress.line("after-02", Duration::ZERO).ends_with("that was the last"));
    }
}
