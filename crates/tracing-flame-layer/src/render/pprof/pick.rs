//! Which frames are kept.
//!
//! Those who collect profiles refuse what is too large, and Grafana Pyroscope
//! cuts off what is too deep. So the frames with the most time are kept, each
//! with all that it stands on, as far as there is room. What stands on a kept
//! frame and is not kept itself becomes one stack on that frame, `[merged]`: the
//! own and the total time of every kept frame stay exact, and so does the sum.

use std::cmp::Reverse;

use super::{
    super::{frames::Frames, symbols::Symbol, wire::length},
    amounts::{Amount, Amounts},
};

/// What a profile may come to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Stacks, those of what was merged among them.
    pub(super) stacks: usize,
    /// Bytes before they are compressed.
    pub(super) bytes: usize,
    /// Frames of one stack.
    pub(super) depth: usize,
}

impl Bounds {
    /// What Grafana Pyroscope takes where nobody changed the settings that begin
    /// with `validation.max-profile-`.
    pub(super) const USUAL: Self = Self { stacks: 16_000, bytes: 4 << 20, depth: 1_000 };

    /// What is left once some comments are written.
    pub(super) fn less(self, comments: &[String]) -> Self {
        let bytes = comments.iter().map(|text| text.len() + COMMENT).sum();
        Self { bytes: self.bytes.saturating_sub(bytes), ..self }
    }
}

/// At least what is written once: types, times, how many were merged.
const HEAD: usize = 1 << 10;
/// At least what a comment takes but for its text.
const COMMENT: usize = 10;
/// At least what a stack takes but for its frames: two amounts of 9 bytes, and
/// the keys and lengths of the stack and its lists.
const STACK: usize = 18 + 10;
/// At least what a symbol takes but for its texts: a function and a location, of
/// ten small numbers together, and the keys and lengths of all.
const SYMBOL: usize = 60;
/// At least what the number of `[merged]` takes.
const MERGED: usize = 3;

/// Frames, and the symbol of each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'f> {
    pub(super) frames: &'f Frames<'f>,
    pub(super) symbols: &'f [Symbol<'f>],
    /// Of each frame its symbol's place there.
    pub(super) symbol_of: &'f [u32],
}

/// A stack to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stack {
    /// The place of its topmost frame that is kept, if any is.
    pub(super) top: Option<usize>,
    /// Whether `[merged]` stands on that.
    pub(super) is_merged: bool,
    pub(super) amount: Amount,
}

/// What is kept.
#[derive(Debug)]
pub(super) struct Picked<'f> {
    /// In drawing order.
    pub(super) stacks: Vec<Stack>,
    /// What the stacks are made of. Those met first have the most time: the more
    /// often a number is written, the shorter it is.
    pub(super) symbols: Vec<&'f Symbol<'f>>,
    /// Of each symbol of all its place among those.
    pub(super) place_of: Vec<Option<usize>>,
    /// How many frames that something was measured at are not kept.
    pub(super) merged: usize,
}

impl<'f> Picked<'f> {
    pub(super) fn within(bounds: Bounds, named: Named<'f>) -> Self {
        let amounts = Amounts::of(named.frames);
        let mut room = Room::new(bounds, named, &amounts);
        for place in by_time(&amounts) {
            room.try_to_keep(place);
        }
        room.picked()
    }

    fn push(&mut self, stack: Stack) {
        if !stack.amount.is_zero() {
            self.stacks.push(stack);
        }
    }
}

/// The places of frames that anything was measured at or above, those with the
/// most time first, each before what stands on it.
fn by_time(amounts: &Amounts) -> Vec<usize> {
    let total = &amounts.total;
    let mut places: Vec<usize> = (0..total.len()).filter(|&i| !total[i].is_zero()).collect();
    places.sort_unstable_by_key(|&place| (Reverse(total[place].nanos), place));
    places
}

/// What stands on a frame, or on the ground, and is not kept.
#[derive(Clone, Copy, Debug, Default)]
struct Missing {
    frames: usize,
    amount: Amount,
}

