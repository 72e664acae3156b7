//! What the entries of all threads mean: the words of `docs/semantics.md`, as a program.
//!
//! The engine is told what happened, in the order of time, and adds up what is measured. It
//! is plain code: it knows no threads, no atomics and no clock, so that a test tells it what
//! it likes.
//!
//! ```text
//! create     a span is created                visit    a span is entered or exited
//! close      a span closes, a thread ends     messages what needs more words
//! held       spans that are open for what is detached only, it may be
//! chain      the fast path: spans that a thread has to itself
//! promote    ... and how one is left
//! span       an open span                     operation  how time is given out
//! thread     a thread's stack                 shares     ... and what it counted
//! tree       the call tree, and counters      values     of named fields, numbered
//! snapshot   what there is at a moment        frozen     ... and reading that
//! slab       values by key                    paged      rows that snapshots keep
//! states     what threads did meanwhile       orphans    likely parts of others
//! sightings  what they were asleep for        open       what is open now, and where it is
//! course     when they were switched
//! ```
//!
//! It runs on the host's threads now and then, so what needs memory can do without: a span
//! that there is none for is recorded no further, and counted.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "times do not run backwards here, counts are of what there is, and keys are of \
              what was put in"
)]
#![cfg_attr(not(test), deny(clippy::expect_used, clippy::panic, clippy::unwrap_used))]

mod chain;
mod close;
mod course;
mod create;
mod frozen;
mod held;
mod messages;
mod open;
mod operation;
mod orphans;
mod paged;
mod promote;
mod shares;
mod sightings;
mod slab;
mod snapshot;
mod span;
mod states;
mod thread;
mod tree;
mod values;
mod visit;

use std::{collections::HashMap, hash::BuildHasherDefault, sync::Arc};

#[allow(unreachable_pub, reason = "tests reach it by a feature")]
pub use self::chain::Chains;
pub(crate) use self::{
    frozen::Frozen,
    open::OpenNow,
    paged::{Paged, Pages, TryClone},
    sightings::Sight,
    thread::ThreadKey,
    tree::Bounds,
};
use self::{
    held::Loose,
    operation::{Books, Operation, OperationKey},
    orphans::{Orphans, Standing},
    promote::Creators,
    slab::Slab,
    span::{Span, SpanKey},
    thread::{Name, NameId, Thread},
    tree::{Kind, NodeId, Tree},
    values::{Values, ValuesId},
};
use crate::{
    Clock,
    hash::IdHasher,
    kept::{Counted, Kept, Wanted},
    log::{Callsite, Entry, Kind as SlotKind, Message, Reading, Slot},
    profile::Anomalies,
    role::{Role, Roles},
    room::try_insert,
    tally::Reasons,
};

/// What the user said, once and for all.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) roles: Roles,
    pub(crate) bounds: Bounds,
    pub(crate) wanted: Wanted,
    /// Whether the time from a span's creation to its first enter is measured.
    pub(crate) queued: bool,
    pub(crate) chains: Chains,
    /// Whether threads say what they did while they were in spans.
    pub(crate) states: bool,
    /// Whether threads say what they used at each change of frames.
    pub(crate) resources: bool,
    /// How many chunks the threads' logs share.
    pub(crate) chunks: usize,
}

/// What the user said of a callsite.
#[derive(Clone, Copy, Debug)]
struct Site {
    role: Role,
    /// Its spans may be links of a chain.
    is_plain: bool,
}

impl Settings {
    /// Whether it is wanted of some operations what happened in them when.
    pub(crate) fn has_charts(&self) -> bool {
        self.wanted.has_charts() && !self.roles.operations.is_empty()
    }
}

type Sites = HashMap<usize, Site, BuildHasherDefault<IdHasher>>;

