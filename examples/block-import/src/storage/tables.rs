//! The handles of the tables.

use signet_libmdbx::{Database as Table, DatabaseFlags, Environment, MdbxResult};

/// One handle a table; valid as long as the environment is open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tables {
    pub(super) blocks: Table,
    pub(super) headers: Table,
    pub(super) receipts: Table,
    pub(super) accounts: Table,
    pub(super) storage: Table,
    pub(super) codes: Table,
    pub(super) meta: Table,
}

impl Tables {
    pub(super) const COUNT: usize = 7;

    /// Opens the tables, creating those that are missing.
    pub(super) fn create(environment: &Environment) -> MdbxResult<Self> {
        let transaction = environment.begin_rw_unsync()?;
        let table = |name| transaction.create_db(Some(name), DatabaseFlags::empty());
        let tables = Self {
            blocks: table("Blocks")?,
            headers: table("Headers")?,
            receipts: table("Receipts")?,
            accounts: table("Accounts")?,
            storage: table("Storage")?,
            codes: table("Codes")?,
            meta: table("Meta")?,
        };
        transaction.commit()?;
        Ok(tables)
    }
}
