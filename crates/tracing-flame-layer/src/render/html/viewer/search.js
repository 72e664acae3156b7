// A search: which labels it finds, and how much of a tree they cover.

class Search {
  /**
   * A regular expression without regard to case; what is none is looked for as it is.
   * @param {string} text
   */
  constructor(text) {
    this.text = text;
    this.isLiteral = false;
    /** @type {RegExp | null} */
    this.pattern = null;
    if (text !== '') {
      try {
        this.pattern = new RegExp(text, 'i');
      } catch {
        this.isLiteral = true;
        this.pattern = new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
      }
    }
    /** @type {Map<string, boolean>} */
    this.known = new Map();
  }

  get isOn() {
    return this.pattern !== null;
  }

  /** @param {{ label: string, kind: Kind }} box */
  finds({ label, kind }) {
    if (!this.pattern || kind === 'all') return false;
    let found = this.known.get(label);
    if (found === undefined) this.known.set(label, (found = this.pattern.test(label)));
    return found;
  }

  /**
   * The frames that are found, as they are drawn from left to right, and how much they
   * cover: each instant once, though one stands on another.
   * @param {Frames} frames
   */
  in(frames) {
    const found = [];
    let covered = 0;
    /** @type {[Frame, boolean][]} With each frame whether one that it stands on is found. */
    const next = [[frames.root, false]];
    for (let step = next.pop(); step; step = next.pop()) {
      const [frame, isCovered] = step;
      const is = isSeen(frame) && this.finds(frame);
      if (is) found.push(frame);
      if (is && !isCovered) covered += frame.total;
      for (let i = frame.children.length - 1; i >= 0; i -= 1) {
        next.push([frame.children[i], isCovered || is]);
      }
    }
    return { found, covered };
  }
}
