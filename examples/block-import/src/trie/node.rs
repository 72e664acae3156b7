//! The nodes of the cached trie.
//!
//! Every node remembers how its parent refers to it: the node's own RLP if that
//! is shorter than 32 bytes, else its Keccak hash. A change forgets the
//! references on the way from the root to the changed leaf and no others, so
//! hashing again costs one path a changed key instead of the whole trie.

use alloy_trie::{
    Nibbles, TrieMask,
    nodes::{BranchNodeRef, ExtensionNodeRef, LeafNodeRef, RlpNode},
};

/// A node with everything below it.
#[derive(Debug)]
pub(super) struct Node {
    kind: Kind,
    /// How the parent refers to this node; `None` once something below changed.
    reference: Option<RlpNode>,
}

#[derive(Debug)]
enum Kind {
    Leaf { path: Nibbles, value: Vec<u8> },
    Extension { path: Nibbles, child: Box<Node> },
    Branch { children: Box<[Option<Node>; 16]> },
}

impl From<Kind> for Node {
    fn from(kind: Kind) -> Self {
        Self { kind, reference: None }
    }
}

impl Node {
    pub(super) fn leaf(path: Nibbles, value: Vec<u8>) -> Self {
        Kind::Leaf { path, value }.into()
    }

    fn extension(path: Nibbles, child: Self) -> Self {
        if path.is_empty() {
            return child;
        }
        Kind::Extension { path, child: Box::new(child) }.into()
    }

    /// Returns the value at `path`, counted from this node.
    pub(super) fn get(&self, path: &Nibbles) -> Option<&[u8]> {
        match &self.kind {
            Kind::Leaf { path: own, value } => (own == path).then_some(value),
            Kind::Extension { path: own, child } => {
                path.starts_with(own).then(|| child.get(&path.slice(own.len()..)))?
            }
            Kind::Branch { children } => {
                let (index, rest) = split_first(path)?;
                children[index].as_ref()?.get(&rest)
            }
        }
    }

    /// Sets the value at `path`, counted from this node.
    ///
    /// All keys of a trie have one length, so no path ends at a branch.
    pub(super) fn insert(self, path: Nibbles, value: Vec<u8>) -> Self {
        match self.kind {
            Kind::Leaf { path: own, .. } if own == path => Self::leaf(path, value),
            Kind::Leaf { path: own, value: old } => {
                fork(&own, |rest| Self::leaf(rest, old), &path, value)
            }
            Kind::Extension { path: own, child } if path.starts_with(&own) => {
                Self::extension(own, child.insert(path.slice(own.len()..), value))
            }
            Kind::Extension { path: own, child } => {
                fork(&own, |rest| Self::extension(rest, *child), &path, value)
            }
            Kind::Branch { mut children } => {
                if let Some((index, rest)) = split_first(&path) {
                    children[index] = Some(match children[index].take() {
                        Some(child) => child.insert(rest, value),
                        None => Self::leaf(rest, value),
                    });
                }
                Kind::Branch { children }.into()
            }
        }
    }

    /// Removes the value at `path`, which must be present; returns what is left.
    pub(super) fn remove(self, path: &Nibbles) -> Option<Self> {
        match self.kind {
            Kind::Leaf { .. } => None,
            Kind::Extension { path: own, child } => {
                Some(child.remove(&path.slice(own.len()..))?.prefixed(&own))
            }
            Kind::Branch { mut children } => {
                let (index, rest) = split_first(path)?;
                children[index] = children[index].take().and_then(|child| child.remove(&rest));
                Some(collapse(children))
            }
        }
    }

    /// Moves this node down by `prefix`.
    fn prefixed(self, prefix: &Nibbles) -> Self {
        match self.kind {
            Kind::Leaf { path, value } => Self::leaf(prefix.join(&path), value),
            Kind::Extension { path, child } => {
                Kind::Extension { path: prefix.join(&path), child }.into()
            }
            Kind::Branch { .. } => Self::extension(*prefix, self),
        }
    }

    /// Returns how a parent refers to this node, hashing what changed below.
    ///
    /// `buffer` is scratch space.
    pub(super) fn reference(&mut self, buffer: &mut Vec<u8>) -> RlpNode {
        if let Some(reference) = &self.reference {
            return reference.clone();
        }
        let reference = match &mut self.kind {
            Kind::Leaf { path, value } => {
                buffer.clear();
                LeafNodeRef::new(path, value).rlp(buffer)
            }
            Kind::Extension { path, child } => {
                let child = child.reference(buffer);
                buffer.clear();
                ExtensionNodeRef::new(path, &child).rlp(buffer)
            }
            Kind::Branch { children } => branch_reference(children, buffer),
        };
        self.reference.insert(reference).clone()
    }
}

fn branch_reference(children: &mut [Option<Node>; 16], buffer: &mut Vec<u8>) -> RlpNode {
    let mut mask = TrieMask::default();
    let mut references = Vec::with_capacity(16);
    for (index, child) in (0u8..).zip(children) {
        if let Some(child) = child {
            mask.set_bit(index);
            references.push(child.reference(buffer));
        }
    }
    buffer.clear();
    BranchNodeRef::new(&references, mask).rlp(buffer)
}

/// Puts a branch where two paths part: the old node (made by `old` of what is
/// left of its path) on one side, a new leaf on the other.
fn fork(
    old_path: &Nibbles,
    old: impl FnOnce(Nibbles) -> Node,
    new_path: &Nibbles,
    value: Vec<u8>,
) -> Node {
    let common = old_path.common_prefix_length(new_path);
    let mut children = Box::new([const { None }; 16]);
    if let Some((index, rest)) = split_first(&old_path.slice(common..)) {
        children[index] = Some(old(rest));
    }
    if let Some((index, rest)) = split_first(&new_path.slice(common..)) {
        children[index] = Some(Node::leaf(rest, value));
    }
    Node::extension(new_path.slice(..common), Kind::Branch { children }.into())
}

/// A branch with one child left is that child, one nibble longer.
fn collapse(mut children: Box<[Option<Node>; 16]>) -> Node {
    let mut present = (0u8..).zip(children.iter()).filter(|(_, child)| child.is_some());
    if let (Some((index, _)), None) = (present.next(), present.next())
        && let Some(child) = children[usize::from(index)].take()
    {
        return child.prefixed(&Nibbles::from_nibbles([index]));
    }
    Kind::Branch { children }.into()
}

fn split_first(path: &Nibbles) -> Option<(usize, Nibbles)> {
    let first = path.first()?;
    Some((usize::from(first), path.slice(1..)))
}
