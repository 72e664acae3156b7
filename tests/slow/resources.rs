//! What named operations use, against what their thread counts itself.

use std::{hint::black_box, mem::MaybeUninit};

use tracing::{debug_span, info_span, subscriber::with_default};
use tracing_flame_layer::{
    Builder, Flame, FlameLayer,
    profile::{Histogram, Operation, Switches},
};
use tracing_subscriber::{layer::SubscriberExt, registry};

/// Minor faults of the calling thread, and blocks that it read and wrote.
fn counted() -> [u64; 3] {
    let mut usage = MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: it may be written, and is read where it was.
    let usage = unsafe {
        assert_eq!(libc::getrusage(libc::RUSAGE_THREAD, usage.as_mut_ptr()), 0);
        usage.assume_init()
    };
    [usage.ru_minflt, usage.ru_inblock, usage.ru_oublock].map(|count| count as u64)
}

fn since(earlier: [u64; 3]) -> [u64; 3] {
    let now = counted();
    std::array::from_fn(|kind| now[kind] - earlier[kind])
}

/// Touches so many pages that nobody has touched, and writes as many to a file.
fn touch(pages: usize) {
    let size = pages * 4_096;
    // SAFETY: memory of its own, unmapped again.
    unsafe {
        let (access, flags) =
            (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        let memory = libc::mmap(std::ptr::null_mut(), size, access, flags, -1, 0);
        assert_ne!(memory, libc::MAP_FAILED);
        // Else a fault may bring in 512 pages at once.
        libc::madvise(memory, size, libc::MADV_NOHUGEPAGE);
        (0..pages).for_each(|page| memory.cast::<u8>().add(page * 4_096).write_volatile(1));
        libc::munmap(memory, size);
    }
    let mut file = tempfile::tempfile().expect("a file");
    std::io::Write::write_all(&mut file, &black_box(vec![1; size])).expect("room");
}

fn recorded(settings: impl FnOnce(Builder) -> Builder, run: impl FnOnce()) -> Flame {
    let builder = FlameLayer::builder().operations(["block"]).slowest(10).classes(true);
    let (layer, flame) = settings(builder).build();
    with_default(registry().with(layer), run);
    flame
}

fn used(operation: &Operation) -> Vec<(String, [u64; 3])> {
    let nodes = operation.profile().nodes();
    let of = |switches: Switches| {
        let [_, _, _, minor_faults, read, written] = switches.each();
        [minor_faults, read, written]
    };
    let name = |frame: &tracing_flame_layer::profile::Frame| {
        frame.callsite().map_or(String::new(), |callsite| callsite.name.to_string())
    };
    nodes.iter().map(|node| (name(&node.frame), of(node.measures.switches))).collect()
}

#[test]
fn an_operation_has_what_its_thread_used_frame_by_frame() {
    let (mut within, mut around) = ([0; 3], [0; 3]);
    let flame = recorded(
        |builder| builder.resources(true),
        || {
            let _block = info_span!("block").entered();
            let before = counted();
            debug_span!("touch").in_scope(|| {
                let begun = counted();
                touch(500);
                within = since(begun);
            });
            around = since(before);
        },
    );
    let slowest = flame.slowest();
    let frames = used(&slowest[0]);
    let (name, touched) = &frames[1];
    assert_eq!(name, "touch");
    assert!(within[0] >= 500, "{within:?}");
    for kind in 0..3 {
        assert!((within[kind]..=around[kind]).contains(&touched[kind]), "{touched:?}: {around:?}");
    }
    let page = String::from_utf8({
        let mut page = Vec::new();
        slowest[0].write_svg(&mut page, &Default::default()).expect("memory");
        page
    });
    let page = page.expect("text");
    assert!(
        page.contains("minor page faults (typical: p50 ") || page.contains(" minor page faults")
    );
    let profile = flame.snapshot();
    let [class] = profile.classes() else { panic!("one class") };
    let calls: Vec<u64> = class.counted.iter().map(Histogram::calls).collect();
    assert_eq!(calls[3..], [1, 1, 1]);
    let all: u64 = frames.iter().map(|(_, used)| used[0]).sum();
    let p50 = class.counted[3].percentile(50).expect("an operation");
    assert!(p50 >= all && p50 <= all + all / 8, "{p50} is that of the one operation, {all}");
}

#[test]
fn nothing_is_counted_that_nobody_asked_for() {
    let flame = recorded(|builder| builder, || info_span!("block").in_scope(|| touch(50)));
    assert_eq!(used(&flame.slowest()[0]), [("block".to_owned(), [0; 3])]);
    let profile = flame.snapshot();
    assert!(profile.classes()[0].counted[3..].iter().all(|counted| counted.calls() == 0));
}
