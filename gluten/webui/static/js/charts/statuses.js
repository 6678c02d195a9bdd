import { short } from "../lib/format.js";
import { stack } from "./stack.js";

/** @type {Record<string, string[]>} */
const BY_CLASS = { 1: ["c5"], 2: ["c7", "c1"], 3: ["c6", "c3"], 4: ["c2", "c8"], 5: ["c4", "c3"] };

/**
 * @param {string} code
 * @param {number} index
 */
function shade(code, index) {
  const shades = BY_CLASS[code[0]] ?? ["c5"];
  return shades[index % shades.length];
}

// Responses a second by status code, stacked.
/** @type {Spec<Rows>} */
export const statuses = {
  id: "statuses",
  title: "Responses by status",
  unit: "responses/s",
  none: "no responses",
  format: short,
  series: (rows, axis) =>
    stack(
      rows,
      axis,
      (row) => row.status,
      rows.kinds((row) => row.status),
      shade,
    ),
};
