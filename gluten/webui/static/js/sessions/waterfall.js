// A typical session as bars, one after the other: of each request its median, of each pause its mean.
import { h, svg } from "../lib/dom.js";
import { DASH, micros } from "../lib/format.js";

const MOST = 100; // bars of one scenario
const LEAST = 0.3; // of a bar's width, in percent, so that it is seen

/** @typedef {{ name: string | null, times: number, each: number | null, start: number, length: number }} Bar */

// Times are in microseconds. `each` is null where the request was never answered. A step that comes 2.5 times has a bar
// of 2.5 times its length, so the bars together are about as long as a session.
/**
 * @param {Step[]} steps
 * @param {RequestFigures[]} requests
 * @returns {Bar[]}
 */
export function barsOf(steps, requests) {
  const medians = new Map(requests.map(({ name, completed, p50 }) => [name, completed ? p50 : null]));
  let start = 0;
  return steps.map(({ step, pause, times }) => {
    const each = step === null ? pause * 1e6 : (medians.get(step) ?? null);
    const bar = { name: step, times, each, start, length: (each ?? 0) * times };
    start += bar.length;
    return bar;
  });
}

/** @type {(bars: Bar[]) => number} */
export const lengthOf = (bars) => bars.reduce((sum, { length }) => sum + length, 0);

// Where a bar begins and how wide it is, in percent of the session.
/**
 * @param {Bar} bar
 * @param {number} whole
 * @returns {[start: number, width: number]}
 */
export function placeOf({ start, length }, whole) {
  if (!whole) return [0, LEAST];
  const width = Math.max(LEAST, (100 * length) / whole);
  return [Math.min((100 * start) / whole, 100 - width), width];
}

/** @type {(times: number) => string} */
export const repeated = (times) => (times === 1 ? "" : `× ${Number(times.toPrecision(3))}`);

/**
 * @param {ScenarioFigures} scenario
 * @param {Step[]} steps
 * @param {RequestFigures[]} requests
 */
export function waterfall(scenario, steps, requests) {
  const bars = barsOf(steps, requests);
  const whole = lengthOf(bars);
  const measured = scenario.finished ? `; measured to the last byte: ${micros(scenario.p50)}` : "";
  return h(
    "section",
    { class: "part", "data-waterfall": scenario.name },
    h(
      "h4",
      { class: "wraps" },
      scenario.name,
      " ",
      h("small", {}, `about ${micros(whole)} with all pauses${measured}`),
    ),
    h(
      "table",
      { class: "fall" },
      h(
        "tbody",
        {},
        bars.slice(0, MOST).map((bar) => row(bar, whole)),
      ),
    ),
    bars.length > MOST ? h("p", { class: "muted" }, "and more steps") : null,
  );
}

/**
 * @param {Bar} bar
 * @param {number} whole
 */
function row(bar, whole) {
  const name = bar.name ?? "pause";
  return h(
    "tr",
    { class: bar.name === null ? "pause" : false },
    h("th", { scope: "row", class: "clip", title: name }, name),
    h("td", { class: "num" }, repeated(bar.times)),
    h("td", { class: "track" }, track(bar, whole)),
    h("td", { class: "num" }, bar.each === null ? DASH : micros(bar.each)),
  );
}

/**
 * @param {Bar} bar
 * @param {number} whole
 */
function track(bar, whole) {
  const [x, width] = placeOf(bar, whole);
  const rect = svg("rect", { x: x.toFixed(2), width: width.toFixed(2), height: 10 });
  return svg("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" }, rect);
}
