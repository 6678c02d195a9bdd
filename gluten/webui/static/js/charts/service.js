import { micros } from "../lib/format.js";

/** @type {[label: string, key: "service_p50" | "service_p99" | "lateness_p99" | "lag_p99", color: string][]} */
const LINES = [
  ["service p99", "service_p99", "c3"],
  ["service p50", "service_p50", "c1"],
  ["lateness p99", "lateness_p99", "c2"],
  ["lag p99", "lag_p99", "c6"],
];

// Service time, from the write to the last byte, how late requests were sent, and how late the generator's clock was.
/** @type {Spec<Rows>} */
export const service = {
  id: "service",
  title: "Service time and lateness",
  format: micros,
  log: true,
  series(rows, axis) {
    return LINES.map(([label, key, color]) => ({
      label,
      color,
      values: rows.column(axis, (row) => (row.completed ? row[key] : null)),
    }));
  },
};
