// An operation in the order of time for other viewers: Chrome's Trace Event Format, which Perfetto
// and the Firefox Profiler read. What it has is what `render/trace` writes, and a test compares
// the two.

/**
 * A stretch of time on a track; of visits which one it is.
 * @typedef {{ name: string, cat: string, from: number, to: number,
 *   args?: Record<string, number>, visit?: number }} Slice
 */

/**
 * As few rows as slices need: those of one are apart, or may nest.
 * @param {Slice[]} slices
 * @param {boolean} mayNest
 */
function rowsOf(slices, mayNest) {
  /** @type {{ ends: number[], slices: Slice[] }[]} */
  const rows = [];
  const sorted = [...slices].sort((a, b) => a.from - b.from || b.to - a.to);
  for (const slice of sorted) {
    const fits = (/** @type {{ ends: number[] }} */ row) => {
      row.ends = row.ends.filter(end => end > slice.from);
      return !row.ends.length || (mayNest && row.ends[row.ends.length - 1] >= slice.to);
    };
    let row = rows.find(fits);
    if (!row) rows.push((row = { ends: [], slices: [] }));
    row.ends.push(slice.to);
    row.slices.push(slice);
  }
  return rows.map(row => row.slices);
}

/**
 * A stretch in which a thread was in these states, in whatever order.
 * @param {Absence} absence
 * @returns {Slice}
 */
function sliceOfAbsence([, from, to, times]) {
  const { onCpu, states } = partsOfTimes(to - from, times);
  /** @type {[string, number][]} */
  const amounts = [['on-cpu', onCpu]];
  STATES.forEach(({ id }, i) => amounts.push([id, states[i]]));
  const told = amounts.filter(([, nanos]) => nanos > 0);
  const off = told.filter(([id]) => id !== 'on-cpu').sort(([, a], [, b]) => b - a);
  const args = Object.fromEntries(told.map(([id, nanos]) => [`${id}_nanos`, nanos]));
  return { name: off.map(([id]) => id).join(' + '), cat: 'state', from, to, args };
}

/**
 * Threads, each with what it did below it, then what was awaited.
 * @param {Operation} operation
 * @param {string[]} labels
 */
function tracksOf({ threads, visits, waits, absences, profile }, labels) {
  const tracks = threads.flatMap((thread, at) => {
    const own = visits.flatMap(([node, on, , from, to], visit) =>
      on === at ? [{ name: labels[node], cat: 'span', from, to, visit }] : [],
    );
    const rows = rowsOf(own, true).map((slices, row) => ({
      name: row === 0 ? thread : `${thread} (crossing)`,
      slices,
    }));
    const states = absences.filter(([on]) => on === at).map(sliceOfAbsence);
    const isKnown = hasStrips(profile) && states.length > 0;
    return isKnown ? [...rows, { name: `${thread}: states`, slices: states }] : rows;
  });
  const awaited = waits.map(([node, from, to]) => ({ name: labels[node], cat: 'await', from, to }));
  const rows = rowsOf(awaited, false).map(slices => ({ name: '[await]', slices }));
  return [...tracks, ...rows];
}

/**
 * From which visit to which: a span's to its next one, and to the first one of a span below it,
 * where that visit alone of its stack was under way; to another thread.
 * @param {Operation} operation
 */
function flowsOf({ visits, visit_spans: spans = [], profile }) {
  /** @type {Map<string, number>} */
  const before = new Map();
  /** @type {Map<number, number[]>} */
  const ofNode = new Map();
  /** @type {[number, number][]} */
  const flows = [];
  visits.forEach(([node, thread, , begin], at) => {
    const key = `${spans[at] ?? at} ${node}`;
    const parent = profile.nodes[node].parent;
    const open = (parent === null ? [] : (ofNode.get(parent) ?? [])).filter(
      each => visits[each][4] >= begin,
    );
    const from = before.get(key) ?? (open.length === 1 ? open[0] : undefined);
    before.set(key, at);
    ofNode.set(node, [...(ofNode.get(node) ?? []), at]);
    if (from !== undefined && visits[from][1] !== thread) flows.push([from, at]);
  });
  return flows;
}

/**
 * The operation, and how much of it is missing.
 * @param {Operation} operation
 */
function nameOfTrace({ name, visits_left_out, strands_left_out, absences_left_out }) {
  const told = /** @type {[LeftOut, string][]} */ ([
    [visits_left_out, 'visits'],
    [strands_left_out, 'waits and works'],
    [absences_left_out, 'absences'],
  ])
    .filter(([{ count }]) => count > 0)
    .map(([{ count }, what]) => `${count} shorter ${what}`);
  return told.length ? `${name} (without ${told.join(', ')})` : name;
}

/**
 * The events of an operation. Times are in microseconds.
 * @param {Operation} operation
 * @param {string[]} labels
 */
function traceOf(operation, labels) {
  const pid = 1;
  const meta = (
    /** @type {string} */ name,
    /** @type {number} */ tid,
    /** @type {object} */ args,
  ) => ({
    ph: 'M',
    name,
    pid,
    tid,
    ts: 0,
    args,
  });
  /** @type {object[]} */
  const traceEvents = [meta('process_name', 0, { name: nameOfTrace(operation) })];
  /** @type {Map<number, number>} */
  const tids = new Map();
  tracksOf(operation, labels).forEach(({ name, slices }, at) => {
    const tid = at + 1;
    traceEvents.push(meta('thread_name', tid, { name }));
    traceEvents.push(meta('thread_sort_index', tid, { sort_index: tid }));
    for (const { name: label, cat, from, to, args, visit } of /** @type {Slice[]} */ (slices)) {
      if (visit !== undefined) tids.set(visit, tid);
      const event = {
        ph: 'X',
        name: label,
        cat,
        pid,
        tid,
        ts: from / 1000,
        dur: (to - from) / 1000,
      };
      traceEvents.push(args ? { ...event, args } : event);
    }
  });
  flowsOf(operation).forEach(([from, to], at) => {
    const [, , , begin, end] = operation.visits[from];
    const arrives = operation.visits[to][3];
    const leaves = Math.min(Math.max(arrives, begin), Math.max(end - 1, begin));
    const flow = { id: at + 1, bp: 'e', name: 'flow', cat: 'flow', pid };
    traceEvents.push({ ph: 's', ...flow, tid: tids.get(from), ts: leaves / 1000 });
    traceEvents.push({ ph: 'f', ...flow, tid: tids.get(to), ts: arrives / 1000 });
  });
  return { displayTimeUnit: 'ns', traceEvents };
}

/**
 * Where an operation is to be had for other viewers: from the server, or made here.
 * @param {Operation} operation
 * @param {string[]} labels
 * @param {boolean} isServed
 * @returns {Node[]}
 */
function linksToTraces(operation, labels, isServed) {
  const link = (/** @type {string} */ end) => {
    const href = `slowest/${operation.number}${end}`;
    return element('a', end, { href, download: `operation-${operation.number}${end}` });
  };
  const [perfetto, chrome] = [link('.perfetto-trace'), link('.trace.json')];
  if (isServed) return [perfetto, document.createTextNode(' or '), chrome];
  chrome.href = '#';
  chrome.addEventListener('click', () => {
    const text = JSON.stringify(traceOf(operation, labels));
    chrome.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    // What is handed out is read after this.
    setTimeout(() => URL.revokeObjectURL(chrome.href), 10_000);
  });
  return [chrome];
}
