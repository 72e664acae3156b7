//! Random programs in which others come and go while a thread waits.

use proptest::{collection::vec, prelude::*};

use crate::{Event, Parent, Program, SpanKey, Step};

const THREADS: usize = 4;
const NAMES: [&str; 5] = ["a", "b", "c", "op_a", "idle_a"];

/// Programs of a thread that seldom changes frames, and of others that begin roots, end them,
/// and now and then do something below the first one's spans. No two things happen at one
/// instant.
pub fn waiting_programs() -> impl Strategy<Value = Program> {
    let instruction = (0..50_u64, 1..THREADS, 0..24_usize, 0..64_u32);
    vec(instruction, 10..80).prop_map(|instructions| {
        let mut scene = Scene::begin();
        for (wait, thread, name, what) in instructions {
            scene.now += wait;
            // Most are what nobody said anything of.
            let name = NAMES[if name < 20 { name % 3 } else { name % NAMES.len() }];
            match what {
                0 | 1 => scene.push(0, Event::Snapshot),
                2..5 => {
                    scene.finish_others();
                    scene.go_up(0, name, Parent::Current);
                }
                5..8 => {
                    scene.finish_others();
                    scene.go_down(0);
                }
                8 => scene.go_up(0, name, Parent::Current),
                9 => scene.go_up(thread, name, Parent::Root),
                10 => scene.go_below(thread, name),
                11 => scene.end(thread),
                12 => scene.visit(thread),
                13..36 if !scene.stacks[thread].is_empty() => scene.go_down(thread),
                13..20 => {}
                _ if scene.stacks[thread].len() > 1 => scene.go_down(thread),
                _ => scene.go_up(thread, name, Parent::Current),
            }
        }
        scene.push(0, Event::Snapshot);
        scene.program
    })
}

struct Scene {
    program: Program,
    now: u64,
    created: SpanKey,
    /// What each thread has entered.
    stacks: [Vec<SpanKey>; THREADS],
}

impl Scene {
    /// The first thread is in a span below its root.
    fn begin() -> Self {
        let program = Program::default().operations(&["op_a"]).idle(&["idle_a"]);
        let mut scene = Self { program, now: 0, created: 0, stacks: Default::default() };
        scene.go_up(0, "main", Parent::Current);
        scene.go_up(0, "a", Parent::Current);
        scene
    }

    fn push(&mut self, thread: usize, event: Event) {
        self.now += 1;
        self.program.steps.push(Step { at: self.now, thread, event });
    }

    fn go_up(&mut self, thread: usize, name: &str, parent: Parent) {
        self.push(thread, Event::Create { name: name.to_owned(), parent });
        self.push(thread, Event::Enter(self.created));
        self.stacks[thread].push(self.created);
        self.created += 1;
    }

    fn go_below(&mut self, thread: usize, name: &str) {
        if let Some(span) = self.stacks[0].last() {
            self.go_up(thread, name, Parent::Of(*span));
        }
    }

    fn go_down(&mut self, thread: usize) {
        if let Some(span) = self.stacks[thread].pop() {
            self.push(thread, Event::Exit(span));
            self.push(thread, Event::Drop(span));
        }
    }

    /// All but the first thread are done.
    fn finish_others(&mut self) {
        for thread in 1..THREADS {
            while !self.stacks[thread].is_empty() {
                self.go_down(thread);
            }
        }
    }

    /// Looks in at the first thread's span.
    fn visit(&mut self, thread: usize) {
        if let Some(span) = self.stacks[0].last().copied() {
            self.push(thread, Event::Enter(span));
            self.push(thread, Event::Exit(span));
        }
    }

    /// A thread ends, and leaves open what it was in; another one goes on.
    fn end(&mut self, thread: usize) {
        self.push(thread, Event::ThreadEnd);
        self.stacks[thread].clear();
    }
}
