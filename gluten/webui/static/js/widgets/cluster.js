// The cluster in one line.
import { integer } from "../lib/format.js";

/** @param {ClusterCounts} counts */
export function cluster({ nodes, cores, cpu, versions, states }) {
  const trouble = ["suspect", "lost", "left"]
    .filter((state) => states[state])
    .map((state) => `${integer(states[state])} ${state}`);
  return [
    `${integer(nodes)} ${nodes === 1 ? "node" : "nodes"}`,
    ...trouble,
    `${integer(cores)} cores for load`,
    cpu === null ? "" : `CPU ${Math.round(cpu * 100)} %`,
    versions.length > 1 ? `versions ${versions.join(", ")}` : "",
  ]
    .filter(Boolean)
    .join(" · ");
}
