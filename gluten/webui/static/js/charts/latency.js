import { times } from "./times.js";

// Response time, from the moment a request was due.
// The highest first: what is drawn later lies on top, and a long run's maxima would hide all else.
export const latency = times("latency", "Response time", [
  ["max", "max", "c4", 1],
  ["p99.9", "p99_9", "c2"],
  ["p99", "p99", "c3"],
  ["p95", "p95", "c7"],
  ["p90", "p90", "c6"],
  ["p50", "p50", "c1"],
]);
