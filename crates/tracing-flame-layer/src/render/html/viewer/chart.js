// An operation in the order of time: its critical path, a lane for each thread, and below
// them what was awaited.

/**
 * @typedef {object} Bar
 * @property {number} from
 * @property {number} to
 * @property {string} label
 * @property {{ label: string, kind: Kind }} colour What it is coloured as.
 * @property {boolean} isCritical
 * @property {string} said
 * @property {Parts} [parts] Of a strip: what the thread did.
 *
 * @typedef {{ title: string, rows: Bar[][] }} Lane
 */

/** In pixels, the height of a bar's row, of a strip and of a lane's title. */
const BAR = 18;
const STRIP = 16;
const TITLE = 20;

/** @param {Bar[]} row */
const heightOf = row => (row.length > 0 && row[0].parts ? STRIP : BAR);

class Chart {
  /**
   * @param {HTMLElement} place
   * @param {(said: string) => void} onHover
   */
  constructor(place, onHover) {
    this.place = place;
    this.canvas = element('canvas', [], {
      tabindex: '0',
      role: 'img',
      'aria-label': 'The operation in the order of time; + and - zoom, arrow keys move',
    });
    place.append(this.canvas);
    /** @type {Lane[]} */
    this.lanes = [];
    this.nanos = 0;
    this.from = 0;
    this.to = 0;
    this.colours = new Colours();
    this.lettering = new Lettering();
    this.asked = 0;
    this.listen(onHover);
  }

  /**
   * @param {Operation} operation
   * @param {string[]} labels
   */
  show(operation, labels) {
    this.lanes = lanesOf(operation, labels);
    this.nanos = operation.nanos;
    [this.from, this.to] = [0, operation.nanos];
    this.draw();
  }

