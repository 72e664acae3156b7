//! The states of every frame, from what threads truly did.
//!
//! It knows what each thread did at each instant, and tells of it where the definition has
//! the recorder know: at readings. Where all of a reading is known the truth must come out.

use std::{collections::BTreeMap, mem::replace};

use super::{
    Event, Path, Program, SpanKey, Step,
    orphans::{Before, Orphans, OrphansByPath},
    rules,
    scheduler::{Account, CALLS, Glance, Schedule, Scheduler, State},
    sightings::{Sightings, Slept},
    world::World,
};

/// Times by state, in nanoseconds: runnable, blocked, off-CPU, unknown; and the parts of blocked
/// that were for page faults, and in each system call.
pub type ByState<T> = [T; 5 + CALLS];

const RUNNABLE: usize = 0;
pub(super) const BLOCKED: usize = 1;
const OFF_CPU: usize = 2;
const UNKNOWN: usize = 3;
pub(super) const FAULTED: usize = 4;
const CALLED: usize = 5;

/// What a snapshot must show of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NodeStates {
    pub wall: ByState<f64>,
    pub busy: ByState<u64>,
    /// How often something was told of it.
    pub tellings: u64,
}

/// By path.
pub type StatesByPath = BTreeMap<Path, NodeStates>;

/// A stretch of a thread, from when to when, of which it was told that the thread was off its CPU
/// for so long in each state, or may have been.
pub type TimedStates = (u64, u64, ByState<u64>);

/// Those of all threads in each operation, by its root, in no order.
pub(crate) type StatesInTime = BTreeMap<SpanKey, Vec<TimedStates>>;

/// What a snapshot must show.
#[derive(Debug)]
pub struct Told {
    pub states: StatesByPath,
    /// Of all roots.
    pub orphans: OrphansByPath,
}

/// When threads read their counters.
#[derive(Clone, Copy, Debug)]
pub enum Looks {
    /// At their changes of frames, where they were switched out. The last of so many readings
    /// lacks what the thread waited for a CPU; none does where that is 0.
    AtSwitches { bare: u64 },
    /// At so many of their changes of frames, and then not at so many.
    AtChanges { read: u64, dark: u64 },
}

/// What a thread reads of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Whole,
    /// Without what it waited for a CPU.
    Bare,
    /// Nothing.
    Dark,
}

impl Looks {
    /// A thread's so many-th look, from 0.
    pub fn nth(self, looks: u64) -> Look {
        match self {
            Self::AtSwitches { bare } if bare > 0 && looks % bare == bare - 1 => Look::Bare,
            Self::AtChanges { read, dark } if looks % (read + dark) >= read => Look::Dark,
            _ => Look::Whole,
        }
    }

    /// Whether a thread looks that had left its CPU so many times as it looked before, and so
    /// many by now.
    pub fn is_due(self, looked: Option<u64>, switches: u64) -> bool {
        matches!(self, Self::AtChanges { .. }) || looked != Some(switches)
    }
}

/// The states at each snapshot of a program that takes time from beginning to end, whose
/// threads do what a schedule says.
pub fn states(program: &Program, schedule: &Schedule, looks: Looks) -> Vec<Told> {
    let mut teller = Teller::new(program, schedule, looks);
    program.steps.iter().filter_map(|step| teller.step(step)).collect()
}

/// What was told of threads in each operation of such a program, and when.
pub fn states_in_time(program: &Program, schedule: &Schedule, looks: Looks) -> StatesInTime {
    let mut teller = Teller::new(program, schedule, looks);
    program.steps.iter().for_each(|step| drop(teller.step(step)));
    teller.in_time
}

struct Teller<'c> {
    world: World,
    scheduler: Scheduler<'c>,
    glances: &'c [Glance],
    threads: BTreeMap<usize, Thread>,
    nodes: StatesByPath,
    in_time: StatesInTime,
    orphans: Orphans,
    now: u64,
    looks: Looks,
}

