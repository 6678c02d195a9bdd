// Percentile curves as HdrHistogram draws them, and distributions. Each histogram: {label, color, pairs, dash?}.
import { micros, percent } from "../lib/format.js";
import { quantiles, size } from "../lib/hdr.js";
import { Group } from "./group.js";
import { Look } from "./parts/look.js";

const STEP = 0.02;
const BANDS = 4;
const NINES = ["0 %", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %", "99.9999 %", "99.99999 %"];
/** @type {(axis: number[]) => Seconds} */
const still = (axis) => ({ axis: () => axis, isWhole: () => true });

// Along x stands how rare a request is: 1 is one in 10, 2 one in 100; beyond one in all there is nothing to see.
/**
 * @param {HTMLElement} parent
 * @param {Curve[]} histograms
 * @param {Look} [look]
 */
export function percentiles(parent, histograms, look = new Look()) {
  const most = Math.max(1, ...histograms.map(({ pairs }) => Math.log10(Math.max(1, size(pairs)))));
  const axis = Array.from({ length: Math.ceil(most / STEP) + 1 }, (_, index) => index * STEP);
  const end = axis[axis.length - 1];
  const shares = axis.map((x) => 1 - 10 ** -x);
  /** @type {Spec} */
  const spec = {
    id: "percentiles",
    title: "Percentiles",
    unit: "of all requests",
    format: micros,
    log: true,
    across: {
      range: () => [0, end],
      splits: () => NINES.map((_, index) => index).filter((x) => x <= end),
      mark: (x) => NINES[x] ?? share(x),
    },
    series: () =>
      histograms.map(({ label, color, pairs, dash }) => ({ label, color, dash, values: quantiles(pairs, shares) })),
  };
  return new Group(parent, [spec], still(axis), {}, true, look.apart());
}

/** @type {(x: number) => string} */
const share = (x) => `${(100 * (1 - 10 ** -x)).toFixed(Math.max(0, Math.ceil(x) - 1))} %`;

// How many of all requests took how long, in bands of 19 %.
/**
 * @param {HTMLElement} parent
 * @param {Curve[]} histograms
 * @param {Look} [look]
 */
export function distribution(parent, histograms, look = new Look()) {
  const banded = histograms.map(({ pairs }) => bands(pairs));
  const known = banded.flatMap((counts) => [...counts.keys()]);
  const [low, high] = known.length ? [Math.min(...known) - 1, Math.max(...known) + 2] : [0, 1];
  const axis = Array.from({ length: high - low + 1 }, (_, index) => low + index);
  /** @type {Spec} */
  const spec = {
    id: "distribution",
    title: "Distribution",
    unit: "share of requests by time",
    format: (value) => percent(value, 1),
    across: {
      range: () => [low, high],
      splits: () => axis.filter((x) => x % (2 * BANDS) === 0),
      mark: (x) => micros(2 ** (x / BANDS)),
    },
    series: () =>
      histograms.map(({ label, color, pairs, dash }, index) => ({
        label,
        color,
        dash,
        fill: 0.12,
        values: axis.map((x) => (banded[index].get(x) ?? 0) / Math.max(1, size(pairs))),
      })),
  };
  return new Group(parent, [spec], still(axis), {}, true, look.apart());
}

/**
 * @param {Histogram} pairs
 * @returns {Map<number, number>}
 */
function bands(pairs) {
  const counts = new Map();
  for (const [value, count] of pairs) {
    const band = Math.floor(BANDS * Math.log2(Math.max(1, value)));
    counts.set(band, (counts.get(band) ?? 0) + count);
  }
  return counts;
}
