// What is known of the run, and what went wrong while it was recorded.

/** @type {Record<string, string>} */
const TROUBLES = {
  unmatched_exits: 'exits without an enter, ignored',
  exited_elsewhere:
    'of these, of spans entered on another thread, as by a guard held across an .await',
  closed_while_entered: 'spans closed while entered, exited then',
  exited_by_thread_end: "spans entered at their thread's end, exited then",
  truncated: 'spans too deep or too many, drawn as [truncated]',
  merged_values: 'spans of a callsite with more field values than are told apart, drawn as {…}',
  late_values: 'values of named fields that came after a span was entered, ignored',
  reentered: "callbacks inside the recorder's own, dropped",
  lost: 'spans that no room or memory was left for, recorded no further',
};

/** @type {Record<Weight, string>} */
const MEANINGS = {
  wall: 'wall-clock time: every instant of an operation counts once',
  busy: "thread time: each thread's goes to the innermost span it has entered",
  threads: 'thread time, a tower for each thread name: it goes to the innermost span entered',
};

/** @param {Profile} profile */
const isBare = profile =>
  profile.operations === 0 && profile.nodes.every(node => node.enters === 0);

/**
 * @param {FlameReport} report
 * @param {Weight} weight
 * @returns {[string, string][]}
 */
function runFacts(report, weight) {
  const { run, profile, generator } = report;
  const { start_unix_nanos: start, length_nanos: length } = profile.window;
  const spans = profile.nodes.reduce(
    (sum, node) => sum + Math.max(node.calls, Math.min(node.enters, 1)),
    0,
  );
  const threads = profile.threads.reduce((sum, thread) => sum + thread.threads, 0);
  /** @type {[string, string][]} */
  const facts =
    isBare(profile) && profile.nodes.length > 0
      ? [['width', 'the weights that were given, of which kind is not known']]
      : [
          ['width', MEANINGS[weight]],
          ['began', words.utc(start)],
          ['length', words.time(length)],
          ['operations', words.count(profile.operations)],
          ['spans', words.count(spans)],
          ['threads', words.count(threads)],
        ];
  if (profile.covered_nanos !== undefined && length > 0) {
    const share = words.share(Math.min(profile.covered_nanos, length), length);
    facts.push(['some span open', `in ${share} of the time`]);
  }
  facts.push(...orphanFacts(report));
  if (profile.states) {
    const { source, why } = profile.states;
    facts.push(['states', why ? `${source}, ${words.kept(why)}` : source]);
  }
  if (profile.so_far) facts.push(['so far', 'the program was still running']);
  facts.push(['stacks', words.count(profile.nodes.length)], ...run, ['written by', generator]);
  return facts;
}

/**
 * A line for each kind of trouble; none where all went well.
 * @param {Profile} profile
 */
function troublesOf({ troubles }) {
  return Object.entries(troubles)
    .filter(([, count]) => count > 0)
    .map(([key, count]) => `${TROUBLES[key] || key.replaceAll('_', ' ')} (${words.count(count)})`);
}
