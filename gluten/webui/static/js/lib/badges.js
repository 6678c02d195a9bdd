// Badges: a state, a verdict or a baseline in one coloured word.
import { h } from "./dom.js";
import { missedBy } from "./slos.js";
import { nodeClass, runClass, verdictClass } from "./states.js";

/** @type {(kind: string, props: Props, text: string) => HTMLElement} */
const badge = (kind, props, text) => h("span", { class: `badge ${kind}`, ...props }, text);

/** @param {string} state */
export const runBadge = (state) => badge(runClass(state), { "data-state": state }, state);
/** @param {string} state */
export const nodeBadge = (state) => badge(nodeClass(state), { "data-state": state }, state);

/** @param {Maybe<Verdict>} verdict */
export function verdictBadge(verdict) {
  if (!verdict) return null;
  const { value, reasons } = verdict;
  return badge(verdictClass(value), { title: reasons.join("; ") || false, "data-verdict": value }, value);
}

// That a run has missed SLOs, which a valid verdict does not say.
/** @param {Run} run */
export function missedBadge(run) {
  const missed = missedBy(run);
  if (!missed.length) return null;
  return badge("bad", { title: missed.map(({ slo }) => slo).join("; "), "data-testid": "missed" }, "SLO missed");
}

export const baselineBadge = () =>
  badge("info", { title: "Later runs of its name are compared with this one", "data-testid": "baseline" }, "baseline");
