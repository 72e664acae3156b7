//! What one thread has measured at one node, and what it remembers there.

use std::{
    ptr::{NonNull, null_mut},
    sync::Arc,
};

use tracing::Metadata;

use super::{
    histogram::{Bucket, Histogram},
    paged::Paged,
    paths::PathId,
    pooled::Pooled,
    room::try_row,
    sync::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed},
    ticks::{Ticks, share_of},
};

/// Counters that one thread writes and any thread may read, in ticks where they
/// are times.
///
/// One writer at a time, so adding needs no read-modify-write. Relaxed
/// throughout: each counter is read for its own value.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    /// Spans created.
    pub(crate) calls: Counter,
    /// Spans entered for the first time.
    pub(crate) started: Counter,
    /// Busy time in an operation that one thread had to itself: wall time too.
    pub(crate) alone: Counter,
    /// First enters right above. On the ground those are operations that began;
    /// elsewhere nobody asks, and counting is quicker than telling.
    pub(crate) begun: Counter,
    /// First enter to close.
    pub(crate) latency: Counter,
    pub(crate) max_latency: Counter,
    /// Calls that have ended and were not long, by latency.
    pub(crate) latencies: Histogram,
    /// The child made last.
    last_child: Link,
    /// What was made after this one last time, below the same parent.
    next_sibling: Link,
    /// Spans entered again.
    pub(crate) reentered: Counter,
    /// Busy time in an operation that shares its time out otherwise.
    pub(crate) beside: Counter,
    /// Enter-to-exit time in such an operation.
    pub(crate) entered: Counter,
    /// Busy time of other operations above a span whose operation one thread had
    /// to itself.
    pub(crate) covered: Counter,
    /// Shares of wall time while working in such an operation, in their unit.
    pub(crate) shared: Counter,
    /// Wall time while pending, in the unit of shares.
    pub(crate) awaited: Counter,
    node: AtomicU32,
    /// Another thread once took a root that this one made and never entered.
    wanders: AtomicBool,
    /// Another thread once entered a span that this one had on lease, or looked for one
    /// in its chain.
    visited: AtomicBool,
}

/// A callsite, and the cell of its spans; of no callsite at first.
#[derive(Debug, Default)]
struct Link {
    callsite: AtomicUsize,
    cell: AtomicPtr<Cell>,
}

impl Link {
    /// Relaxed throughout: a thread sees what it wrote, and one that takes a
    /// table over is synchronised with the one before it.
    #[inline]
    fn of(&self, callsite: usize) -> Option<Known<'_>> {
        // Callsites are addresses, so it is one that was `set`.
        (self.callsite.load(Relaxed) == callsite).then_some(Known(self))
    }

    #[inline]
    fn cell(&self) -> Option<PinnedCell> {
        NonNull::new(self.cell.load(Relaxed)).map(PinnedCell)
    }

    #[inline]
    fn set(&self, callsite: usize, cell: PinnedCell) {
        self.callsite.store(callsite, Relaxed);
        self.cell.store(cell.0.as_ptr(), Relaxed);
    }

    fn forget(&self) {
        self.callsite.store(0, Relaxed);
        self.cell.store(null_mut(), Relaxed);
    }
}

/// A link that was set, with a cell.
#[derive(Debug)]
pub(crate) struct Known<'a>(&'a Link);

impl Known<'_> {
    #[inline]
    pub(crate) fn cell(self) -> PinnedCell {
        // SAFETY: it was set.
        unsafe { self.0.cell().unwrap_unchecked() }
    }
}

