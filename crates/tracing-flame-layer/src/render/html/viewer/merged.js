// Frames of one name merged over all their stacks, and followed in one direction: up to
// what they called, or down to what called them. Nothing is merged before it is drawn.

/**
 * A frame, how much of a total it has, and how much it had in the run before.
 * @typedef {[frame: Frame, nanos: number, was: number]} Member
 *
 * A way to go on from one.
 * @typedef {(member: Member) => Member[]} Follow
 */

class Merged {
  /**
   * @param {string} label
   * @param {Kind} kind
   * @param {Merged | null} parent
   * @param {Follow} follow
   */
  constructor(label, kind, parent, follow) {
    this.label = label;
    this.kind = kind;
    this.parent = parent;
    this.follow = follow;
    /** @type {Member[]} */
    this.members = [];
    this.total = 0;
    this.was = 0;
    /** @type {Merged[] | null} */
    this.known = null;
  }

  /** @param {Member} member */
  add(member) {
    this.members.push(member);
    this.total += member[1];
    this.was += member[2];
  }

  get frames() {
    return this.members.map(([frame]) => frame);
  }

  /**
   * What no child has.
   * @returns {number}
   */
  get own() {
    return this.children.reduce((rest, child) => rest - child.total, this.total);
  }

  /**
   * The widest first.
   * @returns {Merged[]}
   */
  get children() {
    if (!this.known) {
      const next = this.members.flatMap(this.follow);
      this.known = mergedBy(next, this, this.follow);
    }
    return this.known;
  }
}

/** @type {Follow} */
const toCallees = ([frame]) => frame.children.map(child => [child, child.total, child.was]);

/** @type {Follow} */
const toCaller = ([{ parent }, nanos, was]) =>
  parent && parent.kind !== 'all' ? [[parent, nanos, was]] : [];

/**
 * Frames with their times, merged by what stands in them.
 * @param {Member[]} members
 * @param {Merged} parent
 * @param {Follow} follow
 * @returns {Merged[]}
 */
function mergedBy(members, parent, follow) {
  /** @type {Map<string, Merged>} */
  const merged = new Map();
  for (const member of members) {
    const [frame, nanos] = member;
    if (nanos === 0) continue;
    const key = frame.kind + frame.label;
    let known = merged.get(key);
    if (!known) merged.set(key, (known = new Merged(frame.label, frame.kind, parent, follow)));
    known.add(member);
  }
  return [...merged.values()].sort((a, b) => b.total - a.total || inOrder(a, b));
}

/**
 * All frames by their own time, each on what it was called by.
 * @param {Frames} frames
 * @returns {Merged}
 */
function bottomUp(frames) {
  const root = new Merged('all', 'all', null, toCaller);
  root.total = frames.root.total;
  root.was = frames.root.was;
  const own = frames.all.map(frame => /** @type {Member} */ ([frame, frame.own, frame.wasOwn]));
  root.known = mergedBy(own.slice(1), root, toCaller);
  return root;
}

/**
 * The frames of a name that stand on none of the same name: nested ones are in these.
 * @param {Frames} frames
 * @param {string} label
 * @param {Kind} kind
 */
function outermost(frames, label, kind) {
  const is = (/** @type {Frame} */ frame) => frame.label === label && frame.kind === kind;
  return frames.all.filter(frame => {
    if (!is(frame)) return false;
    for (let below = frame.parent; below; below = below.parent) if (is(below)) return false;
    return true;
  });
}

/**
 * What called a name, and what it called, over all its stacks.
 * @param {Frames} frames
 * @param {string} label
 * @param {Kind} kind
 */
function sandwich(frames, label, kind) {
  const halves = [toCaller, toCallees].map(follow => new Merged(label, kind, null, follow));
  for (const frame of outermost(frames, label, kind)) {
    halves.forEach(half => half.add([frame, frame.total, frame.was]));
  }
  return { callers: halves[0], callees: halves[1] };
}
