//! A host's act: it goes through every way of recording, and says what it did.

use std::{
    cell::RefCell,
    fmt::Write,
    sync::{Arc, Mutex},
    thread,
};

use tracing::{
    Dispatch, Event, Id, Span, Subscriber, debug, dispatcher, field, info, info_span,
    span::Attributes, subscriber::NoSubscriber, trace,
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry,
    registry::LookupSpan,
};

use super::{allocator, hungry::Hungry};

/// What the host prints: the results of its work, and its spans as its own log
/// sees them.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<String>>);

impl Said {
    fn say(&self, what: std::fmt::Arguments<'_>) {
        let mut said = self.0.lock().expect("no panic");
        writeln!(said, "{what}").expect("a string");
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Said {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).expect("it was just made");
        let parent = span.parent().map_or("nothing", |parent| parent.name());
        self.say(format_args!("{} is made in {parent}", span.name()));
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.say(format_args!("{} is logged", event.metadata().target()));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        self.say(format_args!("{} closes", context.span(&id).expect("it is open").name()));
    }
}

/// Plays the act on new threads, and returns what was said.
pub(crate) fn play(layer: Option<Hungry>) -> String {
    let said = Said::default();
    let dispatch = Dispatch::new(registry().with(layer).with(said.clone()));
    let acts: [fn(&Said); 9] =
        [nest, tell_apart, poll, hand_over, log, overlap, crowd, descend, end_badly];
    let nested = dispatcher::with_default(&dispatch, || info_span!("of the allocator"));
    allocator::set_span(Some(nested));
    for act in acts {
        let (said, dispatch) = (said.clone(), dispatch.clone());
        // The Registry closes a span's parents one inside the other.
        let actor = thread::Builder::new().stack_size(64 << 20);
        let actor = actor.spawn(move || dispatcher::with_default(&dispatch, || act(&said)));
        let actor = actor.expect("a thread");
        actor.join().expect("no panic");
    }
    allocator::set_span(None);
    // What is open goes with the last subscriber.
    dispatcher::with_default(&Dispatch::new(NoSubscriber::default()), || drop(dispatch));
    let said = said.0.lock().expect("no panic");
    said.clone()
}

fn nest(said: &Said) {
    let mut sum = 0;
    for n in 0..20_u64 {
        let _outer = info_span!("outer").entered();
        let _idle = (n % 5 == 0).then(|| info_span!("idle").entered());
        let _skip = (n % 3 == 0).then(|| info_span!("skip").entered());
        let _operation = (n % 4 == 0).then(|| info_span!("operation").entered());
        sum += info_span!("inner").in_scope(|| n);
    }
    said.say(format_args!("the sum is {sum}"));
}

/// Spans with values, more than are told apart, of which some come later and some
/// too late.
fn tell_apart(said: &Said) {
    for part in 0..8_u64 {
        let stage = info_span!("stage", name = "of \"some\" length", part = field::Empty);
        if part.is_multiple_of(2) {
            stage.record("part", part);
        }
        stage.in_scope(|| said.say(format_args!("part {part}")));
        stage.record("part", 9);
    }
}

/// One span entered again and again, beside a child that is.
fn poll(said: &Said) {
    let request = info_span!("request");
    let child = request.in_scope(|| info_span!("child"));
    for n in 0..10 {
        request.in_scope(|| child.in_scope(|| said.say(format_args!("poll {n}"))));
        child.in_scope(|| ());
    }
}

/// Children on other threads, which end before and after their parent.
fn hand_over(said: &Said) {
    let parent = info_span!("parent");
    let entered = parent.clone().entered();
    let dispatch = dispatcher::get_default(Clone::clone);
    let work = |n: u32| {
        let (dispatch, parent) = (dispatch.clone(), parent.clone());
        move || {
            dispatcher::with_default(&dispatch, || {
                let chunk = info_span!(parent: &parent, "chunk");
                chunk.in_scope(|| parent.in_scope(|| n));
                drop(parent);
                chunk
            })
        }
    };
    for n in 0..4 {
        let chunk = thread::spawn(work(n)).join().expect("no panic");
        said.say(format_args!("chunk {n} is {}", chunk.is_disabled()));
    }
    let last = thread::spawn(work(9)).join().expect("no panic");
    drop(entered);
    drop(parent);
    last.in_scope(|| said.say(format_args!("the last chunk outlives them")));
}

