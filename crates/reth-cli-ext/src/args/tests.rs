//! What can be typed, where it can stand, and what it comes to.

use std::{num::NonZeroUsize, path::PathBuf, time::Duration};

use clap::{CommandFactory, Parser, Subcommand, error::ErrorKind};
use tracing::Level;
use tracing_flame_layer::render::{Names, Weight};

mod help;

use super::*;
use crate::{plan::Every, typed::States, window::Window};

/// Flags at the root, subcommands two deep below.
#[derive(Parser)]
struct Root<P: Preset = Plain> {
    #[command(flatten)]
    flame: FlameArgs<P>,
    #[command(subcommand)]
    command: Option<Outer>,
}

#[derive(Subcommand)]
enum Outer {
    Node {
        #[command(subcommand)]
        command: Option<Inner>,
    },
}

#[derive(Subcommand)]
enum Inner {
    Run,
}

/// Flags at a subcommand only.
#[derive(Parser)]
struct Below {
    #[command(subcommand)]
    command: BelowCommand,
}

#[derive(Subcommand)]
enum BelowCommand {
    Node {
        #[command(flatten)]
        flame: FlameArgs,
        #[command(subcommand)]
        command: Option<Inner>,
    },
}

/// A host that may or may not have flags in a place.
#[derive(Parser)]
struct Optional {
    #[command(flatten)]
    flame: Option<FlameArgs>,
}

struct Host;

impl Preset for Host {
    const FILTER: &'static str = "info,engine=debug";
    const IDLE: &'static [&'static str] = &["storage_worker", "trie::account_worker"];
    const SKIP: &'static [&'static str] = &["wrapper"];
    const OPERATION: &'static [&'static str] = &["request"];
    const DETACHED: &'static [&'static str] = &["audit"];
    const FIELDS: &'static [&'static str] = &["request{method,route}"];
    const TITLE: &'static str = "the host";
}

fn parse<P: Preset>(line: &str) -> FlameArgs<P> {
    Root::<P>::try_parse_from(line.split(' ')).unwrap_or_else(|e| panic!("{line}: {e}")).flame
}

fn plan<P: Preset>(line: &str) -> Plan {
    Plan::new::<P>(&parse::<P>(line).typed).unwrap_or_else(|e| panic!("{line}: {e}"))
}

fn plain(line: &str) -> Plan {
    plan::<Plain>(line)
}

/// What clap says to a line that it refuses.
fn refusal(line: &str) -> clap::Error {
    match Root::<Plain>::try_parse_from(line.split(' ')) {
        Ok(_) => panic!("{line} was accepted"),
        Err(e) => e,
    }
}

fn outputs(plan: &Plan) -> Vec<PathBuf> {
    let here = std::env::current_dir().expect("a current directory");
    let relative = |path: &std::path::Path| path.strip_prefix(&here).unwrap_or(path).to_owned();
    plan.targets.iter().map(|target| relative(target.path())).collect()
}

fn names<T: ToString>(spans: &[T]) -> Vec<String> {
    spans.iter().map(ToString::to_string).collect()
}

#[test]
fn the_commands_are_sound_at_the_root_and_below() {
    Root::<Plain>::command().debug_assert();
    Root::<Host>::command().debug_assert();
    Below::command().debug_assert();
    Optional::command().debug_assert();
}

#[test]
fn parsing_nothing_equals_the_default() {
    let (parsed, default) = (parse::<Plain>("x"), FlameArgs::<Plain>::default());
    assert_eq!(format!("{parsed:?}"), format!("{default:?}"));
    assert!(!parsed.is_on());
    assert!(parsed.session().is_ok());
}

#[test]
fn parsing_flame_alone_gives_every_default() {
    let plan = plain("x --flame");
    assert_eq!(outputs(&plan), [crate::output::Output::default().typed]);
    assert_eq!(
        plan.window,
        Window { delay: Duration::ZERO, length: Some(Duration::from_secs(60)) }
    );
    assert_eq!(plan.filter.to_string(), "debug");
    let run = plan.options.run.clone();
    assert!(run.contains(&("spans of".to_owned(), "debug".to_owned())), "{run:?}");
    let mut options = tracing_flame_layer::render::Options::default();
    options.run = run;
    assert_eq!(plan.options, options);
    assert!(plan.idle.is_empty() && plan.skip.is_empty() && plan.operations.is_empty());
}