#[derive(Default)]
struct Thread {
    /// When its stack of recorded spans changed last, and when it was told last.
    changed: u64,
    told: u64,
    /// What was true at the latest reading; `None` where nothing is known.
    known: Option<Known>,
    looks: u64,
    /// Whether it takes its own reading to know more.
    is_lost: bool,
    /// How often it had slept, and for a page, at its latest whole reading of itself.
    counted: (u64, u64),
    /// How often it had left its CPU when it looked at its flag last.
    looked: Option<u64>,
    /// What it was seen asleep in.
    sightings: Sightings,
    /// Its share of each operation that it is in.
    tails: BTreeMap<SpanKey, Tail>,
}

#[derive(Clone, Copy)]
struct Known {
    account: Account,
    /// The delay that was read last, and the time off the CPU since then.
    delay: Option<u64>,
    untold: u64,
}

/// A thread's share since its innermost span of an operation changed, or was told.
struct Tail {
    span: SpanKey,
    since: u64,
    share: f64,
}

impl<'c> Teller<'c> {
    fn new(program: &Program, schedule: &'c Schedule, looks: Looks) -> Self {
        Self {
            world: World::new(program.marks.clone()),
            scheduler: Scheduler::new(&schedule.changes),
            glances: &schedule.glances,
            threads: BTreeMap::new(),
            nodes: BTreeMap::new(),
            in_time: BTreeMap::new(),
            orphans: Orphans::default(),
            now: 0,
            looks,
        }
    }

    fn step(&mut self, step: &Step) -> Option<Told> {
        while let Some((glance, rest)) = self.glances.split_first()
            && glance.at <= step.at
        {
            self.glances = rest;
            self.glance(*glance);
        }
        self.scheduler.advance(step.at);
        self.share(step.at - self.now);
        self.now = step.at;
        let Step { thread, event, .. } = step;
        let is_handles = event.is_of_the_handle();
        if !is_handles {
            let owner = self.threads.entry(*thread).or_default();
            owner.sightings.interrupt();
            if owner.known.is_none() {
                self.tell_unknown(*thread);
            }
        }
        match event {
            Event::Enter(_) | Event::Exit(_) | Event::ThreadEnd => self.read_itself(*thread),
            Event::Snapshot => self.read_all(),
            _ => {}
        }
        self.apply(step);
        let (nodes, orphans) = (&self.nodes, &self.orphans.counted);
        let told = || Told { states: nodes.clone(), orphans: orphans.clone() };
        (*event == Event::Snapshot).then(told)
    }

    /// Somebody looks at a thread.
    fn glance(&mut self, Glance { at, thread }: Glance) {
        self.scheduler.advance(at);
        let account = self.scheduler.account(thread);
        if let Some(known) = self.threads.get_mut(&thread) {
            known.sightings.see(at, account);
        }
    }

    /// Lets a step happen, and begins tails where frames change.
    fn apply(&mut self, step: &Step) {
        let living = Before::of(&self.world, step.thread);
        let before: BTreeMap<usize, Vec<SpanKey>> =
            self.world.stacks_by_thread().map(|(thread, stack)| (thread, stack.to_vec())).collect();
        self.world.apply(step);
        self.orphans.happened(&self.world, step, &living);
        let after: BTreeMap<usize, Vec<SpanKey>> =
            self.world.stacks_by_thread().map(|(thread, stack)| (thread, stack.to_vec())).collect();
        let changed: Vec<usize> = before
            .keys()
            .chain(after.keys())
            .copied()
            .filter(|thread| before.get(thread) != after.get(thread))
            .collect();
        for thread in changed {
            if matches!(step.event, Event::Drop(_)) {
                // Its span closed, and it changes no frame itself.
                let innermost = before.get(&thread).and_then(|stack| stack.last().copied());
                self.lose(thread, innermost);
            }
            self.begin_tails(thread, after.get(&thread).map_or(&[][..], Vec::as_slice));
        }
        if step.event == Event::ThreadEnd {
            self.threads.remove(&step.thread);
            self.scheduler.end(step.thread);
        }
    }

