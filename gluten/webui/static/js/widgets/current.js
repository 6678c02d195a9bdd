// The run under way in a few figures, for the dashboard.
import { h, mayChange } from "../lib/dom.js";
import { micros, percent, short, span } from "../lib/format.js";
import { runBadge, runName } from "../lib/states.js";
import { progress, spark } from "./spark.js";

export function currentRun(run, points) {
  if (!run) return h("p", { class: "empty" }, "Nothing runs. ", mayChange && h("a", { href: "/runs/new" }, "Start a run"), mayChange && ".");
  const share = run.asked_duration ? run.elapsed / run.asked_duration : run.task?.requests ? run.completed / run.task.requests : 0;
  return h("div", {},
    h("p", {}, h("a", { href: `/runs/${run.id}` }, h("b", {}, `#${run.number} `, runName(run))), " ", runBadge(run.state)),
    progress(share),
    h("dl", { class: "mini" }, figure("Requests/s", points.length ? short(points.at(-1)) : "–"), figure("p50", micros(run.p50)), figure("p99", micros(run.p99)), figure("Errors", percent(run.failed, run.completed + run.failed))),
    spark(points, "spark tall"),
    h("p", { class: "muted" }, times(run)));
}

const figure = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));

function times(run) {
  const of = run.asked_duration ? ` of ${span(run.asked_duration)}` : "";
  return `${span(Math.floor(run.elapsed))}${of} · ${short(run.completed)} requests`;
}

export function queueList(runs) {
  if (!runs.length) return null;
  return h("div", {}, h("h3", {}, `Waiting (${runs.length})`), h("ol", {}, runs.slice(0, 10).map((run) =>
    h("li", {}, h("a", { href: `/runs/${run.id}` }, `#${run.number} `, runName(run))))), runs.length > 10 ? h("p", { class: "muted" }, `and ${runs.length - 10} more`) : null);
}
