// Text in boxes of a canvas: how wide it is, and what fits.

class Lettering {
  constructor() {
    /** @type {Map<string, number>} */
    this.widths = new Map();
  }

  /** @param {CanvasRenderingContext2D} context */
  prepare(context) {
    context.font = '12px system-ui, sans-serif';
    context.textBaseline = 'middle';
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {string} text
   */
  widthOf(context, text) {
    let width = this.widths.get(text);
    if (width === undefined) {
      if (this.widths.size > 20000) this.widths.clear();
      this.widths.set(text, (width = context.measureText(text).width));
    }
    return width;
  }

  /**
   * As much of a label as there is room for.
   * @param {CanvasRenderingContext2D} context
   * @param {string} label
   * @param {number} room
   */
  fitting(context, label, room) {
    const width = this.widthOf(context, label);
    if (width <= room) return label;
    let letters = Math.floor(([...label].length * room) / width);
    for (; letters > 2; letters -= 1) {
      const shortened = words.shortened(label, letters);
      if (this.widthOf(context, shortened) <= room) return shortened;
    }
    return '';
  }
}

/**
 * Gives a canvas a pixel for each of the screen's, and has it empty.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
function prepared(canvas, width, height) {
  const context = canvas.getContext('2d');
  if (!context) return null;
  const [wide, high] = [width, height].map(pixels => Math.round(pixels * devicePixelRatio));
  if (canvas.width !== wide || canvas.height !== high) {
    [canvas.width, canvas.height] = [wide, high];
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
