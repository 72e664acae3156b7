//! Spans are made at static callsites, so names come from a fixed list. Each has a
//! field `x`, which has no value at first.

use tracing::{Id, Span, field::Empty};

/// What a new span's parent is said to be, as `tracing` has it.
#[derive(Clone, Debug)]
pub(super) enum ParentId {
    Current,
    Root,
    Of(Id),
}

macro_rules! callsites {
    ($($name:literal)*) => {
        /// The names that spans may have.
        pub(super) const NAMES: &[&str] = &[$($name),*];

        /// Makes a span of this name.
        pub(super) fn make(name: &str, parent: &ParentId) -> Span {
            match name {
                $($name => match parent {
                    ParentId::Current => tracing::info_span!($name, x = Empty),
                    ParentId::Root => tracing::info_span!(parent: None, $name, x = Empty),
                    ParentId::Of(id) => tracing::info_span!(parent: id.clone(), $name, x = Empty),
                },)*
                _ => panic!("no callsite makes a span named `{name}`; add it to the list"),
            }
        }
    };
}

callsites! {
    "a" "b" "c" "d" "e" "f"
    "idle_a" "idle_b" "skip_a" "skip_b" "op_a" "op_b" "idle_op" "skip_op"
    "detached_a" "detached_b" "detached_op" "filtered_a" "filtered_b" "named_a" "named_b" "named_op"
    "accept" "audit" "block" "child" "chunk" "commit" "execute" "fast" "handler" "loser" "main" "parent"
    "part" "phase" "proof" "recover_senders" "request" "save" "server" "sibling" "step" "blocked" "task" "worker"
}