/// Interprets what the threads of one recorder say.
#[derive(Debug)]
pub(crate) struct Engine {
    settings: Arc<Settings>,
    chains: Chains,
    /// The time of what happened last.
    now: u64,
    threads: Slab<Thread>,
    /// How many threads there have been.
    numbered: u64,
    names: Vec<Name>,
    spans: Slab<Span>,
    ids: HashMap<u64, SpanKey, BuildHasherDefault<IdHasher>>,
    creators: Creators,
    operations: Slab<Operation>,
    /// Operations that came to life so far, and those of them that live.
    begun: u64,
    living: u64,
    /// The time in which any lived, and since when some do, where some do.
    covered: u64,
    covered_since: u64,
    orphans: Orphans,
    tree: Tree,
    /// What threads were found asleep for.
    reasons: Reasons,
    /// What ticks are.
    unit: Clock,
    loose: Loose,
    values: Values,
    sites: Sites,
    /// How often a thread said what it had used.
    uses: u64,
    /// How often the longest latencies were forgotten.
    clearings: u64,
    pub(crate) kept: Kept,
    pub(crate) anomalies: Anomalies,
    /// Whether a span was created that is recorded.
    pub(crate) has_recorded_spans: bool,
}

impl Engine {
    pub(crate) fn new(settings: Arc<Settings>, unit: Clock) -> Self {
        Self {
            // How long a span waits for its first enter is no matter of a chain.
            chains: if settings.queued { Chains::Off } else { settings.chains },
            now: 0,
            threads: Slab::default(),
            numbered: 0,
            names: Vec::new(),
            spans: Slab::default(),
            ids: HashMap::default(),
            creators: Creators::default(),
            operations: Slab::default(),
            begun: 0,
            living: 0,
            covered: 0,
            covered_since: 0,
            orphans: Orphans::new(settings.states),
            tree: Tree::new(settings.bounds),
            reasons: Reasons::new(),
            loose: Loose::new(&unit),
            values: Values::new(settings.roles.named.most),
            sites: Sites::default(),
            uses: 0,
            clearings: 0,
            kept: Kept::new(
                settings.wanted,
                Counted::new(settings.states, settings.resources),
                unit.clone(),
            ),
            unit,
            anomalies: Anomalies::default(),
            has_recorded_spans: false,
            settings,
        }
    }

    /// A thread of a name begins; `None` where there is no memory.
    pub(crate) fn begin_thread(&mut self, name: &str) -> Option<ThreadKey> {
        let name = NameId::of(name, &mut self.names)?;
        let thread = Thread::new(self.numbered, name, self.settings.states);
        let thread = self.threads.insert(thread)?;
        self.numbered += 1;
        Some(thread)
    }

    /// Takes what happened, on the fast path or else on the slow one.
    #[cfg(feature = "testing")]
    pub(crate) fn take(&mut self, thread: ThreadKey, span: u64, entry: Entry, at: u64) {
        use crate::log::Parent;

        let slot = match entry {
            Entry::Enter => Some(Slot::enter(span, at)),
            Entry::Exit => Some(Slot::exit(span, at)),
            Entry::Close => Some(Slot::close(span, at)),
            Entry::Create(callsite, Parent::Current) => Slot::created(span, callsite),
            _ => None,
        };
        if !slot.is_some_and(|slot| self.take_fast(thread, slot, || Some(at))) {
            self.take_slow(thread, span, entry, at);
        }
    }

    /// A slot of a thread's log, which comes after what came before. Takes what it says where
    /// the fast path is for it, and it was at a time: `when` tells it, unless that is not to be
    /// known yet. Returns whether it did; if not, nothing has been done.
    #[inline(always)]
    pub(crate) fn take_fast(
        &mut self,
        thread: ThreadKey,
        slot: Slot,
        when: impl FnOnce() -> Option<u64>,
    ) -> bool {
        let id = slot.span();
        // Once for each, so that what it is decides for all.
        let now = |engine: &mut Self| {
            engine.now = engine.now.max(when()?);
            Some(engine.now)
        };
        let taken = match slot.kind() {
            SlotKind::Enter => now(self).map(|now| self.chain_enter(thread, id, now)),
            SlotKind::Exit => now(self).map(|now| self.chain_exit(thread, id, now)),
            SlotKind::Close => now(self).map(|now| self.chain_close(thread, id, now)),
            // It happens with what was before, and is asked for no time.
            SlotKind::Other => {
                slot.as_created().map(|callsite| self.chain_create(thread, id, callsite))
            }
        };
        taken == Some(true)
    }

