//! Folded stacks, of this project and of other tools.

use std::path::Path;

use flame_cli::{Kind, Unit, from_bytes};
use tracing_flame_layer::{
    Profile,
    profile::{Frame, States},
    render::Format,
};

use super::support::{Desk, written};
use flame_oracle::formats::sample;

fn read(text: impl AsRef<[u8]>) -> Result<Profile, String> {
    let given = from_bytes(text.as_ref(), Kind::Folded, Unit::NANOSECOND, Path::new("a.folded"));
    given.map(|given| given.profile).map_err(|error| error.to_string())
}

/// The name in each node and its weight, in the order of the file.
fn nodes(profile: &Profile) -> Vec<(&str, u64, u64)> {
    let names = profile.nodes().frames().map(|frame| match frame {
        Frame::Span(callsite) | Frame::Fields(callsite, _) => &*callsite.name,
        _ => "(truncated)",
    });
    let measures = profile.nodes().iter().map(|node| node.measures);
    names.zip(measures).map(|(name, of)| (name, of.wall_nanos, of.await_nanos)).collect()
}

#[test]
fn stacks_of_this_project_are_written_again_as_they_were() {
    for profile in [sample::import(), sample::busy(), sample::nasty()] {
        let folded = written(&profile, Format::Folded);
        let again = written(&read(&folded).unwrap(), Format::Folded);
        assert_eq!(String::from_utf8(again), String::from_utf8(folded));
    }
}

#[test]
fn names_come_back_as_they_were_before_they_were_labels() {
    let folded = written(&sample::nasty(), Format::Folded);
    let profile = read(folded).unwrap();
    let names: Vec<&str> = nodes(&profile).into_iter().map(|(name, ..)| name).collect();
    for name in sample::NASTY {
        assert!(names.contains(&name), "{name:?}");
    }
    assert_eq!(names.iter().filter(|name| **name == "(truncated)").count(), 1);
    let root = &profile.nodes().get(0).unwrap().measures;
    assert_eq!((root.wall_nanos, root.await_nanos), (1_000_000, 5_000_000));
}

#[test]
fn files_of_other_tools_are_read_as_they_are() {
    let text = "# a comment\r\n\nmain;[unknown];read_[k] 3\nmain;Foo::bar(int, char) 4\r\n\
                main;std::vec<int; 8> 1\nmain 2";
    let profile = read(text).unwrap();
    let expected = [
        ("main", 2, 0),
        ("[unknown]", 0, 0),
        ("read_[k]", 3, 0),
        ("Foo::bar(int, char)", 4, 0),
        ("std::vec<int", 0, 0),
        ("8>", 1, 0),
    ];
    assert_eq!(nodes(&profile), expected);
}

#[test]
fn lines_of_one_stack_add_up_and_weights_may_be_none() {
    let profile = read("a;b 1\na;b 2\na;b;c 0\n").unwrap();
    assert_eq!(nodes(&profile), [("a", 0, 0), ("b", 3, 0), ("c", 0, 0)]);
    let full = read(format!("a {0}\na {0}\n", u64::MAX)).unwrap();
    assert_eq!(nodes(&full), [("a", u64::MAX, 0)]);
}

#[test]
fn pending_time_is_that_of_the_frame_below_it() {
    let profile = read("a;[await] 5\n[await] 1\na;[await];b 2\n").unwrap();
    assert_eq!(nodes(&profile), [("a", 0, 5), ("[await]", 1, 0), ("[await]", 0, 0), ("b", 2, 0)]);
}

#[test]
fn what_threads_waited_is_that_of_the_frame_below_it() {
    let text = "a;b 1\na;b;[runnable] 2\na;b;[blocked] 3\na;b;[off-cpu] 4\na;b;[unknown] 5\n\
                a;b;[fault] 7\na;b;[disk] 8\na;b;[lock] 9\na;b;[net] 10\na;b;[timer] 11\n\
                [blocked] 6\na;[blocked];c 7\n";
    let profile = read(text).unwrap();
    let expected =
        [("a", 0, 0), ("b", 60, 0), ("[blocked]", 6, 0), ("[blocked]", 0, 0), ("c", 7, 0)];
    assert_eq!(nodes(&profile), expected);
    let states = made!(States {
        runnable_nanos: 2,
        blocked_nanos: 48,
        fault_nanos: 7,
        disk_nanos: 8,
        lock_nanos: 9,
        net_nanos: 10,
        timer_nanos: 11,
        off_cpu_nanos: 4,
        unknown_nanos: 5,
        ..States::default()
    });
    assert_eq!(profile.nodes().get(1).unwrap().measures.wall_states, states);
}

