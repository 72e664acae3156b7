//! What can go wrong, each with the block or the file it went wrong in.

use crate::storage::StorageError;
use alloy_primitives::B256;
use std::{fmt, io, path::PathBuf};

/// Everything that can end an import.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A block breaks a rule of the chain.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The chain's head is not the one that was asked for.
    #[error("block {number}: head hash: expected {expected}, got {got}")]
    UnexpectedHead {
        /// The number of the last block imported.
        number: u64,
        /// The hash that was asked for.
        expected: B256,
        /// The hash of the last block imported.
        got: B256,
    },
    /// The genesis file says something that this program cannot follow.
    #[error("genesis: {0}")]
    Genesis(String),
    /// The data directory holds another chain.
    #[error(
        "{path}: holds a chain with genesis {found}, but the genesis file makes {expected}; name another --datadir"
    )]
    OtherChain {
        /// The data directory.
        path: PathBuf,
        /// The genesis hash stored there.
        found: B256,
        /// The genesis hash of the chain to import.
        expected: B256,
    },
    /// A file could not be read or written.
    #[error("{path}: cannot {action}: {source}")]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What was tried, as a verb phrase.
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The generator made a block that cannot be executed: a fault of this program.
    #[error("generator: {0}")]
    Generator(String),
}

impl Error {
    /// Returns a function that names `path` and `action` in an I/O error.
    pub(crate) fn file(
        path: impl Into<PathBuf>,
        action: &'static str,
    ) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { path: path.into(), action, source }
    }
}

/// A block that breaks a rule: which block, which field, and how.
#[derive(Debug, thiserror::Error)]
#[error("block {block}: {field}: {fault}")]
pub struct Invalid {
    /// The number of the block.
    pub block: u64,
    /// The field of the header or the part of the body.
    pub field: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a field.
#[derive(Debug)]
pub enum Fault {
    /// The block says one thing and the rules make another of it.
    Mismatch {
        /// What the rules make of the block and its parent.
        expected: String,
        /// What the block says.
        got: String,
    },
    /// It cannot be used at all.
    Unusable(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mismatch { expected, got } => write!(f, "expected {expected}, got {got}"),
            Self::Unusable(why) => f.write_str(why),
        }
    }
}

/// Names the block in what is found wrong with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Verdict {
    block: u64,
}

impl Verdict {
    pub(crate) const fn on(block: u64) -> Self {
        Self { block }
    }

    /// Passes if the block says what the rules make of it.
    pub(crate) fn equal<T: PartialEq + fmt::Debug>(
        self,
        field: &str,
        expected: &T,
        got: &T,
    ) -> Result<(), Invalid> {
        if expected == got { Ok(()) } else { Err(self.mismatch(field, expected, got)) }
    }

    /// As [`Self::equal`], for a field that some forks do not have.
    pub(crate) fn equal_if_any<T: PartialEq + fmt::Debug>(
        self,
        field: &str,
        expected: Option<T>,
        got: Option<T>,
    ) -> Result<(), Invalid> {
        self.equal(field, &Field(expected), &Field(got))
    }

    /// Passes if `holds`; `expected` states the rule in words.
    pub(crate) fn rule(
        self,
        field: &str,
        holds: bool,
        expected: impl fmt::Display,
        got: impl fmt::Debug,
    ) -> Result<(), Invalid> {
        if holds {
            return Ok(());
        }
        Err(self.mismatch(field, &format_args!("{expected}"), &got))
    }

    pub(crate) fn mismatch(
        self,
        field: &str,
        expected: &dyn fmt::Debug,
        got: &dyn fmt::Debug,
    ) -> Invalid {
        let fault = Fault::Mismatch { expected: format!("{expected:?}"), got: format!("{got:?}") };
        Invalid { block: self.block, field: field.to_owned(), fault }
    }

    pub(crate) fn unusable(self, field: impl Into<String>, why: impl fmt::Display) -> Invalid {
        Invalid { block: self.block, field: field.into(), fault: Fault::Unusable(why.to_string()) }
    }
}

/// An optional header field, printed without Rust's `Some(..)`.
#[derive(PartialEq)]
struct Field<T>(Option<T>);

impl<T: fmt::Debug> fmt::Debug for Field<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("no such field"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mismatch_names_block_field_expected_and_got_on_one_line() {
        let fault = Verdict::on(17).equal("gas used", &21_000, &22_000).unwrap_err();
        assert_eq!(fault.to_string(), "block 17: gas used: expected 21000, got 22000");
    }

    #[test]
    fn a_field_that_a_fork_lacks_reads_as_words() {
        let fault = Verdict::on(3).equal_if_any("base fee", None, Some(7)).unwrap_err();
        assert_eq!(fault.to_string(), "block 3: base fee: expected no such field, got 7");
    }
}
