// What a person does to a graph: the wheel, a mouse or fingers, keys.

/**
 * Has a graph obey.
 * @param {Graph} graph
 */
function listenTo(graph) {
  const { canvas, place } = graph;
  place.addEventListener('scroll', () => graph.draw());
  new ResizeObserver(() => graph.change()).observe(place);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    graph.brush.colours = new Colours();
    graph.draw();
  });
  canvas.addEventListener('keydown', event => press(graph, event));
  canvas.addEventListener(
    'wheel',
    event => {
      if (event.ctrlKey) graph.scale(1.002 ** event.deltaY, event.offsetX);
      else if (event.deltaX || event.shiftKey) graph.pan(event.deltaX || event.deltaY);
      else return;
      event.preventDefault();
    },
    { passive: false },
  );
  listenToPointers(graph);
}

/**
 * A click zooms; one pointer that is moved while it is down moves the picture, two bring it
 * nearer or farther.
 * @param {Graph} graph
 */
function listenToPointers(graph) {
  const { canvas } = graph;
  /** @type {Map<number, PointerEvent>} Those that are down. */
  const down = new Map();
  let moved = 0;
  canvas.addEventListener('pointerdown', event => {
    if (down.size === 0) moved = 0;
    down.set(event.pointerId, event);
  });
  canvas.addEventListener('pointermove', event => {
    const before = down.get(event.pointerId);
    if (!before) {
      if (event.pointerType === 'mouse') graph.hover(graph.boxUnder(event));
      return;
    }
    moved += Math.abs(event.clientX - before.clientX);
    const other = [...down.values()].find(each => each.pointerId !== event.pointerId);
    if (other) {
      const [was, is] = [before, event].map(each => Math.abs(each.clientX - other.clientX));
      graph.scale(Math.max(was, 8) / Math.max(is, 8), other.offsetX);
    } else if (moved > 4) {
      graph.pan(before.clientX - event.clientX);
    }
    down.set(event.pointerId, event);
  });
  const up = (/** @type {PointerEvent} */ event) => down.delete(event.pointerId);
  canvas.addEventListener('pointercancel', up);
  canvas.addEventListener('pointerup', up);
  canvas.addEventListener('pointerleave', event => {
    up(event);
    graph.hover(null);
  });
  canvas.addEventListener('click', event => {
    const box = graph.boxUnder(event);
    if (box && moved <= 4) graph.open(box);
  });
}

/**
 * @param {Graph} graph
 * @param {KeyboardEvent} event
 */
function press(graph, event) {
  const { root } = graph;
  if (!root) return;
  const box = graph.selected || root;
  const next = {
    [graph.isIcicle ? 'ArrowDown' : 'ArrowUp']: () => widestOf(box.children.filter(isSeen)),
    [graph.isIcicle ? 'ArrowUp' : 'ArrowDown']: () => box.parent,
    ArrowLeft: () => beside(box, -1),
    ArrowRight: () => beside(box, 1),
  }[event.key];
  if (next) {
    const to = next();
    if (to) graph.reveal(to);
  } else if (event.key === 'Enter') {
    graph.open(box);
  } else if (event.key === 'Escape') {
    graph.open(root);
  } else if (event.key === '+' || event.key === '-') {
    graph.scale(event.key === '+' ? 0.7 : 1 / 0.7, graph.place.clientWidth / 2);
  } else {
    return;
  }
  event.preventDefault();
}
