// The part of the page about latency: the heatmap of one name, and the choice of a band in it.

class Latency {
  /** @param {(band: Band | null) => void} onChoose */
  constructor(onChoose) {
    this.onChoose = onChoose;
    /** @type {Profile | null} */
    this.profile = null;
    this.name = '';
    /** @type {Band | null} */
    this.band = null;
    /** @type {Rectangle | null} The part of the band that was drawn, by whole columns. */
    this.drawn = null;
    const about = at('heat-about', HTMLElement);
    this.heatmap = new Heatmap(
      at('heatmap', HTMLElement),
      text => write(about, text || this.said()),
      (rectangle, isPoint) => this.take(rectangle, isPoint),
    );
    at('heat-name', HTMLSelectElement).addEventListener('change', () => {
      this.name = at('heat-name', HTMLSelectElement).value;
      this.onChoose(null);
    });
    for (const id of ['heat-from', 'heat-to']) {
      at(id, HTMLSelectElement).addEventListener('change', () => this.choose());
    }
    at('heat-all', HTMLElement).addEventListener('click', () => this.onChoose(null));
  }

  /**
   * Shows what a profile has, and the band that is drawn; nothing where it has no classes.
   * @param {Profile | null} profile
   * @param {Band | null} band
   */
  show(profile, band) {
    const names = profile ? namesByCount(profile) : [];
    at('heat', HTMLElement).hidden = names.length === 0;
    if (!profile || names.length === 0) return;
    const isOther = this.profile?.window.start_unix_nanos !== profile.window.start_unix_nanos;
    if (isOther || !band) this.drawn = null;
    this.profile = profile;
    this.band = band;
    this.name = band ? band.name : names.includes(this.name) ? this.name : names[0];
    fillChoice(
      at('heat-name', HTMLSelectElement),
      names.map(name => [name, name]),
      this.name,
    );
    at('heat-names', HTMLElement).hidden = names.length < 2;
    this.fillEdges(profile);
    this.heatmap.show(heatColumnsOf(profile, this.name), profile.window);
    this.heatmap.chosen = band && (this.drawn || { ...this.all, ...levelsOfBand(band) });
    at('heat-all', HTMLButtonElement).disabled = band === null;
    this.heatmap.canvas.setAttribute('aria-label', this.summary(profile));
    write(at('heat-about', HTMLElement), this.said());
  }

  get all() {
    return { from: 0, below: this.heatmap.nanos };
  }

  /** @param {Profile} profile */
  fillEdges(profile) {
    const powers = classesOf(profile, this.name).map(({ power }) => power);
    const [first, last] = [Math.min(...powers), Math.max(...powers)];
    const all = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const edge = (/** @type {number} */ above) => (/** @type {number} */ power) =>
      /** @type {[string, string]} */ ([String(power), words.time(edgeOf(power + above), 3)]);
    const { from, to } = this.band || { from: first, to: last };
    fillChoice(at('heat-from', HTMLSelectElement), all.map(edge(0)), String(from));
    fillChoice(at('heat-to', HTMLSelectElement), all.map(edge(1)), String(to));
  }

  /** What the lists of edges say. */
  choose() {
    const [from, to] = ['heat-from', 'heat-to'].map(id => Number(at(id, HTMLSelectElement).value));
    this.drawn = null;
    this.onChoose({ name: this.name, from: Math.min(from, to), to: Math.max(from, to) });
  }

  /**
   * Widens what was drawn to whole classes and columns.
   * @param {Rectangle} rectangle
   * @param {boolean} isPoint
   */
  take(rectangle, isPoint) {
    const from = Math.floor(rectangle.low);
    const to = Math.max(Math.ceil(rectangle.high) - 1, from);
    const band = { name: this.name, from, to };
    if (!this.profile || !classesOf(this.profile, this.name).some(isInBand(band))) {
      this.heatmap.draw();
      return;
    }
    const isTouched = (/** @type {HeatColumn} */ { from_nanos: begin, below_nanos: end }) =>
      begin < rectangle.below && end > rectangle.from;
    const touched = this.heatmap.columns.filter(isTouched);
    const begins = touched.map(({ from_nanos: begin }) => begin);
    const ends = touched.map(({ below_nanos: end }) => end);
    const time = { from: Math.min(...begins), below: Math.max(...ends) };
    this.drawn = isPoint || touched.length === 0 ? null : { ...time, ...levelsOfBand(band) };
    this.onChoose(band);
  }

  /** What is chosen, in words. */
  said() {
    const { profile, band, drawn } = this;
    if (!profile || !band)
      return 'Drag a rectangle, or choose from the lists, and its operations are drawn.';
    const all = classesOf(profile, band.name);
    const count = operationsOf(all.filter(isInBand(band)));
    const whole = `${saidOfBand(band)}: ${words.count(count)} of ${words.count(operationsOf(all))}.`;
    if (!drawn) return whole;
    const [inside, when] = [
      this.within(drawn),
      `${words.time(drawn.from)} to ${words.time(drawn.below)}`,
    ];
    return `${whole} ${words.count(inside)} of them ended from ${when}; the picture is of all ${words.count(count)}, as call trees are kept by latency and not by time.`;
  }

  /**
   * How many operations are in a rectangle of whole columns and classes.
   * @param {Rectangle} rectangle
   */
  within({ from, below, low, high }) {
    const isIn = (/** @type {HeatCell} */ [, most]) => {
      const levels = levelsOf(most);
      return low <= levels.low && levels.high <= high;
    };
    return this.heatmap.columns
      .filter(column => from <= column.from_nanos && column.below_nanos <= below)
      .flatMap(({ cells }) => cells.filter(isIn))
      .reduce((sum, [, , operations]) => sum + operations, 0);
  }

  /** @param {Profile} profile */
  summary(profile) {
    const count = operationsOf(classesOf(profile, this.name));
    return `${words.plural(count, 'operation')} of ${this.name} by when they ended and how long they took; the lists above choose some`;
  }
}

/** @param {Band} band */
const levelsOfBand = ({ from, to }) => ({ low: from, high: to + 1 });

/**
 * Names of operations, those with most of them first.
 * @param {Profile} profile
 */
function namesByCount(profile) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { root, operations } of profile.classes || []) {
    const name = rootName(profile, root);
    counts.set(name, (counts.get(name) || 0) + operations);
  }
  const sorted = [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  return sorted.map(([name]) => name);
}

/**
 * The choices of a list anew, where they are others: it may be open.
 * @param {HTMLSelectElement} list
 * @param {[value: string, text: string][]} choices
 * @param {string} chosen
 */
function fillChoice(list, choices, chosen) {
  const key = choices.map(([value]) => value).join();
  if (list.dataset.key !== key) {
    list.dataset.key = key;
    list.replaceChildren(...choices.map(([value, text]) => element('option', text, { value })));
  }
  list.value = chosen;
}
