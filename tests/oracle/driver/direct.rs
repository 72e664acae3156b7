//! Tells an engine what happens in a program, without a subscriber, threads or a clock.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use tracing::{Metadata, dispatcher};
use tracing_flame_layer::{
    Builder, Profile,
    profile::{Operation, Reason, ReasonKind},
    testing::{Below, Chains, Direct, DirectThread, Reading},
};
use tracing_subscriber::registry;

use super::callsites::{self, ParentId};
use crate::{
    Account, CALLS, Event, Glance, Look, Looks, Parent, Program, Registry, Schedule, Scheduler,
    SpanKey, State, Step, driver,
};

type Callsites = HashMap<&'static str, &'static Metadata<'static>>;

/// The callsite of each name.
static CALLSITES: LazyLock<Callsites> = LazyLock::new(|| {
    dispatcher::with_default(&registry().into(), || {
        let callsite = |name: &str| callsites::make(name, &ParentId::Root).metadata();
        let all = callsites::NAMES.iter().filter_map(|name| callsite(name));
        all.map(|callsite| (callsite.name(), callsite)).collect()
    })
});

/// The profile of each snapshot of a program that takes time from beginning to end.
pub fn run(program: &Program, chains: Chains) -> Vec<Profile> {
    let mut stage = Stage::new(program, chains, false);
    program.steps.iter().filter_map(|step| stage.step(step)).collect()
}

/// The profile of each snapshot of a program, all of them read when the program is over.
pub fn run_late(program: &Program, chains: Chains) -> Vec<Profile> {
    let mut stage = Stage::new(program, chains, false);
    let mut taken = Vec::new();
    for step in &program.steps {
        if matches!(step.event, Event::Snapshot) {
            taken.push(stage.engine.take_snapshot(step.at));
        } else {
            stage.step(step);
        }
    }
    taken.iter().map(|snapshot| stage.engine.read_snapshot(snapshot)).collect()
}

/// The profile of each snapshot of a program of which one in so many steps is not told, and
/// whose ids are given again at once: as where a log was full, or the layer taken out for a while.
pub fn run_lossy(program: &Program, chains: Chains, lost: usize) -> Vec<Profile> {
    let mut stage = Stage::new(program, chains, false);
    stage.lost = Some(lost);
    program.steps.iter().filter_map(|step| stage.step(step)).collect()
}

/// The profile of each snapshot of a program that takes time from beginning to end, whose
/// threads do what a schedule says, and of whose own readings some are bare.
pub fn run_scheduled(
    program: &Program,
    scheduled: (&Schedule, Looks),
    chains: Chains,
) -> Vec<Profile> {
    Stage::new(program, chains, true).run_scheduled(scheduled)
}

/// The profile of each snapshot of such a program, with named operations by classes of latency.
pub fn run_scheduled_classes(program: &Program, scheduled: (&Schedule, Looks)) -> Vec<Profile> {
    let settings = driver::settings(program).states(true).classes(true);
    Stage::with(program, settings).run_scheduled(scheduled)
}

/// The profile of each snapshot of a program whose threads use something at each instant that
/// they are in a span: a minor fault, two blocks read and three written. With classes of latency.
pub fn run_using(program: &Program, chains: Chains) -> Vec<Profile> {
    let settings = driver::settings(program).chains(chains).states(false).resources(true);
    let mut stage = Stage::with(program, settings.classes(true));
    let mut told: BTreeMap<usize, u64> = BTreeMap::new();
    let told = program.steps.iter().filter_map(|step| {
        let threads = match step.event {
            Event::Enter(_) | Event::Exit(_) | Event::ThreadEnd => vec![step.thread],
            // As if all of them changed frames then.
            Event::Snapshot => told.keys().copied().collect(),
            _ => Vec::new(),
        };
        for number in threads {
            let since = told.insert(number, step.at).unwrap_or(step.at);
            let (thread, used) = (stage.thread(number), step.at - since);
            stage.engine.used(thread, [1, 2, 3].map(|each| each * used), step.at);
        }
        stage.step(step)
    });
    told.collect()
}

/// The named operations that end in such a program, each by itself, in the order of their ends.
pub fn run_scheduled_alone(program: &Program, scheduled: (&Schedule, Looks)) -> Vec<Operation> {
    let settings = driver::settings(program).states(true).slowest(1_000);
    let mut stage = Stage::with(program, settings);
    stage.run_scheduled(scheduled);
    stage.engine.slowest()
}

