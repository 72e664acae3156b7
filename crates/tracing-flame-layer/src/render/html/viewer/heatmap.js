// When operations of a name ended, and how long they took: time across, latency upward.

/**
 * @typedef {[root: number, most_nanos: number, operations: number]} HeatCell
 * @typedef {{ from_nanos: number, below_nanos: number, cells: HeatCell[] }} HeatColumn
 *
 * Operations by the place of their bucket; columns of which several fit into a few pixels are one.
 * @typedef {{ from: number, below: number, counts: Map<number, number> }} HeatBar
 *
 * A stretch of time, and of levels.
 * @typedef {{ from: number, below: number, low: number, high: number }} Rectangle
 */

/** In pixels: room for latencies at the left and times below, a power of two, a column. */
const ASIDE = 68;
const BENEATH = 20;
const POWER_HIGH = 24;
const LEAST_WIDE = 3;

/**
 * How high a latency is: by a whole number for each power of two, and in proportion in between,
 * so that the eighths of a power are as high as each other.
 * @param {number} nanos
 */
function levelOf(nanos) {
  if (nanos < 1) return 0;
  const power = Math.floor(Math.log2(nanos));
  return power + nanos / 2 ** power - 1;
}

/**
 * Between which levels the operations are of a bucket, which is known by its longest.
 * @param {number} most
 */
function levelsOf(most) {
  const wide = most < 16 ? 1 : 2 ** (Math.floor(Math.log2(most)) - 3);
  return { low: levelOf(most - wide + 1), high: levelOf(most + 1) };
}

class Heatmap {
  /**
   * @param {HTMLElement} place
   * @param {(said: string) => void} onHover
   * @param {(rectangle: Rectangle, isPoint: boolean) => void} onChoose
   */
  constructor(place, onHover, onChoose) {
    this.place = place;
    this.canvas = element('canvas', [], { role: 'img' });
    place.append(this.canvas);
    /** @type {HeatColumn[]} */
    this.columns = [];
    this.nanos = 1;
    this.start = 0;
    this.low = 0;
    this.high = 1;
    /** @type {Rectangle | null} What is being drawn, and what was chosen. */
    this.drawn = null;
    /** @type {Rectangle | null} */
    this.chosen = null;
    this.colours = new Colours();
    this.lettering = new Lettering();
    this.asked = 0;
    this.listen(onHover, onChoose);
  }

  /**
   * @param {HeatColumn[]} columns Of one name.
   * @param {{ start_unix_nanos: number, length_nanos: number }} window
   */
  show(columns, { start_unix_nanos: start, length_nanos: length }) {
    this.columns = columns;
    this.start = start;
    // Pauses are in the times of columns alone.
    this.nanos =
      columns.reduce((last, { below_nanos: below }) => Math.max(last, below), length) || 1;
    const levels = columns.flatMap(({ cells }) => cells.map(([, most]) => levelsOf(most)));
    this.low = Math.floor(Math.min(...levels.map(({ low }) => low)));
    this.high = Math.ceil(Math.max(...levels.map(({ high }) => high)));
    this.draw();
  }

  draw() {
    if (!this.asked) this.asked = requestAnimationFrame(() => this.paint());
  }

  get wide() {
    return Math.max(this.place.clientWidth - ASIDE, 1);
  }

  get tall() {
    return POWER_HIGH * (this.high - this.low);
  }

  /** @param {number} nanos */
  across(nanos) {
    return ASIDE + (nanos / this.nanos) * this.wide;
  }

  /** @param {number} level */
  down(level) {
    return (this.high - level) * POWER_HIGH;
  }

