//! What the entries of all threads mean: the words of `docs/semantics.md`, as a program.
//!
//! The engine is told what happened, in the order of time, and adds up what is measured. It
//! is plain code: it knows no threads, no atomics and no clock, so that a test tells it what
//! it likes.
//!
//! ```text
//! chain      the fast path: spans that a thread has to itself
//! span       an open span                     operation  how time is given out
//! thread     a thread's stack and counters    tree       the call tree, and counters
//! values     of named fields, numbered        capture    one operation by itself
//! kept       the slowest of them              rolling    ... and what is slow
//! slab       values by key                    snapshot   what there is at a moment
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

mod capture;
mod chain;
mod kept;
mod operation;
mod rolling;
mod slab;
mod snapshot;
mod span;
mod thread;
mod tree;
mod values;

use std::{collections::HashMap, hash::BuildHasherDefault, sync::Arc};

#[allow(unreachable_pub, reason = "tests reach it by a feature")]
pub use self::chain::Chains;
pub(crate) use self::{
    capture::{Capture, Place},
    kept::{Ended, Kept, Missing, Slow, Wanted},
    thread::ThreadKey,
    tree::Bounds,
};
use self::{
    chain::Creators,
    operation::{Books, Operation, OperationKey},
    slab::{Key, Slab},
    span::{NEVER, Span, SpanKey},
    thread::{Frame, Name, NameId, Thread, What},
    tree::{Kind, NodeId, Tree},
    values::{Values, ValuesId},
};
use crate::{
    Clock,
    hash::IdHasher,
    log::{Callsite, Entry, Line, Message, NewSpan, Parent, Texts},
    profile::Troubles,
    role::{Role, Roles},
    room::try_insert,
};

/// What the user said, once and for all.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    pub(crate) roles: Roles,
    pub(crate) bounds: Bounds,
    pub(crate) wanted: Wanted,
    /// Whether the time from a span's creation to its first enter is measured.
    pub(crate) queued: bool,
    pub(crate) chains: Chains,
}