/// A number with one writer.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Nought.
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Adds; only the writer may call it.
    #[inline]
    pub(crate) fn add(&self, amount: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_add(amount), Relaxed);
    }

    /// Adds, beside other writers that do so too.
    pub(crate) fn add_beside_others(&self, amount: u64) {
        self.0.fetch_add(amount, Relaxed);
    }

    /// Raises to `value` if that is more; only the writer may call it.
    #[inline]
    pub(crate) fn raise(&self, value: u64) {
        if value > self.0.load(Relaxed) {
            self.0.store(value, Relaxed);
        }
    }

    /// Back to nought. Beside a running writer the last raise may survive.
    pub(crate) fn clear(&self) {
        self.0.store(0, Relaxed);
    }

    #[inline]
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Cell {
    /// Counts a span that has ended, so many ticks after its first enter, of which a
    /// snapshot may have counted all but the `rest`. Whether it was too long to be
    /// counted by its latency here.
    pub(crate) fn end_call(&self, latency: u64, rest: u64) -> bool {
        self.latency.add(rest);
        self.max_latency.raise(latency);
        let bucket = Bucket::of(latency);
        if !bucket.is_long() {
            self.latencies.add(bucket);
        }
        bucket.is_long()
    }

    /// Whether anything was counted: `ticks`, which were read, or calls that ended
    /// here, whose time may all stand elsewhere, and who may be counted elsewhere too
    /// but for the longest.
    pub(crate) fn has_counted(&self, ticks: &Ticks) -> bool {
        !ticks.is_zero() || self.max_latency.get() > 0 || self.latencies.has_calls()
    }

    pub(crate) fn read(&self) -> Ticks {
        Ticks {
            calls: self.calls.get(),
            started: self.started.get(),
            enters: self.started.get().wrapping_add(self.reentered.get()),
            wall: share_of(self.alone.get()).wrapping_add(self.shared.get()),
            awaited: self.awaited.get(),
            busy: self.alone.get().wrapping_add(self.beside.get()),
            entered: self.entered.get(),
            within: self.alone.get().wrapping_add(self.covered.get()),
            latency: self.latency.get(),
        }
    }

    /// Adds what another cell has but for its latencies, and empties that one; only a
    /// moment without writers allows it.
    fn take_from(&self, other: &Self) {
        for (to, from) in [
            (&self.calls, &other.calls),
            (&self.started, &other.started),
            (&self.reentered, &other.reentered),
            (&self.alone, &other.alone),
            (&self.beside, &other.beside),
            (&self.shared, &other.shared),
            (&self.awaited, &other.awaited),
            (&self.entered, &other.entered),
            (&self.covered, &other.covered),
            (&self.latency, &other.latency),
        ] {
            to.add(from.get());
            from.clear();
        }
        self.max_latency.raise(other.max_latency.get());
        other.max_latency.clear();
    }

    /// Whether other threads take the roots that this one makes.
    pub(crate) fn wanders(&self) -> bool {
        self.wanders.load(Relaxed)
    }

    /// Other threads look in at what this one has on lease.
    pub(crate) fn let_visit(&self) {
        self.visited.store(true, Relaxed);
    }

    /// Whether other threads look in at what this one has on lease.
    pub(crate) fn is_visited(&self) -> bool {
        self.visited.load(Relaxed)
    }

    /// The node at which a pinned cell counts.
    pub(crate) fn node(&self) -> PathId {
        PathId(self.node.load(Relaxed))
    }
}

/// A thread's counters, by node.
#[derive(Debug)]
pub(crate) struct Cells {
    nodes: Paged<Cell>,
    /// Of no node: [`ground`](Self::ground) and [`aside`](Self::aside). A vector,
    /// since a box, moved, would not let others point to them.
    apart: Vec<Cell>,
    /// Where all threads count long calls.
    pooled: Arc<Pooled>,
}

impl Cells {
    pub(crate) fn new(pooled: Arc<Pooled>) -> Self {
        let apart = vec![Cell::default(), Cell::default()];
        Self { nodes: Paged::new(), apart, pooled }
    }

    /// The same in a callback; `None` where there is no memory.
    pub(crate) fn try_new(pooled: &Arc<Pooled>) -> Option<Self> {
        let apart = try_row(2, Cell::default)?;
        Some(Self { nodes: Paged::try_new()?, apart, pooled: Arc::clone(pooled) })
    }

    /// Counts a span that has ended: see [`Cell::end_call`].
    pub(crate) fn end_call(&self, cell: PinnedCell, latency: u64, rest: u64) {
        let cell = self.pinned(cell);
        if cell.end_call(latency, rest) {
            self.pooled.add(cell.node(), latency);
        }
    }

    /// The calls that threads count together and that took about so long, where that
    /// takes no memory.
    pub(crate) fn long_calls(&self, cell: &Cell, latency: u64) -> Option<&Counter> {
        if !Bucket::of(latency).is_long() {
            return None;
        }
        self.pooled.calls(cell.node(), latency)
    }

    /// Takes over what an ended thread counted, whose cells are kept for another.
    pub(crate) fn take_from(&self, ended: &Self) {
        self.begun().add(ended.begun().get());
        ended.begun().clear();
        for (node, cell) in ended.iter() {
            if let (true, Some(to)) = (cell.has_counted(&cell.read()), self.at(node)) {
                to.take_from(cell);
                self.pooled.take_from(node, &cell.latencies);
            }
        }
    }

    /// The counters of a node, for their writer.
    #[inline]
    pub(crate) fn at(&self, node: PathId) -> Option<&Cell> {
        self.nodes.get_or_make(node.index())
    }

    /// The counters of a node, for as long as the table lives.
    pub(crate) fn pin(&self, node: PathId) -> Option<PinnedCell> {
        Some(Self::pinning(self.at(node)?, node))
    }

    fn pinning(cell: &Cell, node: PathId) -> PinnedCell {
        cell.node.store(node.0, Relaxed);
        PinnedCell(NonNull::from(cell))
    }

