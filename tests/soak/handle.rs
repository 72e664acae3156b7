//! What a host does with the layer's handle, meanwhile.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use tracing_flame_layer::{Flame, Profile};

use super::crew::{Crew, Random};

/// The time between snapshots.
const BETWEEN: Duration = Duration::from_millis(10);

pub(crate) struct Handle {
    flame: Flame,
    crew: Arc<Crew>,
}

impl Handle {
    pub(crate) fn new(flame: Flame, crew: Arc<Crew>) -> Self {
        Self { flame, crew }
    }

    /// Takes snapshots a hundred times a second; returns how many.
    pub(crate) fn look(&self, until: Instant) -> u64 {
        let mut taken = 0;
        let mut next = Instant::now();
        while next < until {
            thread::sleep(next.saturating_duration_since(Instant::now()));
            drop(self.flame.snapshot());
            taken += 1;
            // Late ones are left out, not made up for.
            next = (next + BETWEEN).max(Instant::now());
        }
        taken
    }

    /// Stops and starts taking time at random; returns how often.
    pub(crate) fn switch(&self, until: Instant) -> u64 {
        let mut random = Random::new(until.elapsed().subsec_nanos().into());
        let mut switches = 0;
        while Instant::now() < until {
            self.crew.books.switch(|recording| {
                *recording = !*recording;
                if *recording { self.flame.start() } else { self.flame.stop() }
            });
            switches += 1;
            // Mostly on.
            let millis =
                if switches % 2 == 0 { 500 + random.below(1_500) } else { random.below(50) };
            thread::sleep(Duration::from_millis(millis));
        }
        switches
    }

    /// All that was recorded.
    pub(crate) fn end(&self) -> Profile {
        self.flame.stop();
        self.flame.snapshot()
    }
}
