// The slowest requests of a run that carried a trace id, to be looked up in a tracing system.
import { h } from "../lib/dom.js";
import { clock, micros } from "../lib/format.js";

const MOST = 20;

/** @param {Report} value */
export function slowest({ slowest: found = [] }) {
  if (!found.length) return [];
  const shown = [...found].sort((a, b) => b.time - a.time || a.second - b.second).slice(0, MOST);
  const head = ["Time", "Request", "At", "Node", "Trace id"].map((name) => h("th", { scope: "col" }, name));
  return [
    h(
      "section",
      { class: "panel", "aria-label": "Slowest traces", "data-testid": "slowest" },
      h("header", {}, h("h2", {}, "Slowest traces")),
      h("p", { class: "muted" }, "Of each second the slowest request; here are the slowest of these."),
      h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, shown.map(row)))),
    ),
  ];
}

/** @param {Slowest} found */
const row = ({ time, request, second, node, trace }) =>
  h(
    "tr",
    {},
    [micros(time), request, clock(second), node].map((text) => h("td", {}, text)),
    h("td", {}, h("code", {}, trace)),
  );
