// Runs side by side by the names of their scenarios and requests: by what each differs from the first, beyond noise or
// not.
import { h } from "../lib/dom.js";
import { micros, short } from "../lib/format.js";
import { noise } from "../widgets/differences.js";

/** @type {[what: string, label: string, format: (value: number) => string][]} */
const FIGURES = [
  ["sessions/s", "Sessions/s", short],
  ["requests/s", "Requests/s", short],
  ["p50", "p50", micros],
  ["p95", "p95", micros],
  ["p99", "p99", micros],
  ["errors", "Errors", (value) => `${(100 * value).toFixed(2)} %`],
];

/** @typedef {"by_scenario" | "by_request"} Named */
/** @type {Record<Named, string>} */
const TITLES = { by_scenario: "By scenario", by_request: "By request" };

// The names that every pair has.
/**
 * @param {Pair[]} pairs
 * @param {Named} key
 * @returns {string[]}
 */
export function sharedNames(pairs, key) {
  const [first = [], ...others] = pairs.map((pair) => (pair[key] ?? []).map(({ name }) => name));
  return first.filter((name) => others.every((names) => names.includes(name)));
}

/**
 * @param {Report[]} reports
 * @param {Pair[]} pairs
 * @param {Named} key
 */
export function compared(reports, pairs, key) {
  const names = sharedNames(pairs, key);
  if (!names.length) return null;
  const head = reports.map(({ number }) => h("th", { scope: "col", class: "num" }, `#${number}`));
  return h(
    "section",
    { class: "panel", "aria-label": TITLES[key] },
    h("header", {}, h("h2", {}, TITLES[key])),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": `Figures ${key.replace("_", " ")}` },
      h(
        "table",
        { class: "side", "data-testid": key.replace("_", "-") },
        h("thead", {}, h("tr", {}, h("td", {}), head)),
        h(
          "tbody",
          {},
          names.map((name) => lines(name, pairs, key)),
        ),
      ),
    ),
  );
}

/**
 * @param {string} name
 * @param {Pair[]} pairs
 * @param {Named} key
 */
function lines(name, pairs, key) {
  const all = pairs.map((pair) => (pair[key] ?? []).find((one) => one.name === name)?.differences ?? []);
  const isRequest = key === "by_request";
  const figures = FIGURES.filter(([what]) => all.some((differences) => differences.some((one) => one.what === what)));
  return figures.map(([what, label, format], place) => {
    const known = all.map((differences) => differences.find((one) => one.what === what));
    return h(
      "tr",
      { "data-request": isRequest && name, "data-scenario": !isRequest && name, "data-what": what },
      h("th", { scope: "row", class: "wraps" }, place ? null : h("div", {}, h("b", {}, name)), h("div", {}, label)),
      h("td", { class: "num" }, known[0] ? format(known[0].a) : ""),
      known.map((one) => h("td", { class: "num" }, one ? [format(one.b), beside(one)] : "")),
    );
  });
}

/** @param {Difference} one */
function beside(one) {
  const tone =
    one.exceeds_noise === false || one.judged === false || !one.change ? false : one.regression ? "up" : "down";
  return [
    h("span", { class: "sub" }, h("span", { class: tone }, change(one))),
    h("span", { class: "sub" }, noise(one)),
  ];
}

/** @param {Difference} one */
export function change({ what, a, change: share }) {
  if (!share) return "the same";
  const text = (100 * share).toFixed(what === "errors" ? 2 : 1);
  const signed = share > 0 ? `+${text}` : text;
  return what === "errors" ? `${signed} points` : a ? `${signed} %` : "–";
}
