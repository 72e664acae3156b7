// A profile as frames: its nodes of one label under one parent are one frame.

/** A box of the flamegraph. */
class Frame {
  /**
   * @param {string} label
   * @param {Kind} kind
   * @param {Frame | null} parent
   */
  constructor(label, kind, parent) {
    this.label = label;
    this.kind = kind;
    this.parent = parent;
    /** @type {Frame[]} */
    this.children = [];
    /** @type {ProfileNode[]} The nodes that it is made of. */
    this.nodes = [];
    /** @type {Share[]} What threads of one name spent at nodes, in place of these. */
    this.shares = [];
    /** @type {Callsite | null} One that its spans come from. */
    this.source = null;
    /** Whether the user named its spans operations. */
    this.isOperation = false;
    this.own = 0;
    this.total = 0;
    /** @type {Float64Array | null} What of its total is in each state, where any is. */
    this.inStates = null;
    /** Its times in the run before, where two are compared. */
    this.wasOwn = 0;
    this.was = 0;
    /** @type {ProfileNode[]} */
    this.wasNodes = [];
  }

  /**
   * Its own time, whatever threads did in it: of boxes what they waited is a child.
   * @param {(frame: Frame) => number} own
   */
  self(own = frame => frame.own) {
    const isWait = (/** @type {Frame} */ { kind, label }) =>
      kind === 'state' && stateOf(label)?.key !== null;
    return this.children.filter(isWait).reduce((sum, child) => sum + own(child), own(this));
  }

  /** Only itself: frames that are merged have more. */
  get frames() {
    return [this];
  }
}

/** How kinds of siblings follow one another, as in every picture of a profile. */
const RANKS = { all: 0, thread: 0, span: 0, cut: 1, state: 2 };

/**
 * @typedef {object} Choice
 * @property {Weight} weight
 * @property {Names} names
 * @property {Set<string>} hidden The states that are left out, and whether time on a CPU is.
 */

/** The frames of a profile, by what was chosen. */
class Frames {
  /**
   * @param {Profile} profile
   * @param {Choice} choice
   */
  constructor(profile, choice) {
    this.profile = profile;
    this.weight = choice.weight;
    this.root = new Frame('all', 'all', null);
    /** Parents before their children. */
    this.all = [this.root];
    /** @type {Map<Frame, Map<string, Frame>>} The children of those that have many. */
    this.crowds = new Map();
    this.labels = labelsOf(profile, choice.names);
    /** @type {Frame[]} The frame of each node, where nodes are what frames are made of. */
    this.of = [];
    if (choice.weight === 'threads') this.buildTowers(profile, choice);
    else this.buildNodes(profile, choice);
    this.addUp();
  }

  /**
   * @param {Profile} profile
   * @param {Choice} choice
   */
  buildNodes(profile, choice) {
    const { of } = this;
    profile.nodes.forEach((node, i) => {
      const frame = this.frameOf(profile, i, node.parent === null ? this.root : of[node.parent]);
      frame.nodes.push(node);
      this.addParts(frame, node, choice);
      of.push(frame);
    });
    for (const { node } of profile.named_operations) of[node].isOperation = true;
  }

  /**
   * @param {Frame} frame
   * @param {ProfileNode | Share} measured
   * @param {Choice} choice
   */
  addParts(frame, measured, { weight, hidden }) {
    const { onCpu, states } = partsOf(measured, weight);
    if (!hidden.has(ON_CPU.id)) frame.own += onCpu;
    STATES.forEach(({ id, label }, i) => {
      if (states[i] > 0 && !hidden.has(id)) this.child(frame, label, 'state').own += states[i];
    });
  }

  /**
   * @param {Profile} profile
   * @param {Choice} choice
   */
  buildTowers(profile, choice) {
    for (const thread of profile.threads) {
      const tower = this.child(this.root, words.label(thread.name), 'thread');
      /** @type {Map<number, Frame>} */
      const known = new Map();
      for (const share of thread.nodes) {
        const missing = [];
        let node = /** @type {number | null} */ (share.node);
        for (; node !== null && !known.has(node); node = profile.nodes[node].parent)
          missing.push(node);
        let frame = node === null ? tower : known.get(node) || tower;
        for (const place of missing.reverse()) {
          frame = this.frameOf(profile, place, frame);
          known.set(place, frame);
        }
        frame.shares.push(share);
        this.addParts(frame, share, choice);
      }
    }
  }