/// Stands for the system and for the threads' flags.
struct Clerk<'c> {
    scheduler: Scheduler<'c>,
    glances: &'c [Glance],
    looks: Looks,
    threads: BTreeMap<usize, Told>,
}

/// What a thread has told of itself.
#[derive(Default)]
struct Told {
    /// How often it has looked, and how often it had left its CPU then.
    looks: u64,
    looked: Option<u64>,
    /// How often it had slept, and for a page.
    counted: (u64, u64),
    /// Whether it was asleep when somebody looked, and has said nothing since.
    is_asleep: bool,
}

/// The system calls that threads are asleep in.
pub(super) const CALLED: [&str; CALLS] = ["futex", "fdatasync /data", "read pipe"];

/// What a thread that is asleep is found in.
fn found(state: State) -> Option<Reason> {
    let kinds = [ReasonKind::Lock, ReasonKind::Disk, ReasonKind::Other];
    let State::Blocked(call) = state else { return None };
    let (call, kind) = (CALLED[call], kinds[call]);
    let (call, file) = call.split_once(' ').map_or((call, None), |(call, file)| (call, Some(file)));
    Some(made!(Reason { call: Some(call.into()), file: file.map(Into::into), ..Reason::new(kind) }))
}

impl Told {
    fn whole(&mut self, account: &Account) -> Reading {
        let now = (account.sleeps, account.faults);
        let (sleeps, faults) = std::mem::replace(&mut self.counted, now);
        Reading {
            delay: Some(account.delay),
            voluntary: Some((account.sleeps - sleeps) as u32),
            major_faults: (account.faults - faults) as u32,
            ..reading(account.on_cpu)
        }
    }
}

impl Clerk<'_> {
    /// Somebody looks at a thread.
    fn glance(&mut self, Glance { at, thread }: Glance, stage: &mut Stage<'_>) {
        self.scheduler.advance(at);
        let Account { state, on_cpu, delay, .. } = self.scheduler.account(thread);
        let (Some(told), Some(key)) = (self.threads.get_mut(&thread), stage.threads.get(&thread))
        else {
            return;
        };
        let goes_on = std::mem::replace(&mut told.is_asleep, state.is_asleep());
        if state.is_asleep() {
            stage.engine.see(*key, found(state).as_ref(), (at, on_cpu, delay), goes_on);
        }
    }

    /// Tells the engine what threads read ahead of a step.
    fn before(&mut self, step: &Step, stage: &mut Stage<'_>) {
        while let Some((glance, rest)) = self.glances.split_first()
            && glance.at <= step.at
        {
            self.glances = rest;
            self.glance(*glance, stage);
        }
        self.scheduler.advance(step.at);
        if !step.event.is_of_the_handle() {
            self.threads.entry(step.thread).or_default().is_asleep = false;
        }
        match step.event {
            Event::Enter(_) | Event::Exit(_) | Event::ThreadEnd => {
                let account = self.scheduler.account(step.thread);
                let told = self.threads.entry(step.thread).or_default();
                if !self.looks.is_due(told.looked.replace(account.switches), account.switches) {
                    return;
                }
                let look = self.looks.nth(told.looks);
                told.looks += 1;
                let reading = match look {
                    Look::Whole => told.whole(&account),
                    Look::Bare | Look::Dark => reading(account.on_cpu),
                };
                let thread = stage.thread(step.thread);
                match look {
                    Look::Whole | Look::Bare => stage.engine.read(thread, &reading, step.at),
                    Look::Dark => stage.engine.darken(thread, step.at),
                }
            }
            Event::Snapshot => {
                for (thread, key) in &stage.threads {
                    let account = self.scheduler.found(*thread);
                    let reading = Reading {
                        delay: Some(account.delay),
                        may_be_waiting: account.state == State::Runnable,
                        ..reading(account.on_cpu)
                    };
                    stage.engine.read_later(*key, &reading, step.at, 0);
                }
            }
            _ => {}
        }
    }
}

fn reading(cpu: u64) -> Reading {
    let (voluntary, involuntary, major_faults) = (None, 0, 0);
    Reading { cpu, delay: None, may_be_waiting: false, voluntary, involuntary, major_faults }
}