#[test]
fn every_order_of_flags_and_subcommands_means_the_same() {
    for line in [
        "x --flame --flame-output a.folded node run",
        "x --flame node --flame-output a.folded run",
        "x --flame node run --flame-output a.folded",
        "x --flame-output a.folded --flame node run",
        "x --flame-output a.folded node --flame run",
        "x --flame-output a.folded node run --flame",
        "x node --flame --flame-output a.folded run",
        "x node --flame-output a.folded run --flame",
        "x node run --flame-output=a.folded --flame",
    ] {
        assert!(parse::<Plain>(line).is_on(), "{line}");
        assert_eq!(outputs(&plain(line)), [PathBuf::from("a.folded")], "{line}");
    }
}

#[test]
fn flags_flattened_below_a_subcommand_reach_further_down() {
    for line in
        ["x node --flame --flame-names target run", "x node run --flame --flame-names target"]
    {
        let cli = Below::try_parse_from(line.split(' ')).expect(line);
        let BelowCommand::Node { flame, command: _ } = cli.command;
        let plan = Plan::new::<Plain>(&flame.typed).expect(line);
        assert_eq!(plan.options.names, Names::Target, "{line}");
    }
    assert!(Below::try_parse_from(["x", "--flame", "node"]).is_err());
}

#[test]
fn an_optional_host_flattens_too() {
    assert!(Optional::try_parse_from(["x"]).expect("no flags").flame.is_none());
    let flame = Optional::try_parse_from(["x", "--flame"]).expect("a flag").flame;
    assert!(flame.is_some_and(|flame| flame.is_on()));
}

#[test]
fn outputs_given_on_both_sides_of_a_subcommand_add_up() {
    let plan = plain(
        "x --flame --flame-output a.folded --flame-output b.txt node --flame-output c.txt \
         run --flame-output d.folded",
    );
    assert_eq!(outputs(&plan), ["a.folded", "b.txt", "c.txt", "d.folded"].map(PathBuf::from));
}

#[test]
fn lists_of_spans_repeat_split_at_commas_and_add_up() {
    let plan = plain(
        "x --flame --flame-idle a,t::b --flame-idle c node --flame-idle d --flame-skip e \
         run --flame-operation f,g --flame-detached h,i",
    );
    assert_eq!(names(&plan.idle), ["a", "t::b", "c", "d"]);
    assert_eq!(names(&plan.skip), ["e"]);
    assert_eq!(names(&plan.operations), ["f", "g"]);
    assert_eq!(names(&plan.detached), ["h", "i"]);
}

#[test]
fn a_selector_keeps_the_commas_between_its_braces() {
    let plan = plain(
        "x --flame --flame-operation block{number=1,hash=0x2},tx{ids=\"1,2\"} --flame-idle w{n=1} \
         node --flame-operation d --flame-skip e{x},f",
    );
    assert_eq!(names(&plan.operations), ["block{number=1,hash=0x2}", "tx{ids=\"1,2\"}", "d"]);
    assert_eq!(names(&plan.idle), ["w{n=1}"]);
    assert_eq!(names(&plan.skip), ["e{x}", "f"]);
}

#[test]
fn fields_repeat_split_at_commas_and_add_up() {
    let plan = plain("x --flame --flame-fields a{x,y},t::b{z} node --flame-fields c{x}");
    assert_eq!(names(&plan.fields), ["a{x,y}", "t::b{z}", "c{x}"]);
    assert!(plain("x --flame").fields.is_empty());
}

#[test]
fn fields_replace_the_presets_and_default_before_them_stands_for_it() {
    let own = "request{method,route}";
    for (typed, fields) in [
        ("", &[own][..]),
        (" --flame-fields a{x}", &["a{x}"]),
        (" --flame-fields default", &[own]),
        (" --flame-fields default,a{x,y},b{z}", &[own, "a{x,y}", "b{z}"]),
        (" --flame-fields a{x} --flame-fields default", &["a{x}", own]),
    ] {
        assert_eq!(names(&plan::<Host>(&format!("x --flame{typed}")).fields), fields, "{typed}");
    }
    assert!(plain("x --flame --flame-fields default").fields.is_empty());
}

