// What several runs a side tell of each frame, where a report compares them.

class Findings {
  /** @param {Told} told */
  constructor(told) {
    this.told = told;
    /** @type {Map<string, Finding[]>} By the frame's stack. */
    this.byStack = new Map();
    this.reasons = new Set(told.reasons.map(({ stack }) => stack.join(';')));
    for (const finding of told.findings) {
      const key = finding.stack.join(';');
      this.byStack.set(key, [...(this.byStack.get(key) || []), finding]);
    }
  }

  /** @param {Box} box */
  of(box) {
    return this.byStack.get(pathOf(box).join(';')) || [];
  }

  /**
   * Whether a frame is told to have changed by itself, or a state of one to have changed.
   * @param {Box} box
   */
  tellsOf(box) {
    if (box.kind !== 'state') return this.reasons.has(pathOf(box).join(';'));
    return this.of(box).some(({ is_change: isChange }) => isChange);
  }

  /**
   * @param {Box} box
   * @returns {[string, string][]}
   */
  facts(box) {
    return this.of(box).map(({ time, verdict, change }) => [time, `${verdict}: ${change}`]);
  }

  /**
   * The reasons and all findings, as a list and a table.
   * @param {HTMLElement} section
   * @param {(stack: string[]) => void} onChoose
   */
  list(section, onChoose) {
    const { facts, reasons, findings } = this.told;
    section.hidden = false;
    const frame = (/** @type {string[]} */ stack) => {
      const label = stack.join(';');
      const button = element('button', label, { type: 'button', title: label });
      button.addEventListener('click', () => onChoose(stack));
      return button;
    };
    const items = reasons.map(({ stack, text }) =>
      element('li', [frame(stack), document.createTextNode(` ${text}`)]),
    );
    const none = element('li', 'Nothing is told to have changed by itself.');
    at('reasons', HTMLElement).replaceChildren(...(items.length > 0 ? items : [none]));
    const row = (/** @type {Finding} */ { stack, time, verdict, change, means }) => [
      frame(stack),
      time,
      verdict,
      change,
      ...means,
    ];
    const changed = findings.filter(({ is_change: isChange }) => isChange);
    const others = findings.filter(({ is_change: isChange }) => !isChange);
    fill(at('findings', HTMLTableElement), changed.map(row), 'Nothing is told to have changed.');
    fill(at('others', HTMLTableElement), others.map(row), 'None.');
    write(at('others-title', HTMLElement), `${words.plural(others.length, 'other number')}`);
    const told = facts.map(text => element('li', text));
    at('how-compared', HTMLElement).replaceChildren(...told);
  }
}
