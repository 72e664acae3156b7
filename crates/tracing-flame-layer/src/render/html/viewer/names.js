// Each name once, over all its frames: the rows of the table.

/** All frames of one name. */
class Name {
  /**
   * @param {string} label
   * @param {Kind} kind
   */
  constructor(label, kind) {
    this.label = label;
    this.kind = kind;
    /** @type {Frame[]} */
    this.frames = [];
    this.own = 0;
    /** Frames within others of the name count once. */
    this.total = 0;
    /** Its own time, and all of it, in the run before. */
    this.wasOwn = 0;
    this.was = 0;
    /** @type {Map<string, number>} The time in each state, by the state's label. */
    this.states = new Map();
    /** @type {Map<string, number>} The same of the run before. */
    this.wereStates = new Map();
    /** What of its total is in each state. */
    this.inStates = STATES.map(() => 0);
    /** @type {Tally | null} */
    this.known = null;
  }

  /** Its own width, whatever threads did in it. */
  get self() {
    return WAITS.reduce((sum, { label }) => sum + (this.states.get(label) || 0), this.own);
  }

  /** The same in the run before. */
  get wasSelf() {
    return WAITS.reduce((sum, { label }) => sum + (this.wereStates.get(label) || 0), this.wasOwn);
  }

  get tally() {
    this.known = this.known || Tally.of(this.frames);
    return this.known;
  }

  /** The frame that has most of it. */
  get widest() {
    return this.frames.reduce((widest, frame) => (frame.total > widest.total ? frame : widest));
  }
}

/**
 * @param {Frames} frames
 * @returns {Name[]}
 */
function namesOf(frames) {
  /** @type {Map<string, Name>} */
  const names = new Map();
  /** @type {Map<Name, number>} How often each is among the frames that are walked through. */
  const open = new Map();
  /** @type {[Frame, Name | null][]} A frame to enter, or with its name one to leave. */
  const next = frames.root.children.map(frame => [frame, null]);
  for (let step = next.pop(); step; step = next.pop()) {
    const [frame, left] = step;
    if (left) {
      open.set(left, (open.get(left) || 0) - 1);
      continue;
    }
    if (frame.kind === 'state') {
      // Its parent was walked through before.
      const { parent } = frame;
      const name = parent && names.get(parent.kind + parent.label);
      if (name) {
        name.states.set(frame.label, (name.states.get(frame.label) || 0) + frame.own);
        name.wereStates.set(frame.label, (name.wereStates.get(frame.label) || 0) + frame.wasOwn);
      }
      continue;
    }
    const key = frame.kind + frame.label;
    const name = names.get(key) || new Name(frame.label, frame.kind);
    names.set(key, name);
    name.frames.push(frame);
    name.own += frame.own;
    name.wasOwn += frame.wasOwn;
    const depth = open.get(name) || 0;
    if (depth === 0) {
      name.total += frame.total;
      name.was += frame.was;
      frame.inStates?.forEach((nanos, i) => (name.inStates[i] += nanos));
    }
    open.set(name, depth + 1);
    next.push([frame, name]);
    for (const child of frame.children) next.push([child, null]);
  }
  return [...names.values()];
}
