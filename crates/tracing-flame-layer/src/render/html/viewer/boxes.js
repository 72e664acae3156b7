// Boxes of any tree: which stands where.

/**
 * The labels from the one on a tree's root up to a box.
 * @param {Box} box
 */
function pathIn(box) {
  const path = [];
  for (let each = box; each.parent; each = each.parent) path.unshift(each.label);
  return path;
}

/**
 * The box of a path of labels, or as much of it as there is.
 * @param {Box} root
 * @param {string[]} path
 */
function boxOf(root, path) {
  let box = root;
  for (const label of path) {
    const next = box.children.find(child => child.label === label);
    if (!next) return box;
    box = next;
  }
  return box;
}

/** @param {Box[]} boxes */
function widestOf(boxes) {
  return boxes.reduce(
    (widest, box) => (!widest || box.total > widest.total ? box : widest),
    /** @type {Box | null} */ (null),
  );
}

/**
 * The next sibling that is seen.
 * @param {Box} box
 * @param {number} step
 */
function beside(box, step) {
  const siblings = box.parent ? box.parent.children.filter(isSeen) : [];
  return siblings[siblings.indexOf(box) + step] || null;
}

/**
 * The labels from the bottom up to a box.
 * @param {Box} box
 */
function pathOf(box) {
  const path = [];
  for (
    let each = /** @type {Box | null} */ (box);
    each && each.kind !== 'all';
    each = each.parent
  ) {
    path.unshift(each.label);
  }
  return path;
}
