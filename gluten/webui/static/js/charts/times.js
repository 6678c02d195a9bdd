import { micros } from "../lib/format.js";

/** @typedef {"p50" | "p90" | "p95" | "p99" | "p99_9" | "max"} ResponseKey */
/** @typedef {"service_p50" | "service_p99" | "lateness_p99" | "lag_p99"} ServiceKey */
/** @typedef {[label: string, key: ResponseKey | ServiceKey, color: string, width?: number]} TimeLine */

// A chart of times, a line for each of these figures. A second in which nothing came back has none.
/** @type {(id: string, title: string, lines: TimeLine[]) => Spec<Rows>} */
export const times = (id, title, lines) => ({
  id,
  title,
  format: micros,
  log: true,
  series(rows, axis) {
    return lines.map(([label, key, color, width]) => ({
      label,
      color,
      width,
      values: rows.column(axis, (row) => (row.completed ? row[key] : null)),
    }));
  },
});