#[test]
fn waits_for_the_first_enter_are_measured_where_asked_for() {
    assert!(plain("x --flame node --flame-queued").queued);
    assert!(!plain("x --flame").queued);
    assert!(plain("x --flame node --flame-resources").resources);
    assert!(!plain("x --flame").resources);
    assert_eq!(plain("x --flame node --flame-states off").states, States::Off);
    assert_eq!(plain("x --flame --flame-states partial").states, States::Partial);
    assert_eq!(plain("x --flame").states, States::Auto);
}

#[test]
fn named_operations_get_ten_pictures_of_their_own_or_as_many_as_typed() {
    let slow = |line: &str| plain(line).slow.expect("pictures of single operations");
    let usual = slow("x --flame --flame-output a.b.folded --flame-operation block");
    assert_eq!((usual.slowest, usual.slower_than, usual.events), (10, None, None));
    assert!(usual.directory.ends_with("a.b.operations"), "{usual:?}");
    let typed = "x --flame --flame-operation block --flame-slowest 3 --flame-slower-than p99 \
                 --flame-events debug";
    let typed = slow(typed);
    assert_eq!((typed.slowest, typed.events), (3, Some(Level::DEBUG)));
    assert_eq!(typed.slower_than.map(|least| least.to_string()).as_deref(), Some("p99"));
    assert_eq!(plain("x --flame --flame-operation block --flame-slowest 0").slow, None);
    assert_eq!(plain("x --flame").slow, None);
}

#[test]
fn what_is_logged_is_asked_for_in_vain_where_no_operation_has_a_picture() {
    let line = "x --flame --flame-operation block --flame-slowest 0 --flame-events info";
    let error = parse::<Plain>(line).session().expect_err(line).to_string();
    assert!(error.contains("`--flame-events`") && error.contains("`--flame-slowest 0`"), "{error}");
    let slower = format!("{line} --flame-slower-than 1s");
    assert_eq!(plain(&slower).slow.and_then(|slow| slow.events), Some(Level::INFO));
}

#[test]
fn all_windows_and_runs_have_one_directory_for_their_operations() {
    let directory = |flags: &str| {
        let slow = plain(&format!("x --flame --flame-operation block {flags}")).slow;
        let directory = slow.expect("pictures of single operations").directory;
        directory.file_name().map(|name| name.to_string_lossy().into_owned())
    };
    let one = |name: &str| Some(format!("{name}.operations"));
    assert_eq!(directory("--flame-output a.folded --flame-every 1h"), one("a"));
    assert_eq!(directory("--flame-output {n}.folded --flame-every 1h"), one("spans"));
    assert_eq!(directory("--flame-output a-{time}.folded"), one("a"));
    assert_eq!(directory("--flame-output {Foo}.folded"), one("{Foo}"));
    let pid = std::process::id();
    assert_eq!(directory("--flame-output a-{pid}-{n}.folded"), one(&format!("a-{pid}")));
}

#[test]
fn of_a_flag_with_one_value_the_one_below_the_subcommand_counts() {
    let plan = plain("x --flame --flame-duration 5 node --flame-duration 7 run");
    assert_eq!(plan.window.length, Some(Duration::from_secs(7)));
}

#[test]
fn a_duration_is_seconds_or_has_units_and_zero_is_until_shutdown() {
    let length = |text: &str| plain(&format!("x --flame --flame-duration {text}")).window.length;
    assert_eq!(length("90"), Some(Duration::from_secs(90)));
    assert_eq!(length("90s"), Some(Duration::from_secs(90)));
    assert_eq!(length("5m"), Some(Duration::from_secs(300)));
    assert_eq!(length("0"), None);
    assert_eq!(length("0s"), None);
}

#[test]
fn a_delay_moves_the_window() {
    assert_eq!(plain("x --flame --flame-delay 10").window.delay, Duration::from_secs(10));
}

