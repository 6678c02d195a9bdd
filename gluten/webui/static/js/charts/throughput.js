import { short } from "../lib/format.js";

// Requests a second, achieved against asked.
/** @type {Spec<Rows>} */
export const throughput = {
  id: "throughput",
  title: "Throughput",
  unit: "requests/s",
  format: short,
  series(rows, axis) {
    const asked = rows.rate(axis, (row) => row.asked);
    const achieved = { label: "achieved", color: "c1", values: rows.rate(axis, (row) => row.completed), fill: 0.12 };
    if (asked.every((value) => value === null)) return [achieved];
    return [achieved, { label: "asked", color: "c2", values: asked, dash: [6, 4], width: 1.4 }];
  },
};

// The same where the plan is one of sessions: it has no rate of requests.
/** @type {Spec<Rows>} */
export const unplanned = { ...throughput, series: (rows, axis) => throughput.series(rows, axis).slice(0, 1) };
