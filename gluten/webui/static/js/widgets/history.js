// Past and present runs as a table.
import { intervalOf } from "../capacity/words.js";
import { baselineBadge, runBadge, verdictBadge } from "../lib/badges.js";
import { h } from "../lib/dom.js";
import { micros, short, span, when, whenExact, zone } from "../lib/format.js";
import { Keyed } from "../lib/keyed.js";
import { outcome, parts, share } from "../lib/outcome.js";
import { mayChange } from "../lib/page.js";
import { runName } from "../lib/states.js";
import { spark } from "./spark.js";

/** @type {[name: string, kind?: string][]} */
const HEAD = [
  ["Run"],
  ["State"],
  ["Verdict"],
  ["Requests/s", "num"],
  ["p50", "num"],
  ["p99", "num"],
  ["Errors", "num"],
  ["Requests", "num"],
  ["Length", "num"],
  ["Throughput"],
  [`Started (${zone})`],
];

const AWAY = ["Earlier runs are in the database, which does not answer now."];

export class RunTable {
  // selection: the runs that are ticked; baselines: those pinned.
  /**
   * @param {Element} parent
   * @param {import("./selection.js").Selection} selection
   * @param {import("../lib/baselines.js").Baselines} baselines
   */
  constructor(parent, selection, baselines) {
    this.empty = h("p", { class: "empty" });
    const body = h("tbody");
    this.table = h(
      "div",
      { class: "scroll" },
      h(
        "table",
        { class: "cards runs" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            HEAD.map(([name, kind]) => h("th", { scope: "col", class: kind ?? false }, name)),
          ),
        ),
        body,
      ),
    );
    /** @type {Keyed<Run>} */
    this.rows = new Keyed(body, {
      make: (run) => row(run, selection, baselines),
      key: (run) => run.id,
      shown: (run) => shown(run, baselines.isPinned(run)),
    });
    parent.append(this.empty, this.table);
  }

  // `away`: the history cannot be read now.
  /**
   * @param {Run[]} runs
   * @param {string} search
   * @param {boolean} [away]
   */
  draw(runs, search, away = false) {
    if (!runs.length) this.empty.replaceChildren(...(away ? AWAY : nothing(search)));
    this.empty.hidden = runs.length > 0;
    this.table.hidden = !runs.length;
    this.rows.draw(runs);
  }
}

/** @param {string} search */
function nothing(search) {
  if (search) return [`No run matches “${search}”.`];
  return mayChange
    ? ["No runs yet. ", h("a", { href: "/runs/new" }, "Start the first one"), ", or send one with gluten.pyz submit."]
    : ["No runs yet."];
}

// A run that is over changes no more: but for its state nothing has to be looked at.
/** @type {(run: Run, pinned: boolean) => string} */
const shown = (run, pinned) =>
  [pinned, run.state, run.version, run.completed, run.elapsed, run.verdict?.value, run.capacity?.text].join("\n");

/**
 * @param {Run} run
 * @param {boolean} pinned
 */
function title(run, pinned) {
  return h(
    "div",
    {},
    h("div", { class: "clip" }, h("a", { href: `/runs/${run.id}` }, `#${run.number} `, runName(run))),
    pinned ? baselineBadge() : null,
    run.name ? h("span", { class: "sub clip muted" }, run.url) : null,
    run.capacity ? h("span", { class: "sub", title: run.capacity.text }, `capacity ${intervalOf(run.capacity)}`) : null,
  );
}

/** @param {import("../lib/outcome.js").Outcome} found */
function errors(found) {
  if (!found.errors) return "0";
  return [
    `${short(found.errors)} (${share(found)})`,
    h("span", { class: "sub", title: parts(found) }, parts(found, short)),
  ];
}

/**
 * @param {Run} run
 * @param {import("./selection.js").Selection} selection
 * @param {import("../lib/baselines.js").Baselines} baselines
 */
function row(run, selection, baselines) {
  const [some, at, found] = [run.completed > 0, run.started_at ?? run.created_at, outcome(run)];
  return h(
    "tr",
    { "data-run": run.id },
    h("th", { scope: "row" }, h("div", { class: "tickable" }, selection.box(run), title(run, baselines.isPinned(run)))),
    h("td", {}, runBadge(run.state)),
    h("td", { class: run.verdict ? "verdict" : "narrow-off" }, verdictBadge(run.verdict) ?? "–"),
    h("td", { class: "num", "data-label": "Requests/s" }, some ? short(run.rate) : "–"),
    h("td", { class: "num", "data-label": "p50" }, some ? micros(run.p50) : "–"),
    h("td", { class: "num", "data-label": "p99" }, some ? micros(run.p99) : "–"),
    h(
      "td",
      { class: found.errors ? "num up" : "num", "data-label": "Errors", "data-errors": found.errors },
      errors(found),
    ),
    h("td", { class: "num narrow-off" }, short(run.completed)),
    h("td", { class: "num narrow-off" }, span(run.duration ?? Math.floor(run.elapsed))),
    h("td", { class: "line" }, spark(run.summary?.spark)),
    h("td", { class: "at" }, h("time", { datetime: at, title: whenExact(at) }, when(at))),
  );
}