#[test]
fn checkpoints_come_each_minute_or_as_typed_and_zero_is_never() {
    let checkpoint = |flags: &str| plain(&format!("x --flame{flags}")).checkpoint;
    assert_eq!(checkpoint(""), Some(Duration::from_secs(60)));
    assert_eq!(checkpoint(" --flame-checkpoint 5m"), Some(Duration::from_secs(300)));
    assert_eq!(checkpoint(" --flame-checkpoint 0"), None);
}

#[test]
fn a_picture_for_each_window_runs_until_shutdown_unless_typed() {
    let every = |flags: &str| plain(&format!("x --flame{flags}"));
    assert_eq!(every("").every, None);
    assert_eq!(every(" --flame-every 0").every, None);
    let hourly = every(" --flame-every 1h");
    let period = Duration::from_secs(3600);
    assert_eq!(hourly.every, Some(Every { period, keep: NonZeroUsize::new(10) }));
    assert_eq!(hourly.window.length, None);
    let some = every(" --flame-every 1h --flame-keep 3 --flame-duration 2h");
    assert_eq!(some.every, Some(Every { period, keep: NonZeroUsize::new(3) }));
    assert_eq!(some.window.length, Some(2 * period));
    let all = every(" --flame-every 1h --flame-keep 0");
    assert_eq!(all.every, Some(Every { period, keep: None }));
}

#[test]
fn slow_operations_are_drawn_until_shutdown_unless_typed() {
    let length = |flags: &str| {
        plain(&format!("x --flame --flame-operation block --flame-slower-than {flags}"))
            .window
            .length
    };
    assert_eq!(length("500ms"), None);
    assert_eq!(length("p99"), None);
    assert_eq!(length("1s --flame-duration 5m"), Some(Duration::from_secs(300)));
}

