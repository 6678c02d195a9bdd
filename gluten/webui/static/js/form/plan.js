// What a workload would do: its requests with their exact weights, and its rate over time.
import { h } from "../lib/dom.js";
import { integer, percent } from "../lib/format.js";

/** @type {(name: string) => HTMLElement} */
const wide = (name) => h("th", { scope: "col", class: "num" }, name);

/** @param {WorkloadPlan} plan */
export function planTable({ block, requests }) {
  const head = [h("th", { scope: "col" }, "Request"), wide("Share"), wide(`Of each ${integer(block)}`)];
  const rows = requests.map((found) =>
    h(
      "tr",
      {},
      h("th", { scope: "row", class: "wraps" }, found.name, " ", h("small", { class: "muted" }, found.method)),
      [percent(found.share, 1), integer(found.of_block)].map((text) => h("td", { class: "num" }, text)),
    ),
  );
  const table = h("table", { "data-testid": "plan" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows));
  return h("div", { class: "scroll" }, table);
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
