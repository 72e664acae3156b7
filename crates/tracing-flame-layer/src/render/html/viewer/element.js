// Elements of the page. Text reaches it here and nowhere else, as text: what stands in a
// name is never read as markup.

/**
 * The element of the page with an id, which is there.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
function at(id, kind) {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${id}`);
}

/**
 * A new element with a text, or with what is in it.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {string | Node[]} content
 * @param {Record<string, string>} attributes
 * @returns {HTMLElementTagNameMap[K]}
 */
function element(name, content = [], attributes = {}) {
  const made = document.createElement(name);
  made.append(...(typeof content === 'string' ? [content] : content));
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/**
 * Writes only what is new: a screen reader would say it again.
 * @param {Element} where
 * @param {string} text
 */
function write(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

/**
 * Pairs of a name and what it is, as a list.
 * @param {Element} where
 * @param {[string, string][]} pairs
 */
function writePairs(where, pairs) {
  const items = pairs.map(([name, value]) =>
    element('div', [element('dt', name), element('dd', value)]),
  );
  where.replaceChildren(...items);
}
