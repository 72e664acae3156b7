//! Operations that are most likely parts of another, against the oracle and by hand.

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use tracing_flame_layer::{Profile, testing::Chains};

use super::states::{Absence, absences, looks, schedule};
use flame_oracle::{
    Change, Event, Looks, OrphansByPath, Parent, Path, Program, Reading, Schedule, State, Step,
    Told,
    driver::{
        direct,
        judge::{WAYS, uninterrupted},
        recorded::orphans,
    },
    random, replay, states,
};

/// With nothing at the instant of anything else: what happens then in a frame and is over is
/// no stay, and no matter.
fn one_by_one(mut program: Program) -> Program {
    for (more, step) in (0..).zip(&mut program.steps) {
        step.at += more;
    }
    program
}

/// Threads read all wherever they were switched out.
const ALWAYS: Looks = Looks::AtSwitches { bare: 0 };

/// As `schedule`, but that the first thread does nothing but sleep between its steps, if it
/// `sleeps`.
fn schedule_of(program: &Program, absences: &[Absence], sleeps: bool) -> Schedule {
    let mut schedule = schedule(program, absences);
    if !sleeps {
        return schedule;
    }
    let changes = &mut schedule.changes;
    changes.retain(|change| change.thread != 0);
    let is_own = |step: &&Step| step.thread == 0 && !step.event.is_of_the_handle();
    let own: Vec<u64> = program.steps.iter().filter(is_own).map(|step| step.at).collect();
    for steps in own.windows(2).filter(|steps| steps[1] > steps[0] + 1) {
        changes.push(Change { at: steps[0] + 1, thread: 0, state: State::Blocked(0) });
        changes.push(Change { at: steps[1], thread: 0, state: State::OnCpu });
    }
    changes.sort_by_key(|change| change.at);
    schedule
}

/// Those of roots of which most operations are orphans.
fn most(told: &Told, reading: &Reading) -> OrphansByPath {
    let lived = |root: &Path| reading.nodes.get(root).map_or(0, |node| node.started);
    let sum = |root: &Path| -> u64 {
        let of_it = told.orphans.iter().filter(|((other, _), _)| other == root);
        of_it.map(|(_, count)| count).sum()
    };
    let mut most = told.orphans.clone();
    most.retain(|(root, _), _| sum(root) > lived(root) / 2);
    most
}