  paint() {
    this.asked = 0;
    const context = prepared(this.canvas, this.place.clientWidth, this.tall + BENEATH);
    if (!context || this.columns.length === 0) return;
    this.lettering.prepare(context);
    this.paintAxes(context);
    const bars = barsOf(this.columns, (LEAST_WIDE * this.nanos) / this.wide);
    const rate = (/** @type {HeatBar} */ { from, below }, /** @type {number} */ count) =>
      count / Math.max(below - from, (LEAST_WIDE * this.nanos) / this.wide);
    const rates = bars.flatMap(bar => [...bar.counts.values()].map(count => rate(bar, count)));
    const [least, most] = [Math.min(...rates), Math.max(...rates)];
    for (const bar of bars) {
      for (const [longest, count] of bar.counts) {
        const part = most > least ? Math.log(rate(bar, count) / least) / Math.log(most / least) : 1;
        context.fillStyle = this.colours.ofHeat(part);
        this.fillCell(context, bar, levelsOf(longest));
      }
    }
    if (this.chosen) this.paintRectangle(context, this.chosen, true);
    if (this.drawn) this.paintRectangle(context, this.drawn, false);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {HeatBar} bar
   * @param {{ low: number, high: number }} levels
   */
  fillCell(context, { from, below }, { low, high }) {
    const [left, top] = [this.across(from), this.down(high)];
    const wide = Math.max(this.across(below) - left, LEAST_WIDE);
    context.fillRect(left, top, wide, this.down(low) - top);
  }

  /** @param {CanvasRenderingContext2D} context */
  paintAxes(context) {
    const { colours } = this;
    for (let level = this.low; level <= this.high; level += 1) {
      context.fillStyle = colours.line;
      context.fillRect(ASIDE, this.down(level), this.wide, 1);
      // The uppermost and the lowest have half of their letters outside.
      if (level === this.high || level === this.low) continue;
      context.fillStyle = colours.soft;
      const text = words.time(edgeOf(level), 3);
      const taken = this.lettering.widthOf(context, text) + 8;
      context.fillText(text, ASIDE - taken, this.down(level));
    }
    context.fillStyle = colours.soft;
    const ticks = Math.max(Math.floor(this.wide / 160), 2);
    for (let i = 0; i <= ticks; i += 1) {
      const text = words.time(Math.round((this.nanos * i) / ticks), 3);
      const x = this.across((this.nanos * i) / ticks);
      const taken = i === ticks ? this.lettering.widthOf(context, text) : 0;
      context.fillText(text, x - taken, this.tall + BENEATH / 2);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Rectangle} rectangle
   * @param {boolean} isChosen What is drawn of it is its band over all of the time.
   */
  paintRectangle(context, { from, below, low, high }, isChosen) {
    const { colours } = this;
    const [top, tall] = [this.down(high), this.down(low) - this.down(high)];
    context.strokeStyle = colours.outline;
    if (isChosen) {
      context.globalAlpha = 0.12;
      context.fillStyle = colours.outline;
      context.fillRect(ASIDE, top, this.wide, tall);
      context.globalAlpha = 1;
      context.lineWidth = 1.5;
      context.strokeRect(ASIDE + 0.75, top + 0.75, this.wide - 1.5, tall - 1.5);
    }
    context.setLineDash([4, 3]);
    context.lineWidth = 1;
    const left = this.across(from);
    context.strokeRect(left, top, this.across(below) - left, tall);
    context.setLineDash([]);
  }

  /**
   * Where a pointer is.
   * @param {MouseEvent} event
   */
  pointOf({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    const across = Math.min(Math.max((clientX - box.left - ASIDE) / this.wide, 0), 1);
    const level = this.high - (clientY - box.top) / POWER_HIGH;
    return { nanos: across * this.nanos, level: Math.min(Math.max(level, this.low), this.high) };
  }

  /** @param {{ nanos: number, level: number }} point */
  saidOf({ nanos, level }) {
    const found = this.columns.find(
      ({ from_nanos: from, below_nanos: below }) => from <= nanos && nanos < below,
    );
    if (!found) return '';
    const isAt = (/** @type {number} */ most) => {
      const { low, high } = levelsOf(most);
      return low <= level && level < high;
    };
    const cells = found.cells.filter(([, most]) => isAt(most));
    if (cells.length === 0) return '';
    const count = cells.reduce((sum, [, , operations]) => sum + operations, 0);
    const [, most] = cells[0];
    const { from_nanos: from, below_nanos: below } = found;
    const when = `from ${words.time(from)} to ${words.time(below)}`;
    const took = `took up to ${words.time(most + 1, 3)}`;
    return `${words.count(count)} that ${took} ended ${when}, ${words.utc(this.start + from)}`;
  }

  /**
   * @param {(said: string) => void} onHover
   * @param {(rectangle: Rectangle, isPoint: boolean) => void} onChoose
   */
  listen(onHover, onChoose) {
    const { canvas } = this;
    new ResizeObserver(() => this.draw()).observe(this.place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.colours = new Colours();
      this.draw();
    });
    /** @type {{ nanos: number, level: number } | null} */
    let begun = null;
    canvas.addEventListener('pointerdown', event => {
      begun = this.pointOf(event);
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointermove', event => {
      const point = this.pointOf(event);
      onHover(this.saidOf(point));
      this.drawn = begun && rectangleOf(begun, point);
      if (begun) this.draw();
    });
    canvas.addEventListener('pointerup', event => {
      if (!begun) return;
      const rectangle = rectangleOf(begun, this.pointOf(event));
      const moved = this.across(rectangle.below) - this.across(rectangle.from);
      const isPoint = moved < 4 && (rectangle.high - rectangle.low) * POWER_HIGH < 4;
      begun = this.drawn = null;
      onChoose(rectangle, isPoint);
    });
    canvas.addEventListener('pointercancel', () => {
      begun = this.drawn = null;
      this.draw();
    });
    canvas.addEventListener('pointerleave', () => onHover(''));
  }
}

/**
 * @typedef {{ nanos: number, level: number }} Point
 * @param {Point} one
 * @param {Point} other
 * @returns {Rectangle}
 */
const rectangleOf = (one, other) => ({
  from: Math.min(one.nanos, other.nanos),
  below: Math.max(one.nanos, other.nanos),
  low: Math.min(one.level, other.level),
  high: Math.max(one.level, other.level),
});

/**
 * Columns to be drawn: those that would be narrower than `least` are one with what is behind
 * them, up to a gap that can be seen.
 * @param {HeatColumn[]} columns
 * @param {number} least
 */
function barsOf(columns, least) {
  /** @type {HeatBar[]} */
  const bars = [];
  for (const { from_nanos: from, below_nanos: below, cells } of columns) {
    let bar = bars[bars.length - 1];
    const isApart = !bar || bar.below - bar.from >= least || from - bar.from >= least;
    if (isApart) bars.push((bar = { from, below, counts: new Map() }));
    bar.below = below;
    for (const [, most, operations] of cells) {
      bar.counts.set(most, (bar.counts.get(most) || 0) + operations);
    }
  }
  return bars;
}

/**
 * A profile's columns, of one name.
 * @param {Profile} profile
 * @param {string} name
 * @returns {HeatColumn[]}
 */
function heatColumnsOf(profile, name) {
  const is = (/** @type {HeatCell} */ [root]) => rootName(profile, root) === name;
  return (profile.heatmap || [])
    .map(column => ({ ...column, cells: column.cells.filter(is) }))
    .filter(({ cells }) => cells.length > 0);
}
