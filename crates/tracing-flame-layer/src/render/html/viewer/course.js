// One operation by itself, beside its flamegraph: its chart, critical path and log.

class Course {
  constructor() {
    const said = at('chart-about', HTMLElement);
    this.chart = new Chart(at('chart', HTMLElement), text => write(said, text || '\u00a0'));
  }

  /**
   * Shows an operation, or nothing.
   * @param {Operation | null} operation
   * @param {Frames} frames
   */
  show(operation, frames) {
    at('course', HTMLElement).hidden = operation === null;
    at('back', HTMLElement).hidden = operation === null;
    if (!operation) at('operation-sentence', HTMLElement).hidden = true;
    if (!operation) return;
    write(at('operation-name', HTMLElement), operation.name);
    const facts = `${words.time(operation.nanos)} from ${words.utc(operation.start_unix_nanos)}`;
    write(at('operation-facts', HTMLElement), facts);
    at('operation-sentence', HTMLElement).hidden = !operation.sentence;
    write(at('operation-sentence', HTMLElement), operation.sentence ?? '');
    write(at('chart-about', HTMLElement), '\u00a0');
    this.chart.show(operation, frames.labels);
    const isServed = document.getElementById('data') === null;
    const links = linksToTraces(operation, frames.labels, isServed);
    at('traces', HTMLElement).replaceChildren(
      'Save for a viewer of timelines, such as Perfetto or the Firefox Profiler: ',
      ...links,
    );
    at('strips', HTMLElement).replaceChildren(...legendOfStrips(operation));
    at('counted', HTMLElement).hidden = operation.counted.length === 0;
    at('counted-lines', HTMLElement).replaceChildren(
      ...operation.counted.map(line => element('li', line)),
    );
    const lines = [...operation.critical, ...cuts(operation)];
    at('critical', HTMLElement).hidden = lines.length === 0;
    at('critical-lines', HTMLElement).replaceChildren(...lines.map(line => element('li', line)));
    this.showLog(operation);
  }

  /** @param {Operation} operation */
  showLog({ log, log_left_out: leftOut }) {
    at('log', HTMLElement).hidden = log.length === 0;
    const rows = log.map(([at, level, target, text]) => [words.time(at), level, target, text]);
    if (leftOut > 0) rows.push(['', '', '', `and ${words.count(leftOut)} more`]);
    fill(at('log-lines', HTMLTableElement), rows, '');
  }
}

/**
 * What is missing in a chart and in a critical path.
 * @param {Operation} operation
 */
function cuts({ visits_left_out: visits, strands_left_out: strands, absences_left_out: absences }) {
  const told = /** @type {[LeftOut, string][]} */ ([
    [visits, 'shorter stays in spans'],
    [strands, 'shorter stretches of work and waiting'],
    [absences, 'shorter times off a CPU, drawn as time on it'],
  ]);
  return told
    .filter(([{ count }]) => count > 0)
    .map(
      ([{ count, longest_nanos: longest }, what]) =>
        `Left out: ${words.count(count)} ${what}, none longer than ${words.time(longest)}.`,
    );
}

/**
 * The frames that the critical path goes through.
 * @param {Operation} operation
 * @param {Frames} frames
 */
function criticalFrames({ path }, frames) {
  /** @type {Set<Box>} */
  const critical = new Set();
  for (const [node, going] of path) {
    const frame = frames.of[node];
    if (!frame) continue;
    const awaited = frame.children.find(child => child.label === '[await]');
    if (going === 'awaited' && awaited) critical.add(awaited);
    for (let each = /** @type {Frame | null} */ (frame); each; each = each.parent) {
      if (each.kind !== 'all') critical.add(each);
    }
  }
  return critical;
}