/// Events of every length and kind, in operations that are followed and elsewhere: on
/// one thread, between polls, and on several threads.
fn log(said: &Said) {
    let long = "of some length ".repeat(40);
    info!("outside of any");
    for name in ["short", &long] {
        let operation = info_span!("operation").entered();
        info!(name, number = 7, "within one");
        debug!(parent: operation.id(), values = ?[name; 3]);
        info!(parent: None, "beside it");
        trace!("finer than asked for");
    }
    let request = info_span!("request");
    (0..3).for_each(|poll| request.in_scope(|| info!(poll)));
    let parent = info_span!("parent").entered();
    let dispatch = dispatcher::get_default(Clone::clone);
    let span = parent.clone();
    let elsewhere = thread::spawn(move || {
        dispatcher::with_default(&dispatch, || span.in_scope(|| info!("on another thread")));
    });
    elsewhere.join().expect("no panic");
    (0..250).for_each(|number| info!(number, "more than are kept"));
    said.say(format_args!("all is logged"));
}

/// Guards in the wrong order, twice the same span, and spans that close while they
/// are entered.
fn overlap(said: &Said) {
    let (a, b) = (info_span!("a"), info_span!("b"));
    let (first, second) = (a.clone().entered(), b.clone().entered());
    let again = a.clone().entered();
    drop(first);
    drop(again);
    drop(second);
    let id = b.id();
    dispatcher::get_default(|dispatch| {
        if let Some(id) = &id {
            dispatch.exit(id);
            dispatch.enter(id);
        }
    });
    drop((a, b));
    said.say(format_args!("overlapped"));
}

/// More open spans than any table has room for.
fn crowd(said: &Said) {
    let spans: Vec<Span> = (0..300).map(|_| info_span!("crowd")).collect();
    spans.iter().rev().for_each(|span| span.in_scope(|| ()));
    said.say(format_args!("{} spans are open", spans.len()));
}

/// Deeper than there is room for at first.
fn descend(said: &Said) {
    let guards: Vec<_> = (0..150).map(|_| info_span!("deep").entered()).collect();
    said.say(format_args!("{} deep", guards.len()));
    // Outermost first, which is the wrong order.
    guards.into_iter().for_each(drop);
}

/// Spans in destructors of thread-locals, and a guard that is never dropped.
fn end_badly(said: &Said) {
    struct AtTheEnd(Option<(Said, Dispatch, Span)>);
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            let Some((said, dispatch, span)) = self.0.take() else { return };
            dispatcher::with_default(&dispatch, || {
                span.in_scope(|| info_span!("last words").in_scope(|| ()));
                drop(span);
            });
            said.say(format_args!("an end"));
        }
    }
    thread_local! {
        static EARLY: RefCell<AtTheEnd> = const { RefCell::new(AtTheEnd(None)) };
        static LATE: RefCell<AtTheEnd> = const { RefCell::new(AtTheEnd(None)) };
    }
    let witness = || (said.clone(), dispatcher::get_default(Clone::clone), info_span!("kept"));
    // Thread-locals are destroyed last to first: this one after the layer's own, but
    // before the Registry's, which then has none to enter spans in.
    dispatcher::with_default(&Dispatch::new(registry()), || info_span!("first").in_scope(|| ()));
    EARLY.with(|end| drop(end.borrow_mut().0.take()));
    let kept = witness();
    EARLY.with(|end| end.borrow_mut().0 = Some(kept));
    let kept = witness();
    LATE.with(|end| end.borrow_mut().0 = Some(kept));
    let span = info_span!("forgotten");
    std::mem::forget(span.enter());
}