    /// What happened, which the fast path is not for.
    #[inline(never)]
    pub(crate) fn take_slow(&mut self, thread: ThreadKey, span: u64, entry: Entry, at: u64) {
        self.now = self.now.max(at);
        self.release_loose();
        if self.threads[thread].known.is_dark() {
            self.darken(thread);
        }
        let done = match entry {
            Entry::Enter => self.enter(thread, span),
            Entry::Exit => self.exit(thread, span),
            Entry::Close => self.close(span),
            // As the first of a chunk it has a stamp, and so no step of its own.
            Entry::Create(callsite, parent)
                if self.chain_goes_on(thread, span, callsite, parent) =>
            {
                Some(())
            }
            Entry::Create(callsite, parent) => self.create_plain(thread, span, callsite, parent),
            Entry::CreateClear(parent) => self.create_clear(thread, span, parent),
            Entry::Message(message) => match *message {
                Message::NewSpan(new) => self.create(thread, span, new),
                Message::Values(values) => self.record(span, &values),
                Message::Line(line) => self.log(thread, line),
            },
            Entry::Reading { cpu, delay } => {
                self.read(thread, &Reading::of_words(cpu, delay, Reading::NOT_COUNTED), at);
                Some(())
            }
            Entry::Used(used) => self.tell_used(thread, used),
            Entry::Dark => {
                self.darken_until_it_reads(thread);
                Some(())
            }
            Entry::ThreadEnd => self.end_thread(thread),
        };
        if done.is_none() {
            self.anomalies.lost += 1;
        }
    }

    /// An operation comes to life on a thread. It may be part of another where that is in no
    /// span, and nobody said what its root is below.
    #[inline]
    fn begin_life(&mut self, thread: ThreadKey, root: NodeId, may_be_part: bool) -> Standing {
        self.begun += 1;
        self.living += 1;
        if self.living == 1 {
            self.covered_since = self.now;
            return self.orphans.begin_outer(thread);
        }
        match self.orphans.outer() {
            Some(outer) if may_be_part => self.begin_beside(outer, root),
            _ => Standing::Apart,
        }
    }

    /// An operation that lived ends.
    #[inline]
    fn end_life(&mut self, standing: Standing, root: NodeId) {
        self.living -= 1;
        if self.living == 0 {
            self.covered += self.now - self.covered_since;
        }
        match standing {
            Standing::Apart => {}
            Standing::Outer => self.orphans.end_outer(),
            Standing::Within(wait) => self.orphans.end_within(wait, root, self.now),
        }
    }

    /// The time in which any operation lived, up to now.
    fn covered(&self) -> u64 {
        self.covered + if self.living > 0 { self.now - self.covered_since } else { 0 }
    }

    /// Whether a span is known.
    pub(crate) fn knows(&self, span: u64) -> bool {
        self.ids.contains_key(&span) || self.chain_of(span).is_some()
    }

    /// What the user said of a callsite; `None` where there is no memory.
    fn site(&mut self, callsite: Callsite) -> Option<Site> {
        let address = std::ptr::from_ref(callsite) as usize;
        if let Some(site) = self.sites.get(&address) {
            return Some(*site);
        }
        let role = self.settings.roles.of(callsite);
        let site = Site { role, is_plain: !role.idle && !role.skip && !role.is_by_span() };
        try_insert(&mut self.sites, address, site)?;
        Some(site)
    }

    fn node(
        &mut self,
        above: Option<NodeId>,
        callsite: Callsite,
        values: Option<ValuesId>,
    ) -> Option<NodeId> {
        let is_plain = self.site(callsite)?.is_plain;
        self.tree.child(above, Kind { callsite, values, is_plain })
    }

    /// The span of an id. Whoever asks for it is not its chain, which is over.
    fn find(&mut self, id: u64) -> Option<SpanKey> {
        let found = self.ids.get(&id).copied();
        let key = match found {
            Some(key) => key,
            None if self.promote_where(id) => *self.ids.get(&id)?,
            None => return None,
        };
        self.recall(key);
        Some(key)
    }

    /// Calls with an operation and what its time is written to.
    #[inline]
    fn with_operation<T>(
        &mut self,
        operation: OperationKey,
        call: impl FnOnce(&mut Operation, &mut Books<'_>) -> T,
    ) -> T {
        let (spans, tree, budget) = (&mut self.spans, &mut self.tree, &mut self.kept.budget);
        call(&mut self.operations[operation], &mut Books { spans, tree, budget })
    }

    fn leave_chain(&mut self, thread: ThreadKey) {
        if !self.threads[thread].chain.is_empty() {
            self.promote(thread);
        }
    }
}
