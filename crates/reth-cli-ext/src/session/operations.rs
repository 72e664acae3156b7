//! Pictures of single operations: the slow ones as they happen, the slowest at each
//! checkpoint and at the end, and a page that lists them.
//!
//! They are written by the session's own threads, each file as a whole. At most
//! [`MOST_SLOW`] pictures of slow operations are on the disk at once; the oldest
//! make room.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    fs, io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use tracing_flame_layer::{
    profile::Operation,
    render::{INDEX_MARK, Index, IndexEntry},
};

use super::{
    checkpoints::so_far,
    forked::left,
    gate::Woke,
    lines,
    run::{Run, contained},
    summary::{count, rounded},
};
use crate::{
    Error,
    error::Kind,
    picture::{EXTENSION, draw},
    slow::SlowPlan,
    threads,
};

/// How many pictures of slow operations there are at once.
const MOST_SLOW: usize = 100;
/// How often the session looks for slow operations.
const PERIOD: Duration = Duration::from_millis(500);
/// How many lines there are about those that ended between two looks.
const MOST_LINES: usize = 10;
/// The page that lists them.
const INDEX: &str = "index.html";
/// The longest file name, its extension included.
const LONGEST: usize = 100;

/// What has been written so far.
#[derive(Debug, Default)]
pub(crate) struct Pages(Mutex<Written>);

#[derive(Debug, Default)]
struct Written {
    /// Whether the directory is there, without an earlier session's pictures.
    ready: bool,
    entries: HashMap<u64, IndexEntry>,
    /// The names in use, without regard to case, as some file systems see them.
    names: HashSet<String>,
    /// The slowest operations, when they were last asked for.
    slowest: Vec<u64>,
    /// Slow operations, the latest first.
    slow: VecDeque<u64>,
    dropped: u64,
    failures: u64,
    first_failure: Option<String>,
}

impl Pages {
    /// What was written before a fork, as far as that is known in the child.
    pub(super) fn left(&self) -> Self {
        Self(Mutex::new(left(&self.0, Written::default).unwrap_or_default()))
    }
}

/// Starts the thread that draws slow operations as they happen, where any are
/// wanted.
pub(crate) fn start(run: &Arc<Run>) -> Result<Option<JoinHandle<()>>, Error> {
    let Some(SlowPlan { slower_than: Some(_), .. }) = &run.plan.slow else { return Ok(None) };
    let run = run.clone();
    threads::start("flame-slow", move || watch(&run))
        .map(Some)
        .map_err(|source| Kind::Thread { purpose: "draws slow operations", source }.into())
}

fn watch(run: &Run) {
    let mut due = PERIOD;
    while run.gate.wait(due) == Woke::Due {
        // A panic has been contained; the next time may go better.
        let _ = contained(|| run.draw_slow());
        due = run.gate.elapsed().saturating_add(PERIOD);
    }
}

impl Run {
    /// Draws the slow operations that have ended since this was called last.
    fn draw_slow(&self) {
        let Some(plan) = &self.plan.slow else { return };
        let mut written = self.pages();
        let slow = self.flame.take_slow();
        if slow.is_empty() {
            return;
        }
        self.tell_slow(&slow);
        written.append(plan, &slow);
        written.forget_removed(&plan.directory);
        for operation in &slow {
            written.add_slow(self, plan, operation);
        }
        let listed = written.index(self, plan, so_far(&self.plan.options).title);
        written.count(listed);
    }

    /// Draws those of the slowest so far that have come since this was called last,
    /// unless the session ends meanwhile, which waits for one picture at most.
    pub(super) fn checkpoint_operations(&self) -> Result<(), String> {
        let Some(plan) = &self.plan.slow else { return Ok(()) };
        let _busy = self.busy();
        self.pages().forget_removed(&plan.directory);
        let slowest = self.flame.slowest_numbers();
        for &number in &slowest {
            let mut written = self.pages();
            if self.gate.is_closed() {
                return Ok(());
            }
            written.draw_slowest(self, plan, number)?;
        }
        let mut written = self.pages();
        if self.gate.is_closed() || written.slowest == slowest {
            return Ok(());
        }
        written.slowest = slowest;
        written.index(self, plan, so_far(&self.plan.options).title)?;
        written.remove_unlisted(plan);
        Ok(())
    }