    /// Operations that came to life on this thread.
    #[expect(clippy::indexing_slicing, reason = "there are always two")]
    pub(crate) fn begun(&self) -> &Counter {
        &self.apart[0].begun
    }

    /// Where roots are remembered.
    #[expect(clippy::indexing_slicing, reason = "there are always two")]
    pub(crate) fn ground(&self) -> PinnedCell {
        PinnedCell(NonNull::from(&self.apart[0]))
    }

    /// Where nothing is remembered.
    #[expect(clippy::indexing_slicing, reason = "there are always two")]
    pub(crate) fn aside(&self) -> PinnedCell {
        PinnedCell(NonNull::from(&self.apart[1]))
    }

    /// The child of a callsite below a parent, if it is the one made last there,
    /// or the one that was made after that last time.
    #[inline]
    pub(crate) fn expected_child(
        &self,
        parent: PinnedCell,
        metadata: &'static Metadata<'static>,
    ) -> Option<Known<'_>> {
        let (parent, callsite) = (self.pinned(parent), address(metadata));
        if parent.last_child.of(callsite).is_none() {
            let child = self.pinned(parent.last_child.cell()?).next_sibling.of(callsite)?;
            parent.last_child.set(callsite, child.cell());
        }
        Some(Known(&parent.last_child))
    }

    /// Remembers a child made below a parent.
    pub(crate) fn expect_child(
        &self,
        parent: PinnedCell,
        metadata: &'static Metadata<'static>,
        child: PinnedCell,
    ) {
        let (parent, callsite) = (self.pinned(parent), address(metadata));
        if let Some(last) = parent.last_child.cell() {
            self.pinned(last).next_sibling.set(callsite, child);
        }
        parent.last_child.set(callsite, child);
    }

    /// The root of a callsite that wanders, if it is the one made last.
    #[inline]
    pub(crate) fn expected_wanderer(
        &self,
        metadata: &'static Metadata<'static>,
    ) -> Option<PinnedCell> {
        self.wanderer().of(address(metadata)).map(Known::cell)
    }

    /// Remembers a root that wanders, which was made below nothing.
    pub(crate) fn expect_wanderer(&self, metadata: &'static Metadata<'static>, root: PinnedCell) {
        self.wanderer().set(address(metadata), root);
    }

    /// The counters of a node at which this thread takes a root, if there are any
    /// yet: none are made here.
    #[inline]
    pub(crate) fn pin_taken(&self, node: PathId) -> Option<PinnedCell> {
        match self.taken().cell().filter(|cell| self.pinned(*cell).node() == node) {
            Some(last) => Some(last),
            None => {
                let made = self.nodes.get(node.index())?;
                Some(Self::pinning(made, node)).inspect(|cell| self.taken().set(0, *cell))
            }
        }
    }

    /// Where the root taken last is remembered.
    #[expect(clippy::indexing_slicing, reason = "there are always two")]
    fn taken(&self) -> &Link {
        &self.apart[1].next_sibling
    }

    /// Where a root that wanders is remembered: the ground has no sibling.
    #[expect(clippy::indexing_slicing, reason = "there are always two")]
    fn wanderer(&self) -> &Link {
        &self.apart[0].next_sibling
    }

    /// Remembers that other threads enter the roots that this one makes there:
    /// they are to be expected no more.
    pub(crate) fn let_wander(&self, root: PinnedCell) {
        self.pinned(root).wanders.store(true, Relaxed);
        self.forget_roots();
        let links = self.iter().map(|(_, cell)| &cell.next_sibling);
        links.filter(|link| link.cell() == Some(root)).for_each(Link::forget);
    }

    /// Expects no root.
    pub(crate) fn forget_roots(&self) {
        self.pinned(self.ground()).last_child.forget();
    }

    /// The counters that were pinned.
    #[inline]
    pub(crate) fn pinned(&self, cell: PinnedCell) -> &Cell {
        // SAFETY: pins are made by this table's methods alone, and whoever keeps
        // some (links in its cells, a thread's state and memory of children)
        // keeps those of its own record's table (`ThreadRecord::cells`), which
        // neither moves nor drops an entry before the record itself.
        unsafe { cell.0.as_ref() }
    }

    /// The counters of the nodes in a page; none where it has not been made.
    pub(crate) fn page(&self, page: usize) -> &[Cell] {
        self.nodes.page(page)
    }

    /// Every node's counters.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (PathId, &Cell)> {
        self.nodes.iter().map(|(index, cell)| (PathId(index as u32), cell))
    }
}

/// Where a node's counters are, without another look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PinnedCell(NonNull<Cell>);

// SAFETY: a pin is an address; it is followed through its table only, and cells
// may be read and written from any thread.
unsafe impl Send for PinnedCell {}

fn address(metadata: &'static Metadata<'static>) -> usize {
    std::ptr::from_ref(metadata) as usize
}