  /**
   * The frame of a node on another frame.
   * @param {Profile} profile
   * @param {number} place
   * @param {Frame} parent
   */
  frameOf(profile, place, parent) {
    const { callsite } = profile.nodes[place];
    const frame = this.child(parent, this.labels[place], callsite === null ? 'cut' : 'span');
    if (callsite !== null && !frame.source) frame.source = profile.callsites[callsite];
    return frame;
  }

  /**
   * A frame's child of a label, made where there is none.
   * @param {Frame} parent
   * @param {string} label
   * @param {Kind} kind
   */
  child(parent, label, kind) {
    const crowd = this.crowds.get(parent);
    const known = crowd
      ? crowd.get(kind + label)
      : parent.children.find(each => each.label === label && each.kind === kind);
    if (known) return known;
    const made = new Frame(label, kind, parent);
    parent.children.push(made);
    this.all.push(made);
    if (crowd) {
      crowd.set(kind + label, made);
    } else if (parent.children.length === CROWD) {
      this.crowds.set(parent, new Map(parent.children.map(each => [each.kind + each.label, each])));
    }
    return made;
  }

  /** Totals, and siblings in their order. */
  addUp() {
    for (let i = this.all.length - 1; i >= 0; i -= 1) {
      const frame = this.all[i];
      frame.total += frame.own;
      if (frame.parent) {
        frame.parent.total += frame.total;
        this.addStates(frame, frame.parent);
      }
      frame.children.sort(inOrder);
    }
  }

  /**
   * Adds what a frame's total is made of to that of the one below it.
   * @param {Frame} frame
   * @param {Frame} parent
   */
  addStates({ kind, label, own, inStates }, parent) {
    if (kind !== 'state' && !inStates) return;
    const sum = parent.inStates || (parent.inStates = new Float64Array(STATES.length));
    if (kind === 'state') sum[STATES.findIndex(state => state.label === label)] += own;
    else inStates?.forEach((nanos, i) => (sum[i] += nanos));
  }
}

/** From so many children on a frame has a map of them while it is built. */
const CROWD = 8;

/**
 * @param {Box} a
 * @param {Box} b
 */
function inOrder(a, b) {
  const rank = RANKS[a.kind] - RANKS[b.kind];
  if (rank !== 0 || a.kind !== 'state') return rank || (a.label < b.label ? -1 : 1);
  const place = (/** @type {Box} */ { label }) => STATES.findIndex(state => state.label === label);
  return place(a) - place(b);
}

/**
 * The label of each node. Nodes of one callsite without fields share theirs.
 * @param {Profile} profile
 * @param {Names} names
 */
function labelsOf(profile, names) {
  const plain = profile.callsites.map(callsite =>
    callsite.is_label ? words.kept(callsite.name) : words.label(nameOf(callsite, '', names)),
  );
  return profile.nodes.map(node => {
    if (node.callsite === null) return '[truncated]';
    const values = valuesOf(node);
    if (values === '') return plain[node.callsite];
    return words.label(nameOf(profile.callsites[node.callsite], values, names));
  });
}

/** @param {ProfileNode} node */
function valuesOf(node) {
  if (node.other_fields) return '{…}';
  if (!node.fields) return '';
  return `{${node.fields.map(([field, value]) => `${field}=${quoted(value)}`).join(',')}}`;
}

/**
 * A value as `--flame-fields` names it: in quotes where it could be misread.
 * @param {string} value
 */
function quoted(value) {
  const isPlain = value !== '' && value.trim() === value && !/[,{}"\\]/.test(value);
  return isPlain ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * @param {Callsite} callsite
 * @param {string} values
 * @param {Names} names
 */
function nameOf(callsite, values, names) {
  const name = callsite.name + values;
  if (names === 'name') return name;
  const full = `${callsite.target}::${name}`;
  return names === 'source' && callsite.file ? `${full} (${placeOf(callsite)})` : full;
}

/** @param {Callsite} callsite */
const placeOf = ({ file, line }) => (line === undefined ? file : `${file}:${line}`) || '';
