import { short } from "../lib/format.js";

// Sessions under way, and how many began in each second, against what was asked.
/** @type {Spec<Rows>} */
export const sessions = {
  id: "sessions",
  title: "Sessions",
  unit: "at once, begun/s",
  format: short,
  series(rows, axis) {
    const asked = rows.rate(axis, (row) => row.asked);
    const begun = [
      { label: "at once", color: "c3", values: rows.column(axis, (row) => row.active), fill: 0.12 },
      { label: "begun", color: "c1", values: rows.rate(axis, (row) => row.begun) },
    ];
    if (asked.every((value) => value === null)) return begun;
    return [...begun, { label: "asked", color: "c2", values: asked, dash: [6, 4], width: 1.4 }];
  },
};
