// The SLOs of a run: what stands first on its page.
import { h, show } from "../lib/dom.js";
import { inOrder, limitOf, markOf, notesOf, stateOf, summary, valueOf } from "../lib/slos.js";

export class Slos {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.shown = "";
  }

  /** @param {Maybe<Slo[]>} slos */
  draw(slos) {
    const list = slos ?? [];
    const key = JSON.stringify(list);
    if (key === this.shown) return;
    this.shown = key;
    this.root.hidden = !list.length;
    if (list.length) show(this.root, [head(list), table(list)]);
  }
}

/** @param {Slo[]} list */
function head(list) {
  const kind = list.some((slo) => slo.state === "missed") ? "bad" : "good";
  return h(
    "header",
    {},
    h("h2", {}, "SLOs"),
    h("span", { class: `badge ${kind}`, "data-testid": "slo-summary" }, summary(list)),
  );
}

/** @param {Slo[]} list */
function table(list) {
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "group", "aria-label": "SLOs" },
    h(
      "table",
      { class: "cards slos" },
      h("thead", {}, h("tr", {}, ["State", "SLO", "Value", "Limit", ""].map(column))),
      h("tbody", {}, inOrder(list).map(line)),
    ),
  );
}

/** @param {string} name */
const column = (name) =>
  name ? h("th", { scope: "col", class: ["Value", "Limit"].includes(name) ? "num" : false }, name) : h("td");

/** @param {Slo} slo */
function line(slo) {
  return h(
    "tr",
    { "data-slo": slo.slo, "data-state": slo.state },
    h("td", { class: `slo ${slo.state}` }, `${markOf(slo)} ${stateOf(slo)}`),
    h("th", { scope: "row" }, slo.slo),
    h("td", { class: "num", "data-label": "Value" }, valueOf(slo)),
    h("td", { class: "num", "data-label": "Limit" }, limitOf(slo)),
    h("td", {}, notesOf(slo)),
  );
}