  draw() {
    if (!this.asked) this.asked = requestAnimationFrame(() => this.paint());
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  set(from, to) {
    const width = Math.min(Math.max(to - from, 1), this.nanos);
    this.from = Math.min(Math.max(from, 0), this.nanos - width);
    this.to = this.from + width;
    this.draw();
  }

  paint() {
    this.asked = 0;
    const width = this.place.clientWidth;
    const rows = this.lanes.flatMap(lane => lane.rows);
    const heights = rows.reduce((sum, row) => sum + heightOf(row), 0);
    const height = TITLE * (this.lanes.length + 1) + heights;
    const context = prepared(this.canvas, width, height);
    if (!context || !width) return;
    this.lettering.prepare(context);
    this.paintTicks(context, width, height);
    this.walk((bar, top, lane) => {
      if (bar) this.paintBar(context, bar, top, width);
      else this.paintTitle(context, lane.title, top);
    });
  }

  /**
   * Each lane with the place of its title, and each bar with its place.
   * @param {(bar: Bar | null, top: number, lane: Lane, height: number) => void} each
   */
  walk(each) {
    let top = TITLE;
    for (const lane of this.lanes) {
      each(null, top, lane, TITLE);
      top += TITLE;
      for (const row of lane.rows) {
        const height = heightOf(row);
        for (const bar of row) each(bar, top, lane, height);
        top += height;
      }
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} width
   * @param {number} height
   */
  paintTicks(context, width, height) {
    const ticks = Math.max(Math.floor(width / 160), 2);
    for (let i = 0; i <= ticks; i += 1) {
      const x = (width * i) / ticks;
      const text = words.time(Math.round(this.from + ((this.to - this.from) * i) / ticks), 3);
      context.fillStyle = this.colours.line;
      context.fillRect(Math.min(x, width - 1), 0, 1, height);
      context.fillStyle = this.colours.soft;
      const taken = this.lettering.widthOf(context, text) + 4;
      context.fillText(text, i === ticks ? x - taken : x + 4, TITLE / 2);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {string} title
   * @param {number} top
   */
  paintTitle(context, title, top) {
    context.fillStyle = this.colours.soft;
    context.fillText(title, 0, top + TITLE / 2);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Bar} bar
   * @param {number} top
   * @param {number} width
   */
  paintBar(context, bar, top, width) {
    const scale = width / (this.to - this.from);
    const left = Math.max((bar.from - this.from) * scale, 0);
    const wide = Math.min((bar.to - this.from) * scale, width) - left;
    if (wide <= 0) return;
    if (bar.parts) {
      fillParts(context, this.colours, bar.parts, { left, top, wide, high: STRIP - 2 });
      return;
    }
    const high = BAR - 2;
    context.fillStyle = this.colours.of(bar.colour);
    context.fillRect(left, top, Math.max(wide, 0.5), high);
    if (bar.isCritical) {
      context.strokeStyle = this.colours.critical;
      context.lineWidth = 1.5;
      context.strokeRect(left + 0.75, top + 0.75, Math.max(wide - 1.5, 0), high - 1.5);
    }
    if (wide < 26) return;
    context.fillStyle = this.colours.ink;
    context.fillText(
      this.lettering.fitting(context, bar.label, wide - 8),
      left + 4,
      top + high / 2,
    );
  }

  /**
   * The bar at a point of the canvas.
   * @param {MouseEvent} event
   */
  barUnder(event) {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const point = this.from + (x * (this.to - this.from)) / Math.max(box.width, 1);
    /** @type {Bar | null} */
    let found = null;
    this.walk((bar, top, _, height) => {
      if (bar && y >= top && y < top + height && bar.from <= point && point < bar.to) found = bar;
    });
    return /** @type {Bar | null} */ (found);
  }

  /** @param {(said: string) => void} onHover */
  listen(onHover) {
    const { canvas } = this;
    new ResizeObserver(() => this.draw()).observe(this.place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.colours = new Colours();
      this.draw();
    });
    canvas.addEventListener('pointermove', event => {
      const bar = this.barUnder(event);
      onHover(bar ? bar.said : '');
    });
    canvas.addEventListener('pointerleave', () => onHover(''));
    canvas.addEventListener('click', event => {
      const bar = this.barUnder(event);
      if (bar) this.set(bar.from, bar.to);
      else this.set(0, this.nanos);
    });
    canvas.addEventListener('keydown', event => {
      const width = this.to - this.from;
      const [by, factor] = {
        ArrowLeft: [-0.2, 1],
        ArrowRight: [0.2, 1],
        '+': [0, 0.7],
        '-': [0, 1 / 0.7],
        Escape: [0, Infinity],
      }[event.key] || [0, 0];
      if (factor === 0) return;
      const middle = this.from + width / 2 + by * width;
      const half = Math.min((width / 2) * factor, this.nanos);
      this.set(middle - half, middle + half);
      event.preventDefault();
    });
  }
}

/**
 * @param {Operation} operation
 * @param {string[]} labels
 * @returns {Lane[]}
 */
function lanesOf(operation, labels) {
  const { profile, nanos, threads, visits, waits, path } = operation;
  const isOnPath = onPath(path);
  const totals = totalsOf(profile.nodes);
  const isWait = (/** @type {number} */ node) =>
    !isLittle(profile.nodes[node].await_nanos, totals[node]);
  /** @returns {Bar} */
  const bar = (
    /** @type {number} */ node,
    /** @type {number} */ from,
    /** @type {number} */ to,
    /** @type {Kind} */ kind,
    /** @type {boolean} */ isCritical,
    /** @type {string} */ what,
  ) => {
    const label = labels[node];
    const times = `${words.time(to - from)}, ${words.share(to - from, nanos)}`;
    const said = `${label}${what}: ${times}; from ${words.time(from)} to ${words.time(to)}`;
    const colour = { label: kind === 'state' ? '[await]' : label, kind };
    return { from, to, label, colour, isCritical, said };
  };
  const steps = path.map(([node, going, , from, to]) => {
    const kind = /** @type {Kind} */ ({ working: 'span', awaited: 'state', unknown: 'cut' }[going]);
    const what = { working: '', awaited: ' [await]', unknown: ', more or less' }[going];
    return bar(node, from, to, kind, true, what);
  });
  const lanes = threads.map(title => ({ title, rows: /** @type {Bar[][]} */ ([]) }));
  const strip = (/** @type {Bar[]} */ bars) => (hasStrips(profile) && bars.length ? [bars] : []);
  for (const [node, thread, depth, from, to] of visits) {
    const { rows } = lanes[thread];
    while (rows.length <= depth) rows.push([]);
    rows[depth].push(bar(node, from, to, 'span', isOnPath(node, thread, from, to), ''));
  }
  const awaited = waits
    .filter(([node]) => isWait(node))
    .map(([node, from, to]) =>
      bar(node, from, to, 'state', isOnPath(node, null, from, to), ' [await]'),
    );
  return [
    { title: 'critical path', rows: [...strip(stripOfPath(operation)), steps] },
    ...lanes
      .map(({ title, rows }, thread) => {
        const above = rows.length > 0 ? strip(stripOf(operation, thread)) : [];
        return { title, rows: [...above, ...rows] };
      })
      .filter(({ rows }) => rows.length > 0),
    { title: 'awaited', rows: inRows(awaited) },
  ].filter(({ rows }) => rows.length > 0);
}

/**
 * Bars in as few rows as they fit without overlap.
 * @param {Bar[]} bars
 */
function inRows(bars) {
  /** @type {Bar[][]} */
  const rows = [];
  for (const bar of bars) {
    const free = rows.find(row => row[row.length - 1].to <= bar.from);
    if (free) free.push(bar);
    else rows.push([bar]);
  }
  return rows;
}

/**
 * Whether the critical path goes through a stay at a node and a thread, or through a wait.
 * @param {Step[]} path
 */
function onPath(path) {
  /** @type {Map<string, [number, number][]>} */
  const steps = new Map();
  const key = (/** @type {number} */ node, /** @type {number | null} */ thread) =>
    `${node} ${thread}`;
  for (const [node, going, thread, from, to] of path) {
    const at = key(node, going === 'awaited' ? null : thread);
    steps.set(at, [...(steps.get(at) || []), [from, to]]);
  }
  return (
    /** @type {number} */ node,
    /** @type {number | null} */ thread,
    /** @type {number} */ from,
    /** @type {number} */ to,
  ) => (steps.get(key(node, thread)) || []).some(([begin, end]) => begin < to && end > from);
}
