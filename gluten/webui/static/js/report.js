// The charts of the HTML report: those of the run's page, in the places of the still ones. This module and all that it
// imports is one script in the report (`report/formats/webpage`), which asks nobody for anything.
import { Group } from "./charts/group.js";
import { ByRate, byRate } from "./capacity/charts.js";
import { Look } from "./charts/parts/look.js";
import { $, setText } from "./lib/dom.js";
import { clock, integer, short } from "./lib/format.js";
import { isPaced } from "./lib/asked.js";
import { outcome, parts, share } from "./lib/outcome.js";
import { Rows } from "./lib/rows.js";
import { Choice } from "./requests/choice.js";
import { ByRequest } from "./requests/named.js";
import { runCharts } from "./run/charts.js";
import { drawCurves } from "./run/curves.js";
import { rowsOf, unpack } from "./run/packed.js";

const HINT = "Each point is one second of the run. Drag over a chart to zoom, or press + on the charts.";

const rows = new Rows();
const look = new Look(location.hash.slice(1), keep);

// As the page does, the address has what is seen. A preview may have none that can change.
/** @param {string} text */
function keep(text) {
  try {
    history.replaceState(history.state, "", `#${text}`);
  } catch {
    // It is seen all the same.
  }
}

// What the charts are zoomed to, in figures that the rows have.
/** @param {Span | null} view */
function words(view) {
  if (!view) return HINT;
  const seen = rows.list.filter(({ second }) => second >= view[0] && second <= view[1]);
  if (!seen.length) return `From ${clock(view[0])} to ${clock(view[1])}: no second of the run`;
  const total = seen.map(outcome).reduce(sum);
  const completed = seen.reduce((all, row) => all + row.completed, 0);
  const [from, to] = [seen[0].second, seen[seen.length - 1].second + 1];
  return [
    `From ${clock(from)} to ${clock(to)}: ${short(completed / (to - from))} requests/s`,
    `${integer(completed)} completed`,
    total.errors ? `errors ${integer(total.errors)} (${share(total)}): ${parts(total)}` : "no errors",
  ].join(" · ");
}

/** @typedef {import("./lib/outcome.js").Outcome} Outcome */
/** @type {(one: Outcome, other: Outcome) => Outcome} */
const sum = (one, other) => ({
  failed: one.failed + other.failed,
  bad: one.bad + other.bad,
  errors: one.errors + other.errors,
  of: one.of + other.of,
  word: one.word ?? other.word,
});

// Of the run over its seconds.
/** @param {any} value */
function drawRun({ report, columns, count }) {
  const named = new ByRequest(rows);
  named.take(rowsOf(columns, count));
  named.endAt(report.duration, report.task.duration ?? Infinity);
  const charts = runCharts(named, isPaced(report.task), Boolean(report.sessions));
  const group = new Group($("charts"), charts, rows, { zoom: zoomed }, true, look);
  group.events = report.events ?? [];
  new Choice($("choice"), chosen, look.of).draw(report.by_request);
  $("unzoom").addEventListener("click", () => {
    group.zoom(null);
    group.steer.focus();
  });
  zoomed(look.view);

  /** @param {string} name */
  function chosen(name) {
    named.choose(name);
    look.choose(name);
    group.redraw();
  }
}

/** @param {Span | null} view */
function zoomed(view) {
  $("unzoom").disabled = !view;
  setText($("window"), words(view));
}

// Of a search, by rate.
/** @param {any} value */
function drawSearch({ report }) {
  const found = new ByRate();
  found.take(report.capacity);
  new Group(
    $("rates"),
    byRate(found, () => report.slo),
    found,
    {},
    true,
    look.apart(),
  );
}

// A browser that is too old for this goes on to show the still charts.
async function draw() {
  const value = await unpack($("data").textContent);
  document.documentElement.classList.add("live");
  if ($("charts")) drawRun(value);
  if ($("rates")) drawSearch(value);
  if ($("curves")) await drawCurves($("curves"), value.report, look);
}

draw();