    /// Draws what is left to draw, and says where.
    pub(super) fn draw_operations(&self) {
        let Some(plan) = &self.plan.slow else { return };
        let mut written = self.pages();
        written.forget_removed(&plan.directory);
        let slow = self.flame.take_slow();
        self.tell_slow(&slow);
        written.append(plan, &slow);
        for operation in slow {
            written.add_slow(self, plan, &operation);
        }
        let slowest = self.flame.slowest_numbers();
        for &number in &slowest {
            let drawn = written.draw_slowest(self, plan, number);
            written.count(drawn);
        }
        written.slowest = slowest;
        if !written.entries.is_empty() || is_ours(&plan.directory) {
            let listed = written.index(self, plan, self.plan.options.title.clone());
            written.count(listed);
            written.remove_unlisted(plan);
        }
        written.tell(self, plan);
    }

    /// A line for each slow operation, so that what is slow about it reaches whoever reads the
    /// log; of many that have ended since the last look only a few have one.
    fn tell_slow(&self, slow: &[Operation]) {
        for operation in slow.iter().take(MOST_LINES) {
            let IndexEntry { headline, nanos, sentence, .. } =
                IndexEntry::new(operation, String::new());
            let took = humantime::format_duration(rounded(Duration::from_nanos(nanos)));
            let sentence = sentence.unwrap_or_else(|| "nothing to compare it with yet".to_owned());
            let line = format!("slow: {headline} took {took}: {sentence}");
            self.tell(|reporter| reporter.info(&line));
        }
        let more = slow.len().saturating_sub(MOST_LINES);
        if more > 0 {
            let line = format!("slow: {} more", count(more as u64, "operation"));
            self.tell(|reporter| reporter.info(&line));
        }
    }

