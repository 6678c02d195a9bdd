// A run's name, state and actions.
import { connections, counted, threads } from "../lib/asked.js";
import { baselineBadge, runBadge, verdictBadge } from "../lib/badges.js";
import { address } from "../lib/chosen.js";
import { h } from "../lib/dom.js";
import { span, whenExact } from "../lib/format.js";
import { mayChange } from "../lib/page.js";
import { isOver } from "../lib/states.js";
import { askingButton, deleteButton } from "./deletebutton.js";

/** @typedef {import("../lib/baselines.js").Baselines} Pins */
/** @typedef {(event: Event) => void} Pressed */
/** @typedef {{ stop(): void, again: Pressed, pin: Pressed, tell(message: string): void }} Actions */

/**
 * @param {Run} run
 * @param {Pins} baselines
 * @param {Actions} on
 */
export function head(run, baselines, on) {
  return h(
    "div",
    { class: "runhead" },
    h(
      "div",
      {},
      h(
        "h1",
        {},
        run.name || `Run ${run.number}`,
        runBadge(run.state),
        isOver(run) ? verdictBadge(run.verdict) : null,
        baselines.isPinned(run) ? baselineBadge() : null,
      ),
      h("p", { class: "where" }, run.by_request ? run.url : `${run.task.method} ${run.url}`),
      h("p", { class: "when" }, about(run)),
    ),
    h("div", { class: "actions" }, actions(run, baselines, on)),
  );
}

/** @param {Run} run */
function about(run) {
  const load = `${threads(run.task)}, ${connections(run.task)}`;
  const began = run.started_at ? `started ${whenExact(run.started_at)}` : `asked for ${whenExact(run.created_at)}`;
  return [run.name ? `Run ${run.number}` : "", load, pace(run), limits(run), began].filter(Boolean).join(" · ");
}

/** @param {Run} run */
function pace(run) {
  if (run.task.find_capacity) return "a search for the capacity";
  if (run.task.stages?.length) return "rate in stages";
  return run.task.rate === null || run.task.rate === undefined
    ? "as fast as answers come"
    : `${run.task.rate} ${run.sessions ? "sessions" : "requests"}/s asked`;
}

/** @param {Run} run */
function limits(run) {
  const { duration, requests, warmup, find_capacity: isSearch } = run.task;
  const most = isSearch ? "at most " : "";
  return [
    duration ? `${most}${span(duration)}` : null,
    requests ? counted(requests, run.sessions ? "session" : "request") : null,
  ]
    .filter(Boolean)
    .join(" or ")
    .concat(warmup ? `, measured from ${span(warmup)} on` : "");
}

// Only a run that finished can be a baseline.
/**
 * @param {Run} run
 * @param {Pins} baselines
 * @param {Actions} on
 */
function pinning(run, baselines, on) {
  if (run.state !== "finished" || !mayChange) return null;
  return h(
    "button",
    { type: "button", class: "button", "data-testid": "pin", onclick: on.pin },
    baselines.isPinned(run) ? "Unpin baseline" : "Pin as baseline",
  );
}

/**
 * @param {Run} run
 * @param {Baseline | null} rival
 */
function comparing(run, rival) {
  const plain = h("a", { class: "button", href: address([run.number]), "data-testid": "compare" }, "Compare");
  if (!rival) return [plain];
  return [
    h(
      "a",
      { class: "button", href: address([rival.number, run.number]), "data-testid": "compare-baseline" },
      `Compare with baseline #${rival.number}`,
    ),
    plain,
  ];
}

/**
 * @param {Run} run
 * @param {Pins} baselines
 * @param {Actions} on
 */
function actions(run, baselines, on) {
  const edit = h("a", { class: "button", href: `/runs/new?from=${run.id}`, "data-testid": "edit" }, "Edit and run");
  if (isOver(run)) {
    const compare = comparing(run, baselines.rival(run));
    if (!mayChange) return compare;
    return [
      ...compare,
      pinning(run, baselines, on),
      baselines.isPinned(run) ? null : deleteButton(run, on.tell),
      edit,
      h("button", { type: "button", class: "button primary", "data-testid": "again", onclick: on.again }, "Run again"),
    ];
  }
  if (!mayChange) return null;
  const isStopping = run.state === "stopping";
  const word = isStopping ? "Stopping…" : "Stop";
  const asking = { name: "stop", word, question: "Really stop?", look: "stop", disabled: isStopping };
  return [edit, askingButton(asking, on.stop)];
}
