// Operations, and single ones that took longest.

/**
 * The rows of a table anew.
 * @param {HTMLTableElement} table
 * @param {(string | Node)[][]} rows
 * @param {string} none
 */
function fill(table, rows, none) {
  const columns = table.tHead ? table.tHead.rows[0].cells.length : 1;
  const cell = (/** @type {string | Node} */ content) =>
    element('td', typeof content === 'string' ? content : [content]);
  const empty = element('td', none, { colspan: String(columns) });
  const body = rows.map(row => element('tr', row.map(cell)));
  if (rows.length === 0) body.push(element('tr', [empty], { class: 'empty' }));
  table.tBodies[0].replaceChildren(...body);
}

/**
 * What stands at the bottom, by the longest: operations of one name each.
 * @param {HTMLTableElement} table
 * @param {Frames} frames
 * @param {(frame: Frame) => void} onChoose
 */
function listOperations(table, frames, onChoose) {
  const roots = frames.root.children.filter(({ kind }) => kind === 'span');
  const rows = roots.map(frame => ({ frame, tally: Tally.of([frame]) }));
  rows.sort((a, b) => b.tally.longest - a.tally.longest);
  const cells = rows.slice(0, 20).map(({ frame, tally }) => {
    const button = element('button', frame.label, { type: 'button', title: frame.label });
    button.addEventListener('click', () => onChoose(frame));
    const percentiles = [50, 99].map(percent => words.time(tally.percentile(percent), 3));
    const longest = (tally.isBound ? '≤ ' : '') + words.time(tally.max);
    return [button, words.count(tally.lived), ...percentiles, longest];
  });
  fill(table, cells, 'None in this window.');
}

/**
 * What a list tells of one operation.
 * @typedef {{ number: number, name: string, nanos: number, start_unix_nanos: number }} Slow
 */

/**
 * Single operations that took longest; without any the list is not there.
 * @param {HTMLTableElement} table
 * @param {Slow[]} operations
 * @param {(number: number) => void} onChoose
 */
function listSlowest(table, operations, onChoose) {
  const section = table.closest('section');
  if (section) section.hidden = operations.length === 0;
  // Rows are made anew only where there is news: one may be about to be clicked.
  const numbers = operations.map(({ number }) => number).join();
  if (table.dataset.numbers === numbers) return;
  table.dataset.numbers = numbers;
  const rows = operations.map(({ number, name, nanos, start_unix_nanos: start }) => {
    const button = element('button', name, { type: 'button', title: name });
    button.addEventListener('click', () => onChoose(number));
    return [button, words.utc(start), words.time(nanos)];
  });
  fill(table, rows, 'None so far.');
}

/**
 * What is told of an operation that has not ended.
 * @typedef {{ stack: string[], nanos: number }} OpenSpan
 * @typedef {OpenSpan & { name: string, state: 'ready' | 'blocked' | 'unknown' }} OpenThread
 * @typedef {object} Open
 * @property {string} name
 * @property {number} nanos
 * @property {OpenThread[]} threads
 * @property {OpenSpan[]} awaited
 * @property {number} left_out
 */

/** What a thread does, as it is said of it. */
const DOES = { ready: 'on a CPU or waiting for one', blocked: 'blocked', unknown: 'somewhere' };

/**
 * Operations that are open, and where each of their threads is.
 * @param {HTMLTableElement} table
 * @param {Open[]} operations
 */
function listOpen(table, operations) {
  const section = table.closest('section');
  if (section) section.hidden = false;
  const innermost = (/** @type {OpenSpan} */ { stack, nanos }) =>
    `${stack.length > 3 ? '\u2026 > ' : ''}${stack.slice(-3).join(' > ')} (for ${words.time(nanos, 3)})`;
  const rows = operations.slice(0, 20).map(({ name, nanos, threads, awaited, left_out: more }) => {
    const where = [
      ...threads.map(thread => `${thread.name} ${DOES[thread.state]} in ${innermost(thread)}`),
      ...awaited.map(span => `awaiting ${innermost(span)}`),
      ...(more > 0 ? [`and ${words.count(more)} more`] : []),
    ];
    const lines = element(
      'div',
      where.map(text => element('div', text)),
    );
    return [name, words.time(nanos, 3), lines];
  });
  fill(table, rows, 'Nothing is open.');
}
