use clap::{CommandFactory, Parser, error::ErrorKind};

use super::Cli;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split_whitespace())?.checked()
}

fn parsed(line: &str) -> Cli {
    parse(line).unwrap_or_else(|err| panic!("{line}: {err}"))
}

#[test]
fn the_command_line_holds_together() {
    Cli::command().debug_assert();
}

#[test]
fn subcommands_take_the_flame_flags_on_either_side() {
    for line in [
        "reth --flame node --dev",
        "reth node --dev --flame",
        "reth import chain.rlp --flame",
        "reth stage run execution --from 0 --to 1 --flame",
        "reth re-execute --flame",
    ] {
        assert!(parsed(line).flame.is_on(), "{line}");
    }
}

#[test]
fn hot_paths_have_spans_with_flame_unless_told_otherwise() {
    assert!(parsed("reth node --flame").opens_hot_paths());
    assert!(parsed("reth node --flame --flame-hot-paths=true").opens_hot_paths());
    assert!(!parsed("reth node --flame --flame-hot-paths=false").opens_hot_paths());
    assert!(!parsed("reth node").opens_hot_paths());
}

#[test]
fn hot_paths_without_flame_are_refused() {
    let refused = parse("reth node --flame-hot-paths=false").expect_err("no --flame");
    assert_eq!(refused.kind(), ErrorKind::MissingRequiredArgument);
}

#[test]
fn the_parallel_state_root_needs_no_flame() {
    assert!(parsed("reth node --parallel-state-root").parallel_state_root);
    assert!(!parsed("reth node").parallel_state_root);
}

#[test]
fn help_shows_the_defaults_that_suit_reth() {
    let help = parse("reth node --help").expect_err("help").to_string();
    for default in [
        "[default: debug,reth_flame=trace]",
        "[default: storage_worker,account_worker]",
        "[default: sparse_trie_task]",
        "[default: on_new_payload,reth_flame::execute_block]",
        "[default: preserve]",
    ] {
        assert!(help.contains(default), "{default} is missing in\n{help}");
    }
}
