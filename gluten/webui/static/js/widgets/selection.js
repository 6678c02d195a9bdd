// Runs ticked in a list, to be compared. What is ticked stays so while the list is searched or drawn anew.
import { h, setText } from "../lib/dom.js";
import { address } from "../lib/chosen.js";
import { isOver } from "../lib/states.js";

export class Selection {
  // most: how many the master compares at once
  /**
   * @param {HTMLElement} parent
   * @param {number} most
   */
  constructor(parent, most) {
    this.most = most;
    /** @type {Set<number>} */
    this.ticked = new Set();
    this.link = h("a", { class: "button small", "data-testid": "compare-selected" });
    this.hint = h("span", { class: "muted", role: "status" });
    this.clear = h(
      "button",
      { type: "button", class: "button small ghost", "data-testid": "clear-selected", onclick: () => this.none() },
      "Clear",
    );
    this.box = this.box.bind(this);
    this.parent = parent;
    parent.append(this.link, this.hint, this.clear);
    this.draw();
  }

  // A check box for a run that is over; room for one otherwise.
  /** @param {Run} run */
  box(run) {
    if (!isOver(run)) return h("span", { class: "tick" });
    const box = h("input", {
      type: "checkbox",
      class: "tick",
      "data-tick": run.number,
      "aria-label": `Compare run ${run.number}`,
      onchange: () => this.tick(run.number, box),
    });
    box.checked = this.ticked.has(run.number);
    return box;
  }

  /**
   * @param {number} number
   * @param {HTMLInputElement} box
   */
  tick(number, box) {
    if (box.checked) this.ticked.add(number);
    else this.ticked.delete(number);
    this.draw();
  }

  none() {
    this.ticked.clear();
    for (const box of document.querySelectorAll("input[data-tick]")) {
      /** @type {HTMLInputElement} */ (box).checked = false;
    }
    this.draw();
  }

  draw() {
    const count = this.ticked.size;
    const fit = count >= 2 && count <= this.most;
    this.parent.hidden = !count;
    this.link.hidden = !fit;
    this.link.href = address([...this.ticked].sort((a, b) => a - b));
    setText(this.link, `Compare selected (${count})`);
    setText(
      this.hint,
      fit || !count ? "" : count < 2 ? "tick another run to compare" : `at most ${this.most} are compared`,
    );
  }
}
