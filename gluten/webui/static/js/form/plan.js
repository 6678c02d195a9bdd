// What a workload would do: its requests with their exact weights, and its rate over time.
import { h } from "../lib/dom.js";
import { integer, percent, span } from "../lib/format.js";

/** @type {(name: string) => HTMLElement} */
const wide = (name) => h("th", { scope: "col", class: "num" }, name);

/** @param {WorkloadPlan} plan */
export function planTable({ block, requests, scenarios }) {
  const [what, rows] = scenarios.length
    ? ["Scenario", scenarios.map((found) => row(found, `about ${span(found.seconds)}`))]
    : ["Request", requests.map((found) => row(found, found.method))];
  const head = [h("th", { scope: "col" }, what), wide("Share"), wide(`Of each ${integer(block)}`)];
  const table = h("table", { "data-testid": "plan" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows));
  return h("div", { class: "scroll" }, table);
}

/**
 * @param {{ name: string; share: number | null; of_block: number | null }} found
 * @param {string} more
 */
function row({ name, share, of_block }, more) {
  const head = h("th", { scope: "row", class: "wraps" }, name, " ", h("small", { class: "muted" }, more));
  const cells = [percent(share, 1), integer(of_block)];
  return h(
    "tr",
    {},
    head,
    cells.map((text) => h("td", { class: "num" }, text)),
  );
}

// The rate at so many instants, for a picture of the schedule. Empty where the rate is one number, or none.
/**
 * @param {Pick<Task, "stages">} task
 * @param {number} [points]
 * @returns {number[]}
 */
export function schedule({ stages }, points = 60) {
  if (stages.length < 2) return [];
  const [begin, end] = [stages[0][0], stages[stages.length - 1][0]];
  return Array.from({ length: points }, (_, index) => rateAt(stages, begin + ((end - begin) * index) / (points - 1)));
}

/**
 * @param {Task["stages"]} stages
 * @param {number} second
 */
function rateAt(stages, second) {
  const next = stages.findIndex(([at]) => at >= second);
  if (next <= 0) return stages[next < 0 ? stages.length - 1 : 0][1];
  const [[from, low], [to, high]] = [stages[next - 1], stages[next]];
  return to === from ? high : low + ((high - low) * (second - from)) / (to - from);
}
