//! Every field of a header, and where it is checked.
//!
//! | field | checked against | in |
//! |---|---|---|
//! | parent hash, number, timestamp, gas limit, extra data | the parent and the rules | `header` |
//! | difficulty, nonce, base fee, excess blob gas | computed from the parent | `header` |
//! | transactions root, ommers hash, withdrawals root, blob gas used | computed from the body | `body` |
//! | gas used, receipts root, logs bloom, requests hash, state root | computed by running it | `outcome` |
//! | beneficiary, mix hash, parent beacon block root | free, but the state root and the hash depend on them | |
//!
//! Two things are taken on trust: the proof-of-work seal (mix hash and nonce
//! before the merge need Ethash's gigabytes), and what the consensus layer
//! decides after it. Any change to them still changes the block's hash, which the
//! next block, or `--expect-head`, must name.

mod body;
mod header;
mod ommers;
mod outcome;

pub use body::verify_body;
pub(crate) use body::{blob_gas_used, transactions_root, withdrawals_root};
pub use header::verify_header;
pub(crate) use header::{next_base_fee, next_excess_blob_gas};
pub use ommers::verify_ommers;
pub(crate) use outcome::receipts_root;
pub use outcome::{verify_outcome, verify_state_root};
