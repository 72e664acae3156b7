//! What `--help` says.

use super::*;

#[test]
fn help_shows_the_flags_under_their_heading_with_the_hosts_defaults() {
    for help in [
        Root::<Host>::command().render_help().to_string(),
        Root::<Host>::command().render_long_help().to_string(),
    ] {
        let (_, ours) = help.split_once("Flamegraph:").expect("a heading");
        for default in [
            "[default: info,engine=debug]",
            "[default: storage_worker,trie::account_worker]",
            "[default: wrapper]",
            "[default: request]",
            "[default: audit]",
            "[default: 60]",
            "[default: 0]",
            "[default: wall]",
            "[default: name]",
        ] {
            assert!(ours.contains(default), "{default} is missing in\n{help}");
        }
    }
}

#[test]
fn no_help_has_in_it_what_clap_takes_for_a_new_line() {
    for flag in Typed::augment_args(Command::new("x")).get_arguments() {
        let help = flag.get_long_help().or(flag.get_help()).expect("a help");
        assert!(!help.to_string().contains("{n}"), "{}: {help}", flag.get_id());
    }
}

#[test]
fn a_hosts_own_flags_keep_out_of_the_heading() {
    #[derive(Parser)]
    struct Around {
        /// One before
        #[arg(long)]
        _before: bool,
        #[command(flatten)]
        _flame: FlameArgs,
        /// One after
        #[arg(long)]
        _after: bool,
    }
    let help = Around::command().render_help().to_string();
    let (theirs, ours) = help.split_once("Flamegraph:").expect("a heading");
    assert!(theirs.contains("One before") && theirs.contains("One after"), "{help}");
    let flags: Vec<_> = Typed::augment_args(Command::new("x")).get_arguments().cloned().collect();
    assert!(flags.iter().all(|flag| flag.get_help_heading() == Some("Flamegraph")));
    assert!(!ours.contains("One "), "{help}");
    assert_eq!(Around::command().get_about(), None);
}
