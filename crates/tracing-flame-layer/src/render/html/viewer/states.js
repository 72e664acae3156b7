// What a frame's spans were in while they did not compute, each drawn as a child of its own:
// what threads waited in it, where that is known, and awaits, in which there is no thread. A
// state of which a profile has no time is nowhere to be seen. No more is an await that took
// less than a thousandth of what it stands on: between a span's last exit and its close lies
// a moment that is tracing's own work. It counts in the width of what it stands on.

/**
 * @typedef {object} State
 * @property {string} id What it is called in an address.
 * @property {string} label
 * @property {string} means
 * @property {keyof StateTimes | null} key What of a thread's time it is; of none: an await.
 */

/** @type {State[]} In the order in which they are drawn. */
const STATES = [
  {
    id: 'runnable',
    label: '[runnable]',
    means: 'ready to run, and waiting for a CPU',
    key: 'runnable_nanos',
  },
  {
    id: 'blocked',
    label: '[blocked]',
    means: 'asleep, and what for is not known or told elsewhere',
    key: 'blocked_nanos',
  },
  {
    id: 'fault',
    label: '[fault]',
    means: 'asleep until a page was read: a page fault',
    key: 'fault_nanos',
  },
  {
    id: 'disk',
    label: '[disk]',
    means: 'asleep in a system call on a file',
    key: 'disk_nanos',
  },
  {
    id: 'lock',
    label: '[lock]',
    means: 'asleep in futex: a lock, a condition, a channel, another thread',
    key: 'lock_nanos',
  },
  {
    id: 'net',
    label: '[net]',
    means: 'asleep for a socket, or in poll, select or epoll_wait',
    key: 'net_nanos',
  },
  { id: 'timer', label: '[timer]', means: 'asleep for a time', key: 'timer_nanos' },
  {
    id: 'off-cpu',
    label: '[off-cpu]',
    means: 'runnable or blocked, not told apart',
    key: 'off_cpu_nanos',
  },
  {
    id: 'unknown',
    label: '[unknown]',
    means: 'on a CPU or not, which is not known',
    key: 'unknown_nanos',
  },
  { id: 'await', label: '[await]', means: 'open, but entered on no thread', key: null },
];

/** Parts of what was blocked, of which it is known what for.
 * @type {(keyof StateTimes)[]} */
const ASLEEP = ['fault_nanos', 'disk_nanos', 'lock_nanos', 'net_nanos', 'timer_nanos'];

/** What is left of a frame's own time: it has the frame's colour, and no box of its own. */
const ON_CPU = { id: 'cpu', label: 'on CPU', means: 'what threads computed' };

/** The states of threads. */
const WAITS = STATES.filter(({ key }) => key !== null);

/** @param {string} label */
const stateOf = label => STATES.find(state => state.label === label);

/**
 * Whether a time in a state is too little to be seen.
 * @param {number} nanos
 * @param {number} total The time of what it stands on.
 */
const isLittle = (nanos, total) => nanos * 1000 < total;

/**
 * Whether a box is seen where there is room for it.
 * @param {Box} box
 */
function isSeen({ label, kind, total, parent }) {
  const isAwait = kind === 'state' && label === '[await]';
  return total > 0 && !(isAwait && parent !== null && isLittle(total, parent.total));
}

/**
 * A time in parts: on a CPU, and in each of the states, in their order.
 * @typedef {{ onCpu: number, states: number[] }} Parts
 */

/**
 * What the time of a node, or of threads at one, is made of. The parts that threads were in
 * come to no more than it, whatever was given.
 * @param {ProfileNode | Share} measured
 * @param {Weight} weight
 * @returns {Parts}
 */
