// A run's name, state and actions.
import { h, mayChange } from "../lib/dom.js";
import { integer, span, whenExact } from "../lib/format.js";
import { isOver, runBadge, verdictBadge } from "../lib/states.js";

// on: {stop(), again()}
export function head(run, on) {
  return h("div", { class: "runhead" },
    h("div", {},
      h("h1", {}, run.name || `Run ${run.number}`, runBadge(run.state), isOver(run) ? verdictBadge(run.verdict) : null),
      h("p", { class: "where" }, `${run.task.method} ${run.url}`),
      h("p", { class: "when" }, about(run))),
    h("div", { class: "actions" }, actions(run, on)));
}

const counted = (number, noun) => `${integer(number)} ${noun}${number === 1 ? "" : "s"}`;

function about(run) {
  const { threads, connections } = run.task;
  const load = `${counted(threads, "thread")}, ${counted(connections, "connection")}`;
  const began = run.started_at ? `started ${whenExact(run.started_at)}` : `asked for ${whenExact(run.created_at)}`;
  return [run.name ? `Run ${run.number}` : "", load, pace(run), limits(run), began].filter(Boolean).join(" · ");
}

function pace(run) {
  if (run.task.stages?.length) return "rate in stages";
  return run.task.rate === null || run.task.rate === undefined ? "as fast as answers come" : `${run.task.rate} requests/s asked`;
}

function limits(run) {
  const { duration, requests } = run.task;
  return [duration ? span(duration) : null, requests ? counted(requests, "request") : null].filter(Boolean).join(" or ");
}

function actions(run, on) {
  const edit = h("a", { class: "button", href: `/runs/new?from=${run.id}`, "data-testid": "edit" }, "Edit and run");
  if (isOver(run)) {
    const compare = h("a", { class: "button", href: `/compare?runs=${run.number}`, "data-testid": "compare" }, "Compare");
    if (!mayChange) return compare;
    return [compare, edit, h("button", { type: "button", class: "button primary", "data-testid": "again", onclick: on.again }, "Run again")];
  }
  if (!mayChange) return null;
  const stopping = run.state === "stopping";
  return [edit, h("button", { type: "button", class: "button stop", "data-testid": "stop", id: "stop", disabled: stopping, onclick: on.stop }, stopping ? "Stopping…" : "Stop")];
}
