// Words and colours of states and verdicts.
import { h } from "./dom.js";

const RUN = { queued: "info", starting: "info live", running: "good live", stopping: "warn live", finished: "", stopped: "warn", failed: "bad" };
const NODE = { alive: "good", suspect: "warn", lost: "bad", left: "" };
const VERDICT = { valid: "good", suspect: "warn", invalid: "bad" };

export const OVER = new Set(["finished", "stopped", "failed"]);
export const isOver = (run) => OVER.has(run.state);
export const runBadge = (state) => h("span", { class: `badge ${RUN[state] ?? ""}`, "data-state": state }, state);
export const nodeBadge = (state) => h("span", { class: `badge ${NODE[state] ?? ""}`, "data-state": state }, state);
export const verdictClass = (value) => VERDICT[value] ?? "";

export function verdictBadge(verdict) {
  if (!verdict) return null;
  const why = verdict.reasons.join("; ");
  return h("span", { class: `badge ${verdictClass(verdict.value)}`, title: why || false, "data-verdict": verdict.value }, verdict.value);
}

export const baselineBadge = () => h("span", { class: "badge info", title: "Later runs of its name are compared with this one", "data-testid": "baseline" }, "baseline");
export const runName = (run) => run.name || run.url;
