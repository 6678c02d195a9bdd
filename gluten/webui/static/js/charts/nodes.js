import { short } from "../lib/format.js";

const COLORS = ["c1", "c2", "c3", "c6", "c4", "c7", "c8", "c5"];
const MOST = 8;

// The nodes with most work, and the sum (or the highest) of the others.
/**
 * @param {Rows} rows
 * @param {number[]} axis
 * @param {"completed" | "cpu"} key
 * @param {(values: number[]) => number} rest
 * @returns {Line[]}
 */
function lines(rows, axis, key, rest) {
  /** @type {(row: Row) => Record<string, Maybe<number>>} */
  const counts = (row) =>
    Object.fromEntries(Object.entries(row.nodes ?? {}).map(([name, node]) => [name, node.completed]));
  const all = rows.kinds(counts, Infinity);
  const named = all.length > MOST ? rows.kinds(counts, MOST - 1) : all;
  const series = named.map((name, index) => ({
    label: name,
    color: COLORS[index],
    values: rows.rate(axis, (row) => row.nodes?.[name]?.[key]),
  }));
  if (named.length === all.length) return series;
  const others = all.filter((name) => !named.includes(name));
  const values = rows.rate(axis, (row) => rest(others.map((name) => row.nodes?.[name]?.[key] ?? 0)));
  return [...series, { label: `${others.length} others`, color: "c5", dash: [5, 3], values }];
}

/** @type {Spec<Rows>} */
export const nodeThroughput = {
  id: "node-throughput",
  title: "Throughput by node",
  unit: "requests/s",
  format: short,
  series: (rows, axis) => lines(rows, axis, "completed", (values) => values.reduce((sum, value) => sum + value, 0)),
};

/** @type {Spec<Rows>} */
export const nodeCpu = {
  id: "node-cpu",
  title: "Generator CPU by node",
  unit: "busiest worker, of one core",
  format: (value) => `${Math.round(value * 100)} %`,
  top: (high) => Math.max(1, high),
  series: (rows, axis) => lines(rows, axis, "cpu", (values) => Math.max(0, ...values)),
};