    /// Gives out a stretch of time in which nobody's frame changed.
    fn share(&mut self, nanos: u64) {
        let world = &self.world;
        let living = rules::operations(world).filter(|root| rules::lives(world, *root));
        for operation in living {
            let running: Vec<usize> =
                rules::strands(world, operation).iter().filter_map(|(thread, _)| *thread).collect();
            for thread in &running {
                let tails = &mut self.threads.entry(*thread).or_default().tails;
                if let Some(tail) = tails.get_mut(&operation) {
                    tail.share += nanos as f64 / running.len() as f64;
                }
            }
        }
    }

    fn begin_tails(&mut self, at: usize, stack: &[SpanKey]) {
        let (world, now) = (&self.world, self.now);
        let thread = self.threads.entry(at).or_default();
        thread.changed = now;
        self.orphans.begin_stay(at, now);
        let mut innermost = BTreeMap::new();
        for span in stack {
            innermost.insert(world.span(*span).operation, *span);
        }
        thread.tails.retain(|operation, tail| innermost.get(operation) == Some(&tail.span));
        for (operation, span) in innermost {
            thread.tails.entry(operation).or_insert(Tail { span, since: now, share: 0.0 });
        }
    }

    /// A thread looks whether it is to read its counters.
    fn read_itself(&mut self, thread: usize) {
        let account = self.scheduler.account(thread);
        assert_eq!(account.state, State::OnCpu, "a thread that does something is on a CPU");
        let owner = self.threads.entry(thread).or_default();
        if !self.looks.is_due(owner.looked.replace(account.switches), account.switches) {
            return;
        }
        let look = self.looks.nth(owner.looks);
        owner.looks += 1;
        owner.is_lost = look == Look::Dark;
        match look {
            Look::Whole => {
                let (sleeps, faults) =
                    replace(&mut owner.counted, (account.sleeps, account.faults));
                let (times, for_pages) = (account.sleeps - sleeps, account.faults - faults);
                self.read(thread, account, true, Some(Slept { times, for_pages }));
            }
            Look::Bare => self.read(thread, account, false, None),
            Look::Dark => return self.lose(thread, self.innermost(thread)),
        }
        self.threads.entry(thread).or_default().sightings.forget();
        self.orphans.end_stay(&self.world, thread, self.now);
    }

    /// Threads that are in a span are read by others.
    fn read_all(&mut self) {
        let within: Vec<usize> = self
            .world
            .stacks_by_thread()
            .filter(|(_, stack)| !stack.is_empty())
            .map(|(thread, _)| thread)
            .collect();
        for thread in within {
            let account = self.scheduler.found(thread);
            match self.threads.entry(thread).or_default().is_lost {
                true => self.tell_unknown(thread),
                false => self.read(thread, account, true, None),
            }
        }
    }

