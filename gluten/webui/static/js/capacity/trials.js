// The trials of a search, one below the other: the newest first.
import { h } from "../lib/dom.js";
import { DASH, clock, integer, micros } from "../lib/format.js";
import { errorsOf, markOf, rateOf } from "./words.js";

/** @type {[name: string, kind?: string][]} */
const HEAD = [
  ["State"],
  ["Rate", "num"],
  ["From", "num"],
  ["To", "num"],
  ["p50", "num"],
  ["p95", "num"],
  ["p99", "num"],
  ["Errors", "num"],
  ["In flight", "num"],
  ["SLO"],
];

/** @type {Record<string, string>} */
const LOOKS = { holds: "holds", misses: "missed" };

/**
 * @param {CapacityTrial[]} trials
 * @param {boolean} isLive the last one is under way
 */
export function trialTable(trials, isLive) {
  const head = HEAD.map(([name, kind]) => h("th", { scope: "col", class: kind ?? false }, name));
  const rows = trials.map((trial, index) => row(trial, isLive && index === trials.length - 1)).reverse();
  const table = h("table", { class: "cards trials" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows));
  return h("div", { class: "scroll tall", tabindex: 0, role: "group", "aria-label": "Trials" }, table);
}

/**
 * @param {CapacityTrial} trial
 * @param {boolean} current
 */
function row(trial, current) {
  const state = current && trial.state === "undecided" ? "under way" : trial.state;
  const figures = [clock(trial.from), clock(trial.to), time(trial.p50), time(trial.p95), time(trial.p99)];
  figures.push(errorsOf(trial.errors), integer(trial.in_flight));
  return h(
    "tr",
    { "data-trial": trial.rate, "data-state": trial.state },
    h("td", { class: `slo ${LOOKS[trial.state] ?? ""}` }, `${markOf(trial)} ${state}`),
    h("th", { scope: "row", class: "num" }, `${rateOf(trial.rate)}/s`),
    figures.map((text, at) => h("td", { class: "num", "data-label": HEAD[at + 2][0] }, text)),
    h("td", { class: trial.slo ? "wraps decided" : "narrow-off", "data-label": "SLO" }, trial.slo ?? ""),
  );
}

// A trial of an earlier version has no p95.
/** @type {(value?: number) => string} */
const time = (value) => (value ? micros(value) : DASH);
