// Both latencies of a run over each other: by percentile, and how they are distributed.
import { distribution, percentiles } from "../charts/curve.js";
import { decode } from "../lib/hdr.js";

/** @type {[label: string, color: string, key: "response_time" | "service_time", dash?: number[]][]} */
const KINDS = [
  ["response time", "c1", "response_time"],
  ["service time", "c2", "service_time", [5, 3]],
];

// What they are is in the report's histograms. Returns whether there is anything to see.
/**
 * @param {HTMLElement} parent
 * @param {Pick<Report, "requests" | "response_time" | "service_time">} report
 * @param {import("../charts/parts/look.js").Look} [look]
 */
export async function drawCurves(parent, report, look) {
  const known = KINDS.filter(([, , key]) => report[key]?.hdr && report.requests.completed);
  const found = await Promise.all(
    known.map(async ([label, color, key, dash]) => ({
      label,
      color,
      dash,
      pairs: await decode(report[key].hdr ?? ""),
    })),
  );
  if (!found.length) return false;
  percentiles(parent, found, look);
  distribution(parent, found, look);
  return true;
}
