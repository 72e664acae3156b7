//! Patterns of spans.

mod callsites;
mod cold;
mod handover;
mod poll;
mod share;
mod source;
mod spans;

use std::{fmt, hint::black_box, str::FromStr, time::Duration};

pub(crate) use callsites::NAMES as CALLSITE_NAMES;
pub use callsites::{CALLSITES, open};
#[cfg(feature = "peers")]
pub use source::Fastrace;
pub use source::{Source, Tracing};

use crate::{Error, clock::raw_ticks, measure::timed};

/// A pattern of spans, or what to compare it with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Shape {
    /// Two raw clock reads, no span at all.
    TwoReads,
    /// Multiplications, each of what the one before gave; no memory.
    Arithmetic,
    /// The same on two threads at once.
    TwoArithmetic,
    /// Spans one after the other, each a root.
    Flat,
    /// As `Flat`, for so long that what is seldom happens several times.
    Steady,
    /// Chains of four.
    Depth4,
    /// Chains of sixteen.
    Depth16,
    /// 63 callsites in turn below one parent, of another.
    FanOut,
    /// One callsite, again and again below one parent.
    Loop,
    /// The same below one parent for all of it.
    LongLoop,
    /// A thousand stacks of three, visited by chance.
    RandomStacks,
    /// One future, polled again and again.
    Polls,
    /// One future, polled below a thousand spans that are open, each in the one before.
    DeepPolls,
    /// As `Flat`, with other things in the caches each time.
    ColdFlat,
    /// One future, polled, with other things in the caches each time.
    ColdPolls,
    /// Created on one thread; entered, exited and closed on another.
    OtherThread,
    /// Polled on two threads in turn.
    Migrating,
    /// As `Flat`, on two threads at once.
    TwoThreads,
    /// Two threads in one operation, each in a part of it, each entering and
    /// exiting a span below its part.
    SharedInner,
    /// Two threads in one operation, each entering and exiting a child of its root.
    SharedNear,
    /// Two threads that enter and exit the root of one operation.
    SharedRoot,
    /// Threads that come, enter one span, and go.
    NewThreads,
}

/// Every shape with its name.
const NAMES: [(Shape, &str); 22] = [
    (Shape::TwoReads, "two-reads"),
    (Shape::Arithmetic, "arithmetic"),
    (Shape::TwoArithmetic, "two-arithmetic"),
    (Shape::Flat, "flat"),
    (Shape::Steady, "steady"),
    (Shape::Depth4, "depth-4"),
    (Shape::Depth16, "depth-16"),
    (Shape::FanOut, "fan-out"),
    (Shape::Loop, "loop"),
    (Shape::LongLoop, "long-loop"),
    (Shape::RandomStacks, "random-stacks"),
    (Shape::Polls, "polls"),
    (Shape::ColdFlat, "cold-flat"),
    (Shape::ColdPolls, "cold-polls"),
    (Shape::DeepPolls, "deep-polls"),
    (Shape::OtherThread, "other-thread"),
    (Shape::Migrating, "migrating"),
    (Shape::TwoThreads, "two-threads"),
    (Shape::SharedInner, "shared-inner"),
    (Shape::SharedNear, "shared-near"),
    (Shape::SharedRoot, "shared-root"),
    (Shape::NewThreads, "new-threads"),
];

impl Shape {
    /// How many units make one run about as long as those of other shapes.
    #[must_use]
    pub fn units(self, spans: u64) -> u64 {
        match self {
            Self::NewThreads => spans / 20,
            Self::ColdFlat | Self::ColdPolls => spans / 100,
            Self::Steady => spans * 200,
            Self::TwoReads | Self::Polls | Self::DeepPolls => spans * 4,
            // Long enough that two threads do meet.
            Self::TwoThreads
            | Self::SharedInner
            | Self::SharedNear
            | Self::SharedRoot
            | Self::TwoArithmetic => spans * 8,
            _ => spans,
        }
    }

    /// Runs the shape with tracing's spans: how long `units` of it took.
    #[must_use]
    pub fn run(self, units: u64) -> Duration {
        match self {
            Self::TwoReads => two_reads(units),
            Self::Arithmetic => arithmetic(units),
            Self::TwoArithmetic => share::two_threads(units, arithmetic),
            Self::Flat | Self::Steady => spans::flat::<Tracing>(units),
            Self::Depth4 => spans::nested::<Tracing>(units, 4),
            Self::Depth16 => spans::nested::<Tracing>(units, 16),
            Self::FanOut => spans::fan_out::<Tracing>(units),
            Self::Loop => spans::again::<Tracing>(units),
            Self::LongLoop => spans::long::<Tracing>(units),
            Self::RandomStacks => spans::random_stacks(units),
            Self::Polls => poll::polls(units),
            Self::ColdFlat => cold::flat(units),
            Self::ColdPolls => cold::polls(units),
            Self::DeepPolls => poll::deep_polls(units),
            Self::OtherThread => handover::other_thread(units),
            Self::Migrating => handover::migrating(units),
            Self::TwoThreads => share::two_threads(units, spans::flat::<Tracing>),
            Self::SharedInner => share::inner(units),
            Self::SharedNear => share::near(units),
            Self::SharedRoot => share::root(units),
            Self::NewThreads => share::new_threads(units),
        }
    }

    /// Runs the shape through fastrace, which knows no tracing span; `None` where
    /// it has nothing of the kind.
    #[cfg(feature = "peers")]
    #[must_use]
    pub fn run_fastrace(self, units: u64) -> Option<Duration> {
        Some(match self {
            Self::Flat => spans::flat::<Fastrace>(units),
            Self::Depth4 => spans::nested::<Fastrace>(units, 4),
            Self::Depth16 => spans::nested::<Fastrace>(units, 16),
            Self::FanOut => spans::fan_out::<Fastrace>(units),
            Self::Loop => spans::again::<Fastrace>(units),
            Self::Polls => poll::polls_fastrace(units),
            Self::TwoThreads => share::two_threads(units, spans::flat::<Fastrace>),
            _ => return None,
        })
    }
}

fn two_reads(units: u64) -> Duration {
    timed(|| {
        for _ in 0..units {
            black_box(raw_ticks());
            black_box(raw_ticks());
        }
    })
}

/// A unit takes about as long as a span.
fn arithmetic(units: u64) -> Duration {
    timed(|| {
        for unit in 0..units {
            let product = (0..40).fold(black_box(unit), |x, _| x.wrapping_mul(0x5851_f42d) ^ 1);
            black_box(product);
        }
    })
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAMES.iter().find(|(shape, _)| shape == self).map_or("?", |(_, name)| name))
    }
}

impl FromStr for Shape {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        NAMES.iter().find(|(_, name)| *name == text).map(|(shape, _)| *shape).ok_or_else(|| {
            let known: Vec<_> = NAMES.iter().map(|(_, name)| *name).collect();
            format!("no shape is called {text:?}; there are {}", known.join(", ")).into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_is_found_by_its_name() {
        for (shape, name) in NAMES {
            assert_eq!(shape.to_string(), name);
            assert_eq!(name.parse::<Shape>().unwrap(), shape);
        }
    }
}
