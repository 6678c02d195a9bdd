// The run under way in a few figures, for the dashboard.
import { runBadge } from "../lib/badges.js";
import { h } from "../lib/dom.js";
import { integer, micros, short, span } from "../lib/format.js";
import { outcome, parts, share } from "../lib/outcome.js";
import { mayChange } from "../lib/page.js";
import { runName } from "../lib/states.js";
import { progress, spark } from "./spark.js";

/**
 * @param {Run | null} run
 * @param {number[]} points
 */
export function currentRun(run, points) {
  if (!run) return nothing();
  return h(
    "div",
    {},
    h(
      "p",
      {},
      h("a", { href: `/runs/${run.id}` }, h("b", {}, `#${run.number} `, runName(run))),
      " ",
      runBadge(run.state),
    ),
    progress(done(run)),
    run.capacity ? h("p", { "data-testid": "now-capacity" }, run.capacity.text) : null,
    run.hint ? h("p", { class: "notice warn", role: "status", "data-testid": "hint" }, run.hint) : null,
    h(
      "dl",
      { class: "mini" },
      figure("Requests/s", short(run.rate)),
      figure("p50", micros(run.p50)),
      figure("p99", micros(run.p99)),
      errors(run),
    ),
    h("p", { class: "muted" }, `Whole run: ${times(run)}`),
    spark(points, "spark tall"),
    h("p", { class: "muted", "data-testid": "now-rate" }, `Last second: ${lastSecond(run, points)}`),
  );
}

function nothing() {
  const start = mayChange ? [h("a", { href: "/runs/new" }, "Start a run"), "."] : [];
  return h("p", { class: "empty" }, "Nothing runs. ", start);
}

// Which share of the run is done, by its time or by its requests.
/** @param {Run} run */
function done(run) {
  if (run.asked_duration) return run.elapsed / run.asked_duration;
  return run.task?.requests ? run.completed / run.task.requests : 0;
}

/** @type {(name: string, value: string, under?: string, kind?: string | false) => HTMLElement} */
const figure = (name, value, under = "", kind = false) =>
  h(
    "div",
    { class: kind, "data-figure": name },
    h("dt", {}, name),
    h("dd", {}, value),
    under ? h("dd", { class: "under" }, under) : null,
  );

/** @param {Run} run */
function errors(run) {
  const found = outcome(run);
  return figure("Errors", found.errors ? share(found) : "0", parts(found), found.errors > 0 && "up");
}

/**
 * @param {Run} run
 * @param {number[]} points
 */
function lastSecond(run, points) {
  const rate = points.length ? `${short(points.at(-1))} requests/s` : "–";
  return [
    rate,
    run.connections === undefined ? "" : `${integer(run.connections)} connections`,
    run.backlog ? `backlog ${integer(run.backlog)}` : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** @param {Run} run */
function times(run) {
  const most = run.capacity ? "at most " : "";
  const of = run.asked_duration ? ` of ${most}${span(run.asked_duration)}` : "";
  return `${span(Math.floor(run.elapsed))}${of} · ${short(run.completed)} requests`;
}
