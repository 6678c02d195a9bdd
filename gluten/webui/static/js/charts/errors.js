import { short } from "../lib/format.js";
import { stack } from "./stack.js";

// Failed requests a second by kind, stacked.
export const errors = {
  id: "errors",
  title: "Errors by kind",
  unit: "failed requests/s",
  none: "no errors",
  format: short,
  top: (high) => Math.max(high * 1.08, 4),
  series: (rows, axis) => stack(rows, axis, (row) => row.errors, rows.kinds((row) => row.errors)),
};
