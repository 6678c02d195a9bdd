import { micros } from "../lib/format.js";

// The highest first: what is drawn later lies on top, and a long run's maxima would hide all else.
/** @type {[label: string, key: "p50" | "p90" | "p99" | "p99_9" | "max", color: string][]} */
const LINES = [
  ["max", "max", "c4"],
  ["p99.9", "p99_9", "c2"],
  ["p99", "p99", "c3"],
  ["p90", "p90", "c6"],
  ["p50", "p50", "c1"],
];

// Response time, from the moment a request was due. A second in which nothing came back has none.
/** @type {Spec<Rows>} */
export const latency = {
  id: "latency",
  title: "Response time",
  format: micros,
  log: true,
  series(rows, axis) {
    return LINES.map(([label, key, color]) => ({
      label,
      color,
      width: key === "max" ? 1 : 1.6,
      values: rows.column(axis, (row) => (row.completed ? row[key] : null)),
    }));
  },
};
