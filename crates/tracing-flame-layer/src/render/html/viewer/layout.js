// Where the boxes of a tree stand, for the part of it that is shown.

/**
 * A box that is wide enough to be seen, in pixels; without a box what stands for some that
 * are each too narrow.
 * @typedef {{ box: Box | null, left: number, width: number, depth: number }} Placed
 */

/** In pixels, the least width that a box is drawn with. */
const NARROWEST = 0.5;

/** @type {WeakMap<Box[], Float64Array>} Of siblings, where each begins, and the last ends. */
const begins = new WeakMap();

/** @param {Box[]} siblings */
function beginsOf(siblings) {
  let known = begins.get(siblings);
  if (!known) {
    known = new Float64Array(siblings.length + 1);
    for (let i = 0; i < siblings.length; i += 1) known[i + 1] = known[i] + siblings[i].total;
    begins.set(siblings, known);
  }
  return known;
}

/**
 * The first place from which on ends lie beyond a point.
 * @param {Float64Array} places
 * @param {number} point
 */
function firstBeyond(places, point, low = 0) {
  let high = places.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle + 1] > point) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The boxes between two points of a tree's width, of `pixels` pixels.
 * @param {Box} root
 * @param {number} from
 * @param {number} to
 * @param {number} pixels
 */
function layOut(root, from, to, pixels) {
  /** @type {Placed[]} */
  const placed = [];
  let rows = 0;
  if (!(to > from) || pixels <= 0) return { placed, rows };
  const scale = pixels / (to - from);
  const narrowest = NARROWEST / scale;
  // What is too narrow of a state is part of the width of what it stands on.
  const isLeftOut = (/** @type {Box} */ child) =>
    !isSeen(child) || (child.kind === 'state' && child.total < narrowest * 2);
  /** @type {[Box, number, number][]} A box, where it begins, and how deep it is. */
  const next = [[root, 0, 0]];
  for (let step = next.pop(); step; step = next.pop()) {
    const [box, begin, depth] = step;
    rows = Math.max(rows, depth + 1);
    const left = Math.max((begin - from) * scale, 0);
    const right = Math.min((begin + box.total - from) * scale, pixels);
    placed.push({ box, left, width: right - left, depth });
    const { children } = box;
    const places = beginsOf(children);
    let i = firstBeyond(places, from - begin);
    while (i < children.length && begin + places[i] < to) {
      if (children[i].total >= narrowest || isLeftOut(children[i])) {
        if (!isLeftOut(children[i])) next.push([children[i], begin + places[i], depth + 1]);
        i += 1;
        continue;
      }
      // Those too narrow side by side are one stretch.
      const first = i;
      const isNarrow = (/** @type {Box} */ child) => child.total < narrowest && !isLeftOut(child);
      while (i < children.length && isNarrow(children[i]) && begin + places[i] < to) i += 1;
      const start = Math.max((begin + places[first] - from) * scale, 0);
      const end = Math.min((begin + places[i] - from) * scale, pixels);
      if (end - start >= NARROWEST / 2) {
        placed.push({ box: null, left: start, width: end - start, depth: depth + 1 });
        rows = Math.max(rows, depth + 2);
      }
    }
  }
  return { placed, rows };
}

/**
 * Where a box stands in its tree: from where to where.
 * @param {Box} box
 * @returns {[number, number]}
 */
function extentOf(box) {
  let from = 0;
  for (let each = box; each.parent; each = each.parent) {
    from += beginsOf(each.parent.children)[each.parent.children.indexOf(each)];
  }
  return [from, from + box.total];
}

/**
 * The box at a point of a tree's width and a depth.
 * @param {Box} root
 * @param {number} point
 * @param {number} depth
 * @returns {Box | null}
 */
function boxAt(root, point, depth) {
  let box = root;
  let begin = 0;
  if (point < 0 || point >= root.total) return null;
  for (let row = 0; row < depth; row += 1) {
    const places = beginsOf(box.children);
    const i = firstBeyond(places, point - begin);
    if (i >= box.children.length || places[i + 1] <= point - begin) return null;
    begin += places[i];
    box = box.children[i];
    if (!isSeen(box)) return null;
  }
  return box;
}