/// An engine, and the model of the Registry that says what it would be told.
struct Stage<'p> {
    program: &'p Program,
    engine: Direct,
    registry: Registry,
    threads: BTreeMap<usize, DirectThread>,
    /// The id of each span. Ids of spans that have closed are given again.
    ids: Vec<u64>,
    /// Whether its field is part of its frame's name.
    named: Vec<bool>,
    free: Vec<u64>,
    /// Of how many steps one is not told, and how many there were.
    lost: Option<usize>,
    steps: usize,
}

impl<'p> Stage<'p> {
    fn new(program: &'p Program, chains: Chains, states: bool) -> Self {
        Self::with(program, driver::settings(program).chains(chains).states(states))
    }

    fn with(program: &'p Program, settings: Builder) -> Self {
        Self {
            program,
            engine: Direct::new(settings),
            registry: Registry::default(),
            threads: BTreeMap::new(),
            ids: Vec::new(),
            named: Vec::new(),
            free: Vec::new(),
            lost: None,
            steps: 0,
        }
    }

    fn run_scheduled(&mut self, (schedule, looks): (&Schedule, Looks)) -> Vec<Profile> {
        let (scheduler, glances) = (Scheduler::new(&schedule.changes), &schedule.glances[..]);
        let mut clerk = Clerk { scheduler, glances, looks, threads: BTreeMap::new() };
        let told = self.program.steps.iter().filter_map(|step| {
            clerk.before(step, self);
            let profile = self.step(step);
            if step.event == Event::ThreadEnd {
                clerk.threads.remove(&step.thread);
                clerk.scheduler.end(step.thread);
            }
            profile
        });
        told.collect()
    }

    fn step(&mut self, step: &Step) -> Option<Profile> {
        let closed = self.registry.apply(step);
        let thread = self.thread(step.thread);
        self.steps += 1;
        let is_told = self.lost.is_none_or(|lost| !self.steps.is_multiple_of(lost));
        match &step.event {
            Event::Create { name, .. } if !is_told => self.give_id(name),
            Event::Enter(_) | Event::Exit(_) if !is_told => {}
            Event::Drop(_) if !is_told => closed.iter().for_each(|key| self.free_id(*key)),
            Event::Create { name, parent } => self.create(thread, name, *parent, step.at),
            Event::Clone(_) | Event::Start | Event::Stop => {}
            Event::Drop(_) => closed.into_iter().for_each(|key| self.close(thread, key, step.at)),
            Event::Enter(key) => self.engine.enter(thread, self.ids[*key], step.at),
            Event::Exit(key) => self.engine.exit(thread, self.ids[*key], step.at),
            // Of what is recorded a thread tells what the user named.
            Event::Record(key, _) if !self.named[*key] => {}
            Event::Record(key, value) => {
                let values = vec![Some(value.to_string())];
                self.engine.record(thread, self.ids[*key], values, step.at);
            }
            Event::ThreadEnd => {
                self.threads.remove(&step.thread);
                self.engine.end_thread(thread, step.at);
            }
            Event::Snapshot => return Some(self.engine.snapshot(step.at)),
        }
        None
    }

    fn thread(&mut self, thread: usize) -> DirectThread {
        let engine = &mut self.engine;
        *self.threads.entry(thread).or_insert_with(|| engine.begin_thread())
    }

    fn create(&mut self, thread: DirectThread, name: &str, parent: Parent, at: u64) {
        self.give_id(name);
        let id = self.ids[self.ids.len() - 1];
        let parent = match parent {
            Parent::Current => Below::Current,
            Parent::Root => Below::Root,
            Parent::Of(key) => Below::Span(self.ids[key]),
        };
        let wanted = !self.program.marks.filtered.contains(name);
        self.engine.create(thread, id, (CALLSITES[name], wanted), parent, at);
    }

    fn give_id(&mut self, name: &str) {
        self.ids.push(self.free.pop().unwrap_or(self.ids.len() as u64 + 1));
        self.named.push(self.program.marks.fields.contains(name));
    }

    fn close(&mut self, thread: DirectThread, key: SpanKey, at: u64) {
        self.engine.close(thread, self.ids[key], at);
        // An id that a thread still has on its stack is not given again: the Registry's
        // come back after thousands of others only.
        if self.lost.is_some() || !self.registry.is_on_a_stack(key) {
            self.free_id(key);
        }
    }

    fn free_id(&mut self, key: SpanKey) {
        self.free.push(self.ids[key]);
    }
}
