// Past and present runs as a table.
import { intervalOf } from "../capacity/words.js";
import { baselineBadge, missedBadge, runBadge, verdictBadge } from "../lib/badges.js";
import { h } from "../lib/dom.js";
import { DASH, micros, short, span, when, whenExact, zone } from "../lib/format.js";
import { Keyed } from "../lib/keyed.js";
import { outcome, parts, share } from "../lib/outcome.js";
import { mayChange } from "../lib/page.js";
import { runName } from "../lib/states.js";
import { spark } from "./spark.js";

/** @type {[name: string, kind?: string, sort?: string][]} */
const HEAD = [
  ["Run", "", "number"],
  ["State"],
  ["Verdict"],
  ["Requests/s", "num", "rate"],
  ["p50", "num wide-on", "p50"],
  ["p95", "num tail-on", "p95"],
  ["p99", "num", "p99"],
  ["Errors", "num", "errors"],
  ["Requests", "num mid-on", "requests"],
  ["Length", "num mid-on", "duration"],
  ["Throughput", "mid-on"],
  [`Started (${zone})`, "at"],
];

const AWAY = ["Earlier runs are in the database, which does not answer now."];

export class RunTable {
  // selection: the runs that are ticked; baselines: those pinned.
  /**
   * @param {Element} parent
   * @param {import("./selection.js").Selection} selection
   * @param {import("../lib/baselines.js").Baselines} baselines
   * @param {(sort: string) => void} sortBy
   */
  constructor(parent, selection, baselines, sortBy) {
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
            HEAD.map(([name, kind, sort]) => column(name, kind, sort, sortBy)),
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

  // Which column the rows are in the order of.
  /**
   * @param {string} sort
   * @param {string} order
   */
  sorted(sort, order) {
    for (const cell of this.table.querySelectorAll("[data-sort]")) {
      const isOwn = cell.getAttribute("data-sort") === sort;
      cell.setAttribute("aria-sort", isOwn ? (order === "asc" ? "ascending" : "descending") : "none");
    }
  }

  // `away`: the history cannot be read now.
  /**
   * @param {Run[]} runs
   * @param {boolean} isNarrowed
   * @param {boolean} [away]
   */
  draw(runs, isNarrowed, away = false) {
    if (!runs.length) this.empty.replaceChildren(...(away ? AWAY : nothing(isNarrowed)));
    this.empty.hidden = runs.length > 0;
    this.table.hidden = !runs.length;
    this.rows.draw(runs);
  }
}

// A figure of the head sorts by it.
/**
 * @param {string} name
 * @param {string | undefined} kind
 * @param {string | undefined} sort
 * @param {(sort: string) => void} sortBy
 */
function column(name, kind, sort, sortBy) {
  if (!sort) return h("th", { scope: "col", class: kind || false }, name);
  const button = h("button", { type: "button", class: "sort", "data-testid": `sort-${sort}` }, name);
  button.addEventListener("click", () => sortBy(sort));
  return h("th", { scope: "col", class: kind || false, "data-sort": sort, "aria-sort": "none" }, button);
}

/** @param {boolean} isNarrowed */
function nothing(isNarrowed) {
  if (isNarrowed) return ["No run matches what is asked for."];
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

// Of a run without an answer nothing is known.
/** @param {Run} run */
function speeds({ completed, rate, p50, p95, p99 }) {
  /** @type {(text: string) => string} */
  const known = (text) => (completed > 0 ? text : DASH);
  return [
    h("td", { class: "num", "data-label": "Requests/s" }, known(short(rate))),
    h("td", { class: "num wide-on", "data-label": "p50" }, known(micros(p50))),
    h("td", { class: "num narrow-off tail-on" }, known(micros(p95))),
    h("td", { class: "num", "data-label": "p99" }, known(micros(p99))),
  ];
}

/**
 * @param {Run} run
 * @param {import("./selection.js").Selection} selection
 * @param {import("../lib/baselines.js").Baselines} baselines
 */
function row(run, selection, baselines) {
  const [at, found] = [run.started_at ?? run.created_at, outcome(run)];
  return h(
    "tr",
    { "data-run": run.id },
    h("th", { scope: "row" }, h("div", { class: "tickable" }, selection.box(run), title(run, baselines.isPinned(run)))),
    h("td", {}, runBadge(run.state)),
    h("td", { class: run.verdict ? "verdict" : "narrow-off" }, verdictBadge(run.verdict) ?? "–", " ", missedBadge(run)),
    speeds(run),
    h(
      "td",
      { class: found.errors ? "num up" : "num", "data-label": "Errors", "data-errors": found.errors },
      errors(found),
    ),
    h("td", { class: "num narrow-off mid-on" }, short(run.completed)),
    h("td", { class: "num narrow-off mid-on" }, span(run.duration ?? Math.floor(run.elapsed))),
    h("td", { class: "line mid-on" }, spark(run.summary?.spark)),
    h("td", { class: "at" }, h("time", { datetime: at, title: whenExact(at) }, when(at).replace(", ", ",\n"))),
  );
}
