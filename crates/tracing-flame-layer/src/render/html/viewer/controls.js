// The row of controls, and the buttons below the picture.

/**
 * Has the viewer obey them.
 * @param {Viewer} viewer
 */
function listenToControls(viewer) {
  const controls = at('controls', HTMLFormElement);
  controls.addEventListener('submit', event => event.preventDefault());
  controls.addEventListener('change', ({ target }) => {
    if (target instanceof HTMLInputElement) choose(viewer, target);
  });
  at('icicle', HTMLElement).addEventListener('click', ({ currentTarget }) => {
    viewer.keep({ icicle: !viewer.shown.icicle });
    if (currentTarget instanceof HTMLElement) {
      currentTarget.setAttribute('aria-pressed', String(viewer.shown.icicle));
    }
    viewer.draw();
  });
  const search = at('search', HTMLInputElement);
  search.addEventListener('input', () => viewer.find(search.value));
  search.addEventListener('keydown', event => {
    if (event.key === 'Enter') viewer.step(event.shiftKey ? -1 : 1);
  });
  at('previous', HTMLElement).addEventListener('click', () => viewer.step(-1));
  at('next', HTMLElement).addEventListener('click', () => viewer.step(1));
  at('callers-of', HTMLElement).addEventListener('click', () => viewer.showSandwich());
  const back = at('back', HTMLElement).querySelector('button');
  back?.addEventListener('click', () => viewer.showOperation(null));
  at('all-operations', HTMLElement).addEventListener('click', () => viewer.showBand(null));
  at('against', HTMLInputElement).addEventListener('change', () => {
    viewer.keep({ alone: !at('against', HTMLInputElement).checked });
    viewer.build();
  });
  at('zoom-out', HTMLElement).addEventListener('click', () => viewer.zoomOut());
  window.addEventListener('hashchange', () => viewer.follow());
}

/**
 * @param {Viewer} viewer
 * @param {HTMLInputElement} input
 */
function choose(viewer, { name, value }) {
  if (name === 'view') {
    viewer.keep({ view: value === 'sandwich' || value === 'bottom-up' ? value : 'flame' });
    viewer.selected = null;
    viewer.draw();
  } else if (name === 'weight') {
    viewer.keep({ weight: value === 'busy' || value === 'threads' ? value : 'wall' });
    viewer.build();
  } else if (name === 'state') {
    const boxes = at('states', HTMLElement).querySelectorAll('input');
    viewer.keep({ hide: [...boxes].filter(box => !box.checked).map(box => box.value) });
    viewer.build();
  }
}
