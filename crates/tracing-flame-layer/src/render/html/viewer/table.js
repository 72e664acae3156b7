// The table of all names: sorted by any column, filtered by the search.

/**
 * @typedef {object} Column
 * @property {string} id
 * @property {string} title
 * @property {string} means
 * @property {boolean} [isOptional]
 * @property {(name: Name) => number | null} value
 * @property {(name: Name, value: number | null) => string} text
 */

/** So many rows are shown at first, and with each further step. */
const ROWS = 100;

/**
 * How the value of a column is written.
 * @typedef {(name: Name, value: number | null) => string} ValueText
 */

/** @type {ValueText} */
const asTime = (_, nanos) => words.time(nanos);
/** @type {ValueText} */
const asRounded = (_, nanos) => words.time(nanos, 3);
/** @type {ValueText} */
const asCount = (_, count) => (count === null ? '–' : words.count(count));
/** @type {ValueText} */
const asMax = ({ tally }, nanos) =>
  (nanos !== null && tally.isBound ? '≤ ' : '') + words.time(nanos);

/**
 * @param {number} percent
 * @returns {Column}
 */
function percentileColumn(percent) {
  const means = `${percent} % of the calls took no longer, from first enter to close`;
  const value = (/** @type {Name} */ { tally }) => tally.percentile(percent);
  return {
    id: `p${percent}`,
    title: `p${percent}`,
    means,
    isOptional: true,
    value,
    text: asRounded,
  };
}

/**
 * The columns behind that of the names.
 * @param {number} total
 * @param {string | null} compared What the other side is called, where two are compared.
 * @param {boolean} isSplit Whether it is known what threads did.
 * @returns {Column[]}
 */
function columnsOf(total, compared, isSplit) {
  /** @type {ValueText} */
  const asShare = (_, nanos) => words.share(nanos || 0, total);
  const optional = (
    /** @type {string} */ id,
    /** @type {string} */ means,
    /** @type {Column['value']} */ value,
    /** @type {ValueText} */ text,
  ) => ({ id, title: id, means, isOptional: true, value, text });
  const states = STATES.map(({ id, label, means }) => ({
    ...optional(id, means, name => seenIn(name, label), asTime),
    title: label,
  }));
  const named = (/** @type {Column} */ column) => ({ ...column, title: ON_CPU.label });
  return [
    { id: 'self', title: 'self', means: 'its own width', value: name => name.self, text: asTime },
    { id: 'share', title: 'self%', means: 'of all', value: name => name.self, text: asShare },
    {
      id: 'total',
      title: 'total',
      means: 'with all on it, nested ones once',
      value: name => name.total,
      text: asTime,
    },
    ...(isSplit ? [optional(ON_CPU.id, ON_CPU.means, name => name.own, asTime)].map(named) : []),
    ...states,
    ...(compared ? changeColumns(compared, isSplit) : []),
    optional(
      'entered',
      'from enter to exit, summed',
      ({ kind, tally }) => (kind === 'thread' ? null : tally.entered),
      asTime,
    ),
    optional('slept', 'times that threads went to sleep', ({ tally }) => tally.slept, asCount),
    optional(
      'preempted',
      "times that threads' CPU was taken",
      ({ tally }) => tally.preempted,
      asCount,
    ),
    optional('faults', 'major page faults', ({ tally }) => tally.faults, asCount),
    optional(
      'minor faults',
      'page faults for which nothing was read',
      ({ tally }) => tally.minorFaults,
      asCount,
    ),
    optional('blocks read', 'of 512 bytes, from disks', ({ tally }) => tally.blocksRead, asCount),
    optional(
      'blocks written',
      'of 512 bytes, made dirty',
      ({ tally }) => tally.blocksWritten,
      asCount,
    ),
    optional('calls', 'spans created', ({ tally }) => tally.calls, asCount),
    optional('polls', 'enters beyond the first', ({ tally }) => tally.polls, asCount),
    optional('mean', 'of the calls', ({ tally }) => tally.mean, asTime),
    ...[50, 90, 99].map(percentileColumn),
    optional('max', 'the longest call', ({ tally }) => tally.max, asMax),
  ];
}

/**
 * The time of a name in a state, where that is no await too little to be seen.
 * @param {Name} name
 * @param {string} label
 */
function seenIn({ states, total }, label) {
  const nanos = states.get(label) || 0;
  return label === '[await]' && isLittle(nanos, total) ? 0 : nanos;
}

/**
 * What is otherwise than on the other side, as if that had done as much.
 * @param {string} compared
 * @param {boolean} isSplit
 * @returns {Column[]}
 */
function changeColumns(compared, isSplit) {
  /** @type {ValueText} */
  const asChange = (_, nanos) => words.change(nanos || 0);
  /** @type {ValueText} */
  const asRatio = (_, ratio) => (ratio === null ? '–' : words.ratio(ratio));
  const states = STATES.map(({ id, label }) => ({
    id: `${id}-change`,
    title: `${label} change`,
    means: `of ${label}`,
    isOptional: true,
    value: (/** @type {Name} */ { states: now, wereStates: was }) =>
      (now.get(label) || 0) - (was.get(label) || 0),
    text: asChange,
  }));
  const onCpu = {
    id: `${ON_CPU.id}-change`,
    title: `${ON_CPU.label} change`,
    means: `of ${ON_CPU.label}`,
    isOptional: true,
    value: (/** @type {Name} */ { own, wasOwn }) => own - wasOwn,
    text: asChange,
  };
  return [
    {
      id: 'before',
      title: compared,
      means: 'its own width there',
      value: n => n.wasSelf,
      text: asTime,
    },
    {
      id: 'change',
      title: 'change',
      means: 'of its own',
      value: n => n.self - n.wasSelf,
      text: asChange,
    },
    {
      id: 'ratio',
      title: 'change%',
      means: 'of its own',
      value: n => (n.wasSelf > 0 ? n.self / n.wasSelf : null),
      text: asRatio,
    },
    {
      id: 'total-change',
      title: 'total change',
      means: 'with all on it',
      value: n => n.total - n.was,
      text: asChange,
    },
    ...(isSplit ? [onCpu] : []),
    ...states,
  ];
}

