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
 * @typedef {{ name: string, nanos: number, start_unix_nanos: number, picture: string }} Slow
 */

/**
 * Single operations that took longest, each with a picture of its own.
 * @param {HTMLTableElement} table
 * @param {Slow[]} operations
 */
function listSlowest(table, operations) {
  const known = [...table.tBodies[0].querySelectorAll('a')].map(link => link.getAttribute('href'));
  // Rows are made anew only where there is news: one may be about to be clicked.
  if (known.join() === operations.map(({ picture }) => picture).join()) return;
  const rows = operations.map(({ name, nanos, start_unix_nanos: start, picture }) => {
    const link = element('a', name, {
      href: picture,
      target: '_blank',
      rel: 'noopener',
      title: name,
    });
    return [link, words.utc(start), words.time(nanos)];
  });
  fill(table, rows, 'None so far.');
}
