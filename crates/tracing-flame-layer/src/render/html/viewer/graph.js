// A tree drawn to a canvas. It is as high as its place in the page, and scrolls: of the
// boxes no more are looked at than there are pixels.

/**
 * @typedef {object} GraphEvents
 * @property {(box: Box | null) => void} onHover
 * @property {(box: Box) => void} onSelect
 * @property {(box: Box) => void} onZoom
 */

/** How long a change of what is shown takes, in milliseconds. */
const GLIDE = 220;

class Graph {
  /**
   * @param {HTMLElement} place
   * @param {string} name
   * @param {GraphEvents} events
   */
  constructor(place, name, events) {
    this.place = place;
    this.events = events;
    this.canvas = element('canvas', [], {
      tabindex: '0',
      role: 'application',
      'aria-label': `${name}: arrow keys move, Enter zooms, Escape zooms out`,
      'aria-describedby': 'about',
    });
    this.spacer = element('div', [], { class: 'spacer' });
    place.append(this.canvas, this.spacer);
    /** @type {Box | null} */
    this.root = null;
    /** What is shown, from where to where. */
    this.from = 0;
    this.to = 0;
    /** @type {string[]} The labels up to the box that was zoomed to. */
    this.path = [];
    /** @type {[number, number] | null} Else the part of the whole that was moved to. */
    this.part = null;
    /** @type {Box | null} */
    this.hovered = null;
    /** @type {Box | null} */
    this.selected = null;
    /** Whether the root stands at the top. */
    this.isIcicle = false;
    this.brush = new Brush();
    /** The height of a row in pixels, and what is free above the rows of a low tree. */
    this.row = 20;
    this.gap = 0;
    /** @type {{ placed: Placed[], rows: number } | null} */
    this.laidOut = null;
    this.frame = 0;
    /** @type {{ from: number, to: number, wasFrom: number, wasTo: number, begun: number } | null} */
    this.glide = null;
    /** @type {Set<Box>} Boxes with a red edge. */
    this.marked = new Set();
    /** @type {Box | null} One that is to be scrolled to. */
    this.sought = null;
    listenTo(this);
  }

  /**
   * Shows a tree in place of another, and of it what was shown of that, or a path of it.
   * @param {Box} root
   * @param {string[]} path
   */
  show(root, path = this.path) {
    this.root = root;
    this.hovered = null;
    this.glide = null;
    if (path.join(';') !== this.path.join(';')) this.part = null;
    this.path = path;
    if (this.part) [this.from, this.to] = this.part.map(part => part * root.total);
    else [this.from, this.to] = extentOf(boxOf(root, path));
    this.change();
  }

  /** @param {Box} box */
  zoom(box) {
    this.path = pathIn(box);
    this.part = null;
    const [from, to] = extentOf(box);
    this.goTo(from, to);
    this.events.onZoom(box);
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  goTo(from, to) {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      [this.from, this.to] = [from, to];
    } else {
      this.glide = { from, to, wasFrom: this.from, wasTo: this.to, begun: performance.now() };
    }
    this.change();
  }

  /** Has the boxes be looked for anew, and drawn. */
  change() {
    this.laidOut = null;
    this.draw();
  }

  /** Draws with the screen's next picture, once, however often it is asked for. */
  draw() {
    if (!this.frame) this.frame = requestAnimationFrame(now => this.paint(now));
  }

  /** @param {number} now */
  paint(now) {
    this.frame = 0;
    const { root, canvas, place } = this;
    if (!root || !place.clientWidth) return;
    this.move(now);
    const { placed, rows } = this.laidOut || this.layOutAnew(root);
    const width = place.clientWidth;
    const height = place.clientHeight;
    const context = prepared(canvas, width, height);
    if (!context) return;
    this.brush.lettering.prepare(context);
    this.scrollToSought();
    const scrolled = place.scrollTop;
    for (const each of placed) {
      const top = this.top(each.depth, rows) - scrolled;
      if (top < height && top + this.row > 0) this.brush.paintBox(context, each, top);
    }
    for (const each of placed) {
      if (each.box && this.marked.has(each.box)) this.paintEdge(context, each, 1.5, true);
    }
    this.paintOutline(this.selected, 2, context);
    this.paintOutline(this.hovered, 1.5, context);
    if (this.glide) this.change();
  }

  /** @param {Box} root */
  layOutAnew(root) {
    const { place, from, to } = this;
    this.row = matchMedia('(max-width: 640px)').matches ? 24 : 20;
    this.brush.height = this.row - 1;
    const width = place.clientWidth;
    let laidOut = layOut(root, from, to, width);
    this.fit(laidOut.rows);
    // More rows than there is room for bring a scroll bar, which takes some of the width.
    if (place.clientWidth !== width) laidOut = layOut(root, from, to, place.clientWidth);
    this.laidOut = laidOut;
    const free = place.clientHeight - laidOut.rows * this.row;
    this.gap = this.isIcicle ? 0 : Math.max(free, 0);
    return laidOut;
  }

