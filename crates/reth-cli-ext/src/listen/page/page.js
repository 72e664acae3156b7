// The live page: asks for the last so many seconds again and again, and draws them.
'use strict';

const at = id => document.getElementById(id);
const ALL = 'all';
const AWAIT = '[await]';
const TRUNCATED = '[truncated]';
const SEPARATOR = '\u001f';

// What the user chose, and what came.
const chosen = { last: '15', weight: 'wall', held: false, search: '' };
const seen = { profile: null, root: null, zoom: ALL, selected: null, recording: true };
let session = null;

// ---- From a profile to frames: nodes of one label under one parent are one.

function frame(label, kind, parent) {
  return {
    label, kind, parent, children: new Map(), own: 0, total: 0, calls: 0, started: 0,
    openBefore: 0, latency: 0, longest: 0, bound: false, buckets: new Map(), source: '',
    key: parent ? parent.key + SEPARATOR + label : label,
  };
}

function child(parent, label, kind) {
  const known = parent.children.get(label);
  if (known) return known;
  const made = frame(label, kind, parent);
  parent.children.set(label, made);
  return made;
}

function labelOf(node, callsite) {
  if (!callsite) return TRUNCATED;
  const spanName = callsite.name + valuesOf(node);
  if (session.names === 'name') return spanName;
  const name = `${callsite.target}::${spanName}`;
  if (session.names === 'target' || !callsite.file) return name;
  return `${name} (${callsite.file}:${callsite.line})`;
}

function valuesOf(node) {
  if (node.other_fields) return '{…}';
  return node.fields ? `{${node.fields.map(([field, value]) => `${field}=${value}`).join(',')}}` : '';
}

function add(to, node, callsite) {
  to.calls += node.calls;
  to.started += node.started;
  to.openBefore += node.open_before;
  to.latency += node.latency_nanos;
  if (node.max_latency_nanos > to.longest) {
    to.longest = node.max_latency_nanos;
    to.bound = node.max_latency_is_bound;
  }
  for (const [edge, calls] of node.latencies) {
    to.buckets.set(edge, (to.buckets.get(edge) || 0) + calls);
  }
  if (callsite && !to.source) {
    to.source = callsite.target + (callsite.file ? ` ${callsite.file}:${callsite.line}` : '');
  }
}

function framesOf(profile, weight) {
  const root = frame(ALL, 'all', null);
  const places = [];
  for (const node of profile.nodes) {
    const callsite = node.callsite === null ? null : profile.callsites[node.callsite];
    const parent = node.parent === null ? root : places[node.parent];
    const place = child(parent, labelOf(node, callsite), callsite ? 'span' : 'cut');
    add(place, node, callsite);
    place.own += weight === 'busy' ? node.busy_nanos : node.wall_nanos;
    if (weight === 'wall' && node.await_nanos > 0 && !session.hide_await) {
      child(place, AWAIT, 'await').own += node.await_nanos;
    }
    places.push(place);
  }
  addUp(root);
  return root;
}

// Siblings as the picture of a file has them.
const RANKS = { span: 0, cut: 1, await: 2 };

function inOrder(children) {
  return [...children.values()].sort((a, b) => RANKS[a.kind] - RANKS[b.kind]
    || (a.label < b.label ? -1 : 1));
}

function addUp(place) {
  place.total = place.own;
  for (const each of place.children.values()) place.total += addUp(each);
  return place.total;
}

function* below(place) {
  yield place;
  for (const each of place.children.values()) yield* below(each);
}

function find(key) {
  let place = seen.root;
  for (const label of key.split(SEPARATOR).slice(1)) {
    const next = place.children.get(label);
    if (!next) return place;
    place = next;
  }
  return place;
}

