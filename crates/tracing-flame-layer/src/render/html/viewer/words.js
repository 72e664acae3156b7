// Quantities as people read them, by the rules of the text table, and names made safe.

/** Units, the nanoseconds in each, and from how many of them on a time is written in it. */
const UNITS = /** @type {[string, number, number][]} */ ([
  ['h', 3.6e12, 10],
  ['min', 6e10, 10],
  ['s', 1e9, 1],
  ['ms', 1e6, 1],
  ['µs', 1e3, 1],
  ['ns', 1, 1],
]);

const words = {
  /**
   * A time with so many significant digits and the unit that suits it.
   * @param {number | null} nanos
   */
  time(nanos, most = 4) {
    if (nanos === null) return '–';
    if (nanos > 0 && nanos < 1) return '<1 ns';
    if (nanos === 0) return '0';
    const fitting = UNITS.findIndex(([, unit, least]) => nanos >= least * unit);
    let at = fitting < 0 ? UNITS.length - 1 : fitting;
    let [digits, decimals] = significant(nanos, UNITS[at][1], most);
    // What rounds up to a thousand reads better as one of the next unit.
    if (digits === 1000 && decimals === 0 && ['ms', 'µs'].includes(UNITS[at][0])) {
      at -= 1;
      [digits, decimals] = [10 ** (most - 1), most - 1];
    }
    return `${(digits / 10 ** decimals).toFixed(decimals)} ${UNITS[at][0]}`;
  },

  /** @param {number} nanos */
  change(nanos) {
    return nanos === 0 ? '0' : (nanos < 0 ? '−' : '+') + words.time(Math.abs(nanos));
  },

  /**
   * A change in per cent, from the ratio of after to before.
   * @param {number} ratio
   */
  ratio(ratio) {
    const percent = 100 * (ratio - 1);
    if (percent === 0) return '0%';
    const size = Math.abs(percent);
    const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
    return `${percent < 0 ? '−' : '+'}${size.toFixed(digits)}%`;
  },

  /**
   * A part in per cent: never 0 for something, never 100 for less than all.
   * @param {number} part
   * @param {number} whole
   */
  share(part, whole) {
    if (part === 0) return '0%';
    if (part === whole) return '100%';
    const percent = (100 * part) / whole;
    if (percent >= 99.95 && percent < 100) return '>99.9%';
    if (percent < 0.001) return '<0.001%';
    return `${percent.toFixed(percent >= 10 ? 1 : percent >= 1 ? 2 : 3)}%`;
  },

  /** @param {number} count */
  count(count) {
    return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
  },

  /**
   * @param {number} count
   * @param {string} noun
   */
  plural(count, noun) {
    return `${words.count(count)} ${noun}${count === 1 ? '' : 's'}`;
  },

  /**
   * A time of day in UTC, as every picture of a profile tells it.
   * @param {number} nanos
   */
  utc(nanos) {
    const date = new Date(nanos / 1e6);
    return Number.isNaN(date.getTime())
      ? 'unknown'
      : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  },

  /**
   * A name as a label: what cannot be seen, turns text round, or parts the labels of a
   * stack is written `\u{hex}`, and so is the first letter of a name like one of ours.
   * @param {string} name
   */
  label(name) {
    if (name === '') return '[unnamed]';
    const first = OURS.test(name) ? code(name[0]) : '';
    return first + name.slice(first ? 1 : 0).replace(UNSEEN, code);
  },

  /**
   * What other tools wrote as a label, for a frame of theirs: only what cannot be seen is
   * written otherwise.
   * @param {string} label
   */
  kept(label) {
    return label === '' ? '[unnamed]' : label.replace(UNSEEN_ALONE, code);
  },

  /**
   * A label in so much of its length, without its middle: both ends tell names apart.
   * @param {string} label
   * @param {number} letters
   */
  shortened(label, letters) {
    const all = [...label];
    if (all.length <= letters) return label;
    if (letters < 3) return '';
    const tail = letters < 9 ? 0 : Math.floor((letters - 1) / 2);
    return `${all.slice(0, letters - 1 - tail).join('')}…${all.slice(all.length - tail).join('')}`;
  },
};

/** Names that would be taken for a label of ours. */
const OURS =
  /^\[(await|runnable|blocked|fault|disk|lock|net|timer|off-cpu|unknown|truncated|merged|unnamed)\]$/;
/** Letters that are not to be seen, or do something to others; and what parts labels. */
const UNSEEN =
  /;|[^\S ]|^ | $|[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]|\\(?=u\{)/g;

/** Of these the letters that are never to be seen, and what parts labels. */
const UNSEEN_ALONE =
  /;|[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/g;

/** @param {string} letter */
const code = letter => `\\u{${letter.charCodeAt(0).toString(16)}}`;

/**
 * `nanos / unit` as an integer, scaled by ten to the number of decimals that make so many
 * significant digits of it.
 * @param {number} nanos
 * @param {number} unit
 * @param {number} wanted
 * @returns {[number, number]}
 */
function significant(nanos, unit, wanted) {
  for (let decimals = unit === 1 ? 0 : wanted - 1; decimals >= 0; decimals -= 1) {
    const digits = Math.floor((nanos * 10 ** decimals + unit / 2) / unit);
    if (digits < 10 ** wanted || decimals === 0) return [digits, decimals];
  }
  return [0, 0];
}