  /**
   * Goes on with a change of what is shown.
   * @param {number} now
   */
  move(now) {
    const { glide } = this;
    if (!glide) return;
    const part = Math.min(Math.max((now - glide.begun) / GLIDE, 0), 1);
    const eased = 1 - (1 - part) ** 3;
    this.from = glide.wasFrom + (glide.from - glide.wasFrom) * eased;
    this.to = glide.wasTo + (glide.to - glide.wasTo) * eased;
    if (part === 1) [this.from, this.to, this.glide] = [glide.from, glide.to, null];
  }

  /**
   * Gives the picture as many rows as it has; the root stays where it is.
   * @param {number} rows
   */
  fit(rows) {
    const { place, spacer } = this;
    const height = `${rows * this.row}px`;
    if (spacer.style.height === height) return;
    const below = place.scrollHeight - place.scrollTop;
    spacer.style.height = height;
    place.style.height = height;
    if (!this.isIcicle) place.scrollTop = place.scrollHeight - below;
  }

  /**
   * Where a row begins, from the top of all rows.
   * @param {number} depth
   * @param {number} rows
   */
  top(depth, rows) {
    return (this.isIcicle ? depth : rows - 1 - depth) * this.row + this.gap;
  }

  /** Has what is sought be seen, once it has its place. */
  scrollToSought() {
    const { place, sought, laidOut } = this;
    if (!sought || !laidOut || this.glide) return;
    this.sought = null;
    const top = this.top(pathIn(sought).length, laidOut.rows);
    if (top < place.scrollTop || top + this.row > place.scrollTop + place.clientHeight) {
      place.scrollTop = top - place.clientHeight / 2;
    }
  }

  /**
   * @param {Box | null} box
   * @param {number} thick
   * @param {CanvasRenderingContext2D} context
   */
  paintOutline(box, thick, context) {
    const placed = box && this.laidOut && this.laidOut.placed.find(each => each.box === box);
    if (placed) this.paintEdge(context, placed, thick, false);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Placed} placed
   * @param {number} thick
   * @param {boolean} isCritical
   */
  paintEdge(context, placed, thick, isCritical) {
    const rows = this.laidOut ? this.laidOut.rows : 0;
    const top = this.top(placed.depth, rows) - this.place.scrollTop;
    this.brush.paintEdge(context, placed, top, thick, isCritical);
  }

  /**
   * Where a box is drawn, from the left and top of the graph; nothing where it is not.
   * @param {Box} box
   */
  placeOf(box) {
    const placed = this.laidOut && this.laidOut.placed.find(each => each.box === box);
    if (!placed || !this.laidOut) return null;
    const top = this.top(placed.depth, this.laidOut.rows) - this.place.scrollTop;
    return { left: placed.left, top, width: placed.width, height: this.row - 1 };
  }

  /**
   * @param {MouseEvent} event
   * @returns {Box | null}
   */
  boxUnder(event) {
    const { root, canvas, laidOut, place } = this;
    if (!root || !laidOut) return null;
    const box = canvas.getBoundingClientRect();
    const under = event.clientY - box.top + place.scrollTop - this.gap;
    const row = Math.floor(under / this.row);
    const depth = this.isIcicle ? row : laidOut.rows - 1 - row;
    if (depth < 0 || depth >= laidOut.rows) return null;
    return boxAt(root, this.from + (event.clientX - box.left) * this.perPixel, depth);
  }

  get perPixel() {
    return (this.to - this.from) / Math.max(this.place.clientWidth, 1);
  }

  /**
   * Shows more or less of the width, keeping a point where it is.
   * @param {number} factor
   * @param {number} pixel
   */
  scale(factor, pixel) {
    if (!this.root) return;
    const point = this.from + pixel * this.perPixel;
    const from = point - (point - this.from) * factor;
    this.set(from, from + Math.max((this.to - this.from) * factor, 1));
  }

  /** @param {number} pixels */
  pan(pixels) {
    const by = pixels * this.perPixel;
    this.set(this.from + by, this.to + by);
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  set(from, to) {
    if (!this.root) return;
    const width = Math.min(to - from, this.root.total);
    this.glide = null;
    this.from = Math.min(Math.max(from, 0), this.root.total - width);
    this.to = this.from + width;
    this.part = [this.from / this.root.total, this.to / this.root.total];
    this.change();
  }

  /** @param {Box | null} box */
  hover(box) {
    if (box === this.hovered) return;
    this.hovered = box;
    this.canvas.classList.toggle('over', box !== null);
    this.events.onHover(box);
    this.draw();
  }

  /** @param {Box} box */
  open(box) {
    this.zoom(box);
    this.select(box);
  }

  /** @param {Box} box */
  select(box) {
    this.selected = box;
    this.events.onSelect(box);
    this.draw();
  }

  /**
   * Selects a box, and shows it where it is not to be seen.
   * @param {Box} box
   */
  reveal(box) {
    const [from, to] = extentOf(box);
    const isSeen = to - from >= 8 * this.perPixel && from >= this.from && to <= this.to;
    if (!isSeen && !(from <= this.from && to >= this.to)) this.zoom(box.parent || box);
    const isNarrow = to - from < ((box.parent?.total || 1) * 8) / this.place.clientWidth;
    if (box.parent && isNarrow) this.zoom(box);
    this.select(box);
    this.sought = box;
  }
}
