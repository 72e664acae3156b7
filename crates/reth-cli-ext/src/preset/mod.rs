//! What a host program changes about the flags' defaults.

pub(crate) mod help;

/// A host's own defaults, shown in its `--help`.
///
/// Implement it for an empty type and flatten `FlameArgs<ThatType>`; what is
/// left out keeps the default given here.
///
/// A list or a filter typed on the command line replaces the host's; the word
/// `default` in it stands for the host's, so that `--flame-idle default,mine`
/// means the host's and one more.
///
/// ```
/// use clap::Parser;
/// use reth_cli_ext::{FlameArgs, Preset};
///
/// struct Node;
///
/// impl Preset for Node {
///     const FILTER: &'static str = "info,node::engine=debug";
///     const IDLE: &'static [&'static str] = &["storage_worker", "account_worker"];
///     const FIELDS: &'static [&'static str] = &["request{method,route}"];
///     const TITLE: &'static str = "node";
/// }
///
/// #[derive(Parser)]
/// struct Cli {
///     #[command(flatten)]
///     flame: FlameArgs<Node>,
/// }
/// ```
pub trait Preset: 'static {
    /// Which spans are recorded, in `EnvFilter` syntax. Defaults to `debug`.
    const FILTER: &'static str = "debug";
    /// Spans that mostly wait, as `name` or `target::name`. Defaults to none.
    const IDLE: &'static [&'static str] = &[];
    /// Spans that are never drawn, as `name` or `target::name`. Defaults to none.
    const SKIP: &'static [&'static str] = &[];
    /// Spans of which each instance is an operation, as `name` or
    /// `target::name`, beside every span without a parent. Defaults to none.
    const OPERATION: &'static [&'static str] = &[];
    /// Spans whose work is no part of what started them, as `name` or
    /// `target::name`. Defaults to none.
    const DETACHED: &'static [&'static str] = &[];
    /// Fields whose values become part of a frame's name, as `name{field}` or
    /// `target::name{field,field}`. Defaults to none.
    const FIELDS: &'static [&'static str] = &[];
    /// The picture's headline. Defaults to `Flamegraph`.
    const TITLE: &'static str = "Flamegraph";
}

/// The preset of a host that has none of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain;

impl Preset for Plain {}
