// Operations that are most likely parts of another, of which nobody told.

/**
 * What is said of the roots of one name.
 * @typedef {{ count: number, waits: Map<string, number> }} OrphansOfName
 */

/**
 * A fact for each name of roots of which some are, with the cure.
 * @param {FlameReport} report
 * @returns {[string, string][]}
 */
function orphanFacts({ profile, names }) {
  const { orphans = [], nodes } = profile;
  if (orphans.length === 0) return [];
  const labels = labelsOf(profile, names);
  /** @type {Map<string, OrphansOfName>} */
  const byName = new Map();
  for (const { root, waiting, count } of orphans) {
    const { count: others, waits } = byName.get(labels[root]) || { count: 0, waits: new Map() };
    waits.set(labels[waiting], (waits.get(labels[waiting]) || 0) + count);
    byName.set(labels[root], { count: others + count, waits });
  }
  return [...byName].flatMap(([name, { count, waits }]) => {
    const roots = nodes.filter(({ parent }, i) => parent === null && labels[i] === name);
    const lived = roots.reduce((sum, node) => sum + node.started + node.open_before, 0);
    // Those that it is about may have ended before the window in which that was found.
    if (lived === 0) return [];
    const [[most]] = [...waits].sort(([, a], [, b]) => b - a);
    const of = `${words.count(Math.min(count, lived))} of ${words.plural(lived, 'operation')}`;
    const told =
      `${of} of ${name} began with nothing entered on their thread while another waited in ` +
      `${most}; if they are part of that, name it as their parent (parent: &span)`;
    return [['likely orphans', told]];
  });
}
