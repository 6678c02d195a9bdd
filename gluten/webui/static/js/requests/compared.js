// Runs side by side by the names of their requests: by what each differs from the first, beyond noise or not.
import { h } from "../lib/dom.js";
import { micros, short } from "../lib/format.js";

/** @type {[what: string, label: string, format: (value: number) => string][]} */
const FIGURES = [
  ["requests/s", "Requests/s", short],
  ["p50", "p50", micros],
  ["p99", "p99", micros],
  ["errors", "Errors", (value) => `${(100 * value).toFixed(2)} %`],
];

// The names that every pair has.
/**
 * @param {Pair[]} pairs
 * @returns {string[]}
 */
export function sharedNames(pairs) {
  const [first = [], ...others] = pairs.map(({ by_request: found = [] }) => found.map(({ name }) => name));
  return first.filter((name) => others.every((names) => names.includes(name)));
}

/**
 * @param {Report[]} reports
 * @param {Pair[]} pairs
 */
export function compared(reports, pairs) {
  const names = sharedNames(pairs);
  if (!names.length) return null;
  const head = reports.map(({ number }) => h("th", { scope: "col", class: "num" }, `#${number}`));
  return h(
    "section",
    { class: "panel", "aria-label": "By request" },
    h("header", {}, h("h2", {}, "By request")),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": "Figures by request" },
      h(
        "table",
        { class: "side", "data-testid": "by-request" },
        h("thead", {}, h("tr", {}, h("td", {}), head)),
        h(
          "tbody",
          {},
          names.map((name) => lines(name, pairs)),
        ),
      ),
    ),
  );
}

/**
 * @param {string} name
 * @param {Pair[]} pairs
 */
function lines(name, pairs) {
  const all = pairs.map(({ by_request: found = [] }) => found.find((one) => one.name === name)?.differences ?? []);
  return FIGURES.map(([what, label, format]) => {
    const known = all.map((differences) => differences.find((one) => one.what === what));
    return h(
      "tr",
      { "data-request": name, "data-what": what },
      h(
        "th",
        { scope: "row", class: "wraps" },
        what === FIGURES[0][0] ? h("div", {}, h("b", {}, name)) : null,
        h("div", {}, label),
      ),
      h("td", { class: "num" }, known[0] ? format(known[0].a) : ""),
      known.map((one) => h("td", { class: "num" }, one ? [format(one.b), beside(one)] : "")),
    );
  });
}

/** @param {Difference} one */
function beside(one) {
  const tone = one.exceeds_noise === false || !one.change ? false : one.regression ? "up" : "down";
  const noise =
    one.exceeds_noise === null ? "too few seconds to say" : one.exceeds_noise ? "more than noise" : "within noise";
  return [h("span", { class: "sub" }, h("span", { class: tone }, change(one))), h("span", { class: "sub" }, noise)];
}

/** @param {Difference} one */
export function change({ what, a, change: share }) {
  if (!share) return "the same";
  const text = (100 * share).toFixed(what === "errors" ? 2 : 1);
  const signed = share > 0 ? `+${text}` : text;
  return what === "errors" ? `${signed} points` : a ? `${signed} %` : "–";
}
