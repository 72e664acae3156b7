// Colours: warm ones by label, the same in every picture, cold ones for what is no work.

class Colours {
  /** Takes what the page's style says, for the light or the dark. */
  constructor() {
    const style = getComputedStyle(document.documentElement);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
    this.ink = colour('box-ink');
    this.edge = colour('card');
    this.outline = colour('ink');
    this.critical = colour('critical');
    this.found = colour('found');
    this.foundInk = colour('card');
    this.line = colour('line');
    this.soft = colour('soft');
    this.narrow = colour('narrow');
    this.more = colour('more');
    this.less = colour('less');
    this.even = colour('even');
    this.heat = colour('heat');
    this.span = `${colour('span-colour')} ${colour('span-light')}`;
    this.plain = { all: colour('all'), cut: colour('cut'), thread: colour('thread') };
    /** @type {Map<string, string>} */
    this.known = new Map();
    this.state = colour;
  }

  /** @param {{ label: string, kind: Kind }} box */
  of({ label, kind }) {
    const key = kind + label;
    let known = this.known.get(key);
    if (known === undefined) this.known.set(key, (known = this.made(label, kind)));
    return known;
  }

  /**
   * Of what changed: the more, the deeper.
   * @param {number} change
   * @param {number} most
   */
  ofChange(change, most) {
    // Even a small change is to be told from none.
    const part = change === 0 || most === 0 ? 0 : 8 + 92 * Math.min(Math.abs(change) / most, 1);
    return `color-mix(in srgb, ${change < 0 ? this.less : this.more} ${part}%, ${this.even})`;
  }

  /**
   * Of a cell of a heatmap, by where it is between the least and the most.
   * @param {number} part
   */
  ofHeat(part) {
    // Even the least is to be told from none.
    return `color-mix(in srgb, ${this.heat} ${14 + 86 * part}%, ${this.even})`;
  }

  /**
   * @param {string} label
   * @param {Kind} kind
   */
  made(label, kind) {
    if (kind === 'span') return `hsl(${hue(label)} ${this.span})`;
    if (kind === 'state') return this.state(`state-${stateOf(label)?.id}`);
    return this.plain[kind];
  }
}

/** @param {string} label */
function hue(label) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < label.length; i += 1)
    hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
  return 8 + (((hash ^ (hash >>> 15)) >>> 0) % 42);
}
