// The cluster's nodes as a table, those in trouble first.
import { nodeBadge } from "../lib/badges.js";
import { h } from "../lib/dom.js";
import { DASH, integer, span } from "../lib/format.js";
import { Keyed } from "../lib/keyed.js";
import { meter, spark } from "./spark.js";

/** @type {Record<string, number>} */
const ORDER = { lost: 0, suspect: 1, alive: 2, left: 3 };
const byName = new Intl.Collator("en", { numeric: true }).compare;
const NAMES = ["Node", "State", "Cores", "CPU", "Address", "Version", "Python", "Heard", "Run"];
const FULL = new Set(["Address", "Python", "Run"]); // what the dashboard has no room for
const NUMBERS = new Set(["Cores", "Heard"]);

/** @param {ClusterNode[]} nodes */
export function inOrder(nodes) {
  /** @type {(node: ClusterNode) => number} */
  const place = (node) => 2 * (ORDER[node.state] ?? 2) + (node.role === "master" ? 0 : 1);
  return [...nodes].sort((a, b) => place(a) - place(b) || byName(a.name, b.name));
}

export class NodeTable {
  // `full` has what the dashboard has no room for.
  /**
   * @param {Element} parent
   * @param {boolean} [full]
   */
  constructor(parent, full = false) {
    this.full = full;
    this.empty = h("p", { class: "empty" });
    const head = NAMES.filter((name) => full || !FULL.has(name));
    const body = h("tbody");
    this.table = h(
      "div",
      { class: "scroll" },
      h(
        "table",
        { class: full ? "cards nodes" : "nodes" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            head.map((name) =>
              h(
                "th",
                { scope: "col", class: NUMBERS.has(name) ? "num" : name === "Version" && !full ? "narrow-off" : false },
                name,
              ),
            ),
          ),
        ),
        body,
      ),
    );
    /** @type {Keyed<ClusterNode>} */
    this.rows = new Keyed(body, { make: (node) => this.row(node), key: (node) => node.name, shown });
    parent.append(this.empty, this.table);
  }

  // `none` says why there is no row.
  /**
   * @param {ClusterNode[]} nodes
   * @param {string} [none]
   */
  draw(nodes, none = "No node is here yet. A master that was started with --no-load waits for its slaves.") {
    this.empty.textContent = none;
    this.empty.hidden = nodes.length > 0;
    this.table.hidden = !nodes.length;
    this.rows.draw(nodes);
  }

  /** @param {ClusterNode} node */
  row(node) {
    const { full } = this;
    const port = node.rpc_port ? `:${node.rpc_port}` : "";
    const kind = [node.role === "master" ? "master" : "", node.load === false ? "no load" : ""]
      .filter(Boolean)
      .map((word) => ` · ${word}`)
      .join("");
    return h(
      "tr",
      { "data-node": node.name, class: quiet(node) },
      h("th", { scope: "row" }, h("div", { class: "clip" }, node.name, h("span", { class: "muted" }, kind))),
      h("td", {}, nodeBadge(node.state)),
      h("td", { class: "num", "data-label": "Cores" }, integer(node.cores)),
      h("td", { class: "cpu", "data-label": "CPU" }, cpu(node)),
      full && h("td", { "data-label": "Address" }, `${node.address}${port}`),
      h("td", { class: full ? false : "narrow-off", "data-label": "Version" }, node.version),
      full && h("td", { "data-label": "Python" }, node.python),
      h("td", { class: "num", "data-label": "Heard" }, heard(node)),
      full && h("td", { "data-label": "Run" }, node.run ? h("a", { href: `/runs/${node.run}` }, "in a run") : "–"),
    );
  }
}

// Of one that is gone, the last figures say nothing of now.
/** @type {(node: ClusterNode) => boolean} */
const isGone = ({ state }) => state === "left" || state === "lost";

/** @type {(node: ClusterNode) => string | false} */
const quiet = (node) => (isGone(node) ? "gone" : false);
/** @type {(node: ClusterNode) => (Element | string)[]} */
const cpu = (node) => (isGone(node) ? [DASH] : [shape(node), load(node)]);

// The last minute where it is known, else a bar.
/** @param {ClusterNode} node */
function shape(node) {
  const known = node.cpu_history ?? [];
  if (known.length < 2) return meter(node.cpu);
  const label = `CPU of the last minute, at most ${Math.round(Math.max(...known) * 100)} %`;
  return spark(known, node.cpu > 0.9 ? "spark small high" : "spark small", { label, most: 1 });
}

/** @type {(node: ClusterNode) => string} */
const load = (node) => `${Math.round((node.cpu || 0) * 100)} %`;
/** @type {(node: ClusterNode) => string} */
const heard = (node) => (node.age < 1.5 ? "now" : `${span(Math.round(node.age))} ago`);
/** @type {(node: ClusterNode) => string} */
const shown = (node) =>
  [
    node.state,
    node.role,
    node.load,
    node.cores,
    load(node),
    node.cpu_history?.join(" "),
    node.address,
    node.rpc_port,
    node.version,
    node.python,
    heard(node),
    node.run,
  ].join("\n");