class Table {
  /**
   * @param {HTMLTableElement} table
   * @param {(name: Name) => void} onChoose
   * @param {() => void} onSort
   */
  constructor(table, onChoose, onSort) {
    this.table = table;
    this.onChoose = onChoose;
    this.onSort = onSort;
    /** The column that rows are sorted by, and whether the smallest comes first. */
    this.sort = 'self';
    this.isRising = false;
    this.shown = ROWS;
    /** @type {Name[]} */
    this.names = [];
    this.total = 0;
    /** @type {string | null} */
    this.compared = null;
    this.search = new Search('');
    /** @type {string[]} The columns that are there. */
    this.ids = [];
  }

  /**
   * @param {Name[]} names
   * @param {number} total
   */
  take(names, total) {
    this.names = names;
    this.total = total;
    this.draw();
  }

  draw() {
    // A column in which nothing is known, or nothing happened, is not there.
    const has = (/** @type {Column} */ { isOptional, value }) =>
      !isOptional || this.names.some(name => value(name));
    const isSplit = this.names.some(({ states, wereStates }) =>
      WAITS.some(({ label }) => states.has(label) || wereStates.has(label)),
    );
    const columns = columnsOf(this.total, this.compared, isSplit).filter(has);
    const rows = this.sorted(columns);
    this.drawHead(columns);
    const body = rows.slice(0, this.shown).map(name => this.row(name, columns));
    if (rows.length === 0) body.push(this.wide(columns, 'None.'));
    if (rows.length > this.shown) body.push(this.more(columns, rows.length));
    this.table.tBodies[0].replaceChildren(...body);
  }

  /** @param {Column[]} columns */
  sorted(columns) {
    const rows = this.search.isOn
      ? this.names.filter(name => this.search.finds(name))
      : [...this.names];
    const byName = (/** @type {Name} */ a, /** @type {Name} */ b) => (a.label < b.label ? -1 : 1);
    const sign = this.isRising ? 1 : -1;
    const column = columns.find(({ id }) => id === this.sort);
    if (!column) return rows.sort((a, b) => sign * -byName(a, b));
    const value = new Map(rows.map(name => [name, column.value(name) ?? -Infinity]));
    const order = (/** @type {number} */ x, /** @type {number} */ y) =>
      x < y ? -1 : x > y ? 1 : 0;
    const of = (/** @type {Name} */ name) => value.get(name) ?? 0;
    const by = (/** @type {Name} */ a, /** @type {Name} */ b) =>
      sign * order(of(a), of(b)) || b.self - a.self || b.total - a.total;
    return rows.sort((a, b) => by(a, b) || byName(a, b));
  }

  /** @param {Column[]} columns */
  drawHead(columns) {
    const all = [{ id: 'name', title: 'name', means: 'what is written in a frame' }, ...columns];
    const head = this.table.tHead || this.table.createTHead();
    const ids = all.map(({ id }) => id);
    if (ids.join() !== this.ids.join()) {
      this.ids = ids;
      const cells = all.map(({ id, title, means }) => {
        const button = element('button', title, { type: 'button', title: means });
        button.addEventListener('click', () => this.sortBy(id));
        return element('th', [button], { scope: 'col' });
      });
      head.replaceChildren(element('tr', cells));
    }
    [...head.rows[0].cells].forEach((cell, i) => {
      if (ids[i] !== this.sort) cell.removeAttribute('aria-sort');
      // Names begin with the first letter, numbers with the largest.
      else cell.setAttribute('aria-sort', this.isRising !== (i === 0) ? 'ascending' : 'descending');
    });
  }

  /** @param {string} id */
  sortBy(id) {
    this.isRising = this.sort === id && !this.isRising;
    this.sort = id;
    this.draw();
    this.onSort();
  }

  /**
   * @param {Name} name
   * @param {Column[]} columns
   */
  row(name, columns) {
    const button = element('button', name.label, { type: 'button', title: name.label });
    button.addEventListener('click', () => this.onChoose(name));
    const cells = columns.map(column => element('td', column.text(name, column.value(name))));
    return element('tr', [element('th', [button], { scope: 'row' }), ...cells]);
  }

  /**
   * @param {Column[]} columns
   * @param {number} all
   */
  more(columns, all) {
    const text = `${words.count(this.shown)} of ${words.count(all)} names; show more`;
    const button = element('button', text, { type: 'button' });
    button.addEventListener('click', () => {
      this.shown += ROWS * 10;
      this.draw();
    });
    return this.wide(columns, [button]);
  }

  /**
   * @param {Column[]} columns
   * @param {string | Node[]} content
   */
  wide(columns, content) {
    const cell = element('td', content, { colspan: String(columns.length + 1) });
    return element('tr', [cell], { class: 'empty' });
  }
}
