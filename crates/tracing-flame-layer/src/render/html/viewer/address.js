// What is shown, in the part of the address behind `#`: a link shows it to others.

/**
 * @typedef {object} Shown
 * @property {'flame' | 'bottom-up' | 'sandwich'} view
 * @property {Weight | null} weight
 * @property {string[]} hide
 * @property {string} frame The labels from the bottom up to what fills the width, `;` between.
 * @property {string} name The name whose callers and callees are shown.
 * @property {string} search
 * @property {string} sort
 * @property {boolean} icicle
 * @property {number | null} operation The number of the operation that is shown.
 * @property {Band | null} band The operations that are shown, of all.
 * @property {boolean} alone Whether they are shown without the others.
 */

/** @returns {Shown} */
function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const view = given.get('view') || '';
  const weight = given.get('weight') || '';
  return {
    view: view === 'bottom-up' || view === 'sandwich' ? view : 'flame',
    weight: weight === 'wall' || weight === 'busy' || weight === 'threads' ? weight : null,
    hide: (given.get('hide') || '').split(',').filter(Boolean),
    frame: given.get('frame') || '',
    name: given.get('name') || '',
    search: given.get('search') || '',
    sort: given.get('sort') || '',
    icicle: given.get('layout') === 'icicle',
    operation: given.has('operation') ? Number(given.get('operation')) : null,
    band: readBand(given.get('band') || ''),
    alone: given.has('alone'),
  };
}

/**
 * @param {string} text
 * @returns {Band | null}
 */
function readBand(text) {
  const [, name, from, to] = /^(.*):(\d+)-(\d+)$/.exec(text) || [];
  return to === undefined ? null : { name, from: Number(from), to: Number(to) };
}

/** @param {Shown} shown */
function writeAddress(shown) {
  const { view, weight, hide, frame, name, search, sort, icicle, operation, band, alone } = shown;
  const told = new URLSearchParams();
  if (view !== 'flame') told.set('view', view);
  if (weight) told.set('weight', weight);
  if (hide.length) told.set('hide', hide.join());
  if (frame) told.set('frame', frame);
  if (name && view === 'sandwich') told.set('name', name);
  if (search) told.set('search', search);
  if (sort && sort !== 'self') told.set('sort', sort);
  if (operation !== null) told.set('operation', String(operation));
  if (band) told.set('band', `${band.name}:${band.from}-${band.to}`);
  if (alone) told.set('alone', '');
  if (icicle) told.set('layout', 'icicle');
  const hash = told.toString();
  if (hash !== location.hash.slice(1)) {
    history.replaceState(null, '', hash ? `#${hash}` : location.pathname + location.search);
  }
}
