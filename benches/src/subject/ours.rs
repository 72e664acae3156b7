//! Ours alone, or with others about: somebody who reads it all the time, or threads
//! that come and go. And ours that follows operations.

use std::{thread, time::Duration};

use tracing_flame_layer::{Flame, FlameLayer, SpanSelector};

use super::{Installed, Subject, plain};
use crate::{
    Result,
    shape::{CALLSITE_NAMES, CALLSITES, Source, Tracing},
};

/// Between one thread's begin and the next one's: 1,000 a minute.
const APART: Duration = Duration::from_millis(60);
/// Operations of each of them.
const ROOTS: usize = 100;
/// The parent in `loop` and in `fan-out`.
const PARENT: &str = CALLSITE_NAMES[CALLSITES - 1];
/// The first span of a chain, and one of those in a flat row.
const FIRST: &str = CALLSITE_NAMES[0];
/// How many of the slowest operations are kept: few, as the first take memory.
const KEPT: usize = 1;

pub(super) fn install(subject: Subject) -> Result<Installed> {
    let builder = FlameLayer::builder();
    // Parsed, as an older recorder takes them no other way.
    let [none, parent, first]: [SpanSelector; 3] =
        ["no span's".parse()?, PARENT.parse()?, FIRST.parse()?];
    let (layer, flame) = match subject {
        Subject::Elsewhere => builder.operations([none]).slowest(KEPT),
        Subject::Named => builder.operations([parent]),
        Subject::Followed => builder.operations([parent]).slowest(KEPT),
        Subject::FollowedChains => builder.operations([parent, first]).slowest(KEPT),
        #[cfg(not(feature = "older"))]
        Subject::Classed => builder.operations([parent, first]).slowest(KEPT).classes(true),
        _ => builder,
    }
    .build();
    let installed = plain(subject, layer)?;
    match subject {
        Subject::Snapshots => read_all_the_time(flame.clone()),
        Subject::Crowd => come_and_go(),
        _ => {}
    }
    Ok(Installed { flame: Some(flame), ..installed })
}

/// A snapshot each millisecond until the process ends.
fn read_all_the_time(flame: Flame) {
    thread::spawn(move || {
        loop {
            drop(flame.snapshot());
            thread::sleep(Duration::from_millis(1));
        }
    });
}

/// Threads one after the other, each with its operations, until the process ends.
fn come_and_go() {
    thread::spawn(|| {
        loop {
            thread::spawn(|| (0..ROOTS).for_each(|callsite| Tracing::span(callsite, || ())));
            thread::sleep(APART);
        }
    });
}
