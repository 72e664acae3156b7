// The page: what was chosen, and what is shown of a report.

class Viewer {
  constructor() {
    this.shown = readAddress();
    /** @type {FlameReport | null} */
    this.report = null;
    /** @type {Frames | null} */
    this.frames = null;
    /** @type {Name[]} */
    this.names = [];
    /** @type {Box | null} What was chosen, and what the pointer is at. */
    this.selected = null;
    this.search = new Search(this.shown.search);
    /** @type {Operation | null} The one that is shown by itself. */
    this.operation = null;
    this.course = new Course();
    this.latency = new Latency(band => this.showBand(band));
    /** @type {Difference | null} Where two runs are compared. */
    this.difference = null;
    /** @type {Findings | null} What is told of that difference. */
    this.findings = null;
    /** @type {(number: number) => Promise<Operation | undefined>} */
    this.fetchOperation = async number =>
      this.report?.operations?.find(operation => operation.number === number);
    /** What is said where there is nothing to draw. */
    this.emptiness = 'Nothing to draw: no span took time by this width.';
    const graph = (/** @type {string} */ id, /** @type {string} */ name) =>
      new Graph(at(id, HTMLElement), name, {
        onHover: box => this.tell(box || this.selected),
        onSelect: box => this.select(box),
        onZoom: box => this.zoomed(box),
      });
    this.graph = graph('graph', 'Flamegraph');
    this.callers = graph('callers', 'Callers');
    this.callees = graph('callees', 'Callees');
    this.callees.isIcicle = true;
    this.table = new Table(
      at('spans', HTMLTableElement),
      name => this.open(name),
      () => this.keep({ sort: this.table.isRising ? `${this.table.sort}.up` : this.table.sort }),
    );
    const [sort, rising] = (this.shown.sort || 'self').split('.');
    Object.assign(this.table, { sort, isRising: rising === 'up' });
    at('search', HTMLInputElement).value = this.shown.search;
    listenToControls(this);
  }

  get form() {
    return at('controls', HTMLFormElement).elements;
  }

  /**
   * Remembers what is shown, in the address too.
   * @param {Partial<Shown>} change
   */
  keep(change) {
    Object.assign(this.shown, change);
    writeAddress(this.shown);
  }

  get weight() {
    const weight = this.shown.weight || this.report?.weight || 'wall';
    // Threads are not known by class.
    return weight === 'threads' && this.band ? 'busy' : weight;
  }

  /** The operations that are shown, where these are some of all. */
  get band() {
    const { operation, report, shown } = this;
    if (operation || !report || !shown.band) return null;
    return withinClasses(report.profile, shown.band);
  }

  /** Whether operations are compared with others of the same run. */
  get isOfClasses() {
    return this.band !== null || this.report?.before?.name === OTHERS;
  }

  /** Whether less is shown than what a report tells of. */
  get isPart() {
    return this.operation !== null || this.band !== null;
  }

  /**
   * Shows a report, and of it what was shown of the one before.
   * @param {FlameReport} report
   */
  take(report) {
    if (!this.report && report.hide_await && !this.shown.hide.length) this.shown.hide = ['await'];
    if (report.hide_states) {
      forgetStates(report.profile);
      if (report.before) forgetStates(report.before.profile);
      report.operations?.forEach(operation => {
        forgetStates(operation.profile);
        delete operation.profile.states;
      });
    }
    if (!this.report && report.before && !this.shown.sort) this.table.sort = 'change';
    this.report = report;
    this.findings = report.told ? new Findings(report.told) : null;
    this.findings?.list(at('told', HTMLElement), stack => this.goToStack(stack));
    document.title = report.title;
    write(at('title', HTMLElement), report.title);
    const { start_unix_nanos: start, length_nanos: length } = report.profile.window;
    const window = length ? `${words.time(length)} from ${words.utc(start)}` : 'no time yet';
    write(at('window', HTMLElement), isBare(report.profile) ? '' : window);
    if (report.operations) this.listSlowest(report.operations);
    if (report.first !== undefined && this.shown.operation === null) {
      this.shown.operation = report.first;
    }
    const wanted = this.shown.operation;
    if (wanted !== null && this.operation?.number !== wanted) this.showOperation(wanted);
    else this.build();
  }

