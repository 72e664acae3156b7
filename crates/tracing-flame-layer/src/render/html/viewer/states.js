// What a frame's spans were in while they were not at work, each drawn as a child of its
// own. A state of which a profile has no time is nowhere to be seen.

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
 * The states of which a profile has time by a width.
 * @param {Profile} profile
 * @param {Weight} weight
 */
function statesIn(profile, weight) {
  return STATES.filter(
    state => state.weights.includes(weight) && profile.nodes.some(node => state.nanos(node) > 0),
  );
}
