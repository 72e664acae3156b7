//! What truly becomes of threads: a scheduler that does what it is told.
//!
//! The oracle takes the truth from it. Whoever stands for the system tells the recorder what
//! Linux would: sums so far, and no more.

use std::collections::BTreeMap;

/// What a thread does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    OnCpu,
    Runnable,
    /// Blocked, in one of so many system calls.
    Blocked(Call),
    /// Blocked, until a page has been read.
    Faulted,
}

/// A system call, and the file that it is about, by their number.
pub(crate) type Call = usize;

/// How many of them there are.
pub const CALLS: usize = 3;

impl State {
    pub fn is_asleep(self) -> bool {
        matches!(self, Self::Blocked(_) | Self::Faulted)
    }
}

/// A thread does something else from then on; ahead of whatever the program does then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub at: u64,
    pub thread: usize,
    pub state: State,
}

/// Somebody looks what a thread is asleep for, ahead of whatever the program does then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance {
    pub at: u64,
    pub thread: usize,
}

/// What becomes of threads, and who looks.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    /// In the order of time, as the next.
    pub changes: Vec<Change>,
    pub glances: Vec<Glance>,
}

/// A thread's time so far, by what it did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    pub state: State,
    pub on_cpu: u64,
    pub runnable: u64,
    pub blocked: u64,
    /// The part of `blocked` that was for pages.
    pub faulted: u64,
    /// The parts of it in each system call.
    pub in_calls: [u64; CALLS],
    /// What the system has counted of `runnable`: a wait counts once it is over.
    pub delay: u64,
    /// How often it left its CPU, how often of these it went to sleep, and how often of these
    /// for a page.
    pub switches: u64,
    pub sleeps: u64,
    pub faults: u64,
}

/// All threads, up to an instant.
#[derive(Debug)]
pub struct Scheduler<'c> {
    changes: &'c [Change],
    now: u64,
    accounts: BTreeMap<usize, Account>,
    /// What threads were found to have used when they were found asleep, at the latest look.
    asleep: BTreeMap<usize, (u64, u64)>,
}

impl<'c> Scheduler<'c> {
    pub fn new(changes: &'c [Change]) -> Self {
        Self { changes, now: 0, accounts: BTreeMap::new(), asleep: BTreeMap::new() }
    }

    /// Goes on to an instant; changes up to then have happened.
    pub fn advance(&mut self, to: u64) {
        while let Some((change, rest)) = self.changes.split_first()
            && change.at <= to
        {
            self.changes = rest;
            self.pass(change.at);
            self.accounts.entry(change.thread).or_default().become_(change.state);
        }
        self.pass(to);
    }

    fn pass(&mut self, to: u64) {
        let nanos = to - self.now;
        self.now = to;
        for account in self.accounts.values_mut() {
            match account.state {
                State::OnCpu => account.on_cpu += nanos,
                State::Runnable => account.runnable += nanos,
                State::Blocked(call) => {
                    account.blocked += nanos;
                    account.in_calls[call] += nanos;
                }
                State::Faulted => {
                    account.blocked += nanos;
                    account.faulted += nanos;
                }
            }
        }
    }

    /// That of a thread, which begins here if it is new.
    pub fn account(&mut self, thread: usize) -> Account {
        *self.accounts.entry(thread).or_default()
    }

    /// That of a thread as others find it: one that was found asleep before, and has used no
    /// CPU since, is taken to be asleep still.
    pub fn found(&mut self, thread: usize) -> Account {
        let account = self.account(thread);
        let used = (account.on_cpu, account.switches);
        if account.state.is_asleep() {
            self.asleep.insert(thread, used);
        }
        if self.asleep.get(&thread) != Some(&used) || account.state != State::Runnable {
            return account;
        }
        let waited = account.runnable - account.delay;
        Account {
            state: State::Blocked(0),
            runnable: account.delay,
            blocked: account.blocked + waited,
            ..account
        }
    }

    /// A thread has ended; what comes in its slot is a new one.
    pub fn end(&mut self, thread: usize) {
        self.accounts.remove(&thread);
        self.asleep.remove(&thread);
    }
}

impl Account {
    fn become_(&mut self, state: State) {
        let leaves = self.state == State::OnCpu && state != State::OnCpu;
        self.switches += u64::from(leaves);
        self.sleeps += u64::from(leaves && state.is_asleep());
        self.faults += u64::from(leaves && state == State::Faulted);
        if state != State::Runnable {
            self.delay = self.runnable;
        }
        self.state = state;
    }
}