    fn pages(&self) -> MutexGuard<'_, Written> {
        self.pages.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Written {
    fn add_slow(&mut self, run: &Run, plan: &SlowPlan, operation: &Operation) {
        self.slow.push_front(operation.number());
        let drawn = self.draw(run, plan, operation);
        self.count(drawn);
        while self.slow.len() > MOST_SLOW {
            let Some(oldest) = self.slow.pop_back() else { return };
            if !self.entries.contains_key(&oldest) {
                continue;
            }
            self.dropped += 1;
            if !self.slowest.contains(&oldest) {
                self.remove(plan, oldest);
            }
        }
    }

    /// Appends a line for each slow operation where that is wanted.
    fn append(&mut self, plan: &SlowPlan, slow: &[Operation]) {
        if let Some(path) = plan.lines.as_ref().filter(|_| !slow.is_empty()) {
            self.count(lines::append(path, slow));
        }
    }

    /// Removes the pictures that no list has any more.
    fn remove_unlisted(&mut self, plan: &SlowPlan) {
        let listed: HashSet<u64> = self.slowest.iter().chain(&self.slow).copied().collect();
        let unlisted: Vec<u64> =
            self.entries.keys().filter(|number| !listed.contains(number)).copied().collect();
        unlisted.into_iter().for_each(|number| self.remove(plan, number));
    }

    fn remove(&mut self, plan: &SlowPlan, number: u64) {
        if let Some(entry) = self.entries.remove(&number) {
            self.names.remove(&entry.file.to_ascii_lowercase());
            let _ = fs::remove_file(plan.directory.join(&entry.file));
        }
    }

    /// Forgets the pictures that somebody has removed, perhaps with their directory,
    /// which is made anew for the next.
    fn forget_removed(&mut self, directory: &Path) {
        let is_there = |entry: &IndexEntry| directory.join(&entry.file).exists();
        let Self { entries, names, .. } = self;
        for (_, entry) in entries.extract_if(|_, entry| !is_there(entry)) {
            names.remove(&entry.file.to_ascii_lowercase());
        }
        if self.ready && !directory.is_dir() {
            self.ready = false;
            self.slowest.clear();
        }
    }

    /// Draws one of the slowest operations, unless that has been done.
    fn draw_slowest(&mut self, run: &Run, plan: &SlowPlan, number: u64) -> Result<(), String> {
        if self.entries.contains_key(&number) {
            return Ok(());
        }
        let operation = run.flame.slowest_by_number(number);
        operation.map_or(Ok(()), |operation| self.draw(run, plan, &operation))
    }

    /// Draws an operation, unless that has been done.
    fn draw(&mut self, run: &Run, plan: &SlowPlan, operation: &Operation) -> Result<(), String> {
        if self.entries.contains_key(&operation.number()) {
            return Ok(());
        }
        let file = self.free_name(&operation.file_name());
        let options = &run.plan.options;
        self.prepare(&plan.directory)?;
        write(&plan.directory.join(&file), |writer| draw(operation, writer, options))?;
        self.names.insert(file.to_ascii_lowercase());
        self.entries.insert(operation.number(), IndexEntry::new(operation, file));
        Ok(())
    }

    /// Remembers a file that could not be written, to be told of at the end.
    fn count(&mut self, result: Result<(), String>) {
        if let Err(why) = result {
            self.failures += 1;
            self.first_failure.get_or_insert(why);
        }
    }

    /// A name that no other picture has.
    fn free_name(&self, stem: &str) -> String {
        let mut name = format!("{stem}{EXTENSION}");
        let mut number = 2_u64;
        while self.names.contains(&name.to_ascii_lowercase()) {
            name = format!("{stem}-{number}{EXTENSION}");
            number += 1;
        }
        debug_assert!(name.len() <= LONGEST, "{name}");
        name
    }

    /// Makes the directory, and removes the pictures of an earlier session.
    fn prepare(&mut self, directory: &Path) -> Result<(), String> {
        if self.ready {
            return Ok(());
        }
        let failed = |e: io::Error| format!("{}: {e}", directory.display());
        fs::create_dir_all(directory).map_err(failed)?;
        for file in linked(directory) {
            let _ = fs::remove_file(directory.join(file));
        }
        self.ready = true;
        Ok(())
    }

    /// Writes the page that lists what has been drawn.
    fn index(&mut self, run: &Run, plan: &SlowPlan, title: String) -> Result<(), String> {
        let entries = |numbers: &mut dyn Iterator<Item = &u64>| -> Vec<IndexEntry> {
            numbers.filter_map(|number| self.entries.get(number).cloned()).collect()
        };
        let index = Index {
            title,
            slowest: entries(&mut self.slowest.iter()),
            slow: entries(&mut self.slow.iter()),
            slower_than: plan.slower_than.map(|least| least.to_string()),
            slow_dropped: self.dropped,
            missing: run.flame.missing_operations(),
        };
        self.prepare(&plan.directory)?;
        write(&plan.directory.join(INDEX), |writer| index.write(writer))
    }

    /// One line about what was written, one about what was not.
    fn tell(&self, run: &Run, plan: &SlowPlan) {
        let pictures = self.entries.len();
        if pictures > 0 {
            let line = format!(
                "wrote {} of slow operations, listed in {}",
                count(pictures as u64, "picture"),
                plan.directory.join(INDEX).display()
            );
            run.tell(|reporter| reporter.info(&line));
        }
        if let Some(why) = &self.first_failure {
            let line = format!(
                "cannot write {} of the files about slow operations; the first: {why}",
                self.failures
            );
            run.tell(|reporter| reporter.error(&line));
        }
    }
}

/// The pictures that an index of ours in a directory links to.
fn linked(directory: &Path) -> Vec<String> {
    if !is_ours(directory) {
        return Vec::new();
    }
    let index = fs::read_to_string(directory.join(INDEX)).unwrap_or_default();
    let links = index.split("<a href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let is_picture = |file: &&str| {
        file.ends_with(EXTENSION) && !file.contains(['/', '\\']) && !file.starts_with('.')
    };
    links.filter(is_picture).map(str::to_owned).collect()
}

/// Whether a directory has an index that a session wrote.
fn is_ours(directory: &Path) -> bool {
    fs::read_to_string(directory.join(INDEX)).is_ok_and(|index| index.starts_with(INDEX_MARK))
}

/// Writes a file as a whole, or leaves what is there.
fn write(
    path: &Path,
    content: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<(), String> {
    let failed = |why: String| format!("{}: {why}", path.display());
    contained(|| flame_file::replace(path, content).map(drop).map_err(|e| e.to_string()))
        .and_then(|written| written)
        .map_err(failed)
}