    /// Counters of a thread are read: all of them, or its CPU time alone; how often it slept,
    /// or that is not known.
    fn read(&mut self, thread: usize, account: Account, all: bool, slept: Option<Slept>) {
        let tail = self.tail(thread);
        let owner = self.threads.entry(thread).or_default();
        let Some(known) = owner.known else {
            // A wait under way began before: what it adds to the delay is not of what follows.
            let is_whole = all && account.state != State::Runnable;
            let delay = is_whole.then_some(account.delay);
            owner.known = Some(Known { account, delay, untold: 0 });
            self.orphans.told(thread, tail, &unknown(tail));
            return self.tell(thread, tail, unknown(tail));
        };
        let off = |account: &Account| account.runnable + account.blocked;
        let passed = off(&account) - off(&known.account);
        let mut next = Known { account, ..known };
        let mut told = ByState::default();
        if let (Some(before), true) = (known.delay, all) {
            let waited = account.delay - before;
            let (most, least) =
                (waited.min(passed), waited.saturating_sub(known.untold).min(passed));
            let rest = passed - most;
            let may_wait = account.state == State::Runnable;
            told[RUNNABLE] = least;
            told[OFF_CPU] = most - least + if may_wait { rest } else { 0 };
            told[BLOCKED] = if may_wait { 0 } else { rest };
            let window = (self.now - tail, self.now);
            let was_asleep = known.account.state != State::Runnable;
            let begun = was_asleep.then_some(known.account.blocked);
            let known_for = owner.sightings.explain(told[BLOCKED], window, begun, slept);
            told[FAULTED] = known_for.faulted;
            (0..CALLS).for_each(|call| told[CALLED + call] = known_for.of(call));
            // A wait under way may have begun before, and none of it is counted.
            let unexplained = (known.untold + passed).saturating_sub(waited);
            next.untold = if may_wait { unexplained } else { 0 };
            if known.untold == 0 && !may_wait {
                let truth = account.runnable - known.account.runnable;
                assert_eq!(told[RUNNABLE], truth.min(passed), "what is known in full is the truth");
                // Of a thread that is in no span nobody is told.
                if tail > 0 {
                    known_for.assert_true(&known.account, &account);
                }
            }
        } else {
            told[OFF_CPU] = passed;
            next.untold = if all { 0 } else { known.untold + passed };
        }
        if all {
            let is_known = known.delay.is_some() || account.state != State::Runnable;
            next.delay = is_known.then_some(account.delay);
        }
        owner.known = Some(next);
        if tail > 0 {
            assert!(passed <= tail, "off its CPU behind its last change of frames alone");
        }
        self.orphans.told(thread, tail, &told);
        self.tell(thread, tail, told);
    }

    /// Nothing is known of a thread until its next reading.
    fn lose(&mut self, thread: usize, innermost: Option<SpanKey>) {
        let told = self.threads.entry(thread).or_default();
        let tail = self.now - told.changed.max(told.told);
        told.known = None;
        self.orphans.begin_stay(thread, self.now);
        if innermost.is_some() {
            self.tell_of(thread, innermost, tail, unknown(tail));
        }
    }

    fn tell_unknown(&mut self, thread: usize) {
        let tail = self.tail(thread);
        self.tell(thread, tail, unknown(tail));
        self.orphans.begin_stay(thread, self.now);
    }

    fn innermost(&self, thread: usize) -> Option<SpanKey> {
        let mut stacks = self.world.stacks_by_thread();
        stacks.find(|(other, _)| *other == thread).and_then(|(_, stack)| stack.last().copied())
    }

    /// How long a thread has been in its frame, or since it was told.
    fn tail(&self, thread: usize) -> u64 {
        let is_within = self.innermost(thread).is_some();
        let since = self.threads.get(&thread).map_or(self.now, |told| told.changed.max(told.told));
        if is_within { self.now - since } else { 0 }
    }

    fn tell(&mut self, thread: usize, tail: u64, states: ByState<u64>) {
        self.tell_of(thread, self.innermost(thread), tail, states);
    }

    fn tell_of(
        &mut self,
        thread: usize,
        innermost: Option<SpanKey>,
        passed: u64,
        states: ByState<u64>,
    ) {
        let (world, now) = (&self.world, self.now);
        let thread = self.threads.entry(thread).or_default();
        thread.told = now;
        let Some(innermost) = innermost else { return };
        let node = self.nodes.entry(world.path(innermost)).or_default();
        (0..states.len()).for_each(|state| node.busy[state] += states[state]);
        for (operation, tail) in &mut thread.tails {
            if states[..FAULTED].iter().any(|nanos| *nanos > 0) {
                let in_time = self.in_time.entry(*operation).or_default();
                in_time.push((now - passed, now, states));
            }
            let nanos = now - tail.since;
            let node = self.nodes.entry(world.path(tail.span)).or_default();
            node.tellings += 1;
            for state in (0..states.len()).filter(|_| nanos > 0) {
                node.wall[state] += tail.share * states[state] as f64 / nanos as f64;
            }
            (tail.since, tail.share) = (now, 0.0);
        }
    }
}

fn unknown(nanos: u64) -> ByState<u64> {
    let mut states = ByState::default();
    states[UNKNOWN] = nanos;
    states
}
