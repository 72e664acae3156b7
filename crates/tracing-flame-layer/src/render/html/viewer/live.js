// The page fed by a program that runs: it asks for the last so many seconds again and
// again, and says whether time is to be taken.

/**
 * @typedef {object} Status
 * @property {boolean} recording
 * @property {string} title
 * @property {Names} names
 * @property {Weight} weight
 * @property {boolean} hide_await
 * @property {[string, string][]} run
 * @property {string} version
 * @property {string[]} formats
 */

/** @type {Record<string, string>} */
const FORMATS = {
  '.html': 'Report',
  '.svg': 'Picture',
  '.folded': 'Folded stacks',
  '.txt': 'Table',
  '.json': 'Everything',
  '.speedscope.json': 'speedscope',
  '.pb.gz': 'pprof',
};

class Live {
  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.last = '15';
    this.isHeld = false;
    /** @type {Status | null} */
    this.status = null;
    this.asked = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    for (const id of ['state', 'lengths', 'actions', 'footer']) at(id, HTMLElement).hidden = false;
    viewer.fetchOperation = number => this.operation(number);
    this.tellState('connecting');
    this.listen();
  }

  /** Asks now, and again in a while; whatever was asked before does not count. */
  async refresh() {
    clearTimeout(this.timer);
    if (this.isHeld || document.hidden) return;
    this.asked += 1;
    const mine = this.asked;
    const begun = performance.now();
    try {
      const status = /** @type {Status} */ (await ask('status'));
      const profile = /** @type {Profile} */ (await ask(`flame.json${this.query('?')}`));
      const { operations } = /** @type {{ operations: Slow[] }} */ (await ask('slowest.json'));
      const open = /** @type {{ operations: Open[] }} */ (await ask('open.json'));
      if (mine !== this.asked) return;
      this.take(status, profile, operations);
      listOpen(at('open', HTMLTableElement), open.operations);
    } catch (failure) {
      if (mine !== this.asked) return;
      this.tellFailure(failure);
    }
    // No more often than is good for the program, however much it has to tell.
    const took = performance.now() - begun;
    const pause = Math.min(5000, Math.max(1000, (Number(this.last) || 60) * 60));
    this.timer = setTimeout(() => this.refresh(), Math.max(pause, took * (this.last ? 2 : 4)));
  }

  /**
   * @param {Status} status
   * @param {Profile} profile
   * @param {Slow[]} operations
   */
  take(status, profile, operations) {
    this.learn(status);
    const { title, names, weight, hide_await, run, version } = status;
    const generator = `tracing-flame-layer ${version}`;
    this.viewer.emptiness = status.recording
      ? 'No span took time in this window.'
      : 'Recording is stopped: nothing in this window.';
    this.viewer.take({ title, names, weight, hide_await, generator, run, profile });
    this.viewer.listSlowest(operations);
  }

  /**
   * One of the slowest operations, which may have given way to a slower one.
   * @param {number} number
   */
  async operation(number) {
    return /** @type {Operation} */ (await ask(`slowest/${number}.json`));
  }

  /** @param {Status} status */
  learn(status) {
    this.status = status;
    const record = at('record', HTMLButtonElement);
    write(record, status.recording ? 'Stop' : 'Start');
    record.title = status.recording ? 'Cease to take time' : 'Take time again';
    this.tellState(status.recording ? 'recording' : 'stopped');
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  tellState(name, text = name) {
    at('state', HTMLElement).dataset.state = name;
    write(at('state', HTMLElement), text);
    at('picture', HTMLElement).classList.toggle('lost', name === 'lost');
  }

  /** @param {unknown} failure */
  tellFailure(failure) {
    const isGone = failure instanceof TypeError || !(failure instanceof Error);
    this.tellState('lost', isGone ? 'no answer' : failure.message);
  }

  /** @param {string} before */
  query(before) {
    return this.last ? `${before}last=${this.last}` : '';
  }

  listen() {
    at('lengths', HTMLElement).addEventListener('change', ({ target }) => {
      if (target instanceof HTMLInputElement) this.last = target.value;
      this.hold(false);
    });
    at('hold', HTMLElement).addEventListener('click', () => this.hold(!this.isHeld));
    at('record', HTMLElement).addEventListener('click', () => this.record());
    at('save', HTMLElement).addEventListener('toggle', () => this.offer());
    document.addEventListener('click', ({ target }) => {
      const isOutside = target instanceof Element && !target.closest('#save');
      const isChosen = target instanceof Element && target.closest('.menu');
      if (isOutside || isChosen) at('save', HTMLDetailsElement).open = false;
    });
    document.addEventListener('visibilitychange', () => this.refresh());
  }

  /** @param {boolean} isHeld */
  hold(isHeld) {
    this.isHeld = isHeld;
    at('hold', HTMLElement).setAttribute('aria-pressed', String(isHeld));
    this.refresh();
  }

  async record() {
    const button = at('record', HTMLButtonElement);
    button.disabled = true;
    try {
      const status = await ask(this.status?.recording ? 'stop' : 'start', { method: 'POST' });
      this.learn(/** @type {Status} */ (status));
      this.refresh();
    } catch (failure) {
      this.tellFailure(failure);
    }
    button.disabled = false;
  }

  /** Offers what is shown as a file. */
  offer() {
    const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-');
    const weight = this.viewer.weight === 'busy' ? 'busy' : 'wall';
    const formats = this.status ? this.status.formats : [];
    const links = formats.map(extension =>
      element('a', [FORMATS[extension] || 'Profile', element('span', extension)].map(asNode), {
        href: `flame${extension}?weight=${weight}${this.query('&')}`,
        download: `flame-${stamp}${extension}`,
      }),
    );
    at('formats', HTMLElement).replaceChildren(...links);
  }
}

/** @param {string | Node} content */
const asNode = content =>
  typeof content === 'string' ? document.createTextNode(content) : content;

/**
 * @param {string} path
 * @param {RequestInit} options
 * @returns {Promise<unknown>}
 */
async function ask(path, options = {}) {
  const response = await fetch(path, { cache: 'no-store', ...options });
  if (!response.ok) throw new Error((await response.text()).trim() || `status ${response.status}`);
  return response.json();
}
