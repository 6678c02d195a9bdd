// The runs that wait: in which order, who asked for each, why it waits; and a button that takes it out of the queue.
import { h } from "../lib/dom.js";
import { postJson } from "../lib/http.js";
import { Keyed } from "../lib/keyed.js";
import { mayChange } from "../lib/page.js";
import { runName } from "../lib/states.js";
import { askingButton } from "../widgets/deletebutton.js";

const MOST = 10;

export class Queue {
  /**
   * @param {HTMLElement} parent
   * @param {(message: string) => void} tell
   * @param {() => void} changed
   */
  constructor(parent, tell, changed) {
    this.parent = parent;
    this.tell = tell;
    this.changed = changed;
    this.title = h("h3");
    const list = h("ol", { class: "queue" });
    this.more = h("p", { class: "muted" });
    /** @type {Keyed<Run>} */
    this.rows = new Keyed(list, { make: (run) => this.row(run), key: (run) => run.id, shown });
    parent.append(this.title, list, this.more);
  }

  /** @param {Run[]} runs */
  draw(runs) {
    this.parent.hidden = !runs.length;
    this.title.textContent = `Waiting (${runs.length})`;
    this.rows.draw(runs.slice(0, MOST));
    const rest = runs.length - MOST;
    this.more.hidden = rest <= 0;
    if (rest > 0) this.more.replaceChildren(h("a", { href: "/?state=queued" }, `and ${rest} more`));
  }

  /** @param {Run} run */
  row(run) {
    const about = [run.who ? `asked for by ${run.who}` : "", run.waits].filter(Boolean).join(" · ");
    return h(
      "li",
      { "data-queued": run.number },
      h(
        "div",
        {},
        h("div", { class: "clip" }, h("a", { href: `/runs/${run.id}` }, `#${run.number} `, runName(run))),
        h("span", { class: "sub muted" }, about),
      ),
      h("div", {}, mayChange ? this.cancel(run) : null),
    );
  }

  /** @param {Run} run */
  cancel(run) {
    const asking = {
      name: `cancel-${run.number}`,
      word: "Cancel",
      question: `Cancel run ${run.number}?`,
      look: "small ghost",
    };
    return askingButton(asking, async (again) => {
      try {
        await postJson(`/api/v1/runs/${run.id}/stop`, {});
        this.tell("");
        this.changed();
      } catch (error) {
        again();
        this.tell(error.message);
      }
    });
  }
}

/** @type {(run: Run) => string} */
const shown = (run) => [run.waits, run.who, run.name].join("\n");
