// The report of a run that is over: percentiles, nodes, errors, plan, downloads.
import { planned } from "../lib/asked.js";
import { remarks } from "../figures/verdict.js";
import { h } from "../lib/dom.js";
import { bytes, DASH, integer, micros, missing, percent, short, span } from "../lib/format.js";
import { outcome, parts } from "../lib/outcome.js";
import { failures } from "../requests/failures.js";
import { slowest } from "../requests/slowest.js";

const POINTS = [
  ["min", "min"],
  ["mean", "mean"],
  ["stdev", "stdev"],
  ["p50", "p50"],
  ["p75", "p75"],
  ["p90", "p90"],
  ["p95", "p95"],
  ["p99", "p99"],
  ["p99.9", "p99_9"],
  ["p99.99", "p99_99"],
  ["max", "max"],
];
/** @type {[name: string, key: "response_time" | "service_time" | "first_byte"][]} */
const TIMES = [
  ["Response time", "response_time"],
  ["Service time", "service_time"],
  ["First byte", "first_byte"],
];
const FORMATS = [
  ["html", "HTML"],
  ["json", "JSON"],
  ["csv", "CSV, per second"],
  ["hdr", "HdrHistogram log"],
  ["junit", "JUnit"],
  ["wrk", "wrk"],
  ["text", "Text"],
];

/** @param {Report} value */
export function report(value) {
  return [
    h(
      "section",
      { class: "panel", "aria-label": "Report" },
      h("header", {}, h("h2", {}, "Report"), downloads(value)),
      remarks(value.verdict, "report-notes"),
      h(
        "div",
        { class: "split" },
        h(
          "div",
          {},
          part("Time of a request", times(value)),
          Object.keys(value.errors).length ? part("Failed requests by kind", errors(value)) : null,
        ),
        h("div", {}, part("Requests", totals(value)), part("Responses by status", statuses(value))),
      ),
    ),
    ...failures(value),
    ...slowest(value),
    h("section", { class: "panel", "aria-label": "Percentiles" }, h("div", { class: "charts", id: "curves" })),
    h(
      "section",
      { class: "panel part", "aria-label": "Nodes" },
      h("header", {}, h("h2", {}, "Nodes and plan")),
      nodes(value),
    ),
  ];
}

/** @type {(title: string, body: Child) => HTMLElement} */
const part = (title, body) => h("section", { class: "part" }, h("h3", {}, title), body);
/** @type {(text: string) => HTMLElement} */
const cell = (text) => h("td", { class: "num" }, text);
/** @type {(name: string) => HTMLElement} */
const wide = (name) => h("th", { scope: "col", class: "num" }, name);
/** @type {(name: string) => HTMLElement} */
const rowHead = (name) => h("th", { scope: "row" }, name);
/** @type {(head: Child[] | null, rows: Child[]) => HTMLElement} */
const table = (head, rows) =>
  h("div", { class: "scroll" }, h("table", {}, head ? h("thead", {}, h("tr", {}, head)) : null, h("tbody", {}, rows)));

/** @param {Report} value */
function downloads(value) {
  return h(
    "div",
    { class: "downloads", "data-testid": "downloads" },
    FORMATS.map(([format, name]) =>
      h(
        "a",
        {
          class: "button small ghost",
          "data-format": format,
          href: `/api/v1/runs/${value.id}/report?format=${format}&download=1`,
          download: true,
        },
        name,
      ),
    ),
  );
}

/** @param {Report} value */
function times(value) {
  if (!value.requests.completed) return h("p", { class: "empty" }, "No request was completed.");
  /** @type {(times: Maybe<Times>, key: string) => string} */
  const shown = (map, key) => (map ? micros(map[key]) : DASH);
  const kinds = TIMES.filter(([, key]) => value[key]);
  return table(
    [h("th", { scope: "col" }, ""), ...kinds.map(([name]) => wide(name))],
    POINTS.map(([name, key]) => h("tr", {}, rowHead(name), ...kinds.map(([, kind]) => cell(shown(value[kind], key))))),
  );
}

