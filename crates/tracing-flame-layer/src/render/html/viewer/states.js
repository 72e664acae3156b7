// What a frame's spans were in while they were not at work, each drawn as a child of its
// own. A state of which a profile has no time is nowhere to be seen, and no more is one that
// took less than a thousandth of what it stands on: between a span's last exit and its close
// lies a moment that is tracing's own work. It counts in the width of what it stands on.

/**
 * @typedef {object} State
 * @property {string} id What it is called in an address.
 * @property {string} label
 * @property {string} means
 * @property {Weight[]} weights The widths that have it.
 * @property {(node: ProfileNode) => number} nanos The time of a node in it, none of which
 * is in the node's own.
 */

/** @type {State[]} */
const STATES = [
  {
    id: 'await',
    label: '[await]',
    means: 'open, but entered on no thread',
    weights: ['wall'],
    nanos: node => node.await_nanos,
  },
];

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
function isSeen({ kind, total, parent }) {
  const isMoment = kind === 'state' && parent !== null && isLittle(total, parent.total);
  return total > 0 && !isMoment;
}

/**
 * The states of which a profile has time by a width.
 * @param {Profile} profile
 * @param {Weight} weight
 */
function statesIn({ nodes }, weight) {
  const totals = totalsOf(nodes);
  const has = (/** @type {State} */ { nanos }) =>
    nodes.some((node, i) => nanos(node) > 0 && !isLittle(nanos(node), totals[i]));
  return STATES.filter(state => state.weights.includes(weight) && has(state));
}

/**
 * The time of each node on the wall clock, with all states and all nodes on it.
 * @param {ProfileNode[]} nodes
 */
function totalsOf(nodes) {
  const totals = nodes.map(node =>
    STATES.reduce((sum, state) => sum + state.nanos(node), node.wall_nanos),
  );
  for (let i = nodes.length - 1; i >= 0; i -= 1) {
    const { parent } = nodes[i];
    if (parent !== null) totals[parent] += totals[i];
  }
  return totals;
}
