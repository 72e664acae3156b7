//! A span gets values later on, or something is logged below it.

use super::{Engine, span::Span, thread::ThreadKey, values::ValuesId};
use crate::log::{Line, Parent, Texts};

impl Engine {
    /// Values were recorded in a span's named fields. They become part of its frame's name
    /// as long as nothing was counted there: until its first enter, or until a span is
    /// created below it.
    pub(super) fn record(&mut self, id: u64, texts: &Texts) -> Option<()> {
        let Some(key) = self.find(id).filter(|key| !self.spans[*key].is_clear) else {
            return Some(());
        };
        let Span { node, operation, parent, has_children, .. } = self.spans[key];
        let Some(callsite) = self.tree[node].callsite else { return Some(()) };
        let Some(all) = self.values.with(self.tree[node].values, texts) else { return Some(()) };
        if self.spans[key].has_started() || has_children {
            self.anomalies.late_values += 1;
            return Some(());
        }
        let values = self.values.number(callsite, &all, &self.settings.roles.named);
        let to = self.node(self.tree[node].parent, callsite, values)?;
        if to == node {
            return Some(());
        }
        self.anomalies.merged_values += u64::from(values == Some(ValuesId::OTHERS));
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
    pub(super) fn log(&mut self, thread: ThreadKey, line: Line) -> Option<()> {
        // No operation of a chain is followed.
        let in_chain = line.parent == Parent::Current && !self.threads[thread].chain.is_empty();
        let found = if in_chain { None } else { self.above(thread, line.parent) };
        let Some(key) = found else { return Some(()) };
        if let Some(capture) = &mut self.operations[self.spans[key].operation].capture {
            capture.log(line, self.now);
        }
        Some(())
    }
}
