// Runs ticked in a list, to be compared or deleted. What is ticked stays so while the list is searched or drawn anew.
import { h, setText } from "../lib/dom.js";
import { address } from "../lib/chosen.js";
import { deleteJson } from "../lib/http.js";
import { mayChange } from "../lib/page.js";
import { isOver } from "../lib/states.js";
import { askingButton } from "./deletebutton.js";

export class Selection {
  // most: how many the master compares at once
  /**
   * @param {HTMLElement} parent
   * @param {number} most
   * @param {{ tell(message: string): void, deleted(): void }} on
   */
  constructor(parent, most, on) {
    this.most = most;
    this.on = on;
    /** @type {Set<number>} */
    this.ticked = new Set();
    this.link = h("a", { class: "button small", "data-testid": "compare-selected" });
    this.hint = h("span", { class: "muted", role: "status" });
    this.remover = h("span");
    this.clear = h(
      "button",
      { type: "button", class: "button small ghost", "data-testid": "clear-selected", onclick: () => this.none() },
      "Clear",
    );
    this.box = this.box.bind(this);
    this.parent = parent;
    parent.append(this.link, this.hint, this.remover, this.clear);
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
      "aria-label": `Select run ${run.number}`,
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
    this.remover.replaceChildren(...(mayChange && count ? [this.button(count)] : []));
  }

  // A new one for each selection: what was asked of another one is not asked of this one.
  /** @param {number} count */
  button(count) {
    const what = count === 1 ? "1 run" : `${count} runs`;
    const asking = { name: "delete-selected", word: "Delete", question: `Delete ${what} for ever?`, look: "small" };
    return askingButton(asking, () => this.remove());
  }

  // Those that cannot be deleted stay ticked.
  async remove() {
    const troubles = [];
    for (const number of [...this.ticked]) {
      try {
        await deleteJson(`/api/v1/runs/${number}`);
        this.ticked.delete(number);
      } catch (error) {
        troubles.push(error.message);
      }
    }
    this.draw();
    this.on.tell(troubles.join("; "));
    this.on.deleted();
    /** @type {HTMLElement | null} */ (document.querySelector("#search"))?.focus();
  }
}