// The latency that so many per cent of the calls do not exceed.
function percentile(place, percent) {
  const edges = [...place.buckets.keys()].sort((a, b) => a - b);
  const calls = edges.reduce((sum, edge) => sum + place.buckets.get(edge), 0);
  let left = Math.ceil(calls * percent / 100);
  for (const edge of edges) {
    left -= place.buckets.get(edge);
    if (left <= 0) return Math.min(edge, place.longest);
  }
  return null;
}

// ---- Words.

const UNITS = [['min', 6e10], ['s', 1e9], ['ms', 1e6], ['µs', 1e3], ['ns', 1]];

function time(nanos) {
  if (nanos === null) return '–';
  const [unit, size] = UNITS.find(([, size]) => nanos >= size) || UNITS[4];
  const value = nanos / size;
  const digits = unit === 'ns' || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`;
}

const share = (part, whole) => whole > 0 ? `${(100 * part / whole).toFixed(1)} %` : '–';
const count = n => n.toLocaleString('en');
const clock = date => date.toLocaleTimeString([], { hour12: false });

function element(name, text, classes) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (classes) made.className = classes;
  return made;
}

// Only what is new is written: a screen reader would say it again.
function write(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

// ---- The picture.

const graph = at('graph');
const drawn = new Map();

function hue(label) {
  let hash = 0x811c9dc5;
  for (const letter of label) hash = Math.imul(hash ^ letter.codePointAt(0), 0x01000193);
  return 8 + (((hash ^ (hash >>> 15)) >>> 0) % 42);
}

function draw() {
  if (!seen.root) return;
  const wanted = new Map();
  const zoomed = find(seen.zoom);
  let depth = -1;
  for (let under = zoomed.parent; under; under = under.parent) depth += 1;
  for (let under = zoomed.parent, row = depth; under; under = under.parent, row -= 1) {
    wanted.set(under.key, { place: under, left: 0, width: 1, row, under: true });
  }
  const narrowest = 0.7 / Math.max(graph.clientWidth, 1);
  let top = depth + 1;
  const layOut = (place, left, row) => {
    const width = zoomed.total > 0 ? place.total / zoomed.total : 0;
    if (width < narrowest && place !== zoomed) return;
    top = Math.max(top, row);
    wanted.set(place.key, { place, left, width, row, under: false });
    let next = left;
    const children = inOrder(place.children);
    for (const each of children) {
      layOut(each, next, row + 1);
      next += zoomed.total > 0 ? each.total / zoomed.total : 0;
    }
  };
  const isEmpty = seen.root.total === 0;
  if (!isEmpty) layOut(zoomed, 0, depth + 1);
  show(isEmpty ? new Map() : wanted, top + 1);
  at('nothing').hidden = !isEmpty;
  graph.hidden = isEmpty;
}

function show(wanted, rows) {
  const row = parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--row'));
  for (const [key, box] of drawn) {
    if (!wanted.has(key)) {
      box.remove();
      drawn.delete(key);
    }
  }
  const made = [];
  for (const [key, where] of wanted) {
    let box = drawn.get(key);
    if (!box) {
      box = makeBox(where.place);
      made.push(box);
      drawn.set(key, box);
    }
    moveBox(box, where, row);
  }
  graph.style.height = `${rows * row}px`;
  graph.append(...made);
  if (made.length) {
    void graph.offsetWidth;
    made.forEach(box => box.classList.remove('new'));
  }
}

function makeBox(place) {
  const box = element('div', undefined, 'frame new');
  box.dataset.kind = place.kind;
  box.dataset.key = place.key;
  box.append(element('b', place.label), element('span'));
  if (place.kind === 'span') box.style.setProperty('--hue', hue(place.label));
  return box;
}

function moveBox(box, { place, left, width, row: level, under }, row) {
  const pixels = width * graph.clientWidth;
  box.style.left = `${left * 100}%`;
  box.style.width = `${width * 100}%`;
  box.style.bottom = `${level * row}px`;
  box.lastChild.textContent = time(place.total);
  const found = matches(place);
  box.classList.toggle('narrow', pixels < 26);
  box.classList.toggle('slim', pixels < 130);
  box.classList.toggle('under', under);
  box.classList.toggle('found', found);
  box.classList.toggle('faint', chosen.search !== '' && !found);
  box.classList.toggle('selected', place.key === seen.selected);
}

const matches = place => chosen.search !== '' && place.kind !== 'all'
  && place.label.toLowerCase().includes(chosen.search);

// What found frames cover, each instant once though one stands on another.
function covered(place) {
  if (matches(place)) return place.total;
  let sum = 0;
  for (const each of place.children.values()) sum += covered(each);
  return sum;
}

// ---- What is said of a frame.

function tell() {
  const about = at('about');
  if (!seen.root) return;
  const place = seen.selected ? find(seen.selected) : find(seen.zoom);
  const path = [];
  for (let each = place; each && each.kind !== 'all'; each = each.parent) path.unshift(each.label);
  const heading = element('div', undefined, 'wide');
  heading.append(element('dt', place.label), element('dd', [path.join(' › '), place.source].filter(Boolean).join('  ·  ')));
  const facts = [['total', `${time(place.total)}, ${share(place.total, seen.root.total)}`]];
  if (place.parent && place.parent.kind !== 'all') {
    facts.push(['of its parent', share(place.total, place.parent.total)]);
  }
  if (place.kind === 'span' || place.kind === 'cut') {
    facts.push(['own', time(place.own)], ['calls', count(place.calls)]);
    if (place.buckets.size) {
      facts.push(['p50', time(percentile(place, 50))], ['p99', time(percentile(place, 99))]);
      facts.push(['longest', (place.bound ? '≤ ' : '') + time(place.longest)]);
    }
  }
  if (chosen.search) facts.push(['found', share(covered(seen.root), seen.root.total)]);
  about.replaceChildren(heading, ...facts.map(([name, value]) => {
    const fact = element('div');
    fact.append(element('dt', name), element('dd', value));
    return fact;
  }));
}

function select(key) {
  if (seen.selected === key) return;
  if (drawn.has(seen.selected)) drawn.get(seen.selected).classList.remove('selected');
  seen.selected = key;
  if (drawn.has(key)) drawn.get(key).classList.add('selected');
  tell();
}

function zoom(key) {
  seen.zoom = key;
  draw();
  select(key);
}

// ---- The lists.

function rows(table, lines, none) {
  const body = at(table).tBodies[0];
  const columns = at(table).tHead.rows[0].cells.length;
  if (!lines.length) {
    const cell = element('td', none);
    cell.colSpan = columns;
    const row = element('tr', undefined, 'empty');
    row.append(cell);
    body.replaceChildren(row);
    return;
  }
  while (body.rows.length > lines.length) body.lastChild.remove();
  lines.forEach(({ key, cells }, place) => {
    let row = body.rows[place];
    if (!row || row.classList.contains('empty')) {
      if (row) row.remove();
      row = element('tr');
      for (let column = 0; column < columns; column += 1) row.append(element('td'));
      row.cells[0].append(element('button'));
      row.cells[0].firstChild.type = 'button';
      body.append(row);
    }
    row.dataset.key = key;
    row.title = cells[0];
    cells.forEach((text, column) => write(column ? row.cells[column] : row.cells[0].firstChild, text));
  });
}

function list() {
  const operations = [...seen.root.children.values()].filter(place => place.kind === 'span')
    .sort((a, b) => b.longest - a.longest).slice(0, 10);
  rows('operations', operations.map(place => ({
    key: place.key,
    cells: [place.label, count(place.started + place.openBefore), time(percentile(place, 50)),
      time(percentile(place, 99)), (place.bound ? '≤ ' : '') + time(place.longest)],
  })), 'None in this window.');
  const spans = widest([...below(seen.root)].filter(place => place.own > 0));
  rows('spans', spans.slice(0, 10).map(span => ({
    key: span.key,
    cells: [span.label, time(span.own), share(span.own, seen.root.total),
      span.kind === 'await' ? '–' : count(span.calls), time(percentile(span, 99))],
  })), 'None in this window.');
}

// Single operations that took longest, each with a picture of its own.
function listSlowest(operations) {
  const table = at('slowest');
  table.parentElement.hidden = !operations.length;
  const known = table.tBodies[0].querySelectorAll('a');
  // Rows are made anew only where there is news: one may be about to be clicked.
  if (operations.length === known.length
    && operations.every(({ picture }, place) => known[place].getAttribute('href') === picture)) return;
  table.tBodies[0].replaceChildren(...operations.map(({ name, nanos, start_unix_nanos: start, picture }) => {
    const link = element('a', name);
    link.href = picture;
    link.target = '_blank';
    link.rel = 'noopener';
    const row = element('tr');
    row.title = name;
    row.append(element('td'), element('td', clock(new Date(start / 1e6))), element('td', time(nanos)));
    row.cells[0].append(link);
    return row;
  }));
}

// Frames of one label together, where the widest of them leads to.
function widest(places) {
  const labels = new Map();
  for (const place of places) {
    const label = place.kind === 'await' ? `${place.parent.label} ${AWAIT}` : place.label;
    const known = labels.get(label);
    const span = known || {
      label, kind: place.kind, key: place.key, own: 0, most: 0, calls: 0, longest: 0, buckets: new Map(),
    };
    span.own += place.own;
    span.calls += place.calls;
    span.longest = Math.max(span.longest, place.longest);
    for (const [edge, calls] of place.buckets) span.buckets.set(edge, (span.buckets.get(edge) || 0) + calls);
    if (place.own > span.most) {
      span.most = place.own;
      span.key = place.key;
    }
    labels.set(label, span);
  }
  return [...labels.values()].sort((a, b) => b.own - a.own);
}

// ---- Asking.

function query() {
  return [chosen.last && `last=${chosen.last}`, `weight=${chosen.weight}`].filter(Boolean).join('&');
}

async function ask(path, options) {
  const response = await fetch(path, { cache: 'no-store', ...options });
  if (!response.ok) throw new Error((await response.text()).trim() || `status ${response.status}`);
  return response.json();
}

function learn(status) {
  if (!session) {
    chosen.weight = status.weight;
    at('controls').elements.weight.value = status.weight;
  }
  session = status;
  seen.recording = status.recording;
  document.title = status.title;
  write(at('title'), status.title);
  write(at('program'), `process ${status.pid}, version ${status.version}`);
  const record = at('record');
  write(record, status.recording ? 'Stop' : 'Start');
  record.title = status.recording ? 'Cease to take time' : 'Take time again';
  state(status.recording ? 'recording' : 'stopped');
}

function state(name, text) {
  at('state').dataset.state = name;
  write(at('state'), text || name);
  at('picture').classList.toggle('lost', name === 'lost');
}

function take(profile) {
  seen.profile = profile;
  seen.root = framesOf(profile, chosen.weight);
  const { start_unix_nanos: start, length_nanos: length } = profile.window;
  const from = new Date(start / 1e6);
  write(at('window'), length ? `${time(length)} from ${clock(from)}` : 'no time yet');
  write(at('nothing'), seen.recording
    ? 'No span took time in this window.'
    : 'Recording is stopped: nothing in this window.');
  draw();
  tell();
  list();
}

let timer = 0;
let asking = 0;

// Asks now, and again in a while; whatever was asked before does not count.
async function refresh() {
  clearTimeout(timer);
  if (chosen.held || document.hidden) return;
  const mine = ++asking;
  const begun = performance.now();
  try {
    learn(await ask('status'));
    const profile = await ask(`flame.json?${query()}`);
    const { operations } = await ask('slowest.json');
    if (mine !== asking) return;
    take(profile);
    listSlowest(operations);
  } catch (failure) {
    if (mine !== asking) return;
    state('lost', failure instanceof TypeError ? 'no answer' : failure.message);
  }
  // No more often than is good for the program, however much it has to tell.
  const took = performance.now() - begun;
  const pause = Math.min(5000, Math.max(1000, (Number(chosen.last) || 60) * 60));
  timer = setTimeout(refresh, Math.max(pause, chosen.last ? took * 2 : took * 4));
}

// ---- What the user does.

at('controls').addEventListener('submit', happening => happening.preventDefault());
at('lengths').addEventListener('change', ({ target }) => {
  chosen.last = target.value;
  hold(false);
});
at('weights').addEventListener('change', ({ target }) => {
  chosen.weight = target.value;
  if (seen.profile) take(seen.profile);
});
at('search').addEventListener('input', ({ target }) => {
  chosen.search = target.value.trim().toLowerCase();
  draw();
  tell();
});

function hold(held) {
  chosen.held = held;
  at('hold').setAttribute('aria-pressed', String(held));
  refresh();
}
at('hold').addEventListener('click', () => hold(!chosen.held));

at('record').addEventListener('click', async () => {
  at('record').disabled = true;
  try {
    learn(await ask(seen.recording ? 'stop' : 'start', { method: 'POST' }));
    refresh();
  } catch (failure) {
    state('lost', failure instanceof TypeError ? 'no answer' : failure.message);
  }
  at('record').disabled = false;
});

const FORMATS = {
  '.svg': 'Picture', '.folded': 'Folded stacks', '.txt': 'Table', '.json': 'Everything',
  '.speedscope.json': 'speedscope', '.pb.gz': 'pprof',
};

at('save').addEventListener('toggle', () => {
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-');
  at('formats').replaceChildren(...(session ? session.formats : []).map(extension => {
    const link = element('a', FORMATS[extension] || 'Profile');
    link.append(element('span', extension));
    link.href = `flame${extension}?${query()}`;
    link.download = `flame-${stamp}${extension}`;
    return link;
  }));
});
document.addEventListener('click', ({ target }) => {
  if (!target.closest('#save') || target.closest('.menu')) at('save').open = false;
});

const keyOf = target => {
  const box = target.closest('[data-key]');
  return box ? box.dataset.key : null;
};
graph.addEventListener('pointerover', ({ target, pointerType }) => {
  if (pointerType === 'mouse' && keyOf(target) !== null) select(keyOf(target));
});
graph.addEventListener('pointerleave', ({ pointerType }) => {
  if (pointerType === 'mouse') select(null);
});
graph.addEventListener('click', ({ target }) => {
  const key = keyOf(target);
  if (key !== null) zoom(key);
});
for (const table of ['operations', 'spans']) {
  at(table).addEventListener('click', ({ target }) => {
    const key = keyOf(target);
    if (key === null) return;
    zoom(key);
    at('picture').scrollIntoView({ block: 'nearest' });
  });
}

graph.addEventListener('keydown', happening => {
  if (!seen.root) return;
  const place = find(seen.selected || seen.zoom);
  const heaviest = () => [...place.children.values()].sort((a, b) => b.total - a.total)[0];
  const beside = step => {
    if (!place.parent) return null;
    const all = inOrder(place.parent.children);
    return all[all.indexOf(place) + step];
  };
  const go = {
    ArrowUp: heaviest, ArrowDown: () => place.parent,
    ArrowLeft: () => beside(-1), ArrowRight: () => beside(1),
  }[happening.key];
  if (go) {
    const next = go();
    if (next) select(next.key);
  } else if (happening.key === 'Enter') {
    zoom(place.key);
  } else if (happening.key === 'Escape') {
    zoom(ALL);
  } else {
    return;
  }
  happening.preventDefault();
});

document.addEventListener('visibilitychange', refresh);
let width = 0;
new ResizeObserver(() => {
  if (graph.clientWidth === width) return;
  width = graph.clientWidth;
  draw();
}).observe(graph);
refresh();
