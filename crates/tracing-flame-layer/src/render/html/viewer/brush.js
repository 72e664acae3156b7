// Boxes on a canvas: their colour, what is written in them, their edges.

class Brush {
  constructor() {
    this.colours = new Colours();
    this.lettering = new Lettering();
    this.search = new Search('');
    /** The height of a box in pixels. */
    this.height = 19;
    /** @type {number | null} The largest change of a box, where two runs are compared. */
    this.mostChanged = null;
    /** @type {Findings | null} What is told of them, where several runs a side are. */
    this.findings = null;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Placed} placed
   * @param {number} top
   */
  paintBox(context, { box, left, width }, top) {
    const { height } = this;
    // A line between neighbours, where there is room for one.
    const inner = width > 3 ? width - 1 : width;
    const { colours, search } = this;
    const isFound = box !== null && search.finds(box);
    context.globalAlpha = search.isOn && !isFound ? 0.4 : 1;
    context.fillStyle = isFound ? colours.found : box ? this.colourOf(box) : colours.narrow;
    context.fillRect(left, top, inner, height);
    if (box && width >= 26) {
      context.fillStyle = isFound ? colours.foundInk : colours.ink;
      this.paintText(context, box, left, inner, top + height / 2);
    }
    context.globalAlpha = 1;
  }

  /** @param {Box} box */
  colourOf(box) {
    if (this.mostChanged === null || box.kind === 'all') return this.colours.of(box);
    // What is not told to have changed may be as it was.
    const isTold = !this.findings || !(box instanceof Frame) || this.findings.tellsOf(box);
    return this.colours.ofChange(isTold ? changeOf(box) : 0, this.mostChanged);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Box} box
   * @param {number} left
   * @param {number} width
   * @param {number} middle
   */
  paintText(context, box, left, width, middle) {
    const time = words.time(box.total);
    const taken = width >= 130 ? this.lettering.widthOf(context, time) + 12 : 0;
    const label = this.lettering.fitting(context, box.label, width - 8 - taken);
    context.fillText(label, left + 4, middle);
    if (taken) {
      context.globalAlpha *= 0.75;
      context.fillText(time, left + width - taken + 8, middle);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Placed} placed
   * @param {number} top
   * @param {number} thick
   * @param {boolean} isCritical
   */
  paintEdge(context, { left, width }, top, thick, isCritical) {
    context.strokeStyle = isCritical ? this.colours.critical : this.colours.outline;
    context.lineWidth = thick;
    const [wide, high] = [Math.max(width - 1, 1) - thick, this.height - thick];
    context.strokeRect(left + thick / 2, top + thick / 2, Math.max(wide, 0), high);
  }
}
