import { times } from "./times.js";

// Service time, from the write to the last byte, how late requests were sent, and how late the generator's clock was.
export const service = times("service", "Service time and lateness", [
  ["service p99", "service_p99", "c3"],
  ["service p50", "service_p50", "c1"],
  ["lateness p99", "lateness_p99", "c2"],
  ["lag p99", "lag_p99", "c6"],
]);
