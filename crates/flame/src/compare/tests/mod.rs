//! What verdicts are worth, in simulation.
//!
//! The noise is that of real runs: `noise.tsv` has the times of frames of `block-import` in 60
//! runs on a machine that did other things too, recorded one after the other by
//!
//! ```text
//! for i in $(seq -w 60); do
//!     block-import --blocks 40 --txs 100 --flame --flame-duration 0 --flame-output noise/$i.json
//! done
//! NOISE=noise cargo test --release -p flame-cli -- --ignored --nocapture extract
//! ```

mod methods;
mod noise;
mod recorded;
mod simulated;
mod synthetic;
