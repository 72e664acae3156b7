//! A rectangle of the heatmap: what is drawn of it is what the JSON has of these classes.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use flame_cli::{Kind, Unit, from_bytes};
use tracing::{info_span, subscriber::with_default};
use tracing_flame_layer::{
    Clock, FlameLayer, Profile,
    profile::{Class, ClassRange, HeatCell},
    render::{Format, Options},
};
use tracing_subscriber::{layer::SubscriberExt, registry};

use super::{figures::compare_with_table, viewer::Viewer};

const MS: u64 = 1_000_000;

/// What JSON has of some minutes of requests, of which one in fifty waits for a lock, and of a few
/// of something else.
fn served() -> Profile {
    let now = Arc::new(AtomicU64::new(0));
    let reader = Arc::clone(&now);
    let names = ["serve", "tidy"];
    let clock = Clock::from_nanos(move || reader.load(Relaxed));
    let (layer, flame) = FlameLayer::builder().clock(clock).operations(names).classes(true).build();
    let work = |name: &str, nanos: u64| {
        let _step = (name == "lock").then(|| info_span!("lock").entered());
        now.fetch_add(nanos, Relaxed);
    };
    with_default(registry().with(layer), || {
        for number in 0..3_000_u64 {
            let _serve = info_span!("serve", number).entered();
            work("serve", 3 * MS + number * 7_919 % (4 * MS));
            if number % 50 == 7 {
                work("lock", 40 * MS + number * 104_729 % (60 * MS));
            }
            drop(_serve);
            now.fetch_add(20 * MS, Relaxed);
            if number % 600 == 0 {
                info_span!("tidy").in_scope(|| work("tidy", 900 * MS));
            }
        }
    });
    let mut json = Vec::new();
    flame.snapshot().write(Format::Json, &mut json, &Options::default()).expect("memory for it");
    let read = from_bytes(&json, Kind::Json, Unit::NANOSECOND, "served.json".as_ref());
    read.expect("a profile").profile
}

/// How many operations of a root's name ended between two times and took from one power of two
/// up to another.
fn within(
    profile: &Profile,
    (from, below): (u64, u64),
    powers: std::ops::RangeInclusive<u8>,
) -> u64 {
    let is_in = |cell: &&HeatCell| {
        let name =
            profile.node(cell.root).frame.callsite().map(|callsite| callsite.name.to_string());
        name.as_deref() == Some("serve") && powers.contains(&Class::power_of(cell.most_nanos))
    };
    let columns = profile.heatmap().iter();
    let columns = columns.filter(|column| from <= column.from_nanos && column.below_nanos <= below);
    columns.flat_map(|column| &column.cells).filter(is_in).map(|cell| cell.operations).sum()
}

fn counted(count: u64) -> String {
    let digits = count.to_string();
    match digits.len() {
        0..=3 => digits,
        length => format!("{},{}", &digits[..length - 3], &digits[length - 3..]),
    }
}

#[test]
fn a_rectangle_draws_what_the_json_has_of_its_classes() {
    let profile = served();
    let options = Options::default();
    let test = "a_rectangle_draws_what_the_json_has_of_its_classes";
    let Some(mut viewer) = Viewer::open(&profile, &options, test) else { return };
    assert_eq!(viewer.strings("[...at('heat-name').options].map(o => o.value)"), ["serve", "tidy"]);
    assert!(!viewer.look("at('heat').hidden").as_bool().unwrap());
    viewer.screenshot("all");
    // From 40 ms to 90 ms, in the middle half of the time.
    let place = |part: f64, nanos: u64| {
        format!("[heat.across(heat.nanos * {part}), heat.down(levelOf({nanos}))]")
    };
    let corner = |viewer: &mut Viewer, place: String| -> (f64, f64) {
        viewer.act("at('heat').scrollIntoView()");
        let at = viewer.look(&format!(
            "((heat, box) => (([x, y]) => [box.x + x, box.y + y])({place}))\
             (viewer.latency.heatmap, viewer.latency.heatmap.canvas.getBoundingClientRect())"
        ));
        serde_json::from_value(at).expect("a place")
    };
    let from = corner(&mut viewer, place(0.25, 40 * MS));
    let to = corner(&mut viewer, place(0.75, 90 * MS));
    viewer.0.drag(from, to);
    viewer.until("!at('band').hidden");

    // The edges are powers of two: 33.6 ms and 134 ms.
    let range: ClassRange = "serve:33554432ns..134217728ns".parse().expect("a range");
    let split = profile.split(&range).expect("some operations");
    let (picked, all) = (split.selected[0].operations, split.selected[0].of);
    assert_eq!((picked, all), (60, 3_000));
    assert_eq!(viewer.text("at('band-facts').textContent"), "60 of 3,000");
    assert_eq!(viewer.look("at('against').checked"), true);
    assert_eq!(viewer.look("viewer.difference !== null"), true);
    let said = viewer.text("at('heat-about').textContent");
    let drawn = viewer.look("[viewer.latency.drawn.from, viewer.latency.drawn.below]");
    let (begin, end): (u64, u64) = serde_json::from_value(drawn).expect("a stretch");
    let inside = within(&profile, (begin, end), 25..=26);
    assert!(0 < inside && inside < picked, "{inside} of {picked}");
    let expected = format!("60 of 3,000. {} of them ended from", counted(inside));
    assert!(said.contains(&expected), "{said}");
    viewer.screenshot("chosen");
    // Every figure, of those alone.
    viewer.act("at('band').scrollIntoView({ block: 'center' })");
    viewer.0.click("#against");
    viewer.until("viewer.difference === null");
    compare_with_table(&mut viewer, &split.picked, &options);
    viewer.act("at('band').scrollIntoView({ block: 'center' })");
    viewer.0.click("#all-operations");
    viewer.until("at('band').hidden");
    compare_with_table(&mut viewer, &profile, &options);
    viewer.close();
}
