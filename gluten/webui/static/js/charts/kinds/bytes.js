import { bytes } from "../../lib/format.js";

// What was read and written in each second.
/** @type {Spec<Rows>} */
export const moved = {
  id: "bytes",
  title: "Bytes",
  unit: "per second",
  format: bytes,
  isBytes: true,
  series: (rows, axis) => [
    { label: "read", color: "c1", values: rows.rate(axis, (row) => row.read), fill: 0.12 },
    { label: "written", color: "c2", values: rows.rate(axis, (row) => row.written) },
  ],
};
