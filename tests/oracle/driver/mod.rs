//! Runs a program for real: the layer over a Registry, one OS thread a thread,
//! one event at a time, under a clock that stands still between events.
//!
//! Before a thread ends, what it left on the Registry's stack is taken off
//! behind the layer's back: the Registry would hand it to the next thread that
//! gets the same slot, and which one that is depends on everything else that
//! runs in the process.

mod callsites;
pub mod compare;
pub mod direct;
pub mod judge;
pub mod recorded;
mod witness;

use std::{
    collections::{BTreeMap, BTreeSet},
    panic,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
};

use tracing::{Dispatch, Id, Metadata, Span, Subscriber, dispatcher};
use tracing_flame_layer::{
    Builder, Clock, Flame, FlameLayer, Mark, Profile, SpanFields, SpanSelector, profile::Operation,
    testing::Chains,
};
use tracing_subscriber::{Layer, Registry, filter::filter_fn, layer::SubscriberExt, registry};

use self::callsites::ParentId;
pub use self::witness::{Log, Witness};
use crate::{Event, FilterPlace, Marks, Parent, Program};

/// The profile of each snapshot of the program, in order.
pub fn run(program: &Program) -> Vec<Profile> {
    run_witnessed(program, Witness::default())
}

/// The profile of each snapshot of the program, where chains are used in this way.
pub fn run_with(program: &Program, chains: Chains) -> Vec<Profile> {
    let mut bench = Bench::of(program, settings(program).chains(chains), Witness::default());
    let steps = program.steps.iter();
    let profiles = steps.filter_map(|step| bench.step(step.at, step.thread, &step.event)).collect();
    bench.finish();
    profiles
}

/// The same, with a second layer that sees every span.
pub fn run_witnessed(program: &Program, witness: Witness) -> Vec<Profile> {
    run_marked(program, witness).0
}

/// The same, with the profile of each window from one snapshot to the next.
pub fn run_in_windows(program: &Program) -> (Vec<Profile>, Vec<Profile>) {
    run_marked(program, Witness::default())
}

fn run_marked(program: &Program, witness: Witness) -> (Vec<Profile>, Vec<Profile>) {
    let mut bench = Bench::new(program, witness);
    let profiles =
        program.steps.iter().filter_map(|step| bench.step(step.at, step.thread, &step.event));
    let profiles = profiles.collect();
    let Stage { flame, marks, .. } = &*bench.stage;
    let marks = marks.lock().expect("no thread panicked");
    let windows = marks.windows(2).map(|pair| flame.between(&pair[0], &pair[1]).unwrap()).collect();
    drop(marks);
    bench.finish();
    (profiles, windows)
}

/// The named operations that ended in the program, in the order of their ends.
pub fn run_operations(program: &Program) -> Vec<Operation> {
    run_followed(program).1
}

/// The same, and the profile of each snapshot of the program.
pub fn run_followed(program: &Program) -> (Vec<Profile>, Vec<Operation>) {
    let mut bench = Bench::of(program, settings(program).slowest(1_000), Witness::default());
    let steps = program.steps.iter();
    let profiles = steps.filter_map(|step| bench.step(step.at, step.thread, &step.event)).collect();
    let mut operations = bench.stage.flame.slowest();
    bench.finish();
    operations.sort_by_key(Operation::number);
    (profiles, operations)
}

/// What there is in the end, the classes of latency with it, and the profile of each window
/// from one snapshot to the next, the last up to the end.
pub fn run_classes(program: &Program) -> (Profile, Vec<Profile>) {
    let mut bench = Bench::of(program, settings(program).classes(true), Witness::default());
    bench.stage.marks.lock().expect("no thread panicked").push(bench.stage.flame.mark());
    for step in &program.steps {
        bench.step(step.at, step.thread, &step.event);
    }
    let Stage { flame, marks, .. } = &*bench.stage;
    let mut marks = marks.lock().expect("no thread panicked");
    marks.push(flame.mark());
    let windows = marks.windows(2).map(|pair| flame.between(&pair[0], &pair[1]).unwrap()).collect();
    drop(marks);
    let whole = flame.snapshot();
    bench.finish();
    (whole, windows)
}