/** @param {Report} value */
function totals({ requests, sessions, status, rate, duration, bytes: moved, connections }) {
  const found = outcome({ ...requests, status });
  const rows = [
    ["Planned", planned(requests, sessions)],
    ["Sent", integer(requests.sent)],
    ["Completed", integer(requests.completed)],
    ["Errors", found.errors ? `${integer(found.errors)} (${percent(found.errors, found.of)})` : "0"],
    ["· failed", integer(found.failed)],
    [`· ${found.word ?? "bad status"}`, integer(found.bad)],
    ["In flight at the end", integer(requests.in_flight)],
    sessions ? ["Skipped by sessions", integer(requests.skipped)] : ["Dropped", integer(requests.dropped)],
    ["Requests/s", short(rate)],
    ["Length", span(duration)],
    ["Read", bytes(moved.read)],
    ["Written", bytes(moved.written)],
    ...opened(connections),
  ];
  return table(
    null,
    rows.map(([name, text]) => h("tr", {}, rowHead(name), cell(text))),
  );
}

/** @param {Report["connections"]} connections */
function opened(connections) {
  if (!connections) return [];
  const { limit, most, opened: all } = connections;
  return [
    ["Connections", limit === null ? "elastic" : `${integer(limit)} asked`],
    ["· open at once at most", integer(most)],
    ["· opened in all", integer(all)],
  ];
}

/** @param {Report} value */
function errors({ errors: found, samples, requests }) {
  return table(
    [h("th", { scope: "col" }, "Kind"), wide("Count"), wide("Of requests"), h("th", { scope: "col" }, "For example")],
    Object.entries(found).map(([kind, count]) =>
      h(
        "tr",
        {},
        rowHead(kind),
        cell(integer(count)),
        cell(percent(count, requests.completed + requests.failed)),
        h("td", { class: "wraps" }, samples?.[kind] || DASH),
      ),
    ),
  );
}

/** @param {Report} value */
function statuses({ status, requests }) {
  const rows = Object.entries(status).sort();
  if (!rows.length) return h("p", { class: "empty" }, "No response was received.");
  return table(
    [h("th", { scope: "col" }, "Status"), wide("Count"), wide("Of responses")],
    rows.map(([code, count]) =>
      h("tr", {}, rowHead(code), cell(integer(count)), cell(percent(count, requests.completed))),
    ),
  );
}

/** @param {Report} value */
function nodes(value) {
  if (!value.nodes.length) return h("p", { class: "empty" }, "No node took part.");
  const shares = new Map((value.plan ?? []).map((share) => [share.name, share]));
  return table(
    [
      h("th", { scope: "col" }, "Node"),
      ...[
        "Cores",
        "Threads",
        "Connections",
        "Requests/s",
        "Asked",
        "Completed",
        "Errors",
        "CPU",
        "Host CPU",
        "Steal",
        "Lateness p99",
        "Lag p99",
        "Start skew",
      ].map(wide),
    ],
    value.nodes.map((node) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, node.name, node.lost ? h("span", { class: "up" }, " · lost") : null),
        cell(integer(node.cores)),
        cell(integer(node.threads)),
        cell(limited(node.connections)),
        cell(short(achieved(node, value))),
        cell(asked(node, shares.get(node.name))),
        cell(integer(node.completed)),
        errorCell(outcome(node)),
        cell(percent(node.cpu, 1)),
        cell(percent(node.host_cpu, 1)),
        cell(percent(node.steal, 1)),
        cell(micros(node.lateness_p99)),
        cell(micros(node.lag_p99)),
        cell(micros(skew(node.start_skew))),
      ),
    ),
  );
}

/** @type {(connections: number | null) => string} */
const limited = (connections) => (missing(connections) ? "elastic" : integer(connections));
/** @type {(node: ReportNode, report: Report) => number | null} */
const achieved = (node, { duration }) => node.achieved ?? (duration ? node.completed / duration : null);
/** @type {(found: import("../lib/outcome.js").Outcome) => HTMLElement} */
const errorCell = (found) =>
  h("td", { class: found.errors ? "num up" : "num", title: parts(found) || false }, integer(found.errors));
/** @type {(rate: Maybe<number>) => string | null} */
const perSecond = (rate) => (missing(rate) ? null : `${short(rate)}/s`);
// A node's own word, or what it was given at the start.
/** @type {(node: ReportNode, plan: PlanPart | undefined) => string} */
const asked = (node, plan) =>
  perSecond(node.asked) ?? perSecond(plan?.rate) ?? (plan?.requests ? `${short(plan.requests)} requests` : DASH);
/** @type {(seconds: Maybe<number>) => number | null} */
const skew = (seconds) => (missing(seconds) ? null : Math.abs(seconds) * 1e6);