/// What the user said of a callsite.
#[derive(Clone, Copy, Debug)]
struct Site {
    role: Role,
    /// Its spans may be links of a chain.
    is_plain: bool,
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
    tree: Tree,
    values: Values,
    sites: Sites,
    /// How often the longest latencies were forgotten.
    clearings: u64,
    pub(crate) kept: Kept,
    pub(crate) troubles: Troubles,
    /// Whether a span was created that is recorded.
    pub(crate) has_met_spans: bool,
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
            tree: Tree::new(settings.bounds),
            values: Values::new(settings.roles.named.most),
            sites: Sites::default(),
            clearings: 0,
            kept: Kept::new(settings.wanted, unit),
            troubles: Troubles::default(),
            has_met_spans: false,
            settings,
        }
    }

    /// A thread of a name begins; `None` where there is no memory.
    pub(crate) fn begin_thread(&mut self, name: &str) -> Option<ThreadKey> {
        let name = NameId::of(name, &mut self.names)?;
        let thread = self.threads.insert(Thread::new(self.numbered, name))?;
        self.numbered += 1;
        Some(thread)
    }

    /// Takes what happened, on the fast path or else on the slow one.
    #[cfg(feature = "testing")]
    pub(crate) fn take(&mut self, thread: ThreadKey, span: u64, entry: Entry, at: u64) {
        if !self.take_fast(thread, span, &entry, at) {
            self.take_slow(thread, span, entry, at);
        }
    }

    /// Something happened to a span on a thread, no earlier than what came before. Takes it
    /// where the fast path is for it. Returns whether it is; if not, nothing has been done.
    #[inline]
    pub(crate) fn take_fast(
        &mut self,
        thread: ThreadKey,
        span: u64,
        entry: &Entry,
        at: u64,
    ) -> bool {
        self.now = self.now.max(at);
        let now = self.now;
        match entry {
            Entry::Enter => self.chain_enter(thread, span, now),
            Entry::Exit => self.chain_exit(thread, span, now),
            Entry::Close => self.chain_close(thread, span, now),
            Entry::Create(callsite, Parent::Current) => self.chain_create(thread, span, callsite),
            Entry::Create(callsite, Parent::Span(parent)) => {
                self.threads[thread].chain.current() == Some(*parent)
                    && self.chain_create(thread, span, callsite)
            }
            _ => false,
        }
    }

    /// What happened, which the fast path is not for.
    #[inline(never)]
    pub(crate) fn take_slow(&mut self, thread: ThreadKey, span: u64, entry: Entry, at: u64) {
        self.now = self.now.max(at);
        let done = match entry {
            Entry::Enter => self.enter(thread, span),
            Entry::Exit => self.exit(thread, span),
            Entry::Close => self.close(span),
            Entry::Create(callsite, parent) => self.create_plain(thread, span, callsite, parent),
            Entry::CreateClear(parent) => self.create_clear(thread, span, parent),
            Entry::Message(Message::NewSpan(new)) => self.create(thread, span, *new),
            Entry::Message(Message::Values(values)) => self.record(span, &values),
            Entry::Message(Message::Line(line)) => self.log(thread, *line),
            Entry::ThreadEnd => self.end_thread(thread),
        };
        if done.is_none() {
            self.troubles.lost += 1;
        }
    }

    /// Whether a span is known that is not a link of the thread's own chain.
    pub(crate) fn knows(&self, thread: ThreadKey, span: u64) -> bool {
        self.ids.contains_key(&span)
            || self.threads[thread].chain.has(span)
            || self.threads.keys().any(|other| self.threads[other].chain.has(span))
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

    fn leave_chain(&mut self, thread: ThreadKey) {
        if !self.threads[thread].chain.is_empty() {
            self.promote(thread);
        }
    }

    /// The nearest recorded span that a new one is below.
    fn above(&mut self, thread: ThreadKey, parent: Parent) -> Option<SpanKey> {
        let found = match parent {
            Parent::Root => None,
            Parent::Span(id) => self.find(id),
            Parent::Current => {
                self.leave_chain(thread);
                match self.threads[thread].stack.current()?.what {
                    What::Recorded(key) => Some(key),
                    What::Clear(key) => key,
                    What::Ghost => None,
                }
            }
        }?;
        let span = &self.spans[found];
        let recorded = if span.is_clear { span.parent? } else { found };
        (!self.spans[recorded].is_closed).then_some(recorded)
    }

    fn create_plain(
        &mut self,
        thread: ThreadKey,
        span: u64,
        callsite: Callsite,
        parent: Parent,
    ) -> Option<()> {
        let role = self.site(callsite)?.role;
        let (values, fields) = (Some(Texts::new()), Vec::new());
        self.create(thread, span, NewSpan { callsite, parent, role, values, fields })
    }

    fn create_clear(&mut self, thread: ThreadKey, span: u64, parent: Parent) -> Option<()> {
        let parent = self.above(thread, parent);
        let nowhere = Span::new(span, NodeId(0), Key::new(0));
        self.add_span(Span { parent, is_clear: true, ..nowhere }).map(|_| ())
    }

    fn create(&mut self, thread: ThreadKey, id: u64, new: NewSpan) -> Option<()> {
        let NewSpan { callsite, parent, role, values, fields } = new;
        if role.skip {
            return self.create_clear(thread, id, parent);
        }
        let above = if role.operation { None } else { self.above(thread, parent) };
        let above = above.map(|above| self.stand_in(above));
        let values = match values {
            Some(values) => self.values.number(callsite, &values, &self.settings.roles.named),
            None => Some(ValuesId::OTHERS),
        };
        let node = self.node(above.map(|above| self.spans[above].node), callsite, values)?;
        self.spans.try_reserve(1)?;
        self.ids.try_reserve(1).ok()?;
        let operation = match above {
            Some(above) => {
                self.recall(above);
                self.spans[above].operation
            }
            None => self.begin_operation(node)?,
        };
        if self.operations[operation].try_reserve(1).is_none() {
            self.end_if_unused(operation);
            return None;
        }
        if above.is_none() && role.kept {
            self.follow(operation, fields);
        }
        let capture = self.operations[operation].capture.as_mut();
        let number = capture.map_or(0, |capture| capture.created(node));
        let created = if self.settings.queued { self.now } else { NEVER };
        let is_idle = role.idle;
        let span =
            Span { parent: above, is_idle, number, created, ..Span::new(id, node, operation) };
        self.add_span(span)?;
        self.operations[operation].open += 1;
        self.count_created(node, role, values);
        Some(())
    }

    fn count_created(&mut self, node: NodeId, role: Role, values: Option<ValuesId>) {
        let is_truncated = self.tree.is_truncated(node);
        self.has_met_spans = true;
        if is_truncated {
            self.troubles.truncated += 1;
        } else if values == Some(ValuesId::OTHERS) {
            self.troubles.merged_values += 1;
        }
        let record = &mut self.tree[node];
        // Else its first enter counts: it may get another node until then.
        record.counters.calls += u64::from(is_truncated || !role.has_named);
        record.is_named_by_field |= role.by_fields && role.operation;
    }

    /// The span that others hang below, where a span is below the bound of depth: the first
    /// that is, so that they are side by side and there is an end to what is above one.
    fn stand_in(&self, above: SpanKey) -> SpanKey {
        let parent = self.spans[above].parent;
        let is_within = |parent: &SpanKey| self.spans[*parent].node == self.spans[above].node;
        match parent.filter(is_within) {
            Some(parent) if self.tree.is_truncated(self.spans[above].node) => parent,
            _ => above,
        }
    }

    fn begin_operation(&mut self, root: NodeId) -> Option<OperationKey> {
        match self.operations.reuse() {
            Some(key) => {
                self.operations[key].renew(root);
                Some(key)
            }
            None => self.operations.insert(Operation::new(root)),
        }
    }

    fn end_if_unused(&mut self, operation: OperationKey) {
        if self.operations[operation].open == 0 {
            self.operations.remove(operation);
        }
    }

    /// Follows an operation that begins, if it is wanted.
    fn follow(&mut self, operation: OperationKey, fields: Vec<(&'static str, String)>) {
        if let Some(mut capture) = self.kept.begin() {
            capture.fields = fields;
            self.operations[operation].follow(capture);
        }
    }

    /// Puts a span where it is found. One of its id that is still there has closed without
    /// a word.
    fn add_span(&mut self, span: Span) -> Option<SpanKey> {
        let Span { id, parent, is_clear, .. } = span;
        self.ids.try_reserve(1).ok()?;
        let key = self.spans.insert(span)?;
        if let Some(parent) = parent {
            let parent = &mut self.spans[parent];
            parent.children += 1;
            parent.has_children |= !is_clear;
        }
        if let Some(before) = self.ids.insert(id, key) {
            self.close_span(before);
        }
        Some(key)
    }

    fn enter(&mut self, thread: ThreadKey, id: u64) -> Option<()> {
        self.leave_chain(thread);
        let found = self.find(id);
        let may_be_repeated = found.is_none_or(|key| self.spans[key].entered > 0);
        let is_repeated = may_be_repeated && self.threads[thread].stack.position(id).is_some();
        let now = self.now;
        match found {
            Some(key) if !self.spans[key].is_clear => self.enter_span(thread, key, is_repeated),
            clear => {
                let frame = Frame::new(id, What::Clear(clear), is_repeated, now);
                self.threads[thread].stack.push(frame)?;
                if let Some(key) = clear {
                    self.spans[key].entered += 1;
                }
                Some(())
            }
        }
    }

    fn enter_span(&mut self, thread: ThreadKey, key: SpanKey, is_repeated: bool) -> Option<()> {
        let (node, id) = (self.spans[key].node, self.spans[key].id);
        let operation = self.spans[key].operation;
        let owner = &mut self.threads[thread];
        owner.stack.try_reserve(1)?;
        self.operations[operation].try_reserve(0)?;
        let share = owner.shares.place(thread, node, &mut self.tree)?;
        owner.turn(self.now);
        owner.shares.at(share).enters += 1;
        let within = owner.stack.innermost().is_some_and(|frame| match frame.what {
            What::Recorded(outer) => self.spans[outer].node == node,
            What::Clear(_) | What::Ghost => false,
        });
        let is_within = within && self.tree.is_truncated(node);
        let first = !self.spans[key].has_started();
        self.settle_to_enter(operation);
        let span = (self.spans[key].number, node);
        let record = &mut self.operations[operation];
        if let Some(capture) = &mut record.capture {
            let owner = &self.threads[thread];
            let name = &self.names[owner.name.index()].text;
            capture.entered((thread, name), span, first, self.now);
        }
        record.enter(thread, key, &mut Books { spans: &mut self.spans, tree: &mut self.tree });
        if first {
            self.count_started(key, node);
        }
        let frame = Frame::new(id, What::Recorded(key), is_repeated, self.now);
        self.threads[thread].stack.push(frame.counting(share, is_within))
    }

    fn settle_to_enter(&mut self, operation: OperationKey) {
        let record = &mut self.operations[operation];
        if !record.lives {
            (record.lives, record.settled) = (true, self.now);
            self.begun += 1;
            self.living += 1;
        }
        record.settle(self.now, &mut Books { spans: &mut self.spans, tree: &mut self.tree });
    }

    fn count_started(&mut self, key: SpanKey, node: NodeId) {
        let counters = &mut self.tree[node].counters;
        counters.started += 1;
        let created = self.spans[key].created;
        if created != NEVER {
            counters.queued.add(self.now - created);
        }
    }

    fn exit(&mut self, thread: ThreadKey, id: u64) -> Option<()> {
        self.leave_chain(thread);
        if let Some(at) = self.threads[thread].stack.position(id) {
            self.leave(thread, at);
            return Some(());
        }
        let found = self.find(id).filter(|key| !self.spans[*key].is_clear);
        if let Some(key) = found {
            self.troubles.unmatched_exits += 1;
            self.troubles.exited_elsewhere += u64::from(self.spans[key].entered > 0);
        }
        Some(())
    }

    /// Takes a frame off a thread's stack.
    fn leave(&mut self, thread: ThreadKey, at: usize) {
        let owner = &mut self.threads[thread];
        let what = owner.stack.frames()[at].what;
        if let What::Recorded(key) = what {
            self.end_visit(thread, at);
            self.threads[thread].stack.remove(at);
            self.exit_span(thread, key);
            return;
        }
        owner.stack.remove(at);
        if let What::Clear(Some(key)) = what {
            self.spans[key].entered = self.spans[key].entered.saturating_sub(1);
        }
    }

    /// Counts the time of a frame that is about to go.
    fn end_visit(&mut self, thread: ThreadKey, at: usize) {
        let owner = &mut self.threads[thread];
        owner.turn(self.now);
        let Frame { share, since, is_within, what, .. } = owner.stack.frames()[at];
        if is_within {
            return;
        }
        owner.shares.at(share).entered += self.now - since;
        // The entered time of what was within it is its own from now on.
        let (spans, now) = (&self.spans, self.now);
        let node = |what: What| match what {
            What::Recorded(key) => Some(spans[key].node),
            What::Clear(_) | What::Ghost => None,
        };
        let above = owner.stack.frames_mut().iter_mut().skip(at + 1);
        let next = above.into_iter().find(|frame| matches!(frame.what, What::Recorded(_)));
        if let Some(next) = next
            && next.is_within
            && node(next.what) == node(what)
        {
            (next.is_within, next.since) = (false, now);
        }
    }

    /// A span has been exited by a thread, once: its frame is gone.
    fn exit_span(&mut self, thread: ThreadKey, key: SpanKey) {
        let operation = self.spans[key].operation;
        let spans = &self.spans;
        let frames = self.threads[thread].stack.frames().iter().rev();
        let mut recorded = frames.filter_map(|frame| match frame.what {
            What::Recorded(key) => Some(key),
            What::Clear(_) | What::Ghost => None,
        });
        let top = recorded.find(|key| spans[*key].operation == operation);
        let books = &mut Books { spans: &mut self.spans, tree: &mut self.tree };
        let record = &mut self.operations[operation];
        record.settle(self.now, books);
        record.exit(thread, key, top, books);
        if let Some(capture) = &mut record.capture {
            let span = (books.spans[key].number, books.spans[key].node);
            capture.exited(thread, span, self.now);
        }
    }

    fn close(&mut self, id: u64) -> Option<()> {
        if let Some(key) = self.find(id) {
            self.ids.remove(&id);
            self.close_span(key);
        }
        Some(())
    }

    /// A span closes that nobody can find any more.
    fn close_span(&mut self, key: SpanKey) {
        if self.spans[key].is_clear {
            self.haunt_clear(key);
        } else {
            while self.spans[key].entered > 0 && self.evict(key) {}
            self.end_span(key);
        }
        self.spans[key].is_closed = true;
        self.release(key);
    }

    fn end_span(&mut self, key: SpanKey) {
        let Span { operation, node, started, counted, .. } = self.spans[key];
        let books = &mut Books { spans: &mut self.spans, tree: &mut self.tree };
        let record = &mut self.operations[operation];
        record.settle(self.now, books);
        record.close(key, books);
        let until = record.settled;
        let latency = (started != NEVER).then(|| until.saturating_sub(started));
        if let Some(latency) = latency {
            self.tree[node].counters.end_call(latency, until.saturating_sub(counted));
        }
        if let Some(capture) = &mut record.capture {
            capture.closed(node, latency, until);
        }
        if record.open == 0 {
            self.living -= u64::from(record.lives);
            if let Some(capture) = record.capture.take() {
                self.kept.end(capture);
            }
            self.operations.remove(operation);
        }
    }

    /// A thread exits every occurrence of a span that closes. Returns whether there was
    /// one.
    #[cold]
    fn evict(&mut self, key: SpanKey) -> bool {
        let is_it = |frame: &Frame| frame.what == What::Recorded(key);
        let inside = |thread: &ThreadKey| self.threads[*thread].stack.frames().iter().any(is_it);
        let thread = self.operations[self.spans[key].operation].threads().find(inside);
        let Some(thread) = thread else { return false };
        self.troubles.closed_while_entered += 1;
        // Else the thread's time would be given to its stack as well.
        self.leave_chain(thread);
        while let Some(at) = self.threads[thread].stack.frames().iter().rposition(is_it) {
            self.end_visit(thread, at);
            self.threads[thread].stack.let_haunt(at);
            self.exit_span(thread, key);
        }
        true
    }

    /// Where a span that is not recorded is entered as it closes, its frames stay.
    fn haunt_clear(&mut self, key: SpanKey) {
        if self.spans[key].entered == 0 {
            return;
        }
        for thread in self.threads.iter_mut() {
            for at in 0..thread.stack.frames().len() {
                if thread.stack.frames()[at].what == What::Clear(Some(key)) {
                    thread.stack.let_haunt(at);
                }
            }
        }
    }

    /// Frees the place of a span that has closed, once it has no children, and those above
    /// it that waited for that.
    fn release(&mut self, key: SpanKey) {
        let mut next = Some(key);
        while let Some(key) = next {
            let span = &self.spans[key];
            if !span.is_closed || span.children > 0 {
                return;
            }
            next = span.parent;
            self.spans.remove(key);
            if let Some(parent) = next {
                self.spans[parent].children -= 1;
            }
        }
    }

    /// Values were recorded in a span's named fields. They become part of its frame's name
    /// as long as nothing was counted there: until its first enter, or until a span is
    /// created below it.
    fn record(&mut self, id: u64, texts: &Texts) -> Option<()> {
        let Some(key) = self.find(id).filter(|key| !self.spans[*key].is_clear) else {
            return Some(());
        };
        let Span { node, operation, parent, has_children, .. } = self.spans[key];
        let Some(callsite) = self.tree[node].callsite else { return Some(()) };
        let Some(all) = self.values.with(self.tree[node].values, texts) else { return Some(()) };
        if self.spans[key].has_started() || has_children {
            self.troubles.late_values += 1;
            return Some(());
        }
        let values = self.values.number(callsite, &all, &self.settings.roles.named);
        let to = self.node(self.tree[node].parent, callsite, values)?;
        if to == node {
            return Some(());
        }
        self.troubles.merged_values += u64::from(values == Some(ValuesId::OTHERS));
        self.tree[to].is_named_by_field |= self.tree[node].is_named_by_field;
        self.spans[key].node = to;
        let record = &mut self.operations[operation];
        if parent.is_none() {
            record.root = to;
        }
        if let Some(capture) = &mut record.capture {
            capture.renamed(node, to);
        }
        Some(())
    }

    /// Something was logged; it is kept where it belongs to an operation that is followed.
    fn log(&mut self, thread: ThreadKey, line: Line) -> Option<()> {
        // No operation of a chain is followed.
        let in_chain = line.parent == Parent::Current && !self.threads[thread].chain.is_empty();
        let found = if in_chain { None } else { self.above(thread, line.parent) };
        let Some(key) = found else { return Some(()) };
        if let Some(capture) = &mut self.operations[self.spans[key].operation].capture {
            capture.log(line, self.now);
        }
        Some(())
    }

    /// A thread ends: what it has entered, it exits. What it created and is still open
    /// stays where it is found.
    fn end_thread(&mut self, thread: ThreadKey) -> Option<()> {
        self.leave_chain(thread);
        while let Some(at) = self.threads[thread].stack.frames().len().checked_sub(1) {
            let what = self.threads[thread].stack.frames()[at].what;
            self.troubles.exited_by_thread_end += u64::from(matches!(what, What::Recorded(_)));
            self.leave(thread, at);
        }
        self.threads.remove(thread);
        let name = self.threads[thread].name;
        let ended = std::mem::replace(&mut self.threads[thread], Thread::new(0, name));
        self.names[name.index()].ended.end_thread(ended.shares.all())
    }
}
