//! The message `Profile` of `profile.proto`; its field numbers stand here.

use std::collections::{HashMap, hash_map::Entry};

use super::{
    super::{label::MERGED, wire::Message},
    pick::{Named, Picked, Stack},
};

/// The id of the one mapping.
const MAPPING: u64 = 1;

/// A message that is being written, and the texts that it refers to.
#[derive(Debug)]
pub(super) struct Encoder<'f> {
    message: Message,
    texts: Vec<&'f str>,
    by_text: HashMap<&'f str, u64>,
}

impl<'f> Encoder<'f> {
    /// Begins with the one mapping, whose functions are known.
    pub(super) fn new() -> Self {
        let mut encoder =
            Self { message: Message::default(), texts: Vec::new(), by_text: HashMap::new() };
        encoder.text("");
        encoder.message.message(3, |mapping| {
            mapping.number(1, MAPPING);
            mapping.number(7, 1);
        });
        encoder
    }

    /// Says what the two amounts of a stack are. `weight` is the one to show, and
    /// one of it is what the other one stands for.
    pub(super) fn types(&mut self, calls: &'f str, weight: &'f str) {
        let [count, nanos] = [self.text("count"), self.text("nanoseconds")];
        let [calls, weight] = [self.text(calls), self.text(weight)];
        self.value_type(1, calls, count);
        self.value_type(1, weight, nanos);
        self.value_type(11, weight, nanos);
        self.message.number(12, 1);
        self.message.number(14, weight);
    }

    /// Says when time was taken.
    pub(super) fn window(&mut self, start_unix_nanos: i64, length_nanos: i64) {
        self.message.signed(9, start_unix_nanos);
        self.message.signed(10, length_nanos);
    }

    pub(super) fn comments(&mut self, comments: &'f [String]) {
        let places: Vec<u64> = comments.iter().map(|comment| self.text(comment)).collect();
        self.message.numbers(13, places);
    }

    /// Writes all stacks, and a function and a location for each symbol.
    pub(super) fn stacks(&mut self, named: Named<'_>, picked: &Picked<'f>) {
        for stack in &picked.stacks {
            self.message.message(2, |sample| {
                sample.numbers(1, top_first(stack, named, picked));
                sample.numbers(2, [stack.amount.calls, stack.amount.nanos]);
            });
        }
        for (id, symbol) in (1..).zip(&picked.symbols) {
            let place = symbol.place();
            let line = place.and_then(|place| place.line).map_or(0, u64::from);
            self.symbol(id, symbol.label, place.map_or("", |place| place.file), line);
        }
        if picked.stacks.iter().any(|stack| stack.is_merged) {
            self.symbol(merged_id(picked), MERGED, "", 0);
        }
    }

    /// The whole message.
    pub(super) fn finish(mut self) -> Message {
        for text in self.texts {
            self.message.text(6, text);
        }
        self.message
    }

    fn value_type(&mut self, field: u32, kind: u64, unit: u64) {
        self.message.message(field, |value_type| {
            value_type.number(1, kind);
            value_type.number(2, unit);
        });
    }

    /// A function and the location in it, both of that id.
    fn symbol(&mut self, id: u64, label: &'f str, file: &'f str, line: u64) {
        let [label, file] = [label, file].map(|text| self.text(text));
        self.message.message(5, |function| {
            function.number(1, id);
            function.number(2, label);
            function.number(4, file);
            function.number(5, line);
        });
        self.message.message(4, |location| {
            location.number(1, id);
            location.number(2, MAPPING);
            location.message(4, |in_function| {
                in_function.number(1, id);
                in_function.number(2, line);
            });
        });
    }

    /// The place of a text; the empty one has the first.
    fn text(&mut self, text: &'f str) -> u64 {
        match self.by_text.entry(text) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                self.texts.push(text);
                *new.insert(self.texts.len() as u64 - 1)
            }
        }
    }
}

fn merged_id(picked: &Picked<'_>) -> u64 {
    picked.symbols.len() as u64 + 1
}

/// The ids of a stack's locations.
fn top_first(stack: &Stack, named: Named<'_>, picked: &Picked<'_>) -> impl Iterator<Item = u64> {
    let all = named.frames.all();
    let kept = std::iter::successors(stack.top, |&place| all[place].parent.map(|p| p as usize));
    let symbol = |place: usize| picked.place_of[named.symbol_of[place] as usize];
    let ids = kept.filter_map(symbol).map(|place| place as u64 + 1);
    stack.is_merged.then(|| merged_id(picked)).into_iter().chain(ids)
}
