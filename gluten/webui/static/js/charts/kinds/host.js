import { percent } from "../../lib/format.js";

/** @type {(value: number) => string} */
const share = (value) => percent(value, 1);

// How busy the machines are that make the load. Where one has no CPU left, its times are no longer the target's alone.
// Of several nodes the busiest one counts.
/** @type {Spec<Rows>} */
export const host = {
  id: "host",
  title: "Host CPU and steal",
  unit: "of the busiest machine",
  format: share,
  top: (high) => Math.max(1, high),
  series: (rows, axis) => [
    { label: "host CPU", color: "c1", values: rows.column(axis, (row) => row.host_cpu), fill: 0.12 },
    { label: "generator, of one core", color: "c3", values: rows.column(axis, (row) => row.cpu) },
    { label: "steal", color: "c4", values: rows.column(axis, (row) => row.steal) },
  ],
};