function partsOf(measured, weight) {
  const isWall = weight === 'wall' && 'wall_nanos' in measured;
  const known = (isWall ? measured.wall_states : measured.busy_states) || {};
  let rest = isWall ? measured.wall_nanos : measured.busy_nanos;
  const parted = { ...known };
  let asleep = known.blocked_nanos || 0;
  for (const key of ASLEEP) {
    parted[key] = Math.min(known[key] || 0, asleep);
    asleep -= parted[key];
  }
  parted.blocked_nanos = asleep;
  const states = STATES.map(({ key }) => {
    if (key === null) return isWall ? measured.await_nanos : 0;
    const part = Math.min(parted[key] || 0, rest);
    rest -= part;
    return part;
  });
  return { onCpu: rest, states };
}

/**
 * All parts of a profile's time by a width.
 * @param {Profile} profile
 * @param {Weight} weight
 * @returns {Parts}
 */
function partsIn({ nodes, threads }, weight) {
  const all = weight === 'threads' ? threads.flatMap(thread => thread.nodes) : nodes;
  const sum = { onCpu: 0, states: STATES.map(() => 0) };
  for (const measured of all) {
    const { onCpu, states } = partsOf(measured, weight);
    sum.onCpu += onCpu;
    states.forEach((nanos, i) => (sum.states[i] += nanos));
  }
  return sum;
}

/**
 * What can be switched on and off: the states of which a profile has time by a width, and
 * where these are of threads, the time on a CPU.
 * @param {Profile} profile
 * @param {Weight} weight
 */
function choicesIn(profile, weight) {
  const { states } = partsIn(profile, weight);
  const totals = totalsOf(profile.nodes);
  const isAwaited = () =>
    profile.nodes.some((node, i) => node.await_nanos > 0 && !isLittle(node.await_nanos, totals[i]));
  const found = STATES.filter(({ key }, i) => states[i] > 0 && (key !== null || isAwaited()));
  return found.some(({ key }) => key !== null) ? [ON_CPU, ...found] : found;
}

/**
 * That a CPU was wanting, where it was for over a twentieth of the time.
 * @param {Profile} profile
 * @param {Weight} weight
 */
function busyness(profile, weight) {
  const { onCpu, states } = partsIn(profile, weight);
  const whole = states.reduce((sum, nanos) => sum + nanos, onCpu);
  const share = words.share(states[0], whole);
  return states[0] * 20 > whole
    ? `The machine was busy: ${share} of this time threads waited for a CPU.`
    : '';
}

/**
 * What threads were asleep for in some nodes, the longest first; in a state, what is told there.
 * @param {Profile} profile
 * @param {ProfileNode[]} nodes
 * @param {Weight} weight
 * @param {string} label That of the state.
 * @returns {[string, number][]}
 */
function reasonsIn(profile, nodes, weight, label) {
  const { reasons = [], blocked_on: all = [] } = profile;
  const wanted = new Set(nodes);
  /** @type {Map<string, number>} */
  const sums = new Map();
  for (const { node, reason, wall_nanos: wall, busy_nanos: busy } of all) {
    const { kind, call = 'page fault', file } = reasons[reason];
    const isTold = (kind === 'other' ? '[blocked]' : `[${kind}]`) === label;
    const text = file === undefined ? call : `${call} ${file}`;
    if (!isTold || !wanted.has(profile.nodes[node])) continue;
    sums.set(text, (sums.get(text) || 0) + (weight === 'wall' ? wall : busy));
  }
  return [...sums].filter(([, nanos]) => nanos > 0).sort(([, one], [, other]) => other - one);
}

/**
 * Leaves out what threads did: their time is a frame's own then.
 * @param {Profile} profile
 */
function forgetStates(profile) {
  const { nodes, threads } = profile;
  for (const node of nodes) {
    delete node.wall_states;
    delete node.busy_states;
  }
  for (const share of threads.flatMap(thread => thread.nodes)) delete share.busy_states;
  profile.blocked_on = [];
}

/**
 * The time of each node on the wall clock, with its awaits and all nodes on it.
 * @param {ProfileNode[]} nodes
 */
function totalsOf(nodes) {
  const totals = nodes.map(node => node.wall_nanos + node.await_nanos);
  for (let i = nodes.length - 1; i >= 0; i -= 1) {
    const { parent } = nodes[i];
    if (parent !== null) totals[parent] += totals[i];
  }
  return totals;
}
