//! A thread's stack of entered spans, as other threads may read it.
//!
//! One thread writes; a snapshot reads while it runs. Time that has ended is in
//! the thread's [cells](super::cell); time that is still running is here. To add
//! the two up, a reader must not see an interval in both or in neither. So each
//! stamp doubles as the version of its interval, in the manner of a seqlock:
//!
//! ```text
//! writer                       reader
//! stamp = CHANGING             s = stamp           (acquire)
//! fence(release)               c = cell
//! cell += now - start          fence(acquire)
//! stamp = now   (release)      valid if stamp == s and s != CHANGING
//! ```
//!
//! If the reader saw the new cell, the fences make it see `CHANGING` or a later
//! stamp when it looks again, and it tries anew. A frame that keeps changing
//! under the reader is one whose intervals are short: after some tries it is
//! taken as ended, which loses no more than that interval.

use super::sync::{
    AtomicU32, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
    fence,
};
use super::{paged::Paged, paths::PathId};

/// A stamp in the middle of a change. No clock reads it before 500 years.
const CHANGING: u64 = u64::MAX;
/// How often a reader tries one interval.
const TRIES: usize = 64;

/// One entered span.
#[derive(Debug)]
pub(crate) struct SharedFrame {
    id: AtomicU64,
    node: AtomicU32,
    start: AtomicU64,
}

impl Default for SharedFrame {
    fn default() -> Self {
        Self { id: AtomicU64::new(0), node: AtomicU32::new(0), start: AtomicU64::new(CHANGING) }
    }
}

/// The stack of one thread.
#[derive(Debug)]
pub(crate) struct SharedStack {
    depth: AtomicU32,
    /// Since when the innermost frame has been so.
    since: AtomicU64,
    /// Odd while frames move without being entered or exited.
    shuffles: AtomicU32,
    frames: Paged<SharedFrame>,
}

/// A frame as it was read, with the amounts that agree with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpenFrame {
    pub(crate) id: u64,
    pub(crate) node: PathId,
    /// Ticks at the enter.
    pub(crate) start: u64,
    /// The cell's entered ticks that agree with `start`.
    pub(crate) entered: u64,
}

impl SharedStack {
    pub(crate) fn new() -> Self {
        Self {
            depth: AtomicU32::new(0),
            since: AtomicU64::new(CHANGING),
            shuffles: AtomicU32::new(0),
            frames: Paged::new(),
        }
    }

    /// Writer: ends the innermost frame's interval, `bill` its cell, and begins
    /// the next one at `now`.
    #[inline]
    pub(crate) fn turn(&self, now: u64, bill: impl FnOnce()) {
        self.since.store(CHANGING, Relaxed);
        // Release: whoever sees what `bill` wrote sees `CHANGING` or later.
        fence(Release);
        bill();
        // Release: whoever sees the new stamp sees what `bill` wrote.
        self.since.store(now, Release);
    }

    /// Writer: puts a frame at `depth`, the stack's new top.
    #[inline]
    pub(crate) fn push(&self, depth: u32, id: u64, node: PathId, start: u64) {
        let Some(frame) = self.frames.get_or_make(depth as usize) else { return };
        // The frame was left `CHANGING` when it was last taken off.
        frame.id.store(id, Relaxed);
        frame.node.store(node.0, Relaxed);
        // Release: whoever sees the stamp sees id and node.
        frame.start.store(start, Release);
        self.depth.store(depth.wrapping_add(1), Release);
    }

    /// Writer: takes the top frame off, `bill` its cell.
    #[inline]
    pub(crate) fn pop(&self, depth: u32, bill: impl FnOnce()) {
        if let Some(frame) = self.frames.get(depth as usize) {
            frame.start.store(CHANGING, Relaxed);
            // Release: as in `turn`.
            fence(Release);
        }
        bill();
        self.depth.store(depth, Release);
    }

    /// Writer: moves frames, which readers wait for.
    pub(crate) fn shuffle(&self, change: impl FnOnce(&Self)) {
        let shuffles = self.shuffles.load(Relaxed);
        self.shuffles.store(shuffles.wrapping_add(1), Relaxed);
        // Release: whoever sees a frame that moved sees the odd number or later.
        fence(Release);
        change(self);
        // Release: whoever sees the even number sees every frame in place.
        self.shuffles.store(shuffles.wrapping_add(2), Release);
    }

    /// Reader: the frames from the bottom up; those that would not hold still
    /// are left out. `entered` reads a node's entered ticks.
    pub(crate) fn open_frames(&self, entered: impl Fn(PathId) -> u64) -> Vec<OpenFrame> {
        loop {
            let shuffles = self.shuffles.load(Acquire);
            if shuffles.is_multiple_of(2) {
                let frames = self.frames_now(&entered);
                fence(Acquire);
                if self.shuffles.load(Relaxed) == shuffles {
                    return frames;
                }
            }
            super::sync::yield_now();
        }
    }

    fn frames_now(&self, entered: &impl Fn(PathId) -> u64) -> Vec<OpenFrame> {
        // Acquire: the frames below a depth were written before it.
        let depth = self.depth.load(Acquire);
        (0..depth)
            .filter_map(|at| self.frames.get(at as usize))
            .filter_map(|frame| (0..TRIES).find_map(|_| read_frame(frame, entered)))
            .collect()
    }

    /// Reader: since when the innermost frame `top` has been so, and its node's
    /// busy ticks at that moment; `None` where the thread would not hold still
    /// or another frame is innermost now.
    pub(crate) fn innermost(
        &self,
        top: PathId,
        busy: impl Fn(PathId) -> u64,
    ) -> Option<(u64, u64)> {
        (0..TRIES).find_map(|_| {
            let since = self.since.load(Acquire);
            let ticks = busy(top);
            let node = self.top_node()?;
            fence(Acquire);
            let stable = since != CHANGING && self.since.load(Relaxed) == since;
            (stable && node == top).then_some((since, ticks))
        })
    }

    fn top_node(&self) -> Option<PathId> {
        let top = self.depth.load(Relaxed).checked_sub(1)?;
        Some(PathId(self.frames.get(top as usize)?.node.load(Relaxed)))
    }
}

fn read_frame(frame: &SharedFrame, entered: &impl Fn(PathId) -> u64) -> Option<OpenFrame> {
    let start = frame.start.load(Acquire);
    let id = frame.id.load(Relaxed);
    let node = PathId(frame.node.load(Relaxed));
    let ticks = entered(node);
    // Acquire: if `ticks` is from a later change, the next load sees it.
    fence(Acquire);
    let stable = start != CHANGING && frame.start.load(Relaxed) == start;
    stable.then_some(OpenFrame { id, node, start, entered: ticks })
}
