// Runs over each other, second by second: rows in the form that the charts' common machinery draws, and what is drawn.
import { micros, short } from "../lib/format.js";
import { errorsOf } from "../lib/outcome.js";

/**
 * @typedef {(row: Row) => Maybe<number>} Pick
 * @typedef {Seconds & { of(run: number, axis: number[], pick: Pick): Values }} Overlay
 */

/** @type {(Omit<Spec<Overlay>, "series"> & { pick: Pick })[]} */
const CHARTS = [
  { id: "throughput", title: "Throughput", unit: "requests/s", format: short, pick: (row) => row.completed },
  { id: "p50", title: "Response time p50", format: micros, pick: (row) => row.p50, log: true },
  { id: "p95", title: "Response time p95", format: micros, pick: (row) => row.p95, log: true },
  { id: "p99", title: "Response time p99", format: micros, pick: (row) => row.p99, log: true },
  {
    id: "errors",
    title: "Errors",
    unit: "failed or not good, per second",
    format: short,
    pick: errorsOf,
    top: (high) => Math.max(high * 1.08, 4),
  },
];

// Each run: {label, color, report}. A report's last second is rarely a whole one, and what came after the end of load
// is no second of it: both are left out.
/**
 * @param {Laid[]} runs
 * @returns {Overlay}
 */
export function overlay(runs) {
  const known = runs.map(
    ({ report }) =>
      new Map(
        report.seconds
          .filter((row) => !row.drain && row.second + 1 <= report.duration + 0.01)
          .map((row) => [row.second, row]),
      ),
  );
  const end = known.reduce((most, rows) => Math.max(most, ...rows.keys()), -1);
  const axis = Array.from({ length: end + 1 }, (_, second) => second);
  return {
    axis: () => axis,
    isWhole: () => true,
    of: (run, seconds, pick) =>
      seconds.map((second) => {
        const row = known[run].get(second);
        return row ? (pick(row) ?? null) : null;
      }),
  };
}

/**
 * @param {Laid[]} runs
 * @returns {Spec<Overlay>[]}
 */
export function overlaid(runs) {
  return CHARTS.map(({ pick, ...spec }) => ({
    ...spec,
    series: (rows, axis) =>
      runs.map(({ label, color }, index) => ({ label, color, values: rows.of(index, axis, pick) })),
  }));
}
