// Runs over each other, second by second: rows in the form that the charts' common machinery draws, and what is drawn.
import { micros, short } from "../lib/format.js";

const CHARTS = [
  { id: "throughput", title: "Throughput", unit: "requests/s", format: short, key: "completed" },
  { id: "p50", title: "Response time p50", format: micros, key: "p50", log: true },
  { id: "p99", title: "Response time p99", format: micros, key: "p99", log: true },
  { id: "errors", title: "Errors", unit: "failed requests/s", format: short, key: "failed", top: (high) => Math.max(high * 1.08, 4) },
];

// Each run: {label, color, report}. A report's last second is rarely a whole one: it is left out.
export function overlay(runs) {
  const known = runs.map(({ report }) => new Map(report.seconds.filter((row) => row.second + 1 <= report.duration + 0.01).map((row) => [row.second, row])));
  const end = known.reduce((most, rows) => Math.max(most, ...rows.keys()), -1);
  const axis = Array.from({ length: end + 1 }, (_, second) => second);
  return { axis: () => axis, isWhole: () => true, of: (run, seconds, key) => seconds.map((second) => known[run].get(second)?.[key] ?? null) };
}

export function overlaid(runs) {
  return CHARTS.map(({ key, ...spec }) => ({
    ...spec,
    series: (rows, axis) => runs.map(({ label, color }, index) => ({ label, color, values: rows.of(index, axis, key) })),
  }));
}