/// perf calls a function so whose name it does not know.
#[test]
fn unknown_is_a_frame_where_a_text_has_no_other_state() {
    let profile = read("main;f 1\nmain;[unknown] 2\n").unwrap();
    assert_eq!(nodes(&profile), [("main", 0, 0), ("f", 1, 0), ("[unknown]", 2, 0)]);
    assert!(!profile.has_states());
    let profile = read("main;[unknown];f 1\nmain;[unknown] 2\nmain;[await] 3\n").unwrap();
    assert_eq!(nodes(&profile), [("main", 0, 3), ("[unknown]", 2, 0), ("f", 1, 0)]);
}

#[test]
fn a_line_that_makes_no_sense_is_refused_with_its_number_and_reason() {
    let cases = [
        (
            "a 1\nb\n",
            "line 2: `b` has no stack before a weight; a line is `frame;frame;frame weight`",
        ),
        ("a;b x\n", "line 1: the weight `x` is not a number from zero up"),
        ("a -1\n", "line 1: the weight `-1` is not a number from zero up"),
        ("a 1.5\n", "line 1: `a 1.5` has a part of a nanosecond"),
        ("a 18446744073709551616\n", "below 2^64"),
        ("\n\n 42\n", "line 3: `42` has no stack"),
    ];
    for (text, reason) in cases {
        let desk = Desk::new();
        let ran = desk.put("a.folded", text).run("top a.folded --strict");
        assert_eq!(ran.code, 2, "{text}");
        assert!(
            ran.err.starts_with("error: cannot read `a.folded`: line ") && ran.err.contains(reason),
            "{}",
            ran.err
        );
    }
}

#[test]
fn what_can_be_read_is_read_and_what_cannot_is_counted_and_named() {
    let desk = Desk::new();
    desk.put("a.folded", b"a 1\nb\nmain;\xff\xfe 2\nlost some events\nc -1\n");
    let ran = desk.run("convert a.folded -o b.folded");
    assert_eq!((ran.code, desk.text("b.folded").as_str()), (0, "a 1\nmain;\u{fffd}\u{fffd} 2\n"));
    let lines = "3 lines are no stacks and were left out; the first: line 2: `b` has no stack";
    assert!(ran.err.contains(lines), "{}", ran.err);
    assert!(ran.err.contains("1 line has bytes that are no text"), "{}", ran.err);
    assert!(ran.err.contains("line 3: `main;\u{fffd}\u{fffd} 2`"), "{}", ran.err);
    let ran = desk.put("bad.folded", "no stack at all\n").run("top bad.folded");
    assert!(ran.code == 2 && ran.err.contains("line 1: the weight `all`"), "{}", ran.err);
}

#[test]
fn fractional_weights_are_exact_where_the_unit_makes_them_whole_and_else_told() {
    let desk = Desk::new();
    desk.put("a.folded", "a 1.5\na;b 0.25\n");
    let ran = desk.run("convert a.folded -o b.folded --folded-unit 1us --strict");
    assert_eq!((ran.code, desk.text("b.folded").as_str()), (0, "a 1500\na;b 250\n"));
    assert!(!ran.err.contains("rounded"), "{}", ran.err);
    let ran = desk.run("convert a.folded -o b.folded");
    assert_eq!((ran.code, desk.text("b.folded").as_str()), (0, "a 2\n"));
    let told = "2 weights were rounded to whole nanoseconds; the first: line 1: `a 1.5`";
    assert!(ran.err.contains(told), "{}", ran.err);
    assert_eq!(desk.run("top a.folded --strict").code, 2);
}

