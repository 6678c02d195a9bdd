// Badges: a state, a verdict or a baseline in one coloured word.
import { h } from "./dom.js";
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

export const baselineBadge = () =>
  badge("info", { title: "Later runs of its name are compared with this one", "data-testid": "baseline" }, "baseline");
