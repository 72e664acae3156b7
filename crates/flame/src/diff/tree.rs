//! Stacks of labels as a tree.

use std::{cmp::Ordering, collections::HashMap, sync::Arc};

use super::state;

/// One frame and the label in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) label: Arc<str>,
    /// The place in [`Tree::frames`] of the frame below it, always an earlier one.
    pub(crate) parent: Option<u32>,
    pub(crate) own_nanos: u64,
}

/// Frames, parents before children, in no other order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    frames: Vec<Frame>,
    places: HashMap<(Option<u32>, u32), u32>,
    labels: HashMap<Arc<str>, u32>,
}

impl Tree {
    /// Adds time to a stack.
    pub(super) fn add<'t>(&mut self, stack: impl Iterator<Item = &'t str>, nanos: u64) {
        let mut at = None;
        for label in stack {
            at = Some(self.child(at, label));
        }
        if let Some(at) = at {
            let own = &mut self.frames[at as usize].own_nanos;
            *own = own.saturating_add(nanos);
        }
    }

    /// The place of a frame, which is made where there is none yet.
    pub(crate) fn child(&mut self, parent: Option<u32>, label: &str) -> u32 {
        let count = u32::try_from(self.labels.len()).unwrap_or(u32::MAX);
        let (label, id) = match self.labels.get_key_value(label) {
            Some((label, &id)) => (Arc::clone(label), id),
            None => {
                let label: Arc<str> = label.into();
                self.labels.insert(Arc::clone(&label), count);
                (label, count)
            }
        };
        let frames = &mut self.frames;
        *self.places.entry((parent, id)).or_insert_with(|| {
            frames.push(Frame { label, parent, own_nanos: 0 });
            u32::try_from(frames.len() - 1).unwrap_or(u32::MAX)
        })
    }

    pub(crate) fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The places of all frames, depth first, siblings as in the pictures: by
    /// label, after them what was truncated, last what threads did in them and awaits.
    pub(super) fn in_order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..).take(self.frames.len()).collect();
        order.sort_by(|&a, &b| by_label(&self.frames[b as usize], &self.frames[a as usize]));
        let mut children: Vec<Vec<u32>> = vec![Vec::new(); self.frames.len()];
        let mut todo = Vec::new();
        for place in order {
            match self.frames[place as usize].parent {
                Some(parent) => children[parent as usize].push(place),
                None => todo.push(place),
            }
        }
        let mut ordered = Vec::with_capacity(self.frames.len());
        while let Some(place) = todo.pop() {
            ordered.push(place);
            todo.append(&mut children[place as usize]);
        }
        ordered
    }
}

fn by_label(a: &Frame, b: &Frame) -> Ordering {
    let rank = |frame: &Frame| match &*frame.label {
        "[truncated]" => 1,
        label => state::place(label).map_or(0, |place| place + 2),
    };
    rank(a).cmp(&rank(b)).then_with(|| a.label.cmp(&b.label))
}