#[test]
fn what_powershell_writes_is_read() {
    let desk = Desk::new();
    let utf16 = |text: &str| {
        [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect::<Vec<u8>>()
    };
    desk.put("a.folded", utf16("größe;a 1\r\ngröße;b 2\r\n"));
    desk.put(
        "a.json",
        utf16(&String::from_utf8(written(&sample::import(), Format::Json)).unwrap()),
    );
    assert_eq!(desk.run("convert a.folded -o b.folded --strict").code, 0);
    assert_eq!(desk.text("b.folded"), "größe;a 1\ngröße;b 2\n");
    assert_eq!(desk.run("top a.json").code, 0);
}

/// A fault: marks, dashes and blanks of others came out escaped.
#[test]
fn labels_of_other_tools_go_out_as_they_came_in() {
    let text = "a;; 2\ndd;write;vfs_write_[k] 3\njava;-;--;run_[j] 2\n# x;y 1\nmain;[await];b 7\n\
                main;tx 42;[await] 5\nmain;tx 42;read 4 1\n";
    let desk = Desk::new();
    let lines = |text: &str| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    desk.put("a.folded", text.replace("# x;y 1\n", ""));
    assert_eq!(desk.run("convert a.folded -o b.folded --strict").code, 0);
    assert_eq!(lines(&desk.text("b.folded")), lines(&desk.text("a.folded")));
    // By way of the format that knows everything, too.
    assert_eq!(desk.run("convert a.folded -o c.json").code, 0);
    assert_eq!(desk.run("convert c.json -o d.folded").code, 0);
    assert_eq!(desk.text("d.folded"), desk.text("b.folded"));

    desk.put("blanks.folded", "ThreadId(1)-main; outer; inner 900\n");
    assert_eq!(desk.run("convert blanks.folded -o e.folded").code, 0);
    assert_eq!(desk.text("e.folded"), "ThreadId(1)-main;outer;inner 900\n");
    for output in ["f.svg", "f.txt", "f.speedscope.json"] {
        assert_eq!(desk.run(&format!("convert a.folded -o {output}")).code, 0);
        let text = desk.text(output);
        assert!(text.contains("vfs_write_[k]") && !text.contains("\\u{"), "{output}: {text}");
    }
}

/// A fault: the first weight became part of a name.
#[test]
fn two_weights_a_line_are_a_difference_and_no_run() {
    let desk = Desk::new();
    desk.put("two.folded", "main;a 100 200\nmain;b 100 200\n");
    for line in ["top two.folded", "convert two.folded -o x.folded", "diff two.folded two.folded"] {
        let ran = desk.run(line);
        assert_eq!(ran.code, 2, "{line}");
        assert!(ran.err.contains("two weights a line, and so is a difference"), "{}", ran.err);
    }
    let ran = desk.run("diff two.folded -o two.svg");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("+100 ns    +100%    50.0%     100 ns     200 ns  main;a"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("before  two.folded, its first weights"), "{}", ran.out);
    assert_eq!(desk.run("diff two.folded --fail-above 5%").code, 1);
    desk.put("one.folded", "main;a 100\n");
    let ran = desk.run("diff one.folded");
    assert!(ran.code == 2 && ran.err.contains("it is one run; give a second"), "{}", ran.err);
    // A name that ends in a number stays what it is.
    desk.put("name.folded", "main;tx 42 200\nmain;b 100\n");
    assert_eq!(desk.run("convert name.folded -o x.folded").code, 0);
    assert_eq!(desk.text("x.folded"), "main;b 100\nmain;tx 42 200\n");
}

#[test]
fn a_file_without_stacks_is_refused() {
    let desk = Desk::new();
    for text in ["", "\n\n", "# a comment\n"] {
        let ran = desk.put("empty.folded", text).run("top empty.folded");
        assert_eq!(ran.code, 2, "{text:?}");
        assert!(ran.err.contains("there is no stack in it"), "{}", ran.err);
        assert!(!ran.out.contains("1970"), "{}", ran.out);
    }
}

#[test]
fn a_format_can_be_named_where_no_name_says_it() {
    let desk = Desk::new();
    desk.put_profile("a.json", &sample::import());
    desk.put("a.bin", desk.bytes("a.json")).put("b.bin", "{main}\u{3b} 1\n{\"x\"} 2\n");
    // By its beginning, whatever it is called.
    assert_eq!(desk.run("top a.bin").out, desk.run("top a.json").out);
    let ran = desk.run("convert a.bin --from folded -o x.folded");
    assert!(ran.code == 2, "{ran:?}");
    let ran = desk.run("convert a.json --to folded -o -");
    assert_eq!((ran.code, ran.out.as_bytes()), (0, &*written(&sample::import(), Format::Folded)));
    let ran = desk.run("convert a.json -o -");
    assert!(ran.code == 2 && ran.err.contains("or name one by `--to`"), "{}", ran.err);
    let ran = desk.run("convert a.json --to png -o -");
    assert!(ran.code == 2 && ran.err.contains("`png` is no format; known ones are"), "{}", ran.err);
}

#[test]
fn what_a_weight_stands_for_is_told_and_can_be_chosen() {
    let desk = Desk::new();
    desk.put("perf.txt", "main;read 3\n");
    let ran = desk.run("convert perf.txt -o a.folded");
    assert_eq!((ran.code, desk.text("a.folded").as_str()), (0, "main;read 3\n"));
    assert!(ran.err.contains("`perf.txt` does not say what its weights are"), "{}", ran.err);
    assert_eq!(desk.run("convert perf.txt -o a.folded --folded-unit 10ms").code, 0);
    assert_eq!(desk.text("a.folded"), "main;read 30000000\n");
    desk.put("full.txt", format!("main {}\n", u64::MAX));
    let ran = desk.run("top full.txt --folded-unit 1us");
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("line 1: the weight `18446744073709551615` of 1000ns each"),
        "{}",
        ran.err
    );
}