  /** @param {Slow[]} operations */
  listSlowest(operations) {
    const table = at('slowest', HTMLTableElement);
    listSlowest(table, operations, number => this.showOperation(number));
  }

  /**
   * Shows an operation by itself, or with `null` the whole run.
   * @param {number | null} number
   */
  async showOperation(number) {
    const found = number === null ? null : await this.fetchOperation(number).catch(() => undefined);
    this.operation = found || null;
    this.selected = null;
    // A stack of the one means nothing in the other, unless an address names both.
    const frame = this.shown.operation === number ? this.shown.frame : '';
    this.keep({ operation: found ? number : null, frame });
    this.build();
    if (found) at('picture', HTMLElement).scrollIntoView({ block: 'start' });
  }

  /**
   * Shows the operations of a band, or with `null` all of them.
   * @param {Band | null} band
   */
  showBand(band) {
    this.selected = null;
    this.keep({ band, frame: '' });
    this.build();
    at('picture', HTMLElement).scrollIntoView({ block: 'nearest' });
  }

  /**
   * What is drawn, and what it is compared with, if anything.
   * @returns {{ profile: Profile, before: Profile | undefined } | null}
   */
  get sides() {
    const { report, operation, band } = this;
    if (!report) return null;
    if (operation) return { profile: operation.profile, before: undefined };
    if (!band) return { profile: report.profile, before: report.before?.profile };
    const { picked, rest } = splitByBand(report.profile, band);
    const isCompared = !this.shown.alone && rest.nodes.length > 0;
    return { profile: picked, before: isCompared ? rest : undefined };
  }

  /** @param {string} why */
  fail(why) {
    const nothing = at('nothing', HTMLElement);
    nothing.hidden = false;
    write(nothing, why);
  }

  /** Everything anew: by another width, without a state, or of another report. */
  build() {
    const { report, sides, weight } = this;
    if (!report || !sides) return;
    const { profile, before } = sides;
    const hidden = new Set(this.shown.hide);
    const selected = this.selected ? pathOf(this.selected) : null;
    const choice = { weight, names: report.names, hidden };
    this.frames = new Frames(profile, choice);
    this.difference = before ? new Difference(this.frames, new Frames(before, choice)) : null;
    this.names = namesOf(this.frames);
    const { root } = this.frames;
    this.selected = selected && this.shown.view === 'flame' ? boxOf(root, selected) : null;
    this.drawChoices(profile);
    this.tellComparison();
    this.course.show(this.operation, this.frames);
    this.latency.show(this.operation ? null : report.profile, this.band);
    this.draw();
    // The table asks more of a large profile than the picture, which is looked at first.
    clearTimeout(this.later);
    this.later = setTimeout(() => this.list(), 0);
  }

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  later;

  /** What is compared with what, and which operations are drawn. */
  tellComparison() {
    const { band, difference } = this;
    at('compared', HTMLElement).hidden = difference === null;
    const [others, were] = this.isOfClasses
      ? ['the others of the name', 'the others are as if they had been as many']
      : ['before', 'the run before are as if it had had as many operations'];
    const colours = `Red: more time of its own than ${others}; blue: less; the deeper, the more.`;
    const gone = 'What only they have has no width: the table has it.';
    write(at('compared', HTMLElement), `${colours} Times of ${were}. ${gone}`);
    at('band', HTMLElement).hidden = band === null;
    at('against', HTMLInputElement).checked = !this.shown.alone;
    if (!band || !this.report) return;
    const all = classesOf(this.report.profile, band.name);
    const of = `${words.count(operationsOf(all.filter(isInBand(band))))} of ${words.count(operationsOf(all))}`;
    write(at('band-name', HTMLElement), saidOfBand(band));
    write(at('band-facts', HTMLElement), of);
  }