fn judge(program: &Program, schedule: &Schedule, looks: Looks) -> Result<(), String> {
    let (readings, told) = (replay(program), states(program, schedule, looks));
    for chains in WAYS {
        let profiles = direct::run_scheduled(program, (schedule, looks), chains);
        assert_eq!(profiles.len(), told.len(), "a profile for each snapshot");
        for (number, profile) in profiles.iter().enumerate() {
            let (actual, expected) = (orphans(profile), most(&told[number], &readings[number]));
            if actual != expected {
                return Err(format!(
                    "{chains:?}, snapshot {number}, {looks:?}:\n{actual:?}, not \
                     {expected:?}\n{program}\n{schedule:?}"
                ));
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(random::config_of_many())]

    #[test]
    fn orphans_are_what_fell_into_a_wait_and_filled_it(
        program in prop_oneof![4 => random::waiting_programs(), 1 => random::programs()],
        (absences, sleeps) in (absences(), any::<bool>()),
        looks in looks(),
    ) {
        let program = one_by_one(uninterrupted(program));
        let schedule = schedule_of(&program, &absences, sleeps);
        judge(&program, &schedule, looks).map_err(TestCaseError::fail)?;
    }
}

#[test]
fn random_programs_have_orphans() {
    let mut runner = TestRunner::deterministic();
    let all = (random::waiting_programs(), absences());
    let mut with_some = 0;
    for _ in 0..400 {
        let (program, absences) = all.new_tree(&mut runner).expect("no filter").current();
        let told = states(&program, &schedule_of(&program, &absences, true), ALWAYS);
        let last = told.last().expect("a snapshot");
        with_some += u32::from(!last.orphans.is_empty());
    }
    assert!(with_some >= 20, "{with_some} of 400 programs have orphans");
}

/// A program that is written as it goes.
#[derive(Default)]
struct Story {
    program: Program,
    schedule: Schedule,
    now: u64,
    created: usize,
}

impl Story {
    fn pass(&mut self, nanos: u64) {
        self.now += nanos;
    }

    fn push(&mut self, thread: usize, event: Event) {
        self.now += 1;
        self.program.steps.push(Step { at: self.now, thread, event });
    }

    fn begin(&mut self, thread: usize, name: &str, parent: Parent) -> usize {
        self.push(thread, Event::Create { name: name.to_owned(), parent });
        self.push(thread, Event::Enter(self.created));
        self.created += 1;
        self.created - 1
    }

    fn enter(&mut self, thread: usize, name: &str) -> usize {
        self.begin(thread, name, Parent::Current)
    }

    fn leave(&mut self, thread: usize, span: usize) {
        self.push(thread, Event::Exit(span));
        self.push(thread, Event::Drop(span));
    }

    /// A span of a thread, which takes so long.
    fn span(&mut self, thread: usize, name: &str, nanos: u64) {
        let span = self.enter(thread, name);
        self.pass(nanos);
        self.leave(thread, span);
    }

    fn change(&mut self, thread: usize, state: State) {
        self.now += 1;
        self.schedule.changes.push(Change { at: self.now, thread, state });
    }

    fn sleep(&mut self, thread: usize) {
        self.change(thread, State::Blocked(0));
    }

    fn wake(&mut self, thread: usize) {
        self.change(thread, State::OnCpu);
    }

    fn snapshot(&mut self) {
        self.push(0, Event::Snapshot);
    }

    /// A thread waits in a span of its own while others do something.
    fn wait(&mut self, thread: usize, name: &str, meanwhile: impl FnOnce(&mut Self)) {
        let span = self.enter(thread, name);
        self.sleep(thread);
        meanwhile(self);
        self.wake(thread);
        self.leave(thread, span);
    }

    /// What profiles say at the snapshots, and at the end, in each way, which is what the
    /// oracle says.
    fn told(mut self) -> Vec<Vec<(String, String, u64)>> {
        self.snapshot();
        judge(&self.program, &self.schedule, ALWAYS).unwrap_or_else(|why| panic!("{why}"));
        let run = |chains| direct::run_scheduled(&self.program, (&self.schedule, ALWAYS), chains);
        run(Chains::On).iter().map(by_name).collect()
    }
}

fn by_name(profile: &Profile) -> Vec<(String, String, u64)> {
    let orphans = orphans(profile).into_iter();
    orphans.map(|((root, waiting), count)| (root.join(";"), waiting.join(";"), count)).collect()
}

fn one(root: &str, waiting: &str, count: u64) -> Vec<(String, String, u64)> {
    vec![(root.to_owned(), waiting.to_owned(), count)]
}

/// Ten roots on each of two threads, beside one another.
fn work(story: &mut Story) {
    for _ in 0..10 {
        let (left, right) = (story.enter(1, "chunk"), story.enter(2, "chunk"));
        story.pass(100);
        story.leave(1, left);
        story.leave(2, right);
    }
}

#[test]
fn a_join_of_a_pool_that_names_no_parent_has_orphans() {
    let mut story = Story::default();
    let main = story.enter(0, "main");
    story.span(0, "step", 50);
    story.wait(0, "execute", work);
    story.span(0, "save", 50);
    story.leave(0, main);
    assert_eq!(story.told(), [one("chunk", "main;execute", 20)]);
}

#[test]
fn a_server_whose_main_waits_as_long_as_it_runs_has_none() {
    for is_over in [false, true] {
        let mut story = Story::default();
        let server = story.enter(0, "server");
        story.span(0, "step", 50);
        story.sleep(0);
        work(&mut story);
        story.snapshot();
        work(&mut story);
        if is_over {
            story.wake(0);
            story.span(0, "save", 50);
            story.leave(0, server);
        }
        assert_eq!(story.told(), [[], []], "over: {is_over}");
    }
}

#[test]
fn a_wait_that_is_not_over_is_not_told_and_counts_in_the_window_in_which_it_is() {
    let mut story = Story::default();
    let main = story.enter(0, "main");
    story.wait(0, "execute", work);
    story.snapshot();
    story.wait(0, "execute", |story| {
        work(story);
        story.snapshot();
    });
    story.leave(0, main);
    // With the second wait under way half of all are, which are not most.
    let told = story.told();
    let of = |count| one("chunk", "main;execute", count);
    assert_eq!(told, [of(20), vec![], of(40)]);
}

#[test]
fn a_root_that_was_said_to_be_one_is_none() {
    let program = Program::default().operations(&["op_a"]);
    let mut story = Story { program, ..Story::default() };
    let main = story.enter(0, "main");
    story.wait(0, "execute", |story| {
        story.span(1, "op_a", 500);
        let explicit = story.begin(1, "chunk", Parent::Root);
        story.pass(500);
        story.leave(1, explicit);
    });
    story.leave(0, main);
    assert_eq!(story.told(), [[]]);
}

#[test]
fn what_others_do_that_is_no_part_of_a_wait_is_none() {
    // A root is longer than the wait; most of the wait is nobody's; the thread computes.
    let longer = |story: &mut Story| {
        let chunk = story.enter(1, "chunk");
        story.wait(0, "execute", |story| story.pass(1_000));
        story.leave(1, chunk);
    };
    let lasting = |story: &mut Story| {
        let mut left = None;
        story.wait(0, "execute", |story| {
            story.span(1, "chunk", 900);
            left = Some(story.enter(1, "task"));
        });
        story.leave(1, left.expect("a span"));
    };
    let sparse = |story: &mut Story| {
        story.wait(0, "execute", |story| {
            story.span(1, "chunk", 700);
            story.pass(300);
        });
    };
    let computing = |story: &mut Story| {
        let execute = story.enter(0, "execute");
        work(story);
        story.leave(0, execute);
    };
    let beside: [&dyn Fn(&mut Story); 4] = [&longer, &lasting, &sparse, &computing];
    for (number, what) in beside.into_iter().enumerate() {
        let mut story = Story::default();
        let main = story.enter(0, "main");
        what(&mut story);
        story.leave(0, main);
        assert_eq!(story.told(), [[]], "number {number}");
    }
}

/// Two threads that have nothing to do with each other: while one sleeps the other goes on.
#[test]
fn roots_beside_a_thread_that_sleeps_are_none_unless_they_come_at_no_other_time() {
    let nap = |story: &mut Story| {
        let request = story.enter(0, "request");
        story.wait(0, "blocked", work);
        story.leave(0, request);
    };
    let mut story = Story::default();
    work(&mut story);
    nap(&mut story);
    assert_eq!(story.told(), [[]], "half of them came before");

    let mut story = Story::default();
    let before = story.enter(3, "task");
    nap(&mut story);
    story.leave(3, before);
    assert_eq!(story.told(), [[]], "some operation lived before the one that sleeps");

    // A join looks no different.
    let mut story = Story::default();
    nap(&mut story);
    assert_eq!(story.told(), [one("chunk", "request;blocked", 20)]);
}

#[test]
fn a_snapshot_in_a_wait_makes_no_difference() {
    for snapshots in 0..4 {
        let mut story = Story::default();
        let main = story.enter(0, "main");
        story.wait(0, "execute", |story| {
            if snapshots % 2 == 1 {
                story.pass(20);
                story.snapshot();
            }
            work(story);
            if snapshots > 1 {
                story.snapshot();
            }
        });
        story.leave(0, main);
        let told = story.told();
        assert_eq!(told.last(), Some(&one("chunk", "main;execute", 20)), "{snapshots}");
    }
}
