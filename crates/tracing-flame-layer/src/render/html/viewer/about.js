// What is said of the box under the pointer, or of the one that was chosen.

/**
 * @param {Element} where
 * @param {Box} box
 * @param {Frames} frames
 * @param {Name | undefined} name The name that it stands for over all its stacks.
 * @param {Difference | null} difference
 * @param {Findings | null} findings
 */
function tellAbout(where, box, frames, name, difference, findings) {
  const path = pathOf(box).join(' › ');
  const { source } = box.frames[0] || { source: null };
  const origin = source ? [source.target, placeOf(source)].filter(Boolean).join(' ') : '';
  const state = box.kind === 'state' ? stateOf(box.label)?.means : '';
  const heading = element('div', [], { class: 'wide' });
  const said = [path, origin, state].filter(Boolean).join('  ·  ');
  heading.append(element('dt', box.label), element('dd', said));
  const facts = factsOf(box, frames, name);
  const changes = difference && box instanceof Frame ? changeFacts(box, difference) : [];
  const told = findings && box instanceof Frame ? findings.facts(box) : [];
  writePairs(where, [...told, ...changes, ...facts]);
  where.prepend(heading);
}

/**
 * @param {Box} box
 * @param {Frames} frames
 * @param {Name | undefined} name
 * @returns {[string, string][]}
 */
function factsOf(box, frames, name) {
  /** @type {[string, string][]} */
  const facts = [
    ['total', `${words.time(box.total)}, ${words.share(box.total, frames.root.total)}`],
  ];
  if (box.parent && box.parent.kind !== 'all') {
    facts.push(['of its parent', words.share(box.total, box.parent.total)]);
  }
  if (box.kind === 'thread' || box.kind === 'all') {
    return box instanceof Frame ? [...facts, ...statesOf(box)] : facts;
  }
  if (box.kind === 'state') return [...facts, ...reasonFacts(box, frames)];
  if (box instanceof Frame) {
    facts.push(['self', words.time(box.self())], ...statesOf(box));
    const tally = Tally.of([box]);
    const isRoot = box.kind === 'span' && box.parent?.kind === 'all' && tally.lived > 0;
    if (isRoot) facts.push(['root of', words.plural(tally.lived, 'operation')]);
    facts.push(...timesOf(tally), ...perOperation(box));
  } else if (name) {
    facts.push(['self', words.time(name.self)], ...statesOf(name), ...timesOf(name.tally));
  }
  return facts;
}

/** How many reasons are told of a state. */
const MOST_REASONS = 6;

/**
 * What threads were asleep for in a state.
 * @param {Box} box
 * @param {Frames} frames
 * @returns {[string, string][]}
 */
function reasonFacts({ label, parent, total }, { profile, weight }) {
  if (!(parent instanceof Frame) || weight === 'threads') return [];
  const all = reasonsIn(profile, parent.nodes, weight, label);
  /** @type {[string, string][]} */
  const told = all
    .slice(0, MOST_REASONS)
    .map(([text, nanos]) => [text, `${words.time(nanos)}, ${words.share(nanos, total)}`]);
  const more = all.length - told.length;
  return more > 0 ? [...told, ['and', `${words.count(more)} more`]] : told;
}

/**
 * What a total is made of, where it is known what threads did in it.
 * @param {Frame | Name} named
 * @returns {[string, string][]}
 */
function statesOf({ inStates, total }) {
  if (!inStates || !STATES.some(({ key }, i) => key !== null && inStates[i] > 0)) return [];
  const onCpu = [...inStates].reduce((rest, nanos) => rest - nanos, total);
  const parts = STATES.map(
    ({ label }, i) => /** @type {[string, number]} */ ([label, inStates[i]]),
  );
  return [/** @type {[string, number]} */ ([ON_CPU.label, onCpu]), ...parts]
    .filter(([, nanos]) => nanos > 0)
    .map(([label, nanos]) => [
      `${label.replace(/[[\]]/g, '')}, of total`,
      `${words.time(nanos)}, ${words.share(nanos, total)}`,
    ]);
}

/**
 * @param {Tally} tally
 * @returns {[string, string][]}
 */
function timesOf(tally) {
  /** @type {[string, string][]} */
  const facts = [];
  if (tally.calls) facts.push(['calls', words.count(tally.calls)]);
  if (tally.entered > 0) facts.push(['entered', words.time(tally.entered)]);
  if (tally.polls > 0) facts.push(['polls', words.count(tally.polls)]);
  if (tally.mean !== null) facts.push(['mean', words.time(tally.mean)]);
  for (const percent of [50, 90, 99]) {
    const nanos = tally.percentile(percent);
    if (nanos !== null) facts.push([`p${percent}`, words.time(nanos, 3)]);
  }
  if (tally.max !== null) facts.push(['max', (tally.isBound ? '≤ ' : '') + words.time(tally.max)]);
  if (tally.slept > 0) facts.push(['slept', words.plural(tally.slept, 'time')]);
  if (tally.preempted > 0) facts.push(['preempted', words.plural(tally.preempted, 'time')]);
  if (tally.faults > 0) facts.push(['major faults', words.count(tally.faults)]);
  if (tally.minorFaults > 0) facts.push(['minor faults', words.count(tally.minorFaults)]);
  if (tally.blocksRead > 0) facts.push(['blocks read', words.count(tally.blocksRead)]);
  if (tally.blocksWritten > 0) facts.push(['blocks written', words.count(tally.blocksWritten)]);
  if (tally.longestQueued > 0) {
    facts.push(['queued, mean', words.time(Math.floor(tally.queued / tally.started))]);
    facts.push(['queued, max', words.time(tally.longestQueued)]);
  }
  return facts;
}

/**
 * The time in one operation, where the user named what stands at the bottom operations.
 * @param {Frame} frame
 * @returns {[string, string][]}
 */
function perOperation(frame) {
  let bottom = frame;
  while (bottom.parent && bottom.parent.kind !== 'all') bottom = bottom.parent;
  if (!bottom.isOperation) return [];
  const operations = Math.max(Tally.of([bottom]).lived, 1);
  return [[`per ${bottom.label}`, words.time(Math.floor(frame.total / operations))]];
}
