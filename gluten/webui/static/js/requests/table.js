// A table by request: live from the run's figures, with each check once the report is there.
import { $, h, show } from "../lib/dom.js";
import { DASH, integer, micros, percent, short } from "../lib/format.js";
import { checked, isTold, notGood } from "./named.js";

const SKIPPED = "Skipped"; // by sessions that had ended
const HEAD = ["Requests", "Requests/s", "p50", "p95", "p99", "Errors", "Good", "Checks"];

/** @param {Run} run */
export function drawRequests(run) {
  const requests = run.by_request ?? [];
  $("requests-panel").hidden = !isTold(requests);
  if ($("requests-panel").hidden) return;
  show($("requests"), table(requests, run.sessions ? [...HEAD, SKIPPED] : HEAD));
}

/**
 * @param {RequestFigures[]} requests
 * @param {string[]} names
 */
function table(requests, names) {
  const head = [
    h("th", { scope: "col" }, "Request"),
    ...names.map((name) => h("th", { scope: "col", class: "num" }, name)),
  ];
  return h(
    "div",
    { class: "scroll" },
    h(
      "table",
      { class: "cards requests" },
      h("thead", {}, h("tr", {}, head)),
      h(
        "tbody",
        {},
        requests.map((found) => row(found, names)),
      ),
    ),
  );
}

/**
 * @param {RequestFigures} found
 * @param {string[]} names
 */
function row(found, names) {
  const { errors, of } = notGood(found);
  const checks = checked(found.checks_passed, found.checks_failed, integer);
  /** @type {(key: "p50" | "p95" | "p99") => string} */
  const time = (key) => (found.completed ? micros(found[key]) : DASH);
  /** @type {[text: string, bad?: boolean][]} */
  const cells = [
    [integer(found.completed)],
    [short(found.rate)],
    [time("p50")],
    [time("p95")],
    [time("p99")],
    [errors ? `${integer(errors)} (${percent(errors, of)})` : "0", errors > 0],
    [integer(found.good)],
    [checks || DASH, found.checks_failed > 0],
    [integer(found.skipped)],
  ];
  return h(
    "tr",
    { "data-request": found.name },
    h("th", { scope: "row", class: "clip", title: found.name }, found.name),
    cells
      .slice(0, names.length)
      .map(([text, bad], index) => h("td", { class: bad ? "num up" : "num", "data-label": names[index] }, text)),
  );
}

// Each check of each request, from the report.
/** @param {Report} value */
export function drawChecks(value) {
  const found = (value.by_request ?? []).flatMap(({ name, checks }) => checks.map((check) => ({ name, ...check })));
  $("checks").hidden = !found.length;
  if (!found.length) return;
  const head = [
    h("th", { scope: "col" }, "Request"),
    h("th", { scope: "col" }, "Check"),
    h("th", { scope: "col", class: "num" }, "Held"),
    h("th", { scope: "col", class: "num" }, "Failed"),
  ];
  const rows = found.map(({ name, check, passed, failed }) =>
    h(
      "tr",
      {},
      h("td", { class: "wraps" }, name),
      h("td", { class: failed ? "wraps up" : "wraps down" }, `${failed ? "✗" : "✓"} ${check}`),
      h("td", { class: "num" }, integer(passed)),
      h("td", { class: failed ? "num up" : "num" }, integer(failed)),
    ),
  );
  show(
    $("checks"),
    h("h3", {}, "Checks"),
    h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows))),
  );
}
