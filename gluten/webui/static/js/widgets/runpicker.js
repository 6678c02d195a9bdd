// The runs that are compared, each with its colour, to take away or to measure the others against; and one to add.
import { h, svg } from "../lib/dom.js";
import { when, zone } from "../lib/format.js";
import { colorOf } from "../lib/palette.js";
import { runName } from "../lib/states.js";

export class RunPicker {
  /**
   * @param {Element} parent
   * @param {import("../lib/chosen.js").Chosen} chosen
   * @param {number} most
   */
  constructor(parent, chosen, most) {
    this.chosen = chosen;
    this.most = most;
    this.list = h("ul", { class: "compared", "aria-label": "Runs compared", "data-testid": "compared" });
    this.select = h("select", { id: "add-run", "data-testid": "add-run" });
    this.field = h(
      "form",
      { class: "pick", onsubmit: (event) => this.add(event) },
      h("div", { class: "field" }, h("label", { for: "add-run" }, "Another run"), this.select),
      h("button", { class: "button", "data-testid": "add" }, "Add"),
    );
    parent.append(this.list, this.field);
    this.draw();
  }

  draw() {
    const { list, others } = this.chosen;
    this.list.hidden = !list.length;
    this.list.replaceChildren(...list.map((run, index) => this.item(run, index)));
    this.field.hidden = list.length >= this.most || !others.length;
    this.select.replaceChildren(
      h("option", { value: "" }, "choose a run"),
      ...others.map((run) => h("option", { value: run.number }, title(run))),
    );
  }

  /**
   * @param {Run} run
   * @param {number} index
   */
  item(run, index) {
    const lead = index
      ? h(
          "button",
          {
            type: "button",
            class: "button small ghost",
            "aria-label": `Measure against run ${run.number}`,
            onclick: () => this.chosen.lead(run.number),
          },
          "Make first",
        )
      : h("span", { class: "muted" }, "the first");
    return h(
      "li",
      { "data-run": run.number },
      swatch(colorOf(index)),
      h("a", { href: `/runs/${run.number}`, class: "clip" }, `#${run.number} `, runName(run)),
      h("time", { class: "muted narrow-off", datetime: run.started_at }, `${when(run.started_at)} ${zone}`),
      lead,
      h(
        "button",
        {
          type: "button",
          class: "button small ghost",
          "aria-label": `Remove run ${run.number}`,
          "data-testid": `remove-${run.number}`,
          onclick: () => this.remove(run),
        },
        "Remove",
      ),
    );
  }

  /** @param {Event} event */
  add(event) {
    event.preventDefault();
    if (this.select.value) this.chosen.add(Number(this.select.value));
    this.select.focus();
  }

  // The button is gone then: the focus must not be lost with it.
  /** @param {Run} run */
  remove(run) {
    this.chosen.remove(run.number);
    this.select.focus();
  }
}

/** @type {(run: Run) => string} */
const title = (run) => `#${run.number} ${runName(run)} · ${when(run.started_at)} ${zone}`;

/** @param {string} color */
function swatch(color) {
  return svg(
    "svg",
    { viewBox: "0 0 12 8", class: "swatch", "aria-hidden": "true" },
    svg("path", { d: "M0 4h12", stroke: `var(--${color})`, "stroke-width": 4 }),
  );
}
