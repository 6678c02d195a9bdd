// What the figures of a run are worth: its verdict with the reasons, and what is to be known beside it.
import { h, show } from "../lib/dom.js";
import { verdictClass } from "../lib/states.js";

/** @type {Record<string, string>} */
const WORDS = {
  valid: "The figures can be relied on.",
  suspect: "Read the figures with care.",
  invalid: "The figures must not be used.",
};

// There is nothing to see before the run is over.
/**
 * @param {HTMLElement} root
 * @param {Verdict | null} verdict
 */
export function drawVerdict(root, verdict) {
  root.hidden = !verdict;
  if (verdict) show(root, judged(verdict), remarks(verdict, "verdict-notes"));
}

/** @param {Verdict} verdict */
function judged({ value, reasons }) {
  return h(
    "div",
    { class: `notice ${verdictClass(value)}`, "data-testid": "verdict" },
    h("b", {}, `Verdict: ${value}. `),
    WORDS[value] ?? "",
    reasons.length ? h("ul", {}, ...reasons.map((reason) => h("li", {}, reason))) : null,
  );
}

/**
 * @param {Verdict} verdict
 * @param {string} name
 */
export function remarks({ notes = [] }, name) {
  const lines = notes.map((text) => h("div", {}, text));
  return h("div", { class: "notice warn", hidden: !lines.length, "data-testid": name }, ...lines);
}
