//! Imports an Ethereum chain.
fn main() {}
