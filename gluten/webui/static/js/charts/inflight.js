import { short } from "../lib/format.js";

// Requests under way and open connections, at the end of each second.
/** @type {Spec<Rows>} */
export const inflight = {
  id: "inflight",
  title: "In flight",
  unit: "requests, connections",
  format: short,
  series: (rows, axis) => [
    { label: "in flight", color: "c3", values: rows.column(axis, (row) => row.in_flight), fill: 0.12 },
    {
      label: "connections",
      color: "c5",
      values: rows.column(axis, (row) => row.connections),
      dash: [4, 3],
      width: 1.2,
    },
  ],
};
