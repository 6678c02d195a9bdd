// Tables by scenario and of groups.
import { h } from "../lib/dom.js";
import { DASH, integer, micros, short } from "../lib/format.js";

const SCENARIO = ["Begun", "Finished", "Ended", "Cut", "Sessions/s", "p50", "p95", "p99"];
const GROUP = ["Times", "p50", "p95", "p99"];

/** @type {(found: Timed, count: number) => string[]} */
const times = (found, count) => [found.p50, found.p95, found.p99].map((value) => (count ? micros(value) : DASH));

/** @param {ScenarioFigures[]} scenarios */
export function byScenario(scenarios) {
  return table("Scenario", SCENARIO, scenarios.map(scenario), "cards scenarios");
}

/** @param {GroupFigures[]} groups */
export function byGroup(groups) {
  return table("Group", GROUP, groups.map(group), "cards groups");
}

/** @param {ScenarioFigures} found */
const scenario = (found) =>
  row(
    found.name,
    [
      ...[found.begun, found.finished, found.ended, found.cut].map(integer),
      short(found.rate),
      ...times(found, found.finished),
    ],
    SCENARIO,
    found.ended ? "Ended" : "",
  );

/** @param {GroupFigures} found */
const group = (found) => row(found.name, [integer(found.count), ...times(found, found.count)], GROUP);

/**
 * @param {string} name
 * @param {string[]} head
 * @param {HTMLElement[]} rows
 * @param {string} look
 */
function table(name, head, rows, look) {
  const cells = [h("th", { scope: "col" }, name), ...head.map((text) => h("th", { scope: "col", class: "num" }, text))];
  const whole = h("table", { class: look }, h("thead", {}, h("tr", {}, cells)), h("tbody", {}, rows));
  return h("div", { class: "scroll" }, whole);
}

/**
 * @param {string} name
 * @param {string[]} texts
 * @param {string[]} head
 * @param {string} [bad] the column that is marked
 */
function row(name, texts, head, bad = "") {
  const cells = texts.map((text, at) =>
    h("td", { class: head[at] === bad ? "num up" : "num", "data-label": head[at] }, text),
  );
  return h("tr", { "data-name": name }, h("th", { scope: "row", class: "clip", title: name }, name), cells);
}
