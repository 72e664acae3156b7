// What a thread did in the order of time: a strip over its lane. Of a stretch it is known for
// how long the thread was in each state, and not in which order: so its colours stand above one
// another, each as high as its share of the stretch.

/**
 * Whether it is known what threads did.
 * @param {Profile} profile
 */
const hasStrips = ({ states }) => states !== undefined && states.source !== 'none';

/**
 * What a stretch is made of.
 * @param {number} length
 * @param {Times} times
 */
function partsOfTimes(length, [runnable, blocked, offCpu, unknown, ...asleep]) {
  /** @type {StateTimes} */
  const busy_states = {
    runnable_nanos: runnable,
    blocked_nanos: blocked,
    off_cpu_nanos: offCpu,
    unknown_nanos: unknown,
  };
  ASLEEP.forEach((key, i) => (busy_states[key] = asleep[i]));
  const share = { node: 0, enters: 0, busy_nanos: length, entered_nanos: length, busy_states };
  return partsOf(share, 'busy');
}

/** @type {Times} */
const ON_CPU_ALONE = [0, 0, 0, 0, 0, 0, 0, 0, 0];

/**
 * The strip of the critical path.
 * @param {Operation} operation
 */
function stripOfPath({ nanos, path, absences }) {
  return path
    .filter(([, going]) => going !== 'awaited')
    .flatMap(([, going, thread, from, to, times]) => {
      if (going === 'unknown') return [stretch(from, to, times, nanos)];
      const absent = absences.filter(
        ([on, begin, end]) => on === thread && begin < to && end > from,
      );
      const parts = absent.map(absence => partOf(absence, from, to));
      return [
        stretch(from, to, ON_CPU_ALONE, nanos),
        ...parts.map(([, begin, end, told]) => stretch(begin, end, told, nanos)),
      ];
    });
}

/**
 * The part of an absence between two moments: of each state what cannot have been outside, and of
 * the rest nothing is known.
 * @param {Absence} absence
 * @param {number} after
 * @param {number} before
 * @returns {Absence}
 */
function partOf([thread, begin, end, times], after, before) {
  const [from, to] = [Math.max(begin, after), Math.min(end, before)];
  const outside = end - begin - (to - from);
  if (outside === 0) return [thread, from, to, times];
  const surely = (/** @type {number} */ nanos) => Math.max(nanos - outside, 0);
  const [runnable, blocked, offCpu, unknown] = times;
  const onCpu = surely(end - begin - runnable - blocked - offCpu - unknown);
  const known = /** @type {Times} */ (times.map(surely));
  const told = onCpu + known[0] + known[1] + known[2];
  known[3] = Math.max(to - from - told, 0);
  return [thread, from, to, known];
}

/**
 * The strip of a thread: where it was in a span at all, and over that where it was off its CPU.
 * @param {Operation} operation
 * @param {number} thread
 */
function stripOf({ nanos, visits, absences }, thread) {
  const outermost = visits.filter(([, on, depth]) => on === thread && depth === 0);
  const within = outermost.map(([, , , from, to]) => stretch(from, to, ON_CPU_ALONE, nanos));
  const absent = absences.filter(([on]) => on === thread);
  return [...within, ...absent.map(([, from, to, times]) => stretch(from, to, times, nanos))];
}

/**
 * @param {number} from
 * @param {number} to
 * @param {Times} times
 * @param {number} nanos How long the operation took.
 * @returns {Bar}
 */
function stretch(from, to, times, nanos) {
  const parts = partsOfTimes(to - from, times);
  const named = [ON_CPU, ...STATES].map(({ label }, i) => {
    const part = i === 0 ? parts.onCpu : parts.states[i - 1];
    return part > 0 ? `${label.replace(/[[\]]/g, '')} ${words.time(part)}` : '';
  });
  const whole = `${words.time(to - from)}, ${words.share(to - from, nanos)}`;
  const when = `from ${words.time(from)} to ${words.time(to)}`;
  const said = `${named.filter(text => text).join(', ')}: ${whole}; ${when}`;
  const colour = { label: '', kind: /** @type {Kind} */ ('state') };
  return { from, to, label: '', colour, isCritical: false, said, parts };
}

/**
 * Fills a stretch of a strip with its colours.
 * @param {CanvasRenderingContext2D} context
 * @param {Colours} colours
 * @param {Parts} parts
 * @param {{ left: number, top: number, wide: number, high: number }} box
 */
function fillParts(context, colours, { onCpu, states }, { left, top, wide, high }) {
  const whole = states.reduce((sum, nanos) => sum + nanos, onCpu) || 1;
  let at = top;
  [...states, onCpu].forEach((nanos, i) => {
    if (nanos === 0) return;
    const { id } = STATES[i] || ON_CPU;
    const part = (high * nanos) / whole;
    context.fillStyle = colours.state(`state-${id}`);
    context.fillRect(left, at, Math.max(wide, 0.5), part);
    at += part;
  });
}

/**
 * What the colours of an operation's strips mean, those that occur.
 * @param {Operation} operation
 */
function legendOfStrips({ absences, profile }) {
  if (!hasStrips(profile)) return [];
  const all = absences.map(([, from, to, times]) => partsOfTimes(to - from, times));
  const occurs = STATES.filter((_, i) => all.some(({ states }) => states[i] > 0));
  const named = [ON_CPU, ...occurs].map(({ id, label, means }) =>
    element('span', label, { class: `state-${id}`, title: means }),
  );
  const means =
    'what a thread did, over its lane; of colours above one another it is not known which came first';
  return [...named, element('small', means)];
}
