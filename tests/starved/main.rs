//! A host whose allocator fails in the layer's callbacks, and whose clock is not to
//! be trusted. It plays one act under each fault, and what the act prints must be
//! what it prints without the layer, to the byte.
//!
//! ```text
//! cargo run -p flame-tests --bin flame-starved          each allocation
//! cargo run -p flame-tests --bin flame-starved -- 10    each tenth
//! ```

mod act;
mod allocator;
mod clocks;
mod hungry;

use std::{process::ExitCode, time::Duration};

use tracing::Level;
use tracing_flame_layer::{
    Clock, Flame, FlameLayer, SlowerThan, profile::Anomalies, render::Format,
};

use self::{allocator::Fault, hungry::Hungry};

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

fn main() -> ExitCode {
    let step = std::env::args().nth(1).map_or(1, |step| step.parse().expect("a number"));
    let expected = act::play(None);
    let mut tally = Tally { expected, faults: 0, differences: 0 };

    let allocations = tally.play("no fault", Fault::None, Clock::system());
    for at in (0..allocations).step_by(step) {
        tally.play(&format!("allocation {at} fails"), Fault::Only(at), Clock::system());
        tally.play(&format!("all from {at} on fail"), Fault::From(at), Clock::system());
    }
    tally.play("each other fails", Fault::EachOther, Clock::system());
    tally.play("an allocator that makes spans", Fault::Spans, Clock::system());
    for (what, clock) in clocks::all() {
        tally.play(what, Fault::None, clock);
    }
    println!(
        "{allocations} allocations in callbacks; {} plays, {} of which the host noticed",
        tally.faults, tally.differences
    );
    if tally.differences == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Tally {
    expected: String,
    faults: u64,
    differences: u64,
}

impl Tally {
    /// Plays the act under a fault, on a thread of its own that has not met the
    /// layer. Returns how many allocations there were in callbacks.
    fn play(&mut self, what: &str, fault: Fault, clock: Clock) -> u64 {
        let (layer, flame) = settings().clock(clock).build();
        allocator::begin(fault);
        let said = act::play(Some(Hungry::new(layer)));
        let allocations = allocator::end();
        self.faults += 1;
        if said != self.expected {
            self.differences += 1;
            eprintln!("{what}:\n{said}\ninstead of\n{}", self.expected);
        }
        let Anomalies { lost, reentered, .. } = flame.snapshot().anomalies();
        match fault {
            Fault::None => assert_eq!((lost, reentered), (0, 0), "{what}"),
            Fault::Spans => assert!(lost == 0 && reentered > 0, "{what}: {reentered}"),
            Fault::From(0) => assert!(lost > 0, "{what}"),
            _ => {}
        }
        // Drawing a stack of a thousand takes its time.
        if matches!(fault, Fault::None | Fault::Spans) {
            draw(&flame);
        }
        allocations
    }
}

fn settings() -> tracing_flame_layer::Builder {
    // All of these are followed: on one thread, in polls, and on several threads.
    let operations = ["operation", "request", "parent"];
    FlameLayer::builder()
        .idle(["idle"])
        .skip(["skip"])
        .operations(operations)
        .slowest(2)
        .slower_than(SlowerThan::Duration(Duration::ZERO))
        // So few that threads read the logs themselves, in a callback.
        .chunks(2)
        .events(Level::DEBUG)
        .fields(["stage{name,part}".parse().expect("fields")])
        .max_field_values(5)
}

/// Whatever was recorded can be drawn.
fn draw(flame: &Flame) {
    let profile = flame.snapshot();
    for &format in Format::ALL {
        profile
            .write(format, std::io::sink(), &Default::default())
            .expect("nothing stands in the way");
    }
    let slowest = flame.slowest();
    assert!(!slowest.is_empty(), "operations are followed");
    for operation in slowest {
        operation
            .write_svg(std::io::sink(), &Default::default())
            .expect("nothing stands in the way");
    }
}
