//! What can go wrong with the database.

use alloy_primitives::B256;
use revm::database_interface::DBErrorMarker;
use signet_libmdbx::{MdbxError, ReadError};
use std::{
    io,
    path::{Path, PathBuf},
};

/// A failure of the database, with its directory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The directory cannot be made.
    #[error("{path}: cannot create the data directory: {source}")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// MDBX failed.
    #[error("{path}: cannot {action}: {source}")]
    Mdbx {
        /// The data directory.
        path: PathBuf,
        /// What was tried, as a verb phrase.
        action: &'static str,
        /// What MDBX said.
        source: ReadError,
    },
    /// Something stored does not decode: the database is damaged.
    #[error("{path}: {what} is damaged: {why}")]
    Damaged {
        /// The data directory.
        path: PathBuf,
        /// What was read.
        what: String,
        /// How it is damaged.
        why: String,
    },
    /// The state names code that is not stored.
    #[error("{path}: the code with hash {hash} is missing")]
    MissingCode {
        /// The data directory.
        path: PathBuf,
        /// The hash of the code.
        hash: B256,
    },
}

impl DBErrorMarker for StorageError {}

/// Names what was tried, and where, in an MDBX error.
pub(super) trait During<T> {
    fn during(self, action: &'static str, path: &Path) -> Result<T, StorageError>;
}

impl<T, E: IntoReadError> During<T> for Result<T, E> {
    fn during(self, action: &'static str, path: &Path) -> Result<T, StorageError> {
        self.map_err(|error| StorageError::Mdbx {
            path: path.to_owned(),
            action,
            source: error.into_read_error(),
        })
    }
}

pub(super) trait IntoReadError {
    fn into_read_error(self) -> ReadError;
}

impl IntoReadError for MdbxError {
    fn into_read_error(self) -> ReadError {
        self.into()
    }
}

impl IntoReadError for ReadError {
    fn into_read_error(self) -> ReadError {
        self
    }
}
