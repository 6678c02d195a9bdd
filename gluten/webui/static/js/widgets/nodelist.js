// The cluster's nodes as a table.
import { h } from "../lib/dom.js";
import { integer, span } from "../lib/format.js";
import { nodeBadge } from "../lib/states.js";
import { meter } from "./spark.js";

export function nodeTable(nodes, full = false) {
  if (!nodes.length) return h("p", { class: "empty" }, "No node is here yet. A master that was started with --no-load waits for its slaves.");
  const head = ["Node", "State", "Cores", "CPU", full && "Address", full && "Version", full && "Python", "Heard", full && "Run"].filter(Boolean);
  const numbers = new Set(["Cores", "Heard"]);
  return h("div", { class: "scroll" }, h("table", {},
    h("thead", {}, h("tr", {}, head.map((name) => h("th", { scope: "col", class: numbers.has(name) ? "num" : false }, name)))),
    h("tbody", {}, nodes.map((node) => line(node, full)))));
}

function line(node, full) {
  const port = node.rpc_port ? `:${node.rpc_port}` : "";
  return h("tr", { "data-node": node.name },
    h("th", { scope: "row" }, node.name, h("span", { class: "muted" }, node.role === "master" ? " · master" : "", node.load === false ? " · no load" : "")),
    h("td", {}, nodeBadge(node.state)),
    h("td", { class: "num" }, integer(node.cores)),
    h("td", {}, meter(node.cpu), `${Math.round((node.cpu || 0) * 100)} %`),
    full && h("td", {}, `${node.address}${port}`),
    full && h("td", {}, node.version),
    full && h("td", {}, node.python),
    h("td", { class: "num" }, node.age < 1.5 ? "now" : `${span(node.age)} ago`),
    full && h("td", {}, node.run ? h("a", { href: `/runs/${node.run}` }, "in a run") : "–"));
}
