// Two runs in one tree: what each frame took in the run before, as if that had done as
// much. The rules are those of `flame diff`.

/**
 * What times are divided by: the operations of the root that a frame stands on.
 * @typedef {{ before: number, after: number, isOperations: boolean }} Divisor
 */

class Difference {
  /**
   * Has every frame of a run know what it was before; adds those that are gone.
   * @param {Frames} after
   * @param {Frames} before
   */
  constructor(after, before) {
    /** @type {Map<Frame, Divisor>} By the frame at the bottom. */
    this.divisors = new Map();
    this.graft(after, before);
    for (const root of after.root.children) this.scale(root, divisorOf(root));
    const { root } = after;
    root.was = root.children.reduce((sum, { was }) => sum + was, 0);
    /** The largest change of a frame's own time. */
    this.most = after.all.reduce(
      (most, { own, wasOwn }) => Math.max(most, Math.abs(own - wasOwn)),
      0,
    );
  }

  /**
   * @param {Frames} after
   * @param {Frames} before
   */
  graft(after, before) {
    /** @type {Map<Frame, Frame>} */
    const places = new Map([[before.root, after.root]]);
    for (const frame of before.all.slice(1)) {
      const parent = frame.parent && places.get(frame.parent);
      if (!parent) continue;
      const place = after.child(parent, frame.label, frame.kind);
      place.wasOwn = frame.own;
      place.was = frame.total;
      place.wasNodes = frame.nodes;
      place.source = place.source || frame.source;
      places.set(frame, place);
    }
    for (const frame of after.all) frame.children.sort(inOrder);
  }

  /**
   * @param {Frame} root
   * @param {Divisor} divisor
   */
  scale(root, divisor) {
    this.divisors.set(root, divisor);
    const factor = divisor.after / divisor.before;
    const next = [root];
    for (let frame = next.pop(); frame; frame = next.pop()) {
      frame.wasOwn *= factor;
      frame.was *= factor;
      next.push(...frame.children);
    }
  }

  /**
   * The divisor of the root that a frame stands on.
   * @param {Frame} frame
   */
  of(frame) {
    let bottom = frame;
    while (bottom.parent && bottom.parent.kind !== 'all') bottom = bottom.parent;
    return this.divisors.get(bottom);
  }
}

/**
 * Operations, where each run that has time has some; the other's count for one without.
 * @param {Frame} root
 * @returns {Divisor}
 */
function divisorOf({ nodes, wasNodes, total, was }) {
  const lived = (/** @type {ProfileNode[]} */ some) =>
    some.reduce((sum, node) => sum + node.started + node.open_before, 0);
  const [before, after] = [lived(wasNodes), lived(nodes)];
  const isKnown = (was === 0 || before > 0) && (total === 0 || after > 0) && before + after > 0;
  if (!isKnown) return { before: 1, after: 1, isOperations: false };
  return { before: before || after, after: after || before, isOperations: true };
}

/**
 * What changed in a box: in its own time, or in all that stands for it where boxes are
 * merged.
 * @param {Box} box
 */
const changeOf = box => (box instanceof Frame ? box.own - box.wasOwn : box.total - box.was);

/**
 * @param {Frame} frame
 * @param {Difference} difference
 * @returns {[string, string][]}
 */
function changeFacts(frame, difference) {
  const divisor = frame.kind === 'all' ? undefined : difference.of(frame);
  const by = divisor && divisor.isOperations ? divisor.after : 1;
  const unit = divisor && divisor.isOperations ? ', each operation' : '';
  const told = (/** @type {number} */ now, /** @type {number} */ was) => {
    const ratio = was > 0 ? `, ${words.ratio(now / was)}` : '';
    return `${words.time(was / by)} → ${words.time(now / by)}: ${words.change((now - was) / by)}${ratio}`;
  };
  return [
    [`change of total${unit}`, told(frame.total, frame.was)],
    [
      `change of self${unit}`,
      told(
        frame.self(),
        frame.self(each => each.wasOwn),
      ),
    ],
  ];
}
