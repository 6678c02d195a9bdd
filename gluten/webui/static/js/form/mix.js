// The rows of a simple mix: name, method, path and weight of each request.
import { h } from "../lib/dom.js";

/** @typedef {import("./rows.js").MixRow} MixRow */

/** @type {[name: string, key: keyof MixRow, look: Props][]} */
const FIELDS = [
  ["Name", "name", { placeholder: "name", maxlength: 64 }],
  ["Method", "method", { list: "methods" }],
  ["Path", "path", { placeholder: "/path" }],
  ["Weight", "weight", { inputmode: "numeric" }],
];
const EMPTY = { name: "", method: "GET", path: "/", weight: "1" };
const MOST = 64;

export class Mix {
  /**
   * @param {Element} parent
   * @param {() => void} changed
   */
  constructor(parent, changed) {
    this.changed = changed;
    this.body = h("tbody");
    this.more = h("button", { type: "button", class: "button small", "data-testid": "add-row" }, "+ Request");
    this.more.addEventListener("click", () => {
      this.add(EMPTY).querySelector("input")?.focus();
      changed();
    });
    const head = [...FIELDS.map(([name]) => name), ""].map((name) => h("th", { scope: "col" }, name));
    const table = h("table", { class: "mix", "data-testid": "mix" }, h("thead", {}, h("tr", {}, head)), this.body);
    parent.append(table, this.more);
    this.add({ ...EMPTY, name: "home" });
  }

  /** @returns {MixRow[]} */
  get rows() {
    return [...this.body.rows].map((row) => {
      const [name, method, path, weight] = [...row.querySelectorAll("input")].map(({ value }) => value);
      return { name, method, path, weight };
    });
  }

  /** @param {MixRow} values */
  add(values) {
    const inputs = FIELDS.map(([name, key, look]) =>
      h(
        "td",
        {},
        h("input", { "aria-label": `${name} of the request`, spellcheck: "false", ...look, value: values[key] }),
      ),
    );
    const away = h("button", { type: "button", class: "button small ghost", "aria-label": "Remove the request" }, "✕");
    const row = h("tr", {}, inputs, h("td", {}, away));
    away.addEventListener("click", () => this.remove(row));
    this.body.append(row);
    this.settle();
    return row;
  }

  /** @param {HTMLTableRowElement} row */
  remove(row) {
    row.remove();
    this.more.focus();
    this.settle();
    this.changed();
  }

  // The last row cannot be removed.
  settle() {
    const { rows } = this.body;
    for (const button of this.body.querySelectorAll("button")) button.disabled = rows.length < 2;
    this.more.disabled = rows.length >= MOST;
  }
}