  /** @param {Profile} profile */
  drawChoices(profile) {
    const threads = at('weights', HTMLElement).querySelector('label:last-child');
    if (threads instanceof HTMLElement) threads.hidden = profile.threads.length === 0;
    this.set('weight', this.weight);
    this.set('view', this.shown.view);
    at('icicle', HTMLElement).setAttribute('aria-pressed', String(this.shown.icicle));
    const states = choicesIn(profile, this.weight);
    const busy = at('busy', HTMLElement);
    write(busy, busyness(profile, this.weight));
    busy.hidden = busy.textContent === '';
    const legend = at('states', HTMLElement);
    if (legend.dataset.ids === states.map(({ id }) => id).join()) return;
    legend.dataset.ids = states.map(({ id }) => id).join();
    legend.replaceChildren(
      ...states.map(({ id, label, means }) => {
        const input = element('input', [], { type: 'checkbox', name: 'state', value: id });
        input.checked = !this.shown.hide.includes(id);
        return element('label', [input, element('span', label)], {
          title: means,
          class: `state-${id}`,
        });
      }),
    );
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  set(name, value) {
    const choice = this.form.namedItem(name);
    if (choice instanceof RadioNodeList) choice.value = value;
  }

  /** The picture, by the view that was chosen. */
  draw() {
    const { frames, shown } = this;
    if (!frames) return;
    const isEmpty = frames.root.total === 0;
    at('graph', HTMLElement).hidden = isEmpty || shown.view === 'sandwich';
    at('sandwich', HTMLElement).hidden = isEmpty || shown.view !== 'sandwich';
    const nothing = at('nothing', HTMLElement);
    nothing.hidden = !isEmpty;
    write(nothing, isEmpty ? this.emptiness : '');
    for (const graph of [this.graph, this.callers, this.callees]) {
      graph.brush.search = this.search;
      graph.brush.mostChanged = this.difference && this.difference.most;
      graph.brush.findings = this.isPart ? null : this.findings;
    }
    if (isEmpty) {
      this.tell(frames.root);
    } else if (shown.view === 'sandwich') {
      this.drawSandwich(frames);
    } else {
      this.drawGraph(frames);
    }
    this.count();
  }

  /** @param {Frames} frames */
  drawGraph(frames) {
    const isBottomUp = this.shown.view === 'bottom-up';
    const root = isBottomUp ? bottomUp(frames) : frames.root;
    this.graph.isIcicle = this.shown.icicle;
    const { operation } = this;
    this.graph.marked = operation && !isBottomUp ? criticalFrames(operation, frames) : new Set();
    this.graph.selected = isBottomUp ? null : this.selected;
    this.showIn(this.graph, root, isBottomUp ? [] : split(this.shown.frame));
    this.tell(this.selected || boxOf(root, this.graph.path));
  }

  /**
   * Shows a tree in a graph: a path of it, where that shows another view till now.
   * @param {Graph} graph
   * @param {Box} root
   * @param {string[]} path
   */
  showIn(graph, root, path) {
    const { view, name, operation } = this.shown;
    const key = [view, name, operation, JSON.stringify(this.band)].join();
    const isNew = graph.place.dataset.key !== key || this.shown.view === 'flame';
    graph.place.dataset.key = key;
    if (isNew) graph.show(root, path);
    else graph.show(root);
  }

  /** @param {Frames} frames */
  drawSandwich(frames) {
    const name = this.nameOf(this.shown.name) || this.widestName();
    if (!name) return;
    this.shown.name = name.label;
    const { callers, callees } = sandwich(frames, name.label, name.kind);
    this.showIn(this.callers, callers, []);
    this.showIn(this.callees, callees, []);
    this.selected = callees;
    this.callees.selected = null;
    this.tell(callees);
  }

  /**
   * @param {string} label
   * @param {Kind | null} kind
   */
  nameOf(label, kind = null) {
    return this.names.find(name => name.label === label && (kind === null || name.kind === kind));
  }

  /** The name with the most time of its own. */
  widestName() {
    return this.names.reduce(
      (widest, name) => (!widest || name.self > widest.self ? name : widest),
      /** @type {Name | null} */ (null),
    );
  }

  list() {
    const { report, frames } = this;
    if (!report || !frames) return;
    this.table.search = this.search;
    this.table.compared = this.difference && (this.isOfClasses ? 'others' : 'before');
    this.table.take(this.names, frames.root.total);
    const shown = this.names.filter(name => !this.search.isOn || this.search.finds(name));
    write(at('spans-count', HTMLElement), words.plural(shown.length, 'name'));
    listOperations(at('operations', HTMLTableElement), frames, frame => this.goTo(frame));
    writePairs(at('run', HTMLElement), runFacts(report, this.weight));
    const troubles = troublesOf(report.profile);
    at('trouble', HTMLElement).hidden = troubles.length === 0;
    at('troubles', HTMLElement).replaceChildren(...troubles.map(text => element('li', text)));
  }

  /** @param {Box | null} box */
  tell(box) {
    if (!this.frames) return;
    const told = box || this.frames.root;
    const isName = told === this.callers.root || told === this.callees.root;
    const name = isName ? this.nameOf(told.label, told.kind) : undefined;
    const findings = this.isPart ? null : this.findings;
    tellAbout(at('about', HTMLElement), told, this.frames, name, this.difference, findings);
    at('callers-of', HTMLButtonElement).disabled = told.kind === 'all';
  }

  /** @param {Box} box */
  select(box) {
    this.selected = box;
    this.tell(box);
  }

  /** @param {Box} box */
  zoomed(box) {
    if (this.shown.view === 'flame') this.keep({ frame: pathOf(box).join(';') });
  }

  /**
   * Shows a frame in the flamegraph.
   * @param {Frame} frame
   */
  goTo(frame) {
    if (this.shown.view !== 'flame') {
      this.keep({ view: 'flame' });
      this.set('view', 'flame');
      this.draw();
    }
    this.graph.open(frame);
    at('picture', HTMLElement).scrollIntoView({ block: 'nearest' });
  }

  /**
   * Shows the frame of a stack, or as much of it as is there.
   * @param {string[]} stack
   */
  goToStack(stack) {
    if (!this.frames) return;
    const frame = boxOf(this.frames.root, stack);
    if (frame instanceof Frame) {
      this.goTo(frame);
      this.select(frame);
    }
  }

  /**
   * Shows a name where it is looked for: in a sandwich its own, else its widest frame.
   * @param {Name} name
   */
  open(name) {
    if (this.shown.view !== 'sandwich') return this.goTo(name.widest);
    this.keep({ name: name.label });
    this.draw();
    at('picture', HTMLElement).scrollIntoView({ block: 'nearest' });
  }

  /** How many frames the search finds, and how much they cover. */
  count() {
    const { frames, search } = this;
    if (!frames) return;
    const { found, covered } = search.isOn ? search.in(frames) : { found: [], covered: 0 };
    this.found = found;
    const share = words.share(covered, frames.root.total);
    const said = search.isOn ? `${words.plural(found.length, 'frame')}, ${share}` : '';
    write(at('matches', HTMLElement), search.isLiteral ? `${said} (as plain text)` : said);
    for (const id of ['previous', 'next']) at(id, HTMLButtonElement).disabled = found.length === 0;
  }

  /** @type {Frame[]} */
  found = [];

  /**
   * Goes on to another frame that was found.
   * @param {number} step
   */
  step(step) {
    const { found } = this;
    if (found.length === 0) return;
    const here = found.findIndex(frame => frame === this.selected);
    const next = here < 0 ? (step > 0 ? 0 : found.length - 1) : here + step;
    const frame = found[(next + found.length) % found.length];
    if (this.shown.view === 'flame') this.graph.reveal(frame);
    else this.goTo(frame);
  }

  /** @param {string} text */
  find(text) {
    this.search = new Search(text);
    this.keep({ search: text });
    for (const graph of [this.graph, this.callers, this.callees]) {
      graph.brush.search = this.search;
      graph.draw();
    }
    this.count();
    this.list();
  }

  showSandwich() {
    const { selected } = this;
    if (!selected || selected.kind === 'all') return;
    this.keep({ view: 'sandwich', name: selected.label });
    this.set('view', 'sandwich');
    this.draw();
  }

  zoomOut() {
    const graphs = this.shown.view === 'sandwich' ? [this.callers, this.callees] : [this.graph];
    for (const graph of graphs) if (graph.root) graph.open(graph.root);
  }

  /** Shows what an address says that was put in by hand. */
  follow() {
    this.shown = readAddress();
    at('search', HTMLInputElement).value = this.shown.search;
    this.search = new Search(this.shown.search);
    this.selected = null;
    if (this.shown.operation !== (this.operation?.number ?? null)) {
      this.showOperation(this.shown.operation);
    } else {
      this.build();
    }
  }
}

/** What a report of some classes calls those that it compares them with. */
const OTHERS = 'the others';

/** @param {string} stack */
const split = stack => (stack === '' ? [] : stack.split(';'));