/// A profile that is being filled.
struct Room<'a, 'f> {
    named: Named<'f>,
    amounts: &'a Amounts,
    bounds: Bounds,
    stacks: usize,
    bytes: usize,
    /// Of each frame, and behind them of the ground.
    missing: Vec<Missing>,
    /// Of the same, where they are kept, the bytes that the numbers of their
    /// stack take.
    numbers: Vec<Option<usize>>,
    symbols: Vec<&'f Symbol<'f>>,
    place_of: Vec<Option<usize>>,
}

impl<'a, 'f> Room<'a, 'f> {
    fn new(bounds: Bounds, named: Named<'f>, amounts: &'a Amounts) -> Self {
        let ground = named.frames.all().len();
        let mut room = Self {
            named,
            amounts,
            bounds,
            stacks: 0,
            bytes: HEAD,
            missing: vec![Missing::default(); ground + 1],
            numbers: vec![None; ground + 1],
            symbols: Vec::new(),
            place_of: vec![None; named.symbols.len()],
        };
        for (place, &amount) in amounts.total.iter().enumerate() {
            let below = room.below(place);
            room.missing[below].frames += usize::from(!amount.is_zero());
            room.missing[below].amount += amount;
        }
        room.numbers[ground] = Some(0);
        if room.missing[ground].frames > 0 {
            room.stacks += 1;
            room.bytes += STACK + MERGED;
        }
        room
    }

    /// The place of what a frame stands on.
    fn below(&self, place: usize) -> usize {
        let all = self.named.frames.all();
        all[place].parent.map_or(all.len(), |parent| parent as usize)
    }

    /// Keeps a frame, if what it stands on is kept and there is room.
    fn try_to_keep(&mut self, place: usize) {
        let below = self.below(place);
        let Some(numbers_below) = self.numbers[below] else { return };
        // `[merged]` may come to stand on it.
        if self.named.frames.all()[place].depth as usize + 2 > self.bounds.depth {
            return;
        }
        let symbol = self.named.symbol_of[place] as usize;
        let known = self.place_of[symbol];
        let numbers = numbers_below + length(known.unwrap_or(self.symbols.len()) as u64 + 1);
        let (mut stacks, mut bytes) = (self.stacks, self.bytes);
        if known.is_none() {
            bytes += SYMBOL + self.named.symbols[symbol].text_length();
        }
        if !self.amounts.own[place].is_zero() {
            stacks += 1;
            bytes += STACK + numbers;
        }
        if self.missing[place].frames > 0 {
            stacks += 1;
            bytes += STACK + numbers + MERGED;
        }
        if self.missing[below].frames == 1 {
            stacks -= 1;
            bytes -= STACK + numbers_below + MERGED;
        }
        if stacks > self.bounds.stacks || bytes > self.bounds.bytes {
            return;
        }
        (self.stacks, self.bytes) = (stacks, bytes);
        self.numbers[place] = Some(numbers);
        self.missing[below].frames -= 1;
        self.missing[below].amount -= self.amounts.total[place];
        if known.is_none() {
            self.place_of[symbol] = Some(self.symbols.len());
            self.symbols.push(&self.named.symbols[symbol]);
        }
    }

