import { short } from "../lib/format.js";

// Of a run with a rate: requests that are due and wait for a connection, at the end of each second, and requests that
// were given up in it.
/** @type {Spec<Rows>} */
export const backlog = {
  id: "backlog",
  title: "Backlog and dropped",
  unit: "requests",
  none: "nothing waited, nothing was dropped",
  format: short,
  top: (high) => Math.max(high * 1.08, 4),
  series: (rows, axis) => [
    { label: "backlog", color: "c2", values: rows.column(axis, (row) => row.backlog), fill: 0.12 },
    {
      label: "dropped",
      color: "c4",
      values: rows.column(axis, (row) => row.sessions_dropped ?? row.dropped),
      dash: [4, 3],
    },
  ],
};

// The same where the plan is one of sessions.
/** @type {Spec<Rows>} */
export const sessionBacklog = { ...backlog, unit: "sessions" };
