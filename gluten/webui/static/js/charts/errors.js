import { short } from "../lib/format.js";
import { kindsOf } from "../lib/outcome.js";
import { stack } from "./stack.js";

// Errors a second by kind, stacked: failed requests, and answers that are not good.
/** @type {Spec<Rows>} */
export const errors = {
  id: "errors",
  title: "Errors by status and kind",
  unit: "failed or not good, per second",
  none: "no errors",
  format: short,
  top: (high) => Math.max(high * 1.08, 4),
  series: (rows, axis) => stack(rows, axis, kindsOf, rows.kinds(kindsOf)),
};