    fn picked(self) -> Picked<'f> {
        let Self { symbols, place_of, .. } = self;
        let stacks = Vec::with_capacity(self.stacks);
        let mut picked = Picked { stacks, symbols, place_of, merged: 0 };
        for (place, &amount) in self.amounts.own.iter().enumerate() {
            if self.numbers[place].is_none() {
                picked.merged += usize::from(!amount.is_zero());
                continue;
            }
            let top = Some(place);
            picked.push(Stack { top, is_merged: false, amount });
            let amount = self.missing[place].amount;
            picked.push(Stack { top, is_merged: true, amount });
        }
        let amount = self.missing[self.amounts.own.len()].amount;
        picked.push(Stack { top: None, is_merged: true, amount });
        picked
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Arc,
        time::{Duration, UNIX_EPOCH},
    };

    use super::*;
    use crate::{
        Profile,
        profile::{Callsite, Frame, Measures, NodeId, Window},
        render::{Options, symbols::Symbols},
    };

    const ROOMY: Bounds = Bounds { stacks: 100, bytes: 1 << 20, depth: 100 };

    struct Tree(Profile);

    impl Tree {
        fn new() -> Self {
            Self(Profile::new(Window { start: UNIX_EPOCH, length: Duration::ZERO }))
        }

        fn push(&mut self, parent: Option<NodeId>, name: &str, wall_nanos: u64) -> NodeId {
            let frame = Frame::Span(Arc::new(Callsite::new(name.to_owned(), "t")));
            let measures = Measures { wall_nanos, enters: 1, ..Measures::default() };
            self.0.push(parent, frame, measures)
        }

        /// The stacks that are kept, as folded text.
        fn kept(&self, bounds: Bounds) -> Vec<String> {
            let frames = Frames::lay_out(&self.0, &Options::default());
            let mut symbols = Symbols::default();
            let symbol_of = symbols.add(&frames);
            let named = Named { frames: &frames, symbols: symbols.all(), symbol_of: &symbol_of };
            let picked = Picked::within(bounds, named);
            let text = |stack: &Stack| {
                let mut labels: Vec<&str> = Vec::new();
                let mut next = stack.top.map(|place| &frames.all()[place]);
                while let Some(frame) = next {
                    labels.push(frames.label(frame));
                    next = frames.parent(frame);
                }
                labels.reverse();
                labels.extend(stack.is_merged.then_some("[merged]"));
                format!("{} {}", labels.join(";"), stack.amount.nanos)
            };
            assert!(picked.stacks.len() <= bounds.stacks);
            let count = format!("({} merged)", picked.merged);
            picked.stacks.iter().map(text).chain([count]).collect()
        }
    }

    /// `a` (1) with `b` (10), which has `c` (20) and `d` (5), and `e` (9).
    fn small() -> Tree {
        let mut tree = Tree::new();
        let a = tree.push(None, "a", 1);
        let b = tree.push(Some(a), "b", 10);
        tree.push(Some(b), "c", 20);
        tree.push(Some(b), "d", 5);
        tree.push(Some(a), "e", 9);
        tree
    }

    #[test]
    fn what_has_room_is_kept() {
        let all = ["a 1", "a;b 10", "a;b;c 20", "a;b;d 5", "a;e 9", "(0 merged)"];
        assert_eq!(small().kept(ROOMY), all);
        assert_eq!(small().kept(Bounds { stacks: 5, ..ROOMY }), all);
        assert_eq!(Tree::new().kept(ROOMY), ["(0 merged)"]);
    }

    #[test]
    fn what_has_none_is_merged_on_what_it_stands_on() {
        let kept = |stacks| small().kept(Bounds { stacks, ..ROOMY });
        assert_eq!(kept(4), ["a 1", "a;b 10", "a;b;[merged] 25", "a;e 9", "(2 merged)"]);
        assert_eq!(kept(2), ["a 1", "a;[merged] 44", "(4 merged)"]);
        assert_eq!(kept(1), ["[merged] 45", "(5 merged)"]);
    }

    #[test]
    fn frames_without_time_of_their_own_cost_no_stack() {
        let mut tree = Tree::new();
        let a = tree.push(None, "a", 0);
        let b = tree.push(Some(a), "b", 0);
        tree.push(Some(b), "c", 3);
        assert_eq!(tree.kept(Bounds { stacks: 1, ..ROOMY }), ["a;b;c 3", "(0 merged)"]);
    }

    #[test]
    fn no_stack_is_deeper_than_the_bound() {
        let kept = small().kept(Bounds { depth: 2, ..ROOMY });
        assert_eq!(kept, ["a 1", "a;[merged] 44", "(4 merged)"]);
    }

    #[test]
    fn a_name_without_room_is_merged_and_the_others_are_kept() {
        let mut tree = Tree::new();
        tree.push(None, &"x".repeat(2_000), 100);
        tree.push(None, "y", 1);
        let kept = tree.kept(Bounds { bytes: 2_500, ..ROOMY });
        assert_eq!(kept, ["y 1", "[merged] 100", "(1 merged)"]);
    }
}