/// The whole, and the named operations that ended, once everything in the program has
/// ended; by the machine's clock, under which callbacks take a few steps each.
pub fn run_by_the_machines_clock(program: &Program) -> (Profile, Vec<Operation>) {
    let mut bench = Bench::with(
        program,
        settings(program).slowest(1_000).classes(true),
        Arc::default(),
        Witness::default(),
    );
    for step in &program.steps {
        bench.step(step.at, step.thread, &step.event);
    }
    let flame = bench.stage.flame.clone();
    bench.finish();
    (flame.snapshot(), flame.slowest())
}

/// A layer, its clock, and the threads that drive it.
struct Bench {
    dispatch: Dispatch,
    stage: Arc<Stage>,
    threads: BTreeMap<usize, Worker>,
}

/// What all threads share.
struct Stage {
    flame: Flame,
    now: Arc<AtomicU64>,
    spans: Mutex<Vec<Instance>>,
    /// One for each snapshot.
    marks: Mutex<Vec<Mark>>,
}

/// A span and the handles to it that are not yet dropped.
struct Instance {
    id: Id,
    handles: Vec<Span>,
}

impl Bench {
    fn new(program: &Program, witness: Witness) -> Self {
        Self::of(program, settings(program), witness)
    }

    fn of(program: &Program, settings: Builder, witness: Witness) -> Self {
        let now = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&now);
        let clock = Clock::from_nanos(move || clock.load(Ordering::Relaxed));
        Self::with(program, settings.clock(clock), now, witness)
    }

    fn with(program: &Program, settings: Builder, now: Arc<AtomicU64>, witness: Witness) -> Self {
        let (layer, flame) = settings.build();
        let dispatch = subscriber(layer, &program.marks, witness);
        let stage =
            Arc::new(Stage { flame, now, spans: Mutex::default(), marks: Mutex::default() });
        Self { dispatch, stage, threads: BTreeMap::new() }
    }

    fn step(&mut self, at: u64, thread: usize, event: &Event) -> Option<Profile> {
        self.stage.now.store(at, Ordering::Relaxed);
        if *event == Event::ThreadEnd {
            if let Some(worker) = self.threads.remove(&thread) {
                worker.end();
            }
            return None;
        }
        let worker = self
            .threads
            .entry(thread)
            .or_insert_with(|| Worker::start(self.dispatch.clone(), Arc::clone(&self.stage)));
        worker.perform(event)
    }

    /// Drops what is left, with the layer still there to see it.
    fn finish(self) {
        let spans = std::mem::take(&mut *self.stage.spans.lock().expect("no thread panicked"));
        dispatcher::with_default(&self.dispatch, || drop(spans));
        self.threads.into_values().for_each(Worker::end);
    }
}

pub fn settings(program: &Program) -> Builder {
    let selectors = |names: &BTreeSet<String>| -> Vec<SpanSelector> {
        names.iter().map(|name| name.parse().expect("a span's name")).collect()
    };
    let fields = program.marks.fields.iter();
    let fields = fields
        .map(|name| -> SpanFields { format!("{name}{{x}}").parse().expect("a span's field") });
    FlameLayer::builder()
        .idle(selectors(&program.marks.idle))
        .skip(selectors(&program.marks.skip))
        .operations(selectors(&program.marks.operations))
        .detached(selectors(&program.marks.detached))
        .fields(fields)
        .max_field_values(256)
        .paused(program.paused)
}

