//! Operations by classes of latency: what is kept of them, and what is drawn.

use tracing::{debug_span, info_span, subscriber::with_default};
use tracing_flame_layer::{
    Builder, FlameLayer, Profile,
    profile::{Class, SelectedClasses},
    render::Options,
};
use tracing_subscriber::{layer::SubscriberExt, registry};

use super::{Now, block, recorded};

/// 98 blocks of 100 ns and two of 1,000 ns, of which 900 are a step's of their own.
fn blocks(now: &Now) {
    for number in 0..100 {
        let is_slow = number % 50 == 10;
        let _block = info_span!("block", number).entered();
        now.pass(100);
        if is_slow {
            debug_span!("lock").in_scope(|| now.pass(900));
        }
    }
}

fn classes(builder: Builder) -> Builder {
    builder.classes(true)
}

fn folded(profile: &Profile, range: &str) -> String {
    let classes = Some(range.parse().expect("a range"));
    let mut folded = Vec::new();
    let options = Options::default().classes(classes);
    profile.write_folded(&mut folded, &options).expect("it fits into memory");
    String::from_utf8(folded).expect("text")
}

fn table(profile: &Profile, range: &str) -> String {
    let classes = Some(range.parse().expect("a range"));
    let mut table = Vec::new();
    let options = Options::default().classes(classes);
    profile.write_table(&mut table, &options).expect("it fits into memory");
    String::from_utf8(table).expect("text")
}

/// The edges of the classes and their operations.
fn counts(profile: &Profile) -> Vec<(u64, Option<u64>, u64)> {
    let each = |class: &Class| (class.from_nanos(), class.below_nanos(), class.operations);
    profile.classes().iter().map(each).collect()
}

#[test]
fn what_the_slow_two_in_a_hundred_have_in_common_is_drawn_by_itself() {
    let profile = recorded(classes, blocks).snapshot();
    assert_eq!(counts(&profile), [(64, Some(128), 98), (512, Some(1_024), 2)]);
    assert_eq!(folded(&profile, "p98.."), "block 200\nblock;lock 1800\n");
    assert_eq!(folded(&profile, "..p98"), "block 9800\n");
    assert_eq!(folded(&profile, "block:..1h"), "block 10000\nblock;lock 1800\n");
    assert_eq!(folded(&profile, "other:p98.."), "");
}

#[test]
fn the_headline_says_which_operations_are_shown() {
    let profile = recorded(classes, blocks).snapshot();
    let text = table(&profile, "p97..");
    assert!(text.starts_with("Flamegraph: block from 512 ns on, 2 of 100\n"), "{text}");
    let text = table(&profile, "1h..");
    assert!(text.starts_with("Flamegraph: no operation of 1h..\n"), "{text}");
    assert!(text.contains("no operation that took about so long has ended"), "{text}");
}

#[test]
fn an_operation_counts_in_the_window_in_which_it_ends_with_all_it_did() {
    let now = Now::default();
    let builder = FlameLayer::builder().clock(now.clock()).operations(["block"]);
    let (layer, flame) = builder.classes(true).build();
    let mut marks = vec![flame.mark()];
    with_default(registry().with(layer), || {
        let block = info_span!("block").entered();
        now.pass(300);
        marks.push(flame.mark());
        now.pass(40);
        drop(block);
        marks.extend([flame.mark(), flame.mark()]);
    });
    let windows: Vec<Profile> =
        marks.windows(2).map(|pair| flame.between(&pair[0], &pair[1]).unwrap()).collect();
    assert_eq!(counts(&windows[0]), []);
    assert_eq!(counts(&windows[1]), [(256, Some(512), 1)]);
    assert_eq!(folded(&windows[1], ".."), "block 340\n");
    assert_eq!(counts(&windows[2]), []);
    let split = windows[1].split(&"p50".parse().expect("a range")).expect("one class");
    let [SelectedClasses { operations, of, .. }] = &split.selected[..] else { panic!("{split:?}") };
    assert_eq!((*operations, *of), (1, 1));
}

#[test]
fn an_operation_with_more_stacks_than_there_is_room_for_is_left_out_and_counted() {
    let many = |builder: Builder| {
        let values = "step{number}".parse().expect("a span and a field");
        builder.classes(true).fields([values]).max_field_values(100_000)
    };
    let flame = recorded(many, |now| {
        block(now, 1, 1, 10);
        let _block = info_span!("block").entered();
        (0..70_000_u64).for_each(|number| drop(debug_span!("step", number).entered()));
    });
    let profile = flame.snapshot();
    let operations: u64 = profile.classes().iter().map(|class| class.operations).sum();
    assert_eq!((operations, profile.unclassified_operations()), (1, 1));
}