#[test]
fn windows_that_cannot_be_are_refused() {
    for (line, why) in [
        ("x --flame --flame-every 999ms", "`--flame-every` takes at least a second"),
        ("x --flame --flame-keep 3", "`--flame-keep` needs `--flame-every`"),
        ("x --flame --flame-every 0 --flame-keep 3", "`--flame-keep` needs `--flame-every`"),
    ] {
        let error = parse::<Plain>(line).session().expect_err(line).to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn outputs_are_named_by_their_placeholders() {
    let pid = std::process::id();
    let one = plain("x --flame --flame-output a-{pid}-{n}.folded");
    assert_eq!(outputs(&one), [PathBuf::from(format!("a-{pid}-1.folded"))]);
    let patterns: Vec<_> =
        plain("x --flame --flame-every 1h --flame-output {n}.txt --flame-output a.json")
            .naming
            .patterns()
            .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
            .collect();
    assert_eq!(patterns, ["{n}.txt", "a-{time}.json"]);
}

#[test]
fn a_placeholder_that_does_not_exist_or_stands_in_a_directory_is_refused() {
    for (output, why) in [
        (
            "{date}.txt",
            "there is no placeholder `{date}`; those there are: `{time}`, `{pid}`, `{n}`",
        ),
        ("a{n}/b.txt", "`{n}` may stand in the file's own name, not in that of a directory"),
    ] {
        let line = format!("x --flame --flame-output {output}");
        let error = parse::<Plain>(&line).session().expect_err(output).to_string();
        assert_eq!(error, format!("cannot write `--flame-output {output}`: {why}"));
    }
}

#[test]
fn weight_names_and_await_reach_the_picture() {
    let options =
        plain("x --flame --flame-weight busy --flame-names source --flame-hide-await").options;
    assert_eq!(options.weight, Weight::Busy);
    assert_eq!(options.names, Names::Source);
    assert!(options.hide_await);
}

#[test]
fn threads_are_drawn_by_busy_time() {
    for line in ["x --flame --flame-threads", "x --flame --flame-threads --flame-weight busy"] {
        let options = plain(line).options;
        assert!(options.threads, "{line}");
        assert_eq!(options.weight, Weight::Busy, "{line}");
    }
    let wall = parse::<Plain>("x --flame --flame-threads --flame-weight wall");
    let error = wall.session().expect_err("a contradiction");
    assert!(error.to_string().contains("`--flame-weight wall`"), "{error}");
}

#[test]
fn a_hosts_preset_stands_where_nothing_is_typed() {
    let plan = plan::<Host>("x --flame");
    assert_eq!(plan.filter.to_string(), "info,engine=debug");
    assert_eq!(names(&plan.idle), ["storage_worker", "trie::account_worker"]);
    assert_eq!(names(&plan.skip), ["wrapper"]);
    assert_eq!(names(&plan.operations), ["request"]);
    assert_eq!(names(&plan.detached), ["audit"]);
    assert_eq!(plan.options.title, "the host");
}

#[test]
fn what_is_typed_replaces_the_preset_and_default_stands_for_it() {
    let replaced = plan::<Host>("x --flame --flame-filter warn --flame-idle mine");
    assert_eq!(replaced.filter.to_string(), "warn");
    assert_eq!(names(&replaced.idle), ["mine"]);
    let extended =
        plan::<Host>("x --flame --flame-filter default,foo=trace --flame-skip mine,default");
    assert_eq!(extended.filter.to_string(), "info,engine=debug,foo=trace");
    assert_eq!(names(&extended.skip), ["mine", "wrapper"]);
}

#[test]
fn the_defaults_that_help_shows_are_the_defaults() {
    let shown = plain(
        "x --flame --flame-duration 60 --flame-delay 0 --flame-checkpoint 60 --flame-every 0 --flame-filter debug \
         --flame-weight wall --flame-names name",
    );
    assert_eq!(format!("{shown:?}"), format!("{:?}", plain("x --flame")));
}

#[test]
fn what_is_stuck_is_looked_for_until_shutdown_unless_a_duration_is_typed() {
    let line = "x --flame --flame-operation block --flame-stuck 10s";
    let typed = plain(line);
    assert_eq!((typed.stuck, typed.window.length), (Some(Duration::from_secs(10)), None));
    let typed = plain(&format!("{line} --flame-duration 5"));
    assert_eq!(typed.window.length, Some(Duration::from_secs(5)));
    assert_eq!(plain("x --flame --flame-operation block --flame-stuck 0").stuck, None);
    let error = parse::<Plain>("x --flame --flame-stuck 1").session().expect_err("no operation");
    assert!(error.to_string().contains("`--flame-stuck` needs `--flame-operation`"), "{error}");
}

#[test]
fn classes_of_latency_are_kept_of_named_operations_and_shown_where_asked_for() {
    let class = |line: &str| plain(line).options.classes.map(|range| range.to_string());
    let line = "x --flame --flame-operation block";
    assert_eq!(
        class(&format!("{line} --flame-class block:64ms..")).as_deref(),
        Some("block:64ms..")
    );
    assert_eq!(class(line), None);
    for (flags, kept) in [
        ("", true),
        (" --flame-slowest 0", false),
        (" --flame-slowest 0 --flame-slower-than 1s", true),
        (" --flame-slowest 0 --flame-class p50", true),
    ] {
        assert_eq!(plain(&format!("{line}{flags}")).classes, kept, "{flags}");
    }
    assert!(!plain("x --flame").classes);
    let refused = |line: &str| parse::<Plain>(line).session().expect_err(line).to_string();
    let error = refused("x --flame --flame-class p98..");
    assert!(error.contains("`--flame-class` needs `--flame-operation`"), "{error}");
    let error = refused(&format!("{line} --flame-class p98.. --flame-threads"));
    assert!(error.contains("`--flame-threads`") && error.contains("`--flame-class`"), "{error}");
}

#[test]
fn every_detail_needs_flame_wherever_it_stands() {
    for detail in [
        "--flame-output a.folded",
        "--flame-duration 5",
        "--flame-delay 5",
        "--flame-checkpoint 5",
        "--flame-every 5",
        "--flame-keep 5",
        "--flame-filter info",
        "--flame-weight wall",
        "--flame-hide-await",
        "--flame-idle a",
        "--flame-skip a",
        "--flame-operation a",
        "--flame-detached a",
        "--flame-fields a{x}",
        "--flame-queued",
        "--flame-resources",
        "--flame-states off",
        "--flame-slowest 3",
        "--flame-slower-than 1s",
        "--flame-events info",
        "--flame-class p98..",
        "--flame-stuck 10s",
        "--flame-names name",
        "--flame-threads",
    ] {
        let flag = detail.split(' ').next().unwrap_or(detail);
        for line in [format!("x {detail} node"), format!("x node {detail}")] {
            let error = parse::<Plain>(&line).session().expect_err(&line);
            let expected = format!("`{flag}` needs `--flame`; add `--flame`, or leave it out");
            assert_eq!(error.to_string(), expected, "{line}");
        }
    }
}

#[test]
fn several_details_without_flame_are_named_together() {
    let error =
        parse::<Plain>("x --flame-threads node --flame-delay 5").session().expect_err("no flame");
    assert_eq!(
        error.to_string(),
        "`--flame-delay`, `--flame-threads` need `--flame`; add `--flame`, or leave them out"
    );
}

#[test]
fn a_value_that_cannot_be_is_refused_with_what_could() {
    for (line, valid) in [
        ("x --flame --flame-output a.png", ".folded, .txt"),
        ("x --flame --flame-output flamegraph", ".folded, .txt"),
        ("x --flame --flame-duration soon", "`90s` or `5m`"),
        ("x --flame --flame-duration=-5", "`90s` or `5m`"),
        ("x --flame --flame-delay 5parsecs", "`90s` or `5m`"),
        ("x --flame --flame-filter info,foo=loud", "`foo=loud` is no directive"),
        ("x --flame --flame-idle a,,b", "`target::name`"),
        ("x --flame --flame-operation a{x=1", "no `}` closes the `{`"),
        ("x --flame --flame-fields stage", "write `span{field}`"),
        ("x --flame --flame-class slow", "write `p98..`"),
        ("x --flame --flame-fields a{x=1}", "fields are named here without values"),
    ] {
        let error = refusal(line);
        assert_eq!(error.kind(), ErrorKind::ValueValidation, "{line}");
        assert_eq!(error.exit_code(), 2);
        let text = error.to_string();
        assert!(text.lines().next().is_some_and(|first| first.contains(valid)), "{text}");
    }
}

#[test]
fn a_choice_that_does_not_exist_is_refused_with_those_that_do() {
    for (line, choices) in [
        ("x --flame --flame-weight cpu", "[possible values: wall, busy]"),
        ("x --flame --flame-names short", "[possible values: name, target, source]"),
    ] {
        let text = refusal(line).to_string();
        assert!(text.contains(choices), "{text}");
    }
}

#[test]
fn a_preset_that_does_not_parse_is_an_error_and_no_panic() {
    struct Broken;
    impl Preset for Broken {
        const FILTER: &'static str = "info,x=loud";
    }
    let error = parse::<Broken>("x --flame").session().expect_err("a broken preset");
    assert!(error.to_string().contains("own preset for `--flame-filter`"), "{error}");
}

#[test]
fn a_command_line_that_is_not_parsed_yet_shows_its_flags() {
    let peek = |command: fn() -> clap::Command, line: &str| -> FlameArgs {
        FlameArgs::peek(command(), line.split_whitespace())
    };
    let root = Root::<Plain>::command as fn() -> clap::Command;
    for line in ["x --flame --flame-output a.folded", "x node run --flame --flame-output a.folded"]
    {
        let flags = peek(root, line);
        assert!(flags.is_on(), "{line}");
        assert_eq!(flags.typed.details(), ["--flame-output"], "{line}");
    }
    let below = Below::command as fn() -> clap::Command;
    assert!(peek(below, "x node --flame").is_on() && peek(below, "x node run --flame").is_on());
    assert!(!peek(below, "x node run").is_on());
    // What the parser will not take, it will say so itself.
    for line in ["x", "x --flame --what", "x --flame --help", "x --flame --flame-duration soon"] {
        assert!(!peek(root, line).is_on(), "{line}");
    }
}