/// The layer beside a witness; under a filter of its own where spans are to be
/// kept from it.
fn subscriber(layer: FlameLayer, marks: &Marks, witness: Witness) -> Dispatch {
    if marks.filtered.is_empty() {
        return Dispatch::new(registry().with(layer).with(witness));
    }
    let filtered = marks.filtered.clone();
    let keep = filter_fn(move |metadata: &Metadata<'_>| !filtered.contains(metadata.name()));
    match marks.filter {
        FilterPlace::Inside => {
            Dispatch::new(registry().with(layer.with_filter(keep)).with(witness))
        }
        FilterPlace::Callsites => {
            Dispatch::new(registry().with(layer.with_callsite_filter(keep)).with(witness))
        }
        FilterPlace::Around => {
            Dispatch::new(registry().with(Layer::with_filter(layer, keep)).with(witness))
        }
    }
}

/// An OS thread that does what it is told, one event at a time.
struct Worker {
    orders: Sender<Event>,
    done: Receiver<Option<Profile>>,
    thread: JoinHandle<()>,
}

impl Worker {
    fn start(dispatch: Dispatch, stage: Arc<Stage>) -> Self {
        let (orders, events) = channel::<Event>();
        let (results, done) = channel();
        let thread = thread::spawn(move || {
            let mut entered = Vec::new();
            dispatcher::with_default(&dispatch, || {
                while let Ok(event) = events.recv() {
                    stage.keep_track(&event, &mut entered);
                    if results.send(stage.perform(&event)).is_err() {
                        break;
                    }
                }
            });
            empty_registry_stack(&dispatch, &entered);
        });
        Self { orders, done, thread }
    }

    fn perform(&self, event: &Event) -> Option<Profile> {
        self.orders.send(event.clone()).expect("the thread waits for orders");
        self.done.recv().unwrap_or_else(|_| panic!("`{event:?}` panicked on its thread"))
    }

    fn end(self) {
        drop(self.orders);
        if let Err(panicked) = self.thread.join() {
            panic::resume_unwind(panicked);
        }
    }
}

fn empty_registry_stack(dispatch: &Dispatch, entered: &[Id]) {
    let registry = dispatch.downcast_ref::<Registry>().expect("a Registry lies below");
    entered.iter().for_each(|id| registry.exit(id));
}

impl Stage {
    fn perform(&self, event: &Event) -> Option<Profile> {
        match event {
            Event::Create { name, parent } => self.create(name, *parent),
            Event::Clone(key) => {
                let handles = &mut self.lock()[*key].handles;
                let clone = handles.last().expect("a handle is left").clone();
                handles.push(clone);
            }
            Event::Drop(key) => {
                let handle = self.lock()[*key].handles.pop();
                drop(handle.expect("a handle is left"));
            }
            Event::Enter(key) => dispatcher::get_default(|dispatch| dispatch.enter(&self.id(*key))),
            Event::Exit(key) => dispatcher::get_default(|dispatch| dispatch.exit(&self.id(*key))),
            Event::Record(key, value) => self.record(*key, *value),
            Event::ThreadEnd => unreachable!("the bench ends threads"),
            Event::Start => self.flame.start(),
            Event::Stop => self.flame.stop(),
            Event::Snapshot => {
                self.marks.lock().expect("no thread panicked").push(self.flame.mark());
                return Some(self.flame.snapshot());
            }
        }
        None
    }

    /// What the Registry has on this thread's stack, closed spans included.
    fn keep_track(&self, event: &Event, entered: &mut Vec<Id>) {
        match event {
            Event::Enter(key) => entered.push(self.id(*key)),
            Event::Exit(key) => {
                let id = self.id(*key);
                if let Some(place) = entered.iter().rposition(|entered| *entered == id) {
                    entered.remove(place);
                }
            }
            _ => {}
        }
    }

    fn create(&self, name: &str, parent: Parent) {
        let parent = match parent {
            Parent::Current => ParentId::Current,
            Parent::Root => ParentId::Root,
            Parent::Of(key) => ParentId::Of(self.id(key)),
        };
        let span = callsites::make(name, &parent);
        let id = span.id().expect("the witness enables every span");
        self.lock().push(Instance { id, handles: vec![span] });
    }

    fn record(&self, key: usize, value: u8) {
        let handle = self.lock()[key].handles.last().expect("a handle is left").clone();
        handle.record("x", value);
    }

    fn id(&self, key: usize) -> Id {
        self.lock()[key].id.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Instance>> {
        self.spans.lock().expect("no thread panicked")
    }
}
