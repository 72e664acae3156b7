// A band of latency: the operations of one name that took from one power of two of nanoseconds
// up to another, and the others of that name. The rules are those of `--class`.

/**
 * What operations of a class measured at a node; what is missing is 0.
 * @typedef {Partial<ProfileNode> & { node: number }} ClassPart
 *
 * @typedef {object} LatencyClass
 * @property {number} root
 * @property {number} power
 * @property {number} operations
 * @property {ClassPart[]} nodes
 *
 * The powers of the first class and of the last one, which is in it too.
 * @typedef {{ name: string, from: number, to: number }} Band
 */

/**
 * What a root is called, whatever its fields are.
 * @param {Profile} profile
 * @param {number} root
 */
function rootName({ nodes, callsites }, root) {
  const { callsite } = nodes[root];
  return callsite === null ? '[truncated]' : callsites[callsite].name;
}

/**
 * The classes of a name.
 * @param {Profile} profile
 * @param {string} name
 */
const classesOf = (profile, name) =>
  (profile.classes || []).filter(({ root }) => rootName(profile, root) === name);

/** @param {Band} band */
const isInBand =
  ({ from, to }) =>
  (/** @type {{ power: number }} */ { power }) =>
    from <= power && power <= to;

/**
 * As much of a band as there are classes; `null` where there is none in it.
 * @param {Profile} profile
 * @param {Band} band
 * @returns {Band | null}
 */
function withinClasses(profile, band) {
  const powers = classesOf(profile, band.name).map(({ power }) => power);
  const [from, to] = [
    Math.max(band.from, Math.min(...powers)),
    Math.min(band.to, Math.max(...powers)),
  ];
  return powers.some(power => from <= power && power <= to) ? { name: band.name, from, to } : null;
}

/** @param {LatencyClass[]} classes */
const operationsOf = classes => classes.reduce((sum, { operations }) => sum + operations, 0);

/**
 * Where a class begins, and where the one below it ends. The first has what took no time, too.
 * @param {number} power
 */
const edgeOf = power => (power === 0 ? 0 : 2 ** power);

/** @param {Band} band */
const saidOfBand = ({ name, from, to }) =>
  `${name} from ${words.time(edgeOf(from), 3)} to ${words.time(edgeOf(to + 1), 3)}`;

/**
 * The operations of a band alone, and the others of its name.
 * @param {Profile} profile
 * @param {Band} band
 */
function splitByBand(profile, band) {
  const all = classesOf(profile, band.name);
  const isIn = isInBand(band);
  return {
    picked: ofClasses(
      profile,
      all.filter(each => isIn(each)),
    ),
    rest: ofClasses(
      profile,
      all.filter(each => !isIn(each)),
    ),
  };
}

/**
 * The operations of some classes alone: threads, percentiles, reasons and what is open are not
 * known by class.
 * @param {Profile} profile
 * @param {LatencyClass[]} classes
 * @returns {Profile}
 */
function ofClasses(profile, classes) {
  /** @type {Map<number, ProfileNode>} */
  const measured = new Map();
  const keep = (/** @type {number} */ place) => {
    /** @type {number | null} */
    let below = place;
    for (; below !== null && !measured.has(below); below = profile.nodes[below].parent) {
      measured.set(below, unmeasured(profile.nodes[below]));
    }
    return /** @type {ProfileNode} */ (measured.get(place));
  };
  for (const part of classes.flatMap(({ nodes }) => nodes)) addPart(keep(part.node), part);
  // Parents have smaller places.
  const places = [...measured.keys()].sort((a, b) => a - b);
  const moved = new Map(places.map((place, i) => [place, i]));
  const nodes = places.map(place => {
    const node = /** @type {ProfileNode} */ (measured.get(place));
    return { ...node, parent: node.parent === null ? null : (moved.get(node.parent) ?? null) };
  });
  const roots = nodes.flatMap(({ parent, started }, node) =>
    parent === null ? [{ node, operations: started }] : [],
  );
  const { window, troubles, states, callsites, so_far } = profile;
  return {
    ...{ window, troubles, states, callsites, so_far, nodes },
    operations: operationsOf(classes),
    named_operations: roots,
    threads: [],
  };
}

/** What is summed of a node, times and counts. */
const SUMS = /** @type {const} */ ([
  ...['calls', 'started', 'enters', 'wall_nanos', 'await_nanos', 'busy_nanos'],
  ...['entered_nanos', 'latency_nanos'],
]);

/**
 * A node at which nothing was measured.
 * @param {ProfileNode} node
 * @returns {ProfileNode}
 */
function unmeasured({ parent, callsite, fields, other_fields }) {
  const none = { calls: 0, started: 0, enters: 0, wall_nanos: 0, await_nanos: 0, busy_nanos: 0 };
  return {
    ...{ parent, callsite, fields, other_fields, ...none },
    entered_nanos: 0,
    latency_nanos: 0,
    max_latency_nanos: 0,
    max_latency_is_bound: false,
    open_before: 0,
    queued_nanos: 0,
    max_queued_nanos: 0,
    wall_states: {},
    busy_states: {},
    switches: {},
    latencies: [],
  };
}

/**
 * @param {ProfileNode} node
 * @param {ClassPart} part
 */
function addPart(node, part) {
  addNumbers(node, part, SUMS);
  for (const key of /** @type {const} */ (['wall_states', 'busy_states', 'switches'])) {
    const more = part[key] || {};
    addNumbers(node[key] || {}, more, Object.keys(more));
  }
  const { max_latency_nanos: longest = 0, max_latency_is_bound: isBound = false } = part;
  if (longest > node.max_latency_nanos) {
    node.max_latency_nanos = longest;
    node.max_latency_is_bound = isBound;
  }
}

/**
 * Adds the numbers of some keys.
 * @param {object} sum
 * @param {object} more
 * @param {readonly string[]} keys
 */
function addNumbers(sum, more, keys) {
  const [to, from] = /** @type {Record<string, number>[]} */ ([sum, more]);
  for (const key of keys) to[key] = (to[key] || 0) + (from[key] || 0);
}
